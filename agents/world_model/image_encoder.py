"""Encoding images, through TensorFlow: convolutions take longer than a compiled call costs."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.observations import ObservationSpec
from agents.transitions import BLOCK
from agents.world_model import networks


class ImageEncoder:
    """The mean of an autoencoder's posterior, see `agents.encoded.Encoder`."""

    def __init__(self, observations: ObservationSpec, size: int, network: keras.Model, mean: np.ndarray, std: float):
        """The weights are not copied.

        Args:
            observations: what it sees.
            size: Z.
            network: what is seen, scaled, ``[B, *shape]`` → ``[B, 2 Z]``, the means first.
            mean: float32 ``[*frame]``, in bytes, taken away from each frame before.
            std: by which frames are divided then.
        """
        self.observations = observations
        self.size = size
        self._network, self._mean, self._std = network, mean, std
        self._call = tf.function(
            lambda seen: network((tf.cast(seen, tf.float32) - mean) / std)[:, :size],
            input_signature=[tf.TensorSpec([None, *observations.shape], tf.uint8)],
            autograph=False,
        )

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "ImageEncoder":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError, ValueError: something is missing, or has another shape.
        """
        observations, size = ObservationSpec.from_json(description["observations"]), description["size"]
        network = networks.encoder(observations, hidden=0, outputs=2 * size, seed=0)
        network.set_weights([arrays[f"encoder_weight_{i}"] for i in range(len(network.weights))])
        return ImageEncoder(observations, size, network, arrays["encoder_mean"], float(arrays["encoder_std"]))

    @property
    def description(self) -> dict[str, Any]:
        """See `agents.encoded.Encoder`."""
        return {"observations": dataclasses.asdict(self.observations), "size": self.size}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `agents.encoded.Encoder`."""
        weights = {f"encoder_weight_{i}": weight for i, weight in enumerate(self._network.get_weights())}
        return weights | {"encoder_mean": self._mean, "encoder_std": np.float32(self._std)}

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """See `agents.encoded.Encoder`."""
        blocks = [self._call(tf.constant(seen[i : i + BLOCK])).numpy() for i in range(0, len(seen), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty((0, self.size), np.float32)
