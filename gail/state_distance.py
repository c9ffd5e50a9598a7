"""How far apart the states are that two policies visit."""

import numpy as np
from scipy.spatial.distance import cdist

from agents.observations import ObservationSpec
from expert_data.episodes import Episodes

GRID = 12  # parts of an image along each side
MOST_STATES = 1000  # of each side: a million pairs take some ten milliseconds
SMALLEST_STD = 1e-3  # as for the discriminator


def state_distance(played: Episodes, expert: Episodes) -> float:
    """The `energy_coefficient` of their states, each number in units of its deviation in the expert's."""
    states, shown = _states(played), _states(expert)
    mean, std = shown.mean(0), np.maximum(shown.std(0), SMALLEST_STD)
    return energy_coefficient((states - mean) / std, (shown - mean) / std)


def energy_coefficient(first: np.ndarray, second: np.ndarray) -> float:
    """1 - (E|X-X'| + E|Y-Y'|) / 2E|X-Y| of samples ``[N, D]`` and ``[M, D]`` (Székely and Rizzo 2013, section 3).

    0 where both have one distribution, 1 where each is a point of its own.
    """
    between = cdist(first, second).mean()
    if between == 0.0:
        return 0.0
    return float(max(0.0, 1.0 - (cdist(first, first).mean() + cdist(second, second).mean()) / (2.0 * between)))


def coarse(images: np.ndarray) -> np.ndarray:
    """Images ``[B, H, W(, C)]`` → ``[B, G]``: the mean brightness of the parts of a grid."""
    for axis in (1, 2):
        size = images.shape[axis]
        starts = np.linspace(0, size, min(size, GRID), endpoint=False).astype(int)
        widths = np.diff(starts, append=size).reshape([-1 if each == axis else 1 for each in range(images.ndim)])
        images = np.add.reduceat(images, starts, axis, dtype=np.float32) / widths
    return images.reshape(len(images), -1)


def _states(played: Episodes) -> np.ndarray:
    """At most `MOST_STATES`, evenly from all episodes; of images the means of so many by so many parts."""
    count = len(played.observations)
    chosen = played.observations[np.linspace(0, count - 1, min(count, MOST_STATES)).astype(int)]
    return coarse(chosen) if ObservationSpec.of(chosen.shape[1:], depth=1).is_image else chosen
