"""What a policy sees at once: a vector, or the last few frames of a game."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class Table(Protocol):
    """An array, or one in a file that is read where it is asked for."""

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray:
        """``[R, ...]`` → those of these numbers, in their arrangement."""
        ...


@dataclass(frozen=True)
class ObservationSpec:
    """Of a policy, not of an environment, which gives one frame a step.

    One frame does not tell where a ball is going, hence the last few together (Mnih et al. 2015, "Preprocessing").
    They are kept one by one and put together only where they are looked at. Before an episode has so many, its first
    frame stands for those that are missing, as in Gymnasium's ``FrameStackObservation``.
    """

    frame: tuple[int, ...]  # shape of what the environment gives: (D,), or of images (H, W) or (H, W, C)
    depth: int = 1  # frames that are seen at once; 1 of vectors

    @staticmethod
    def of(frame: tuple[int, ...], depth: int) -> "ObservationSpec":
        """With ``depth`` frames of an image, and one vector."""
        return ObservationSpec(frame, depth if len(frame) > 1 else 1)

    @staticmethod
    def from_json(fields: dict[str, Any]) -> "ObservationSpec":
        """The inverse of `dataclasses.asdict`."""
        return ObservationSpec(tuple(fields["frame"]), fields["depth"])

    @property
    def is_image(self) -> bool:
        """Images are uint8 and unscaled, vectors are float32."""
        return len(self.frame) > 1

    @property
    def dtype(self) -> npt.DTypeLike:
        """Of the numbers."""
        return np.uint8 if self.is_image else np.float32

    @property
    def shape(self) -> tuple[int, ...]:
        """``(D,)``, or of images ``(depth, H, W[, C])``, the oldest frame first."""
        return (self.depth, *self.frame) if self.is_image else self.frame

    def first(self, frames: np.ndarray) -> np.ndarray:
        """What is seen of N episodes that begin with ``frames [N, *frame]``: ``[N, *shape]``."""
        if not self.is_image:
            return np.array(frames, self.dtype)
        return np.repeat(np.asarray(frames, self.dtype)[:, None], self.depth, axis=1)

    def next(self, seen: np.ndarray, frames: np.ndarray, begins: np.ndarray) -> np.ndarray:
        """What is seen a step later.

        Args:
            seen: ``[N, *shape]`` before.
            frames: ``[N, *frame]``, the new ones.
            begins: bool ``[N]``: an episode begins with the new frame.

        Returns:
            ``[N, *shape]``; of vectors ``frames`` themselves.
        """
        if not self.is_image:
            return frames
        seen = np.concatenate([seen[:, 1:], frames[:, None]], axis=1)
        seen[begins] = frames[begins, None]
        return seen

    def rows(self, newest: np.ndarray, ages: np.ndarray, stride: int = 1) -> np.ndarray:
        """Where what is seen lies in a table of frames.

        Args:
            newest: int ``[...]``: the table's row of the newest frame of each observation.
            ages: int ``[...]``: steps since the beginning of each observation's episode.
            stride: rows of the table from one step to the next.

        Returns:
            int ``[..., depth]``, the oldest first; before an episode's beginning, its first frame. Of vectors
            ``newest`` itself.
        """
        if not self.is_image:
            return newest
        back = np.arange(self.depth - 1, -1, -1, dtype=newest.dtype)
        return newest[..., None] - stride * np.minimum(back, ages[..., None])

    def pairs(self, table: Table, seen: np.ndarray, newest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is seen before and after steps.

        Args:
            table: of frames ``[R, *frame]``.
            seen: int, from `rows`: what is seen before.
            newest: int ``[...]``: the table's rows of the frames that the steps give.

        Returns:
            Two of ``[..., *shape]``; those of images lie in one array, for all but one of their frames are the same.
        """
        if not self.is_image:
            return table[seen], table[newest]
        frames = table[np.concatenate([seen, newest[..., None]], -1)]
        steps = (slice(None),) * newest.ndim
        return frames[*steps, :-1], frames[*steps, 1:]
