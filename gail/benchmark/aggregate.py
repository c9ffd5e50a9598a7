"""Several seeds in one number, with how sure of it one can be (Agarwal et al. 2021, section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import trim_mean

RESAMPLES = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over runs, and the interval that would hold it in 95 of 100 repetitions."""

    mean: float
    low: float
    high: float


def interquartile_mean(tasks: Sequence[np.ndarray]) -> Estimate:
    """The mean of the middle half of all runs, with its percentile bootstrap interval.

    Runs are drawn again from those of their own task (the stratified bootstrap). Of three runs or fewer nothing is cut
    off, and an interval of so few is narrower than it should be.

    Args:
        tasks: for each task, a number for each of its runs.
    """
    rng = np.random.default_rng(0)
    drawn = [values[rng.integers(0, len(values), (RESAMPLES, len(values)))] for values in tasks]
    means = trim_mean(np.concatenate(drawn, axis=1), 0.25, axis=1)
    low, high = np.quantile(means, [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0])
    return Estimate(float(trim_mean(np.concatenate(tasks), 0.25)), float(low), float(high))
