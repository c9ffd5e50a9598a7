"""Which rows each gradient step learns from.

The order is drawn in NumPy, so that the compiled updates hold no randomness and have fixed shapes: XLA compiles once.
"""

import numpy as np


def shuffled_minibatches(candidates: np.ndarray, size: int, epochs: int, rng: np.random.Generator) -> np.ndarray:
    """Every epoch's minibatches, one a row.

    Args:
        candidates: ``[C]`` the row numbers to draw from, each at most once an epoch.
        size: rows in a minibatch; with fewer candidates than that, some occur twice in one.
        epochs: passes over the candidates; each leaves out a random remainder that fills no minibatch.
        rng: of the order.

    Returns:
        int32 ``[epochs * max(1, C // size), size]``.
    """
    count = max(1, len(candidates) // size)
    passes = [np.resize(rng.permutation(candidates), (count, size)) for _ in range(epochs)]
    return np.concatenate(passes).astype(np.int32)
