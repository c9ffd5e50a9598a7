"""A mixture of Gaussians over whole transitions, from which what comes of an action follows by conditioning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture

from agents.transitions import Transitions
from expert_data.generator.generator import Arrays
from expert_data.generator.neighbourhoods import drawn
from expert_data.rows import Rows

COMPONENTS = 32
FEWEST_ROWS = 50  # for each component
FEWEST_IN_ALL = 2  # that have a covariance; a label of fewer is like all
MOST_ROWS = 10_000  # that it is fitted to: more take longer and change little
SMALLEST_VARIANCE = 1e-5  # of a column whose variance is 1, added: some columns follow from others


@dataclass(frozen=True)
class Gaussians:
    """K Gaussians over F columns."""

    weights: np.ndarray  # [K]
    means: np.ndarray  # [K, F]
    covariances: np.ndarray  # [K, F, F]

    @staticmethod
    def fitted(rows: np.ndarray, seed: int) -> "Gaussians":
        """By expectation maximisation, to ``[N, F]``."""
        count = int(np.clip(len(rows) // FEWEST_ROWS, 1, COMPONENTS))
        few = np.random.default_rng(seed).permutation(rows)[:MOST_ROWS].astype(np.float64)
        model: Any = GaussianMixture(count, reg_covar=SMALLEST_VARIANCE, random_state=seed).fit(few)
        return Gaussians(model.weights_, model.means_, model.covariances_)

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """``[count, F]``."""
        chosen = rng.choice(len(self.weights), count, p=self.weights / self.weights.sum())
        return self._around(self.means[chosen], self.covariances, chosen, rng)

    def given(self, inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A sample of the last columns, given the first ``[M, I]``: ``[M, F - I]`` (Bishop 2006, section 2.3.1)."""
        size = inputs.shape[1]
        known = self.covariances[:, :size, :size]
        gains = np.linalg.solve(known, self.covariances[:, :size, size:])  # [K, I, F - I]
        rest = self.covariances[:, size:, size:] - self.covariances[:, size:, :size] @ gains
        away = inputs[None] - self.means[:, None, :size]  # [K, M, I]
        squares = np.einsum("kmi,kmi->km", away, np.linalg.solve(known, away.swapaxes(1, 2)).swapaxes(1, 2))
        logs = np.log(self.weights)[:, None] - 0.5 * (squares + np.linalg.slogdet(known)[1][:, None])
        shares = np.exp(logs - logsumexp(logs, axis=0)).T  # [M, K]
        chosen = np.minimum((rng.random((len(inputs), 1)) > shares.cumsum(1)).sum(1), len(self.weights) - 1)
        numbers = np.arange(len(inputs))
        means = self.means[chosen, size:] + np.einsum("mi,mio->mo", away[chosen, numbers], gains[chosen])
        return self._around(means, rest, chosen, rng)

    @staticmethod
    def _around(means: np.ndarray, covariances: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        size = means.shape[1]
        roots = np.linalg.cholesky(covariances + 1e-9 * np.eye(size))
        noise = rng.standard_normal((len(chosen), size))
        return means + np.einsum("mij,mj->mi", roots[chosen], noise)


@dataclass(frozen=True)
class Mixture:
    """One of Gaussians for each label; see `Generator`."""

    rows: Rows
    labels: np.ndarray  # [N] bool, of what was learned from
    parts: dict[bool, Gaussians]  # for each label that occurs

    @staticmethod
    def fitted(rows: Rows, learned: np.ndarray, labels: np.ndarray, seed: int) -> "Mixture":
        """To rows ``[N, F]`` with labels ``[N]``."""
        found = {label: labels == label for label in np.unique(labels).tolist()}
        pools = {label: here if here.sum() >= FEWEST_IN_ALL else here | True for label, here in found.items()}
        return Mixture(rows, labels, {label: Gaussians.fitted(learned[pool], seed) for label, pool in pools.items()})

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """See `Generator`."""
        labels = self.labels[drawn(self.labels, count, rate, rng)]
        made = np.empty((count, len(self.rows.names)))
        for label, part in self.parts.items():
            made[labels == label] = part.sample(int((labels == label).sum()), rng)
        return self.rows.transitions(made)

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Generator`."""
        inputs = self.rows.inputs(observations, actions).astype(np.float64)
        columns = np.zeros((len(inputs), len(self.rows.names) - self.rows.num_inputs))
        for label, part in self.parts.items():
            here = labels == label
            if here.any():
                columns[here] = part.given(inputs[here], rng)
        return self.rows.after(observations, columns[:, :-1]), columns[:, -1] > 0.5

    @property
    def arrays(self) -> Arrays:
        """See `Generator`."""
        return {
            f"{name}_{int(label)}": getattr(part, name)
            for label, part in self.parts.items()
            for name in ("weights", "means", "covariances")
        }

    @staticmethod
    def from_arrays(rows: Rows, labels: np.ndarray, arrays: Mapping[str, np.ndarray]) -> "Mixture":
        """The inverse of `arrays`.

        Raises:
            KeyError: something is missing.
        """
        parts = {
            label: Gaussians(*(arrays[f"{name}_{int(label)}"] for name in ("weights", "means", "covariances")))
            for label in np.unique(labels).tolist()
        }
        return Mixture(rows, labels, parts)
