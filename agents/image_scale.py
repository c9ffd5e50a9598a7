"""What is usual in images, by which networks scale them."""

from dataclasses import dataclass

import numpy as np

MOST_FRAMES = 500  # that are looked at; of 84 by 84 pixels, 14 MB of float32


@dataclass(frozen=True)
class ImageScale:
    """The mean of frames, and how far they are from it.

    Most of a game's image is always the same, and where it is bright, it is all that a network learns of at first
    (LeCun et al. 1998, "Efficient BackProp", section 4.3). With the mean taken away, what moves is what is left.
    """

    mean: np.ndarray  # float32 [H, W(, C)], in bytes
    distance: float  # of a frame from the mean, squared, in bytes, on average

    @staticmethod
    def of(frames: np.ndarray) -> "ImageScale":
        """Of uint8 ``[M, H, W(, C)]``, or of so many of them, from equal distances, as need be."""
        some = frames[:: -(-len(frames) // MOST_FRAMES)].astype(np.float32)
        mean = some.mean(0)
        return ImageScale(mean, float(np.square(some - mean).sum(tuple(range(1, some.ndim))).mean()))

    @staticmethod
    def of_changes(before: np.ndarray, after: np.ndarray) -> "ImageScale":
        """Of what changes between frames ``[M, H, W(, C)]``, as if the mean were 0: what comes also goes."""
        changes = after.astype(np.float32) - before
        square = np.square(changes).sum(tuple(range(1, changes.ndim)))
        return ImageScale(np.zeros(changes.shape[1:], np.float32), float(square.mean()))
