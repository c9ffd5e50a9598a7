"""Behavioural cloning."""

import math

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import BCConfig
from agents.distributions import log_prob
from agents.minibatches import shuffled_minibatches
from agents.networks import Networks
from agents.normalizer import Normalizer
from agents.optimizer import FlatOptimizer
from agents.shrinker import Shrinker
from agents.transitions import Experience

MINIBATCHES_AT_ONCE, BYTES_AT_ONCE = 256, 64 << 20  # in memory at most; the demonstrations need not be


class BehavioralCloning:
    """Fits a policy to demonstrated actions by maximum likelihood (Pomerleau 1989)."""

    def __init__(self, networks: Networks, config: BCConfig):
        """With a fresh optimiser; the policy in ``networks`` is changed in place by `epoch`."""
        self.networks = networks
        self.config = config
        self.optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), networks.policy_weights)
        self._learn = compiled(self._learn_minibatches, images=networks.observations.is_image)

    def epoch(
        self, expert: Experience, normalizer: Normalizer | Shrinker, rng: np.random.Generator
    ) -> dict[str, float]:
        """One pass over the demonstrations.

        Args:
            expert: ``[M]``, with actions.
            normalizer: of its observations.
            rng: of the minibatches' order.

        Returns:
            ``bc/loss``: mean -ln π(a|s), in nats.
        """
        rows = shuffled_minibatches(np.arange(len(expert)), min(self.config.batch_size, len(expert)), 1, rng)
        seen = self.networks.observations
        minibatch_bytes = rows.shape[1] * math.prod(seen.shape) * np.dtype(seen.dtype).itemsize
        at_once = max(1, min(MINIBATCHES_AT_ONCE, len(rows), BYTES_AT_ONCE // minibatch_bytes))
        total = 0.0
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            # Padded so that XLA sees one shape.
            taken = expert.take(np.resize(part, (at_once, part.shape[1])))
            assert taken.actions is not None, "there is something to clone"
            observations = normalizer(taken.observations)
            means = self._learn(tf.constant(observations), tf.constant(taken.actions), tf.constant(len(part)))
            total += float(means["loss"]) * len(part)
        return {"bc/loss": total / len(rows)}

    def _learn_minibatches(self, observations: tf.Tensor, actions: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
        def step(i: tf.Tensor) -> tf.Tensor:
            return self._step(self.networks.scaled(observations[i]), actions[i])

        return mean_over(count, step, ("loss",))

    def _step(self, observations: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        networks = self.networks
        with tf.GradientTape() as tape:
            parameters, _ = networks(observations)
            log_probs = log_prob(networks.actions, parameters, networks.log_std, actions)
            loss = -tf.reduce_mean(log_probs)
        self.optimizer.apply(tape.gradient(loss, networks.policy_weights))
        return tf.expand_dims(loss, 0)
