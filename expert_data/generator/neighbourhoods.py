"""Situations to act in, like real ones."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from agents.transitions import Transitions
from expert_data.rows import Rows

REACH = 0.5
OTHERS = 4  # nearest ones, of which two are drawn


@dataclass(frozen=True)
class Neighbourhoods:
    """New situations around real ones.

    A situation is an observation and what is done there. Each new one is a real one, moved by `REACH` times the
    difference of two of its nearest: the step of differential evolution (ter Braak 2006, equation 2), which is as wide
    as the data is there, in each direction, and moves no mean.
    """

    rows: Rows
    inputs: np.ndarray  # [N, I] real situations, as rows
    labels: np.ndarray  # [N] bool: which are in the situation that the generator is conditioned on
    nearest: np.ndarray  # [N, k] int64: the most similar others, of the same category and label

    @staticmethod
    def of(learned: Transitions, labels: np.ndarray, rows: Rows) -> "Neighbourhoods":
        """Between ``learned [N]``, of which ``labels [N]`` are in the situation."""
        inputs = rows(learned)[:, : rows.num_inputs]
        size = len(rows.mean)
        kinds = np.zeros((len(inputs), 0)) if rows.actions.kind == "gaussian" else inputs[:, size:]
        _, groups = np.unique(np.concatenate([labels[:, None], kinds], -1), axis=0, return_inverse=True)
        nearest = np.empty((len(inputs), OTHERS), np.int64)
        for group in range(groups.max() + 1):
            members = np.flatnonzero(groups.ravel() == group)
            count = min(OTHERS + 1, len(members))
            found = KDTree(inputs[members]).query(inputs[members], k=count)[1].reshape(len(members), count)
            nearest[members] = members[np.resize(found[:, 1:] if count > 1 else found, (len(members), OTHERS))]
        return Neighbourhoods(rows, inputs, labels, nearest)

    def draw(
        self, count: int, rate: float | None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """So many, of which a share ``rate`` is in the situation; without one, as many as there really are.

        Returns:
            Observations ``[count, D]``, actions ``[count, K]`` in the policy's form, and labels ``[count]``.
        """
        chosen = drawn(self.labels, count, rate, rng)
        one, other = rng.permuted(self.nearest[chosen], axis=1)[:, :2].T
        made = self.inputs[chosen] + REACH * (self.inputs[one] - self.inputs[other])
        changes = np.zeros((count, len(self.rows.mean) + 1))
        situations = self.rows.transitions(np.concatenate([made, changes], -1))
        assert situations.actions is not None, "the rows have them"
        return situations.observations, situations.actions, self.labels[chosen]


def drawn(labels: np.ndarray, count: int, rate: float | None, rng: np.random.Generator) -> np.ndarray:
    """Numbers ``[count]`` of rows, of which a share ``rate`` has the label, if any and not all have it."""
    if rate is None or labels.all() or not labels.any():
        return rng.integers(0, len(labels), count)
    wanted = rng.random(count) < rate
    return np.where(wanted, rng.choice(np.flatnonzero(labels), count), rng.choice(np.flatnonzero(~labels), count))
