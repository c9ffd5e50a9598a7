"""Columns by themselves and in pairs."""

import numpy as np
from scipy.stats import ks_2samp, rankdata

DECIMALS = 3  # a thousandth of a deviation is no difference; rounding errors are smaller


def ks_distances(real: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    """Kolmogorov and Smirnov's statistic of each column, ``[N, F]`` and ``[M, F]`` → ``[F]``.

    The largest difference between the two shares of rows below a number: 0 for the same, 1 for apart.
    """
    columns = zip(real.round(DECIMALS).T, synthetic.round(DECIMALS).T, strict=True)
    return np.array([ks_2samp(first, second, method="asymp")[0] for first, second in columns])


def rank_correlations(rows: np.ndarray) -> np.ndarray:
    """Spearman's coefficient of each pair of columns, ``[N, F]`` → ``[F, F]``; 0 with a column that never changes."""
    ranks = rankdata(rows.round(DECIMALS), axis=0)
    centred = ranks - ranks.mean(0)
    norms = np.linalg.norm(centred, axis=0)
    scaled = centred / np.where(norms > 0.0, norms, 1.0)
    return scaled.T @ scaled


def rank_correlation_difference(real: np.ndarray, synthetic: np.ndarray) -> float:
    """The largest difference over pairs of columns, 0 to 2; rows as in `ks_distances`."""
    return float(np.abs(rank_correlations(real) - rank_correlations(synthetic)).max())
