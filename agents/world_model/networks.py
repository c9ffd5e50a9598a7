"""The networks of the autoencoder: what is seen into numbers, and back."""

import math
from typing import Any

import keras

from agents.observations import ObservationSpec

FILTERS = (16, 32, 64, 64)  # of the convolutions, each of which halves the picture
KERNEL = 4  # pixels, a multiple of the stride, so that decoded pictures show no grid (Odena et al. 2016)


def encoder(observations: ObservationSpec, hidden: int, outputs: int, seed: int) -> keras.Model:
    """What is seen, scaled, ``[B, *shape]`` → ``[B, outputs]``."""
    seen = keras.Input(observations.shape)
    layers = _Layers(seed)
    if not observations.is_image:
        x: Any = layers.dense(layers.dense(seen, hidden, "silu"), hidden, "silu")
        return keras.Model(seen, layers.dense(x, outputs, None))
    x = _planes(seen, observations)
    for filters in FILTERS:
        x = layers.convolution(keras.layers.Conv2D, x, filters, "silu")
    return keras.Model(seen, layers.dense(keras.layers.Flatten()(x), outputs, None))


def decoder(observations: ObservationSpec, size: int, hidden: int, seed: int) -> keras.Model:
    """Latents ``[B, size]`` → what is seen, scaled, ``[B, *shape]``."""
    latents = keras.Input((size,))
    layers = _Layers(seed)
    if not observations.is_image:
        x: Any = layers.dense(layers.dense(latents, hidden, "silu"), hidden, "silu")
        return keras.Model(latents, layers.dense(x, observations.shape[0], None))
    height, width, *channels = observations.frame
    rows, columns = (-(-side // 2 ** len(FILTERS)) for side in (height, width))
    x = layers.dense(latents, rows * columns * FILTERS[-1], "silu")
    x = keras.layers.Reshape((rows, columns, FILTERS[-1]))(x)
    for filters in FILTERS[-2::-1]:
        x = layers.convolution(keras.layers.Conv2DTranspose, x, filters, "silu")
    planes = observations.depth * math.prod(channels)
    x = layers.convolution(keras.layers.Conv2DTranspose, x, planes, None)[:, :height, :width]
    if not channels:
        return keras.Model(latents, keras.layers.Permute((3, 1, 2))(x))
    x = keras.layers.Reshape((height, width, observations.depth, *channels))(x)
    return keras.Model(latents, keras.layers.Permute((3, 1, 2, 4))(x))


def transition(size: int, action_size: int, hidden: int, seed: int) -> keras.Model:
    """Latents and features of actions, ``[B, size + action_size]`` → how the latents change, ``[B, size]``."""
    inputs = keras.Input((size + action_size,))
    layers = _Layers(seed)
    return keras.Model(inputs, layers.dense(layers.dense(inputs, hidden, "silu"), size, None))


def _planes(seen: Any, observations: ObservationSpec) -> Any:
    """Stacks of frames ``[B, k, H, W(, C)]`` → pictures ``[B, H, W, k C]``."""
    height, width, *channels = observations.frame
    if not channels:
        return keras.layers.Permute((2, 3, 1))(seen)
    x = keras.layers.Permute((2, 3, 1, 4))(seen)
    return keras.layers.Reshape((height, width, observations.depth * math.prod(channels)))(x)


class _Layers:
    """Applies layers, each with a seed of its own."""

    def __init__(self, seed: int):
        self._seed = seed

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        return keras.layers.Dense(units, activation, kernel_initializer=self._initializer())(x)

    def convolution(self, kind: type, x: Any, filters: int, activation: str | None) -> Any:
        return kind(
            filters, KERNEL, 2, "same", activation=activation, kernel_initializer=self._initializer()
        )(x)  # fmt: skip

    def _initializer(self) -> Any:
        self._seed += 1
        return keras.initializers.GlorotUniform(seed=self._seed - 1)
