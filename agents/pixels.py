"""The network of the policy and of the value function, for images."""

import math
import platform
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from agents.config import NetworkConfig
from agents.networks import new_log_std
from agents.observations import ObservationSpec
from envs.actions import ActionSpec

SMALL = 36  # pixels: below, the Nature network's strides leave nothing


class PixelActorCritic(tf.Module):
    """A policy and a value function with one convolutional network below them.

    Details 8 and 9 of the nine for Atari (Huang et al. 2022): one network for both, and pixels over 255, from which
    their mean is taken away, see `agents.image_scale`. The heads and everything behind them are float32, whatever the
    convolutions are.

    Attributes:
        mean: float32 ``[H, W(, C)]``, of frames, in bytes; zero until somebody knows it.
        torso: images ``[B, H, W, F]`` → features ``[B, U]``.
        policy_head: features → distribution parameters.
    """

    def __init__(self, observations: ObservationSpec, actions: ActionSpec, config: NetworkConfig, seed: int):
        """At the initial weights, which follow from ``seed``."""
        super().__init__()
        self.observations = observations
        self.actions = actions
        self.config = config
        layers = ImageLayers(config.precision, seed)
        self._dtype = layers.compute_dtype
        self.torso = torso(observations, config.cnn, layers)
        self.policy_head = layers.dense(actions.num_parameters, None, 0.01, "float32")
        self.value_head = layers.dense(1, None, 1.0, "float32")
        for head in (self.policy_head, self.value_head):
            head.build((None, self.torso.output_shape[-1]))
        self.log_std = new_log_std(actions, config)
        self.mean = tf.Variable(tf.zeros(observations.frame), trainable=False, name="mean")

    @property
    def policy_weights(self) -> list[Any]:
        """See `agents.networks.Networks`."""
        weights = [*self.torso.trainable_variables, *self.policy_head.trainable_variables]
        return [*weights, *([self.log_std] if self.actions.kind == "gaussian" else [])]

    @property
    def value_weights(self) -> list[Any]:
        """See `agents.networks.Networks`."""
        return self.value_head.trainable_variables

    def scaled(self, frames: tf.Tensor) -> tf.Tensor:
        """See `agents.networks.Networks`."""
        return (tf.cast(frames, self._dtype) - tf.cast(self.mean, self._dtype)) / 255.0

    def __call__(self, observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """See `agents.networks.Networks`."""
        features = tf.cast(self.torso(channels_last(observations)), tf.float32)
        return self.policy_head(features), self.value_head(features)[:, 0]


def torso(observations: ObservationSpec, cnn: str, layers: "ImageLayers") -> keras.Model:
    """Images ``[B, H, W, F]`` from `channels_last` → features ``[B, U]``."""
    height, width, *channels = observations.frame
    planes = observations.depth * math.prod(channels)
    images = keras.Input((height, width, planes), dtype=layers.compute_dtype)
    if cnn == "impala":
        return keras.Model(images, layers.impala(images))
    small = min(height, width) < SMALL
    return keras.Model(images, layers.small(images) if small else layers.nature(images))


def channels_last(stacks: tf.Tensor) -> tf.Tensor:
    """Stacks of frames ``[B, k, H, W(, C)]`` → images ``[B, H, W, k C]``.

    Frames are scaled first, because TensorFlow transposes uint8 slowly.
    """
    if stacks.shape.rank == 4:
        return tf.transpose(stacks, [0, 2, 3, 1])
    return tf.concat(tf.unstack(stacks, axis=1), -1)


class ImageLayers:
    """Makes layers with orthogonal weights, of one precision."""

    def __init__(self, precision: str, seed: int, spectral_norm: bool = False):
        """``seed`` is that of the first layer; with ``spectral_norm`` each layer's weights are divided by theirs."""
        self._policy: Any = keras.DTypePolicy("mixed_bfloat16" if uses_bfloat16(precision) else "float32")
        self._seed = seed
        self._spectral_norm = spectral_norm

    @property
    def compute_dtype(self) -> str:
        """In which the layers compute."""
        return self._policy.compute_dtype

    def nature(self, x: Any) -> Any:
        """Mnih et al. 2015, "Model architecture"."""
        for filters, kernel, stride in ((32, 8, 4), (64, 4, 2), (64, 3, 1)):
            x = self.conv(x, filters, kernel, stride, "valid", "relu")
        return self.flat_dense(x, 512)

    def small(self, x: Any) -> Any:
        """For images that have no pixel to spare: two layers of 3 by 3 without strides."""
        for filters in (32, 64):
            x = self.conv(x, filters, 3, 1, "same", "relu")
        return self.flat_dense(x, 128)

    def impala(self, x: Any) -> Any:
        """The small residual network of Espeholt et al. (2018, figure 3, right)."""
        for filters in (16, 32, 32):
            x = self.conv(x, filters, 3, 1, "same", None)
            x = keras.layers.MaxPooling2D(3, 2, "same", dtype=self._policy)(x)
            for _ in range(2):
                y = keras.layers.ReLU(dtype=self._policy)(x)
                y = self.conv(y, filters, 3, 1, "same", "relu")
                x = keras.layers.Add(dtype=self._policy)([x, self.conv(y, filters, 3, 1, "same", None)])
        return self.flat_dense(keras.layers.ReLU(dtype=self._policy)(x), 256)

    def conv(self, x: Any, filters: int, kernel: int, stride: int, padding: str, activation: str | None) -> Any:
        """One convolution, applied to ``x``."""
        layer = keras.layers.Conv2D(
            filters, kernel, stride, padding, activation=activation, dtype=self._policy,
            kernel_initializer=self._initializer(math.sqrt(2.0)),
        )  # fmt: skip
        return self._wrapped(layer)(x)

    def dense(self, units: int, activation: str | None, scale: float, policy: Any = None) -> Any:
        """One layer, by default of the precision of all."""
        return self._wrapped(
            keras.layers.Dense(
                units, activation, kernel_initializer=self._initializer(scale), dtype=policy or self._policy
            )
        )

    def flat_dense(self, x: Any, units: int) -> Any:
        """One layer on all numbers of the images ``x``."""
        return self.dense(units, "relu", math.sqrt(2.0))(keras.layers.Flatten(dtype=self._policy)(x))

    def _initializer(self, scale: float) -> Any:
        self._seed += 1
        return keras.initializers.Orthogonal(scale, seed=self._seed)

    def _wrapped(self, layer: Any) -> Any:
        return keras.layers.SpectralNormalization(layer, dtype=layer.dtype_policy) if self._spectral_norm else layer


def uses_bfloat16(precision: str) -> bool:
    """Does ``precision`` ask for bfloat16 on this machine? ``auto`` does where the processor multiplies it.

    Where it does not, bfloat16 is emulated and slower than float32.
    """
    if precision != "auto":
        return precision == "bfloat16"
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text() if platform.system() == "Linux" and cpuinfo.exists() else ""
    return "avx512_bf16" in flags or "amx_bf16" in flags
