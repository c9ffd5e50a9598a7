"""How far a model foresees: errors of open-loop predictions beside those of "nothing changes"."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Windows:
    """B stretches of a tape: W rows that are seen, and up to H after them that are to be foreseen."""

    rows: np.ndarray  # int64 [B], the first of each
    warm_up: int  # W
    known: np.ndarray  # bool [B, H]: the row h + 1 after those that are seen is of the same episode

    @staticmethod
    def drawn(leads: np.ndarray, warm_up: int, horizon: int, most: int, rng: np.random.Generator) -> "Windows":
        """Without repetition, of all that have a row to be foreseen.

        Args:
            leads: bool ``[R]``, see `agents.world_model.tape.Tape`.
            warm_up: W, 1 or more.
            horizon: H.
            most: the largest B.
            rng: draws them.
        """
        ahead = steps_ahead(leads)
        possible = np.flatnonzero(ahead >= warm_up)
        rows = np.sort(rng.permutation(possible)[:most])
        return Windows(rows, warm_up, ahead[rows, None] >= warm_up + np.arange(horizon))

    @property
    def horizon(self) -> int:
        """H."""
        return self.known.shape[1]

    @property
    def seen(self) -> np.ndarray:
        """Rows ``[B, W]`` that are seen."""
        return self.rows[:, None] + np.arange(self.warm_up)

    @property
    def foreseen(self) -> np.ndarray:
        """Rows ``[B, H]`` that are to be foreseen; where they are not known, the last that is."""
        last = np.maximum(self.known.sum(1), 1)
        return self.seen[:, -1:] + np.minimum(1 + np.arange(self.horizon), last[:, None])

    @property
    def acting(self) -> np.ndarray:
        """Rows ``[B, W - 1 + H]`` whose actions lead to those after the first."""
        return np.concatenate([self.seen, self.foreseen[:, :-1]], 1)


def steps_ahead(leads: np.ndarray) -> np.ndarray:
    """Rows that follow each row in the same episode, from ``leads [R]``: ``[R]``."""
    ends = np.append(np.flatnonzero(~leads), len(leads) - 1)
    rows = np.arange(len(leads))
    return ends[np.searchsorted(ends, rows)] - rows


def squared_error(predicted: np.ndarray, true: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mean over windows and numbers, at each step.

    Args:
        predicted: ``[B, H, ...]``.
        true: ``[B, H, ...]``.
        known: bool ``[B, H]``; what nobody knows does not count.

    Returns:
        ``[H]``; NaN where nothing is known.
    """
    errors = np.square(predicted.astype(np.float64) - true).reshape(*known.shape, -1).mean(-1)
    counts = known.sum(0)
    return np.where(counts > 0, (errors * known).sum(0) / np.maximum(counts, 1), np.nan)


def total_variance(values: np.ndarray) -> float:
    """Mean of the variances of the numbers of ``[R, ...]``: the squared error of who always says the mean."""
    return float(values.reshape(len(values), -1).var(0, dtype=np.float64).mean())


@dataclass(frozen=True)
class Foresight:
    """Squared errors at each step ahead, as shares of the variance; 1 is no better than the mean."""

    model: np.ndarray  # [H]
    persistence: np.ndarray  # [H] of "nothing changes"

    def at(self, step: int) -> tuple[float, float] | None:
        """Of the model and of "nothing changes", so many steps ahead; None where nobody knows."""
        if step > len(self.model) or np.isnan(self.model[step - 1]):
            return None
        return float(self.model[step - 1]), float(self.persistence[step - 1])
