"""What a discriminator is trained for: formulas on logits, high for the expert."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import tensorflow as tf

from gail.reward.logits import Logits


@dataclass(frozen=True)
class Objective:
    """A loss, the logit at which neither side is likelier, and how steep logits are penalised by default."""

    loss: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # expert's [B], agent's [B] → []
    midpoint: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # expert's [B], agent's [B] → []
    gradient_penalty: float


def cross_entropy(expert_logits: tf.Tensor, agent_logits: tf.Tensor, smoothing: float) -> tf.Tensor:
    """-½ E_E[ln D] - ½ E_π[ln(1-D)] in nats; ln 2 where nothing is told apart (Ho and Ermon 2016, equation 17).

    ``smoothing`` is the probability that the expert's label is wrong; one-sided, because smoothing the agent's would
    pull the agent towards its own likely mistakes (Salimans et al. 2016, section 3.4).
    """
    expert = (1.0 - smoothing) * tf.nn.softplus(-expert_logits) + smoothing * tf.nn.softplus(expert_logits)
    return 0.5 * (tf.reduce_mean(expert) + tf.reduce_mean(tf.nn.softplus(agent_logits)))


def wasserstein(expert_logits: tf.Tensor, agent_logits: tf.Tensor) -> tf.Tensor:
    """E_π[f] - E_E[f], minus the Wasserstein distance where f is 1-Lipschitz (Arjovsky et al. 2017, equation 2)."""
    return tf.reduce_mean(agent_logits) - tf.reduce_mean(expert_logits)


def gradient_penalty(logits: Logits, between: tf.Tensor) -> tf.Tensor:
    """E[max(0, ‖∇h(x)‖ - 1)²] at points x ``[B, F]`` between the expert's and the agent's.

    The penalty of Gulrajani et al. (2017, equation 3) in the one-sided form of Petzka et al. (2018, equation 8): theirs
    also asks for a slope of 1 where there is none, which around the expert's own actions drives the agent past them.
    """
    with tf.GradientTape() as tape:
        tape.watch(between)
        values = logits(between, training=True)
    gradients = tf.convert_to_tensor(tape.gradient(values, between))[:, : logits.num_smooth]
    gradients = tf.cast(gradients, tf.float32)
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), -1) + 1e-12)  # the root has no slope at 0
    return tf.reduce_mean(tf.square(tf.maximum(norms - 1.0, 0.0)))


def _zero(expert_logits: tf.Tensor, agent_logits: tf.Tensor) -> tf.Tensor:
    return tf.constant(0.0)


def _between_means(expert_logits: tf.Tensor, agent_logits: tf.Tensor) -> tf.Tensor:
    return 0.5 * (tf.reduce_mean(expert_logits) + tf.reduce_mean(agent_logits))


def classifier(smoothing: float = 0.0) -> Objective:
    """Cross entropy, with the expert's labels smoothed."""
    return Objective(partial(cross_entropy, smoothing=smoothing), _zero, gradient_penalty=1.0)


# A critic is known but for a constant: between the means of the two sides it pays as much as it takes. Nothing but the
# penalty holds it, hence 10 (Gulrajani et al. 2017, section 4).
CRITIC = Objective(wasserstein, _between_means, gradient_penalty=10.0)
