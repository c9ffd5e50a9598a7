"""Are two samples of one distribution?"""

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_predict

FOLDS = 4
TREES = 60  # enough that more change little
PERMUTATIONS = 500


def classifier_accuracy(real: np.ndarray, synthetic: np.ndarray, seed: int) -> float:
    """Share of rows that a classifier gets right which it has not learned from (Lopez-Paz and Oquab 2017, section 3).

    0.5 where the two cannot be told apart, 1 where they always can. The classifier is made of boosted trees.

    Args:
        real: ``[N, F]``.
        synthetic: ``[M, F]``; of the longer the first rows count.
        seed: of the folds.
    """
    count = min(len(real), len(synthetic))
    rows = np.concatenate([real[:count], synthetic[:count]])
    labels = np.arange(2 * count) < count
    order = np.random.default_rng(seed).permutation(2 * count)
    trees = HistGradientBoostingClassifier(max_iter=TREES, random_state=seed)
    said = cross_val_predict(trees, rows[order], labels[order], cv=FOLDS)
    return float(np.mean(said == labels[order]))


def mmd_p_value(real: np.ndarray, synthetic: np.ndarray, rng: np.random.Generator) -> float:
    """Of the maximum mean discrepancy, by permutation: small where the two differ (Gretton et al. 2012).

    The statistic is equation 5 there, with a Gaussian kernel whose width is the median distance; it takes memory for
    (N + M)² numbers.

    Args:
        real: ``[N, F]``.
        synthetic: ``[M, F]``.
        rng: of the permutations.
    """
    rows = np.concatenate([real, synthetic]).astype(np.float64)
    distances = pdist(rows)
    width = np.median(distances[distances > 0.0]) if distances.any() else 1.0
    kernel = np.exp(-cdist(rows, rows, "sqeuclidean") / (2.0 * width**2))
    weights = np.concatenate([np.full(len(real), 1.0 / len(real)), np.full(len(synthetic), -1.0 / len(synthetic))])
    shuffled = np.stack([weights, *(rng.permutation(weights) for _ in range(PERMUTATIONS))], -1)  # [N + M, 1 + P]
    statistics = np.einsum("np,np->p", shuffled, kernel @ shuffled)
    # The order as it is counts as one of the permutations (Phipson and Smyth 2010).
    return float((1 + (statistics[1:] >= statistics[0] - 1e-12).sum()) / (1 + PERMUTATIONS))
