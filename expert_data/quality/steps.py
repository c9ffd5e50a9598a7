"""What comes of an action: is it what really comes of it, and can it be learned from?"""

import numpy as np
from scipy.spatial import KDTree
from sklearn.ensemble import ExtraTreesRegressor

TREES = 50


def relative_error(changes: np.ndarray, truth: np.ndarray) -> float:
    """Root mean square error of ``changes [M, D]``, in units of the deviation of ``truth [M, D]``, over all D.

    0 without error, 1 where the mean would have done as well. Columns of which the truth never changes do not count.
    """
    std = truth.std(0)
    varies = std > 0.0
    if not varies.any():
        return 0.0
    return float(np.sqrt(np.mean(np.square((changes - truth)[:, varies] / std[varies]))))


def changes_nearby(inputs: np.ndarray, known_inputs: np.ndarray, known_changes: np.ndarray) -> np.ndarray:
    """What came of the most similar situation and action that is known.

    Args:
        inputs: ``[M, I]`` situations and actions, in their own units.
        known_inputs: ``[N, I]``.
        known_changes: ``[N, D]``.

    Returns:
        ``[M, D]``.
    """
    return known_changes[KDTree(known_inputs).query(inputs)[1]]


def learned_error(
    inputs: np.ndarray, changes: np.ndarray, real_inputs: np.ndarray, real_changes: np.ndarray, seed: int
) -> float:
    """How wrong a model is of real steps that has learned from others: train on synthetic, test on real.

    The model is a forest of extremely randomised trees (Geurts et al. 2006).

    Args:
        inputs: ``[M, I]`` situations and actions to learn from.
        changes: ``[M, D]`` of the observation, and whatever else is to be foretold.
        real_inputs: ``[N, I]`` to be judged by.
        real_changes: ``[N, D]``.
        seed: of the forest.

    Returns:
        `relative_error` of the real changes.
    """
    forest = ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=seed)
    said = forest.fit(inputs, changes).predict(real_inputs)
    return relative_error(said.reshape(real_changes.shape), real_changes)
