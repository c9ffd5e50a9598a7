"""Behavioural cloning."""

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import BCConfig
from agents.distributions import log_prob
from agents.minibatches import shuffled_minibatches
from agents.networks import ActorCritic
from agents.optimizer import FlatOptimizer


class BehavioralCloning:
    """Fits a policy to demonstrated actions by maximum likelihood (Pomerleau 1989)."""

    def __init__(self, networks: ActorCritic, config: BCConfig):
        """With a fresh optimiser; the policy in ``networks`` is changed in place by `epoch`."""
        self.networks = networks
        self.config = config
        self.optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), networks.policy_weights)
        self._learn = compiled(self._learn_minibatches)

    def epoch(self, observations: np.ndarray, actions: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
        """One pass over the demonstrations.

        Args:
            observations: ``[M, D]``, normalised.
            actions: ``[M, K]`` in the policy's form.
            rng: of the minibatches' order.

        Returns:
            ``bc/loss``: mean -ln π(a|s), in nats.
        """
        rows = shuffled_minibatches(np.arange(len(actions)), min(self.config.batch_size, len(actions)), 1, rng)
        means = self._learn(tf.constant(observations), tf.constant(actions), tf.constant(rows), tf.constant(len(rows)))
        return {"bc/loss": float(means["loss"])}

    def _learn_minibatches(
        self, observations: tf.Tensor, actions: tf.Tensor, rows: tf.Tensor, count: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        def step(i: tf.Tensor) -> tf.Tensor:
            return self._step(tf.gather(observations, rows[i]), tf.gather(actions, rows[i]))

        return mean_over(count, step, ("loss",))

    def _step(self, observations: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        networks = self.networks
        with tf.GradientTape() as tape:
            parameters = networks.policy(observations)
            log_probs = log_prob(networks.actions, parameters, networks.log_std, actions)
            loss = -tf.reduce_mean(log_probs)
        self.optimizer.apply(tape.gradient(loss, networks.policy_weights))
        return tf.expand_dims(loss, 0)
