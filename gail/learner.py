"""Everything that a run changes, in one module, so that one checkpoint of it is complete."""

import dataclasses
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.actor import PolicyActor, TrainedActor
from agents.average import WeightAverage
from agents.bc import BehavioralCloning
from agents.distillation import distill
from agents.image_scale import MOST_FRAMES, ImageScale
from agents.networks import ActorCritic
from agents.normalizer import Normalizer
from agents.pixel_actor import PixelActor
from agents.pixels import PixelActorCritic
from agents.ppo import PPO, Demonstrated
from agents.shrinker import Shrinker
from agents.transitions import Experience, evenly, in_blocks
from gail.algorithms import reward_model
from gail.reward.airl import ShapedLogits
from gail.reward.discriminator import Discriminator
from gail.reward.saved import SavedReward
from gail.schedule import cloning_epochs, derived_seed, held_rounds, lesson_shape
from gail.task import Task


class Learner(tf.Module):
    """Networks, optimisers, observation statistics, and how many rounds and seconds they took."""

    def __init__(self, task: Task):
        """At the start of a run; everything follows from the configuration and the demonstrations."""
        super().__init__()
        self.config = config = task.config
        self.expert = task.expert_as_seen()
        self.cloning_epochs = cloning_epochs(config, self.expert, task.observations.is_image)
        steps_per_env, _ = lesson_shape(config, task.collector.num_envs)
        self.held_rounds = held_rounds(config, task.source.shown, self.cloning_epochs, steps_per_env)
        keras.utils.set_random_seed(derived_seed(config.seed, "keras"))
        seed = derived_seed(config.seed, "networks")
        self.observations = task.observations
        self.networks: ActorCritic | PixelActorCritic
        self._pixel_actor: PixelActor | None = None
        if task.observations.is_image:
            self._shrinker = Shrinker(task.observations.frame, config.network.image_size)
            seen = self._shrinker.seen(task.observations)
            self.networks = PixelActorCritic(seen, task.actions, config.network, seed)
            self._pixel_actor = PixelActor(self.networks, self._shrinker)
        else:
            self.networks = ActorCritic(task.observations, task.actions, config.network, seed)
        coefficient = config.ppo.cloning_coefficient if self.cloning_epochs else 0.0
        self.ppo = PPO(self.networks, dataclasses.replace(config.ppo, cloning_coefficient=coefficient))
        self._average: WeightAverage | None = None
        if config.dream:
            self._average = WeightAverage(self.networks.policy_weights, config.dreaming.average_power)
        self.reward_model = reward_model(task, self.expert, self._log_probs)
        self.cloned = tf.Variable(tf.constant(False), name="cloned")  # has behavioural cloning been done?
        self.rounds_done = tf.Variable(tf.constant(0, tf.int64), name="rounds_done")
        # Of all processes that worked on the run, until the last checkpoint.
        self.seconds = tf.Variable(tf.constant(0.0, tf.float64), name="seconds")
        size = 0 if task.observations.is_image else task.observations.shape[0]
        self._mean = tf.Variable(tf.zeros([size], tf.float64), name="observation_mean")
        self._variance = tf.Variable(tf.ones([size], tf.float64), name="observation_variance")
        self._count = tf.Variable(tf.constant(0.0, tf.float64), name="observation_count")
        if self.expert is not None:
            if self.observations.is_image:
                self._center(evenly(self.expert, MOST_FRAMES).observations[:, -1])
            else:
                for block in in_blocks(self.expert):
                    self.observe(block.observations)

    @property
    def normalizer(self) -> Normalizer | Shrinker:
        """Statistics of all observations so far, the demonstrations' first; images are scaled by their network."""
        return self._shrinker if self.observations.is_image else self._statistics

    @property
    def _statistics(self) -> Normalizer:
        return Normalizer(self._mean.numpy(), self._variance.numpy(), float(self._count.numpy()))

    def observe(self, observations: np.ndarray) -> None:
        """Merge vectors ``[B, D]`` into the statistics; of images ``[B, H, W(, C)]`` the first give the mean."""
        if self.observations.is_image:
            if not self._count.numpy():  # what a convolution has learned holds for the mean that it has learned by
                self._center(observations)
            return
        updated = self._statistics.updated(observations)
        self._mean.assign(updated.mean)
        self._variance.assign(updated.variance)
        self._count.assign(updated.count)

    @property
    def sees_first(self) -> bool:
        """Must it see images before it learns, because no demonstrations gave their mean?"""
        return self.observations.is_image and not self._count.numpy()

    def _center(self, images: np.ndarray) -> None:
        assert isinstance(self.networks, PixelActorCritic), "there are two kinds"
        self.networks.mean.assign(ImageScale.of(self._shrinker(images)).mean)
        self._count.assign(1.0)

    def actor(self) -> TrainedActor:
        """The policy as it stands, who learns: of vectors a copy in NumPy, of images the network itself."""
        if self._pixel_actor is not None:
            return self._pixel_actor
        return self._vector_actor(self.networks.policy_weights)

    def agent(self) -> TrainedActor:
        """Who is evaluated and kept: of dreams, an average of the policies so far, and else the policy as it stands."""
        if self._average is None or not self._average.steps.numpy():
            return self.actor()
        return self._vector_actor(self._average.values)

    def _vector_actor(self, policy_weights: Sequence[Any]) -> PolicyActor:
        networks = self.networks
        assert isinstance(networks, ActorCritic), "there are two kinds"
        weights = [weight.numpy() for weight in policy_weights]
        log_std = weights.pop() if networks.actions.kind == "gaussian" else networks.log_std.numpy()
        layers = list(zip(weights[::2], weights[1::2], strict=True))
        return PolicyActor(networks.actions, self._statistics, layers, networks.activation, log_std)

    def carry_over(self, before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> None:
        """Let the policy do where it sees ``after [R, Z]`` what the agent does where it sees ``before [R, Z]``.

        Both are the same things, by one encoder and by the next. In the average it takes the place of all policies so
        far, because those that see otherwise have no mean.
        """
        agent, cloning = self.agent(), BehavioralCloning(self.networks, self.config.bc)
        assert isinstance(agent, PolicyActor), "latents are vectors"
        distill(cloning, agent, before, after, self._statistics, rng)
        if self._average is not None:
            self._average.replace()

    def finish_lesson(self) -> None:
        """Count the policy as it stands in the average."""
        if self._average is not None:
            self._average.update()

    def see_anew(self, expert: Experience | None) -> None:
        """Take the expert's transitions, if there are any, as another encoder sees them."""
        self.expert = expert
        if expert is not None and isinstance(self.reward_model, Discriminator):
            self.reward_model.see_anew(expert)

    def demonstrated(self, count: int, rng: np.random.Generator) -> Demonstrated | None:
        """What to clone beside a rollout of ``count`` steps, if anything."""
        if not self.ppo.config.cloning_coefficient:
            return None
        assert self.expert is not None, "there is something to clone"
        shape = self.ppo.cloned_shape(count)
        drawn = rng.integers(0, len(self.expert), math.prod(shape))
        observations = np.concatenate([self.normalizer(block.observations) for block in in_blocks(self.expert, drawn)])
        assert self.expert.actions is not None, "there is something to clone"
        return Demonstrated(
            observations.reshape(*shape, *observations.shape[1:]), self.expert.actions[drawn].reshape(*shape, -1)
        )

    @property
    def learned_reward(self) -> SavedReward | None:
        """The reward that airl leaves behind; None with other algorithms."""
        model = self.reward_model
        if not isinstance(model, Discriminator) or not isinstance(model.network, ShapedLogits):
            return None
        return model.network.reward.saved(*model.occupancy_logits_of_history)

    def compile(self, steps: int, num_envs: int) -> None:
        """Compile both updates for rollouts of ``steps`` in so many environments, each on a core of its own."""
        with ThreadPoolExecutor() as pool:
            parts = [pool.submit(self.reward_model.compile), pool.submit(self.ppo.compile, steps, num_envs)]
            for part in parts:
                part.result()

    def _log_probs(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        return self.ppo.log_probs(self.normalizer(observations), actions)
