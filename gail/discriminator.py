"""The discriminator: which transitions are the expert's, and what reward follows.

Occupancy matching (Ho and Ermon 2016, section 5) asks for the reward ln D/(1-D) = ln ρ_E(s, a) / ρ_π(s, a), where ρ
counts every state that is visited, and an episode that terminates goes on to visit one absorbing state for ever
(Kostrikov et al. 2019, section 4.2). Episodes that terminate at rate p a step make m = p / (1 - γ) discounted steps in
the absorbing state for each real one, so that a share m / (1 + m) of ρ lies there. That state is a single point, hence
the best classifier is known there without a network, and the network need only tell real transitions apart:

    absorbing:  ln D/(1-D) = ln m_E / (1 + m_E) - ln m_π / (1 + m_π)
    elsewhere:  ln D/(1-D) = h(s, a) - ln (1 + m_E) + ln (1 + m_π)

h is the network's logit, learned from as many real transitions of the expert as of the agent. The state behind a
termination has the value reward / (1 - γ). So an agent whose episodes end more often than the expert's is punished for
ending them, one whose episodes end less often is rewarded for it, with every form of the reward.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import PPOConfig
from agents.optimizer import FlatOptimizer
from agents.rollout import Rollout
from expert_data.episodes import Transitions
from gail.config import DiscriminatorConfig
from gail.features import Features
from gail.rewards import reward_from_logits

RATE_DECAY = 0.9  # per round, of the agent's terminations per step
# m never counts as less than this: an event that was never seen may still be possible.
SMALLEST_MASS = 0.01


class Discriminator(tf.Module):
    """Learns from each rollout, then rewards it. Every variable is in one checkpoint of the module."""

    def __init__(self, expert: Transitions, features: Features, config: DiscriminatorConfig, ppo: PPOConfig, seed: int):
        """With fresh weights.

        Args:
            expert: the demonstrated transitions.
            features: what it sees of them.
            config: of the discriminator.
            ppo: tells the discount and how many transitions a round has.
            seed: of the initial weights.
        """
        super().__init__()
        self.config = config
        self.features = features
        self.discount = ppo.discount
        self.expert = features(expert.observations, expert.actions, expert.next_observations)  # [M, F]
        self.expert_mass = expert.termination_rate / (1.0 - ppo.discount)
        num_features = self.expert.shape[1]
        self.network = logit_network(num_features, config, seed)
        self.optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), self.network.trainable_variables)
        self.agent_rate = tf.Variable(tf.constant(expert.termination_rate, tf.float64), name="agent_rate")
        self.capacity = config.replay_rounds * ppo.batch_size
        self.replay = tf.Variable(tf.zeros([self.capacity, num_features]), name="replay")
        self.replay_count = tf.Variable(tf.constant(0, tf.int64), name="replay_count")  # transitions ever stored
        self._learn = compiled(self._learn_minibatches)
        self._logits = tf.function(self.network, autograph=False, reduce_retracing=True)

    def update(self, rollout: Rollout, rng: np.random.Generator) -> dict[str, float]:
        """Learn to tell the rollout's valid steps from the expert's, in one compiled call.

        Returns:
            Means over the round's minibatches, under ``discriminator/``.
        """
        rate = rollout.terminations.sum() / max(1, rollout.valid.sum())
        self.agent_rate.assign(RATE_DECAY * self.agent_rate + (1.0 - RATE_DECAY) * rate)
        self._remember(self._seen(rollout)[rollout.valid])
        shape = self._minibatches_shape(rollout.valid.size)
        # Drawn with replacement, so that ten demonstrated steps serve as well as ten thousand.
        expert_rows = rng.integers(0, len(self.expert), shape)
        agent_rows = rng.integers(0, min(int(self.replay_count), self.capacity), shape)
        shares = rng.random((*shape, 1), np.float32)
        means = self._learn(
            tf.constant(self.expert[expert_rows]), tf.constant(agent_rows), tf.constant(shares), tf.constant(shape[0])
        )
        return {f"discriminator/{name}": float(value) for name, value in means.items()}

    def compile(self, batch_size: int) -> None:
        """Compile the update for rounds of ``batch_size`` steps, which it does otherwise when it is first needed."""
        shape = self._minibatches_shape(batch_size)
        expert = tf.zeros([*shape, self.expert.shape[1]])
        self._learn(expert, tf.zeros(shape, tf.int64), tf.zeros([*shape, 1]), tf.constant(0))

    def _minibatches_shape(self, batch_size: int) -> tuple[int, int]:
        size = self.config.minibatch_size
        return max(1, self.config.epochs * batch_size // size), size

    def _remember(self, features: np.ndarray) -> None:
        features = features[-self.capacity :]  # more environments than a batch has steps give a larger rollout
        start = int(self.replay_count)
        rows = (start + np.arange(len(features))) % self.capacity
        self.replay.scatter_nd_update(rows[:, None], features)
        self.replay_count.assign(start + len(features))

    def reward(self, rollout: Rollout) -> tuple[np.ndarray, float]:
        """Rewards ``[T, N]`` of the rollout's steps, and the value of the state behind a termination."""
        _, absorbing = self._occupancy_logits()
        absorbing_reward = float(reward_from_logits(np.array(absorbing), self.config.reward))
        return self.step_rewards(self._seen(rollout)), absorbing_reward / (1.0 - self.discount)

    def step_rewards(self, features: np.ndarray) -> np.ndarray:
        """Rows ``[..., F]`` of `features` → rewards ``[...]``."""
        logits = self._predict(features.reshape(-1, features.shape[-1])).reshape(features.shape[:-1])
        real, _ = self._occupancy_logits()
        return reward_from_logits(logits + np.float32(real), self.config.reward)

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """h of the expert's and of the rollout's transitions, ``[M]`` and ``[B]``, for histograms."""
        return {
            "discriminator/logits_expert": self._predict(self.expert),
            "discriminator/logits_agent": self._predict(self._seen(rollout)[rollout.valid]),
        }

    def _seen(self, rollout: Rollout) -> np.ndarray:
        return self.features(rollout.observations[:-1], rollout.actions, rollout.next_observations)

    def _occupancy_logits(self) -> tuple[float, float]:
        return occupancy_logits(self.expert_mass, float(self.agent_rate.numpy()) / (1.0 - self.discount))

    def _predict(self, features: np.ndarray | tf.Tensor) -> np.ndarray:
        return self._logits(tf.convert_to_tensor(features)).numpy()[:, 0]

    def _learn_minibatches(
        self, expert: tf.Tensor, agent_rows: tf.Tensor, shares: tf.Tensor, count: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        def step(i: tf.Tensor) -> tf.Tensor:
            return self._step(expert[i], tf.gather(self.replay, agent_rows[i]), shares[i])

        return mean_over(count, step, ("loss", "gradient_penalty", "accuracy_expert", "accuracy_agent"))

    def _step(self, expert: tf.Tensor, agent: tf.Tensor, shares: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = self.network(tf.concat([expert, agent], 0), training=True)[:, 0]
            expert_logits, agent_logits = tf.split(logits, 2)
            loss = cross_entropy(expert_logits, agent_logits)
            penalty = tf.constant(0.0)
            if self.config.gradient_penalty:
                penalty = gradient_penalty(self.network, shares * expert + (1.0 - shares) * agent)
            total = loss + self.config.gradient_penalty * penalty
        self.optimizer.apply(tape.gradient(total, self.network.trainable_variables))
        correct = (tf.reduce_mean(tf.cast(part, tf.float32)) for part in (expert_logits > 0, agent_logits < 0))
        return tf.stack([loss, penalty, *correct])


def logit_network(inputs: int, config: DiscriminatorConfig, seed: int) -> keras.Sequential:
    """Features ``[B, F]`` → logits ``[B, 1]``, high for the expert."""
    layers = []
    for i, units in enumerate([*config.hidden, 1]):
        last = i == len(config.hidden)
        initializer: Any = keras.initializers.GlorotUniform(seed=seed + i)
        dense = keras.layers.Dense(units, None if last else "tanh", kernel_initializer=initializer)
        layers.append(keras.layers.SpectralNormalization(dense) if config.spectral_norm else dense)
    return keras.Sequential([keras.Input((inputs,)), *layers])


def occupancy_logits(expert_mass: float, agent_mass: float) -> tuple[float, float]:
    """ln D/(1-D) that termination alone gives to real steps and to the absorbing state; see the module's derivation.

    Args:
        expert_mass: m_E, discounted steps in the absorbing state for each real step.
        agent_mass: m_π.
    """
    expert, agent = (max(mass, SMALLEST_MASS) for mass in (expert_mass, agent_mass))
    real = np.log1p(agent) - np.log1p(expert)
    return float(real), float(np.log(expert) - np.log(agent) + real)


def cross_entropy(expert_logits: tf.Tensor, agent_logits: tf.Tensor) -> tf.Tensor:
    """-½ E_E[ln D] - ½ E_π[ln(1-D)] in nats; ln 2 where nothing is told apart (Ho and Ermon 2016, equation 17)."""
    return 0.5 * (tf.reduce_mean(tf.nn.softplus(-expert_logits)) + tf.reduce_mean(tf.nn.softplus(agent_logits)))


def gradient_penalty(network: keras.Model, between: tf.Tensor) -> tf.Tensor:
    """E[max(0, ‖∇h(x)‖ - 1)²] at points x ``[B, F]`` between the expert's and the agent's.

    The penalty of Gulrajani et al. (2017, equation 3) in the one-sided form of Petzka et al. (2018, equation 8): theirs
    also asks for a slope of 1 where there is none, which around the expert's own actions drives the agent past them.
    """
    with tf.GradientTape() as tape:
        tape.watch(between)
        logits = network(between, training=True)
    gradients = tf.convert_to_tensor(tape.gradient(logits, between))
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), -1) + 1e-12)  # the root has no slope at 0
    return tf.reduce_mean(tf.square(tf.maximum(norms - 1.0, 0.0)))
