"""Optimisers as XLA likes them."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class FlatOptimizer(tf.Module):
    """A Keras optimiser to which all weights are one vector.

    By themselves Keras' optimisers treat each weight apart, XLA then compiles each apart, and the first round waits for
    it. What an optimiser does to each number is the same.
    """

    def __init__(self, optimizer: keras.optimizers.Optimizer, weights: Sequence[Any]):
        """``weights`` are variables of any shapes; `apply` changes them in place."""
        super().__init__()
        self.optimizer = optimizer
        self.weights = list(weights)
        self.vector = tf.Variable(_flat(weights), trainable=True, name="vector")
        self.optimizer.build([self.vector])

    def apply(self, gradients: Sequence[Any]) -> None:
        """One step down ``gradients``, tensors of the weights' shapes."""
        self.vector.assign(_flat(self.weights))  # others may have changed them
        self.optimizer.apply([_flat(gradients)], [self.vector])
        parts = tf.split(self.vector, [math.prod(weight.shape) for weight in self.weights])
        for weight, part in zip(self.weights, parts, strict=True):
            weight.assign(tf.reshape(part, weight.shape))


def _flat(tensors: Sequence[Any]) -> tf.Tensor:
    return tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], 0)
