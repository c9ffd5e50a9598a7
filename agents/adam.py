"""The optimiser of every network."""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

BETAS = (0.9, 0.999)  # how much of the old moments a step keeps


class Adam(tf.Module):
    """Adam (Kingma and Ba 2015, algorithm 1, with the step size as at the end of its section 2).

    All weights are one vector to it. Keras' Adam treats each weight apart, XLA then compiles each apart, and the first
    round waits longer.
    """

    def __init__(
        self, weights: Sequence[Any], learning_rate: float, epsilon: float = 1e-7, max_gradient_norm: float = math.inf
    ):
        """With moments at zero.

        Args:
            weights: variables of any shapes, changed in place by `apply`.
            learning_rate: a variable afterwards, to which a schedule assigns.
            epsilon: is added to the root of the second moment.
            max_gradient_norm: global norm above which gradients are scaled down to it.
        """
        super().__init__()
        self.weights = list(weights)
        self.epsilon = epsilon
        self.max_gradient_norm = max_gradient_norm
        self.learning_rate = tf.Variable(tf.constant(learning_rate), name="learning_rate")
        size = sum(math.prod(weight.shape) for weight in weights)
        self.first_moment = tf.Variable(tf.zeros([size]), name="first_moment")
        self.second_moment = tf.Variable(tf.zeros([size]), name="second_moment")
        self.powers = tf.Variable(tf.ones([2]), name="powers")  # β₁ᵗ, β₂ᵗ

    def apply(self, gradients: Sequence[Any]) -> None:
        """One step down ``gradients``, tensors of the weights' shapes."""
        gradient = tf.concat([tf.reshape(each, [-1]) for each in gradients], 0)
        if math.isfinite(self.max_gradient_norm):
            gradient *= tf.minimum(1.0, self.max_gradient_norm / (tf.norm(gradient) + 1e-12))
        beta1, beta2 = BETAS
        first = self.first_moment.assign(beta1 * self.first_moment + (1.0 - beta1) * gradient)
        second = self.second_moment.assign(beta2 * self.second_moment + (1.0 - beta2) * tf.square(gradient))
        power1, power2 = tf.unstack(self.powers.assign(self.powers * BETAS))
        step_size = self.learning_rate * tf.sqrt(1.0 - power2) / (1.0 - power1)
        step = step_size * first / (tf.sqrt(second) + self.epsilon)
        sizes = [math.prod(weight.shape) for weight in self.weights]
        for weight, part in zip(self.weights, tf.split(step, sizes), strict=True):
            weight.assign_sub(tf.reshape(part, weight.shape))
