"""What nearest neighbours tell: do two samples lie in the same places, and is one a copy of the other?"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

NEIGHBOURS = 5  # as Naeem et al. (2020) use
# A row is a copy where its nearest neighbour is so much closer than that one is to its own.
COPY_SHARE = 0.1


@dataclass(frozen=True)
class Overlap:
    """Of a synthetic sample with a real one (Naeem et al. 2020, equations 5 and 6)."""

    density: float  # real neighbourhoods that a synthetic row lies in, where 1 is expected of real rows
    coverage: float  # share of real rows with a synthetic row in their neighbourhood


def overlap(real: np.ndarray, synthetic: np.ndarray) -> Overlap:
    """Of rows ``[N, F]`` and ``[M, F]``; a neighbourhood reaches to the fifth neighbour, itself not counted."""
    count = min(NEIGHBOURS, len(real) - 1)
    radii = np.sort(cdist(real, real), axis=1)[:, count]
    inside = cdist(real, synthetic) <= radii[:, None]  # [N, M]
    return Overlap(float(inside.sum() / (count * len(synthetic))), float(inside.any(1).mean()))


def copied_share(learned: np.ndarray, synthetic: np.ndarray) -> float:
    """Share of synthetic rows ``[M, F]`` that are copies of rows ``[N, F]`` that the generator has learned from.

    Judged by the place: a row is a copy where it lies a tenth as far from its nearest neighbour as that one lies from
    its own. Rows that were real, but not learned from, show how many are copies by chance.
    """
    tree = KDTree(learned)
    distances, nearest = tree.query(synthetic)
    own = tree.query(learned[nearest], k=2)[0][:, 1]
    return float((distances <= COPY_SHARE * own).mean())
