"""Single steps, of whatever episodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

BLOCK = 1024  # transitions; of large images, some ten megabytes


@dataclass(frozen=True)
class Transitions:
    """Steps from an observation by an action to the next observation, in any arrangement ``[...]``."""

    observations: np.ndarray  # [..., D] float32
    actions: np.ndarray | None  # [..., K] in the policy's form; None where only observations were recorded
    next_observations: np.ndarray  # [..., D] float32, where an episode ended its true last one
    terminations: np.ndarray  # [...] bool: the task ended with this step

    def __len__(self) -> int:
        """Of the first axis."""
        return len(self.terminations)

    def take(self, index: np.ndarray) -> "Transitions":
        """Those that ``index`` chooses, by numbers or by a mask, as it would of any array."""
        actions = None if self.actions is None else self.actions[index]
        return Transitions(self.observations[index], actions, self.next_observations[index], self.terminations[index])


class Experience(Protocol):
    """Steps in a row, which need not be in memory until they are taken. `Transitions` are such, too."""

    @property
    def actions(self) -> np.ndarray | None:
        """``[M, K]`` in the policy's form; None where only observations were recorded."""
        ...

    def __len__(self) -> int:
        """M."""
        ...

    def take(self, index: np.ndarray) -> Transitions:
        """Those of these numbers, int64 ``[...]``, in the arrangement of ``index``."""
        ...


def in_blocks(experience: Experience, numbers: np.ndarray | None = None) -> Iterator[Transitions]:
    """Those of ``numbers``, int64 ``[M]``, or all of them in order, so few at a time that little memory is touched.

    Images need not fit into memory together, and are put together several times sooner where they are few.
    """
    numbers = np.arange(len(experience)) if numbers is None else numbers
    for start in range(0, len(numbers), BLOCK):
        yield experience.take(numbers[start : start + BLOCK])


def evenly(experience: Experience, most: int) -> Transitions:
    """All of them, or, of more than ``most``, so many from equal distances."""
    return experience.take(np.linspace(0, len(experience) - 1, min(len(experience), most)).astype(np.int64))
