"""The gate: may generated transitions be used, and how far?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from agents.transitions import Transitions, evenly
from expert_data.generator.situations import Situation
from expert_data.quality.levels import LEVELS, Level
from expert_data.quality.marginals import ks_distances, rank_correlation_difference
from expert_data.quality.neighbours import copied_share, overlap
from expert_data.quality.steps import changes_nearby, learned_error, relative_error
from expert_data.quality.two_sample import classifier_accuracy, mmd_p_value
from expert_data.rows import Rows

MOST = 5000  # transitions of each side
MOST_IN_KERNEL = 500  # of each side, of which all pairs are permuted 500 times
# Deviations of the noise on both sides of a comparison: a network's rounding, in a number that hardly ever varies, is
# no difference to who learns from it.
BLUR = 0.02

Truth = Callable[[np.ndarray, np.ndarray], np.ndarray]  # observations [M, D], actions [M, K] → next observations [M, D]


@dataclass(frozen=True)
class Reality:
    """Real transitions, and what else is known of the environment."""

    learned: Transitions  # those that the generator has learned from
    held_out: Transitions  # others, to judge it by
    beside: Transitions  # still others, which are put in the generator's place to see how real ones do
    rows: Rows
    situations: Mapping[str, Situation]  # the rare ones
    truth: Truth | None = None  # the simulator, where it can be put back to a step

    @cached_property
    def held_out_rows(self) -> np.ndarray:
        """``[M, F]``."""
        return self.rows(self.held_out)

    @cached_property
    def learned_rows(self) -> np.ndarray:
        """``[N, F]``."""
        return self.rows(self.learned)


@dataclass(frozen=True)
class Line:
    """One measure of a generator, beside the same of real transitions in its place."""

    name: str
    value: float
    real: float

    @property
    def level(self) -> Level:
        """What is asked for."""
        return LEVELS[self.name]

    @property
    def score(self) -> float:
        """0 to 1."""
        return self.level.score(self.value, self.real)

    @property
    def passed(self) -> bool:
        """Is it as good as need be?"""
        return self.score >= 1.0


@dataclass(frozen=True)
class Judgement:
    """What the gate says of a generator."""

    lines: list[Line]
    synthetic: int  # transitions that were looked at
    held_out: int

    @property
    def verdict(self) -> float:
        """0 to 1: the lowest score. Whoever fails at one thing is not redeemed by another."""
        return min(line.score for line in self.lines)

    @property
    def failed(self) -> list[str]:
        """Names of the lines that did not pass."""
        return [line.name for line in self.lines if not line.passed]


def judge(synthetic: Transitions, reality: Reality, seed: int = 0) -> Judgement:
    """Measure generated transitions, and real ones in their place.

    Args:
        synthetic: ``[M]``; as many as are held out, where there are as many.
        reality: to judge by.
        seed: of folds, forests and permutations.
    """
    count = min(len(synthetic), len(reality.held_out))
    with threadpool_limits(1):  # threads that wait for each other take longer than these few rows
        figures, real = (measures(evenly(each, count), reality, seed) for each in (synthetic, reality.beside))
    lines = [Line(name, value, real[name]) for name, value in figures.items()]
    return Judgement(lines, count, len(reality.held_out))


def measures(synthetic: Transitions, reality: Reality, seed: int) -> dict[str, float]:
    """Every measure of `LEVELS` but use, for which agents have to learn, of generated transitions ``[M]``."""
    held_out, rows = reality.held_out_rows, reality.rows(synthetic)
    rng = np.random.default_rng(seed)
    real, made = (each + BLUR * rng.standard_normal(each.shape) for each in (held_out, rows))
    few, fewer = (each[_evenly(len(each), MOST_IN_KERNEL)] for each in (real, made))
    inputs = reality.rows.num_inputs
    found = overlap(real, made)
    return {
        "ks": float(ks_distances(real, made).max()),
        "rank_correlation": rank_correlation_difference(real, made),
        "one_step_error": _one_step_error(synthetic, rows, reality),
        "classifier": classifier_accuracy(real, made, seed),
        "mmd_p": mmd_p_value(few, fewer, rng),
        "density": found.density,
        "coverage": found.coverage,
        "copies": copied_share(reality.learned_rows, rows),
        "strata": _strata(synthetic, reality),
        "learned_error": learned_error(
            rows[:, :inputs], rows[:, inputs:], held_out[:, :inputs], held_out[:, inputs:], seed
        ),
    }


def rates(transitions: Transitions, situations: Mapping[str, Situation]) -> dict[str, float]:
    """Share of transitions in each situation."""
    return {name: float(np.mean(holds(transitions))) for name, holds in situations.items()}


def _one_step_error(synthetic: Transitions, rows: np.ndarray, reality: Reality) -> float:
    """Against the simulator, or else against the most similar of the steps that were held out."""
    inputs = reality.rows.num_inputs
    changes = rows[:, inputs:-1]
    if reality.truth is None:
        known = reality.held_out_rows
        return relative_error(changes, changes_nearby(rows[:, :inputs], known[:, :inputs], known[:, inputs:-1]))
    assert synthetic.actions is not None, "the rows have them"
    after = reality.truth(synthetic.observations, synthetic.actions)
    truth = (after - synthetic.observations - reality.rows.change_mean) / reality.rows.change_std
    return relative_error(changes, truth)


def _strata(synthetic: Transitions, reality: Reality) -> float:
    """Of the situations that the held-out transitions hold, the largest relative error of a rate."""
    due = rates(reality.held_out, reality.situations)
    found = rates(synthetic, reality.situations)
    return max((abs(found[name] - rate) / rate for name, rate in due.items() if rate > 0.0), default=0.0)


def _evenly(count: int, most: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
