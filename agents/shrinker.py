"""What networks see of images: smaller ones, for pixels are what they cost."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.observations import ObservationSpec
from envs.resize import halved


@dataclass(frozen=True)
class Shrinker:
    """Halves images until they are small. It takes the place of an `agents.normalizer.Normalizer`, of vectors.

    It is no part of an environment, because demonstrations are recorded of images in full.
    """

    frame: tuple[int, ...]  # [H, W(, C)] of images as they come
    image_size: int | None  # see `agents.config.NetworkConfig`

    @cached_property
    def small(self) -> tuple[int, ...]:
        """``[h, w(, C)]`` of images as networks see them."""
        return self(np.empty((0, *self.frame), np.uint8)).shape[1:]

    def seen(self, observations: ObservationSpec) -> ObservationSpec:
        """As networks see ``observations``, stacks of images as they come."""
        return ObservationSpec(self.small, observations.depth)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """uint8 ``[..., H, W(, C)]`` → uint8 ``[..., h, w(, C)]``."""
        batch = images.shape[: -len(self.frame)]
        shrunk = images.reshape(math.prod(batch), *self.frame)
        while self.image_size is not None and min(shrunk.shape[1:3]) >= self.image_size:
            shrunk = halved(shrunk)
        return shrunk.reshape(*batch, *shrunk.shape[1:])
