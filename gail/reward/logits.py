"""The network of a discriminator: from transitions to logits, high for the expert."""

from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from agents.rollout import RolloutSteps
from agents.transitions import Transitions
from gail.config import DiscriminatorConfig
from gail.reward.features import Features
from gail.reward.replay import Pieces, PiecesShape


class Logits(Protocol):
    """What a `gail.reward.discriminator.Discriminator` trains. It is a ``tf.Module``.

    Attributes:
        num_columns: of its rows.
        dtype: of its rows: float32, or of images uint8, because many are kept.
        num_smooth: so many columns of rows that are `scaled`, the first, are numbers that a logit may change with; its
            slope is judged by these.
    """

    num_columns: int
    num_smooth: int
    dtype: str

    @property
    def weights(self) -> list[Any]:
        """The variables that are trained."""
        ...

    def rows(self, transitions: Transitions) -> np.ndarray:
        """What it needs to know of transitions ``[...]``: ``[..., num_columns]``."""
        ...

    def pieces(self, steps: RolloutSteps) -> Pieces:
        """The rows of all steps of a rollout, to be kept."""
        ...

    def pieces_shape(self, steps: int, num_envs: int) -> PiecesShape:
        """Of a rollout of so many steps in so many environments."""
        ...

    def scaled(self, rows: tf.Tensor) -> tf.Tensor:
        """Rows ``[B, num_columns]`` as numbers near one, in the precision in which they are looked at."""
        ...

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Rows ``[B, ...]``, `scaled`, → float32 logits ``[B]``."""
        ...


class PlainLogits(tf.Module):
    """A perceptron on the features of a transition."""

    dtype = "float32"

    def __init__(self, features: Features, config: DiscriminatorConfig, seed: int):
        """With fresh weights, which follow from ``seed``."""
        super().__init__()
        self.features = features
        self.num_columns = self.num_smooth = features.num_columns
        self.network = perceptron(features.num_columns, config, seed)

    @property
    def weights(self) -> list[Any]:
        """See `Logits`."""
        return self.network.trainable_variables

    def rows(self, transitions: Transitions) -> np.ndarray:
        """See `Logits`."""
        return self.features(transitions)

    def pieces(self, steps: RolloutSteps) -> Pieces:
        """See `Logits`."""
        return Pieces.whole(self.rows(steps.take(np.arange(len(steps)))))

    def pieces_shape(self, steps: int, num_envs: int) -> PiecesShape:
        """See `Logits`."""
        return PiecesShape.whole(steps * num_envs, self.num_columns)

    def scaled(self, rows: tf.Tensor) -> tf.Tensor:
        """See `Logits`: features are scaled already."""
        return rows

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """See `Logits`."""
        return self.network(rows, training=training)[:, 0]


def perceptron(inputs: int, config: DiscriminatorConfig, seed: int) -> keras.Sequential:
    """``[B, inputs]`` → ``[B, 1]``."""
    layers = []
    for i, units in enumerate([*config.hidden, 1]):
        last = i == len(config.hidden)
        initializer: Any = keras.initializers.GlorotUniform(seed=seed + i)
        dense = keras.layers.Dense(units, None if last else "tanh", kernel_initializer=initializer)
        layers.append(keras.layers.SpectralNormalization(dense) if config.spectral_norm else dense)
    return keras.Sequential([keras.Input((inputs,)), *layers])
