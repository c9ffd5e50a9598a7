"""Situations that are rare in real play, told from transitions."""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from agents.transitions import Transitions
from envs.errors import InputError
from expert_data.generator.dataset import Dataset
from expert_data.rows import Rows

NEAR = 10  # steps before a termination
RARE_SHARE = 0.1  # of what was learned from
SIMILAR = 50  # situations that one is compared with
Situation = Callable[[Transitions], np.ndarray]
"""Transitions ``[M]`` → bool ``[M]``: are they in it?"""
NAMES = ("near_termination", "rare_action", "high_expert_density", "low_expert_density")


def known_situations(dataset: Dataset, rows: Rows) -> dict[str, Situation]:
    """Those of `NAMES` that the transitions learned from tell of."""
    found: dict[str, Situation] = {"rare_action": RareAction.of(dataset.learned, rows)}
    if (dataset.tape.terminations & dataset.tape.leads)[dataset.learned_rows].any():
        found["near_termination"] = NearTermination.of(dataset, rows)
    expert = dataset.expert[dataset.learned_rows]
    if expert.any() and not expert.all():
        density = ExpertDensity.of(dataset, rows)
        found["high_expert_density"] = lambda transitions: density(transitions) <= density.near
        found["low_expert_density"] = lambda transitions: density(transitions) >= density.far
    return {name: found[name] for name in NAMES if name in found}


def situation(name: str, dataset: Dataset, rows: Rows) -> Situation:
    """One of `NAMES`, or a user's ``module:function``.

    Raises:
        InputError: there is none such, or the transitions do not tell of it.
    """
    if ":" in name:
        return users_situation(name)
    if name not in NAMES:
        raise InputError(f"There is no situation '{name}'; take one of {', '.join(NAMES)}, or module:function.")
    found = known_situations(dataset, rows)
    if name not in found:
        raise InputError(f"The transitions tell nothing of '{name}'; take one of {', '.join(found)}.")
    return found[name]


def users_situation(name: str) -> Situation:
    """The function behind ``module:function``, which takes `Transitions` ``[M]`` and returns bool ``[M]``.

    Raises:
        InputError: it is not there.
    """
    module_name, _, function_name = name.rpartition(":")
    if os.getcwd() not in sys.path:  # `python -m` adds the working directory, the console script does not
        sys.path.insert(0, os.getcwd())
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise InputError(
            f"The situation '{name}' cannot be imported ({error}); write it as module:function."
        ) from error

    def checked(transitions: Transitions) -> np.ndarray:
        holds = np.asarray(function(transitions))
        if holds.shape != (len(transitions),):
            raise InputError(f"The situation '{name}' gave shape {holds.shape} of {len(transitions)} transitions.")
        return holds.astype(bool)

    return checked


@dataclass(frozen=True)
class NearTermination:
    """Within `NEAR` steps of one, as the most similar situation that was learned from was."""

    rows: Rows
    tree: KDTree
    near: np.ndarray  # [N] bool

    @staticmethod
    def of(dataset: Dataset, rows: Rows) -> "NearTermination":
        """As the episodes of ``dataset`` ended."""
        tree = KDTree(rows(dataset.learned)[:, : rows.num_inputs])
        return NearTermination(rows, tree, dataset.steps_to_termination[dataset.learned_rows] < NEAR)

    def __call__(self, transitions: Transitions) -> np.ndarray:
        """See `Situation`."""
        inputs = self.rows(transitions)[:, : self.rows.num_inputs]
        return self.near[self.tree.query(inputs)[1]]


@dataclass(frozen=True)
class RareAction:
    """The action is far from what is done in similar situations, as that of one in ten is."""

    rows: Rows
    tree: KDTree  # of observations alone
    taken: np.ndarray  # [N, P] features of the actions there
    far: float

    @staticmethod
    def of(learned: Transitions, rows: Rows) -> "RareAction":
        """As ``learned`` act."""
        size = len(rows.mean)
        made = rows(learned)
        found = RareAction(rows, KDTree(made[:, :size]), made[:, size : rows.num_inputs], 0.0)
        return RareAction(rows, found.tree, found.taken, float(np.quantile(found.distances(made), 1.0 - RARE_SHARE)))

    def distances(self, made: np.ndarray) -> np.ndarray:
        """Of the actions of rows ``[M, F]`` from the mean of those nearby."""
        size = len(self.rows.mean)
        nearby = self.tree.query(made[:, :size], k=min(SIMILAR, len(self.taken)))[1].reshape(len(made), -1)
        return np.linalg.norm(made[:, size : self.rows.num_inputs] - self.taken[nearby].mean(1), axis=-1)

    def __call__(self, transitions: Transitions) -> np.ndarray:
        """See `Situation`."""
        return self.distances(self.rows(transitions)) >= self.far


@dataclass(frozen=True)
class ExpertDensity:
    """How near the expert's observations are: the distance of the twentieth nearest."""

    rows: Rows
    tree: KDTree
    near: float  # one in ten of those learned from is not farther
    far: float  # one in ten is not nearer

    @staticmethod
    def of(dataset: Dataset, rows: Rows) -> "ExpertDensity":
        """By the expert's part of ``dataset``."""
        expert = dataset.transitions(dataset.learned_rows[dataset.expert[dataset.learned_rows]])
        found = ExpertDensity(rows, KDTree(rows(expert)[:, : len(rows.mean)]), 0.0, 0.0)
        near, far = np.quantile(found(dataset.learned), [RARE_SHARE, 1.0 - RARE_SHARE])
        return ExpertDensity(rows, found.tree, float(near), float(far))

    def __call__(self, transitions: Transitions) -> np.ndarray:
        """Distances ``[M]``, in deviations."""
        made = self.rows(transitions)[:, : len(self.rows.mean)]
        return self.tree.query(made, k=[min(SIMILAR, self.tree.n)])[0][:, 0]
