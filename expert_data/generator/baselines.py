"""Generators that a GAN must beat: columns by themselves, and real transitions with noise."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from agents.transitions import Transitions
from expert_data.generator.generator import Arrays
from expert_data.generator.neighbourhoods import drawn
from expert_data.rows import Rows

NOISE = 0.1  # deviations


@dataclass(frozen=True)
class NaiveBayes:
    """Each column by itself, as if it knew nothing of the others; see `Generator`."""

    rows: Rows
    learned: np.ndarray  # [N, F]
    labels: np.ndarray  # [N] bool

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """See `Generator`."""
        labels = self.labels[drawn(self.labels, count, rate, rng)]
        return self.rows.transitions(self._columns(labels, 0, rng))

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Generator`: whatever the observation and the action."""
        columns = self._columns(labels, self.rows.num_inputs, rng)
        return self.rows.after(observations, columns[:, :-1]), columns[:, -1] > 0.5

    @property
    def arrays(self) -> Arrays:
        """See `Generator`: nothing."""
        return {}

    def _columns(self, labels: np.ndarray, first: int, rng: np.random.Generator) -> np.ndarray:
        """Columns from ``first`` on, each from real rows of its own that have these labels."""
        made = np.empty((len(labels), self.learned.shape[1] - first), np.float32)
        for label in (False, True):
            here, pool = np.flatnonzero(labels == label), self.learned[self.labels == label, first:]
            if here.size and len(pool):
                chosen = rng.integers(0, len(pool), (here.size, pool.shape[1]))
                made[here] = np.take_along_axis(pool, chosen, 0)
        return made


@dataclass(frozen=True)
class Noise:
    """Real transitions, each number a tenth of its deviation off; see `Generator`."""

    rows: Rows
    learned: np.ndarray  # [N, F]
    labels: np.ndarray  # [N] bool

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """See `Generator`."""
        return self.rows.transitions(self._blurred(self.learned[drawn(self.labels, count, rate, rng)], rng))

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Generator`: as the most similar real transition went."""
        nearest = self._tree.query(self.rows.inputs(observations, actions))[1]
        columns = self._blurred(self.learned[nearest], rng)[:, self.rows.num_inputs :]
        return self.rows.after(observations, columns[:, :-1]), columns[:, -1] > 0.5

    @property
    def arrays(self) -> Arrays:
        """See `Generator`: nothing."""
        return {}

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.learned[:, : self.rows.num_inputs])

    def _blurred(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (rows + NOISE * rng.standard_normal(rows.shape)).astype(np.float32)
