"""Mixtures of Gaussians with independent components, given by a network's outputs (Bishop 1994)."""

from dataclasses import dataclass

import tensorflow as tf

from agents.distributions import LOG_TWO_PI


@dataclass(frozen=True)
class Mixture:
    """``K`` Gaussians over ``Z`` numbers, in any arrangement ``[...]``."""

    logits: tf.Tensor  # [..., K]
    means: tf.Tensor  # [..., K, Z]
    log_stds: tf.Tensor  # [..., K, Z]

    def log_prob(self, values: tf.Tensor) -> tf.Tensor:
        """ln of the density of ``values [..., Z]``: ``[...]``."""
        z = (tf.expand_dims(values, -2) - self.means) * tf.exp(-self.log_stds)
        each = -tf.reduce_sum(0.5 * tf.square(z) + self.log_stds + 0.5 * LOG_TWO_PI, -1)
        return tf.reduce_logsumexp(tf.nn.log_softmax(self.logits) + each, -1)

    def mean(self) -> tf.Tensor:
        """``[..., Z]``."""
        return tf.reduce_sum(tf.expand_dims(tf.nn.softmax(self.logits), -1) * self.means, -2)

    def chosen(self, member: tf.Tensor) -> "Mixture":
        """Of mixtures ``[E, B]``, each row's member's, ``[B]``."""
        return Mixture(*(of_member(member, each) for each in (self.logits, self.means, self.log_stds)))

    def sample(self, temperature: float | tf.Tensor, gumbel: tf.Tensor, normal: tf.Tensor) -> tf.Tensor:
        """One value of each, ``[..., Z]``.

        Args:
            temperature: τ of Ha and Schmidhuber (2018, appendix A.2): logits are divided by it and variances
                multiplied. 1 samples the mixture, 0 takes the likeliest Gaussian's mean.
            gumbel: ``[..., K]`` standard Gumbel noise.
            normal: ``[..., Z]`` standard normal noise.
        """
        # The argmax of logits / τ plus Gumbel noise is that of the logits plus τ times it, which 0 does not divide.
        chosen = tf.argmax(self.logits + temperature * gumbel, -1)
        mean, log_std = (tf.gather(each, chosen, batch_dims=len(chosen.shape)) for each in (self.means, self.log_stds))
        return mean + tf.sqrt(tf.cast(temperature, tf.float32)) * tf.exp(log_std) * normal


def of_member(member: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """What each row's member says: ``[E, B, ...]`` by int32 ``[B]`` → ``[B, ...]``."""
    return tf.gather_nd(values, tf.stack([member, tf.range(tf.shape(member)[0])], -1))
