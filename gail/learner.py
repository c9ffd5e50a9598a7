"""Everything that a run changes, in one module, so that one checkpoint of it is complete."""

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from agents.actor import PolicyActor
from agents.networks import ActorCritic
from agents.normalizer import Normalizer
from agents.ppo import PPO
from agents.rollout import Rollout
from gail.discriminator import Discriminator
from gail.features import Features
from gail.schedule import derived_seed
from gail.task import Task

Scalars = dict[str, float]


class RewardModel(Protocol):
    """Where rewards come from. An algorithm is a policy learner with one of these."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """Learn from a rollout, before rewarding it."""
        ...

    def reward(self, rollout: Rollout) -> tuple[np.ndarray, float]:
        """Rewards ``[T, N]``, and the value of the state behind a termination."""
        ...

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """What to draw histograms of, by name."""
        ...

    def compile(self, batch_size: int) -> None:
        """Get ready for rounds of so many steps."""
        ...


class TaskReward(tf.Module):
    """The environment's own reward: nothing to learn, and nothing behind a termination."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """See `RewardModel`."""
        return {}

    def reward(self, rollout: Rollout) -> tuple[np.ndarray, float]:
        """See `RewardModel`."""
        return rollout.rewards, 0.0

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """See `RewardModel`."""
        return {}

    def compile(self, batch_size: int) -> None:
        """See `RewardModel`."""


class RandomReward(TaskReward):
    """Noise: the control that shows what a policy comes to without any expert."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """See `RewardModel`."""
        self._rewards = rng.standard_normal(rollout.rewards.shape, np.float32)
        return {}

    def reward(self, rollout: Rollout) -> tuple[np.ndarray, float]:
        """See `RewardModel`."""
        return self._rewards, 0.0


class Learner(tf.Module):
    """Networks, optimisers, observation statistics and the count of rounds."""

    def __init__(self, task: Task):
        """At the start of a run; everything follows from the configuration and the demonstrations."""
        super().__init__()
        self.config = config = task.config
        self.expert = task.expert
        keras.utils.set_random_seed(derived_seed(config.seed, "keras"))
        seed = derived_seed(config.seed, "networks")
        self.networks = ActorCritic(task.observation_size, task.actions, config.network, seed)
        self.ppo = PPO(self.networks, config.ppo)
        self.reward_model: RewardModel = self._reward_model(task)
        self.cloned = tf.Variable(tf.constant(False), name="cloned")  # has behavioural cloning been done?
        self.rounds_done = tf.Variable(tf.constant(0, tf.int64), name="rounds_done")
        self._mean = tf.Variable(tf.zeros([task.observation_size], tf.float64), name="observation_mean")
        self._variance = tf.Variable(tf.ones([task.observation_size], tf.float64), name="observation_variance")
        self._count = tf.Variable(tf.constant(0.0, tf.float64), name="observation_count")
        if self.expert is not None:
            self.observe(self.expert.observations)

    @property
    def normalizer(self) -> Normalizer:
        """Statistics of all observations so far, the demonstrations' first."""
        return Normalizer(self._mean.numpy(), self._variance.numpy(), float(self._count.numpy()))

    def observe(self, observations: np.ndarray) -> None:
        """Merge ``[B, D]`` into the statistics."""
        updated = self.normalizer.updated(observations)
        self._mean.assign(updated.mean)
        self._variance.assign(updated.variance)
        self._count.assign(updated.count)

    def actor(self) -> PolicyActor:
        """The policy as it stands, in NumPy."""
        weights = self.networks.policy.get_weights()
        layers = list(zip(weights[::2], weights[1::2], strict=True))
        log_std = self.networks.log_std.numpy()
        return PolicyActor(self.networks.actions, self.normalizer, layers, self.networks.activation, log_std)

    def compile(self, batch_size: int) -> None:
        """Compile both updates for rounds of ``batch_size`` steps, each on a core of its own."""
        with ThreadPoolExecutor() as pool:
            for part in [pool.submit(model.compile, batch_size) for model in (self.reward_model, self.ppo)]:
                part.result()

    def _reward_model(self, task: Task) -> RewardModel:
        if self.expert is None or self.config.algo == "bc":
            return TaskReward()
        if self.config.control == "no_expert":
            return RandomReward()
        features = Features(self.expert, task.actions, self.config.inputs)
        seed = derived_seed(self.config.seed, "discriminator")
        return Discriminator(self.expert, features, self.config.discriminator, self.config.ppo, seed)
