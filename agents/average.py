"""Averages of weights over the course of training."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


class WeightAverage(tf.Module):
    """The average of what weights were after each step, the t-th of which counts in proportion to about t^η.

    Polynomial-decay averaging (Shamir and Zhang 2013, section 4): nine tenths of the average are of the last
    1 - 0.1^(1 / (1 + η)) of all steps, however many there were, so that it leaves its past behind at every age.
    """

    def __init__(self, weights: Sequence[Any], power: float):
        """Before the first step.

        Args:
            weights: variables of any shapes, which `update` looks at.
            power: η, 0 or more; the larger, the fewer of the last steps count.
        """
        super().__init__()
        self.weights = list(weights)
        self.power = power
        self.values = [tf.Variable(weight, trainable=False) for weight in weights]
        self.steps = tf.Variable(tf.constant(0, tf.int64), name="steps")

    def replace(self) -> None:
        """Let the weights as they stand be the average of all steps so far."""
        for value, weight in zip(self.values, self.weights, strict=True):
            value.assign(weight)

    def update(self) -> None:
        """Count the weights as they stand for one step; the average is they themselves after the first."""
        self.steps.assign_add(1)
        share = (self.power + 1.0) / (float(self.steps.numpy()) + self.power)
        for value, weight in zip(self.values, self.weights, strict=True):
            value.assign_add(share * (weight - value))
