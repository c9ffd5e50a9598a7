"""Log-probability and entropy of the action distributions, on TensorFlow tensors.

Components are independent (Huang et al. 2022, details "independent action components"), so both are sums over them.
Sampling happens in NumPy, in `agents.actor`.
"""

import math

import tensorflow as tf

from envs.actions import ActionSpec

LOG_TWO_PI = math.log(2.0 * math.pi)


def log_prob(spec: ActionSpec, parameters: tf.Tensor, log_std: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
    """ln π(a|s).

    Args:
        spec: says which distribution.
        parameters: ``[B, spec.num_parameters]`` logits or means.
        log_std: ``[K]`` for Gaussians, unused otherwise.
        actions: ``[B, K]`` as the policy gave them, that is, not clipped.

    Returns:
        float32 ``[B]``; a density for Gaussians.
    """
    if spec.kind == "categorical":
        return tf.add_n(
            [
                -tf.nn.sparse_softmax_cross_entropy_with_logits(labels=actions[:, k], logits=logits)
                for k, logits in enumerate(tf.split(parameters, spec.sizes, axis=-1))
            ]
        )
    if spec.kind == "bernoulli":
        bits = tf.cast(actions, tf.float32)
        return -tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=bits, logits=parameters), -1)
    z = (actions - parameters) * tf.exp(-log_std)
    return -tf.reduce_sum(0.5 * tf.square(z) + log_std + 0.5 * LOG_TWO_PI, -1)


def entropy(spec: ActionSpec, parameters: tf.Tensor, log_std: tf.Tensor) -> tf.Tensor:
    """-E[ln π(a|s)] in nats, float32 ``[B]``; arguments as in `log_prob`."""
    if spec.kind == "categorical":
        parts = [tf.nn.log_softmax(logits) for logits in tf.split(parameters, spec.sizes, axis=-1)]
        return -tf.add_n([tf.reduce_sum(tf.exp(log_p) * log_p, -1) for log_p in parts])
    if spec.kind == "bernoulli":
        # p = sigmoid(l): H = softplus(l) - p l
        return tf.reduce_sum(tf.nn.softplus(parameters) - tf.sigmoid(parameters) * parameters, -1)
    per_state = tf.reduce_sum(log_std + 0.5 * (LOG_TWO_PI + 1.0))
    return tf.fill(tf.shape(parameters)[:1], per_state)
