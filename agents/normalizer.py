"""Observation normalisation."""

from dataclasses import dataclass

import numpy as np

CLIP = 10.0  # standard deviations (detail 7 of PPO's nine for continuous control, Huang et al. 2022)
EPSILON = 1e-8


@dataclass(frozen=True)
class Normalizer:
    """Running mean and variance of observations, and the map to zero mean and unit variance.

    A new one is made for each round, so that the statistics that collected a rollout are those that learn from it.
    """

    mean: np.ndarray  # [D] float64
    variance: np.ndarray  # [D] float64
    count: float  # observations seen

    @staticmethod
    def identity(size: int) -> "Normalizer":
        """Nothing seen yet: observations pass unchanged, but clipped."""
        return Normalizer(np.zeros(size), np.ones(size), 0.0)

    def updated(self, observations: np.ndarray) -> "Normalizer":
        """With the statistics of ``observations [B, D]`` merged in (Chan et al. 1979, equation 2.1)."""
        batch = observations.astype(np.float64)
        count = self.count + len(batch)
        delta = batch.mean(0) - self.mean
        mean = self.mean + delta * len(batch) / count
        squares = self.variance * self.count + batch.var(0) * len(batch)
        variance = (squares + delta**2 * self.count * len(batch) / count) / count
        return Normalizer(mean, variance, count)

    def __call__(self, observations: np.ndarray) -> np.ndarray:
        """``[..., D]`` → float32 ``[..., D]``, normalised and clipped at ten standard deviations."""
        scaled = (observations - self.mean) / np.sqrt(self.variance + EPSILON)
        return np.clip(scaled, -CLIP, CLIP).astype(np.float32)
