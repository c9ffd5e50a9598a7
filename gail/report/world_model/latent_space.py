"""What latents hold: which of their numbers are used, and what can be read from them."""

import numpy as np

ACTIVE = 0.01  # nats of KL divergence, above which a number of a latent says something
PENALTY = 1.0  # of a probe's squared weights, where a latent's deviation is 1: nothing beside some hundred rows
BLOCKS, HELD_OUT_ONE_IN = 20, 4  # neighbours are alike, so that what is held out comes in blocks


def active_units(divergence: np.ndarray) -> int:
    """How many of the numbers of a latent are used, by their KL divergences ``[Z]``, in nats (see `ACTIVE`)."""
    return int((divergence > ACTIVE).sum())


def held_out(count: int) -> np.ndarray:
    """Which of so many rows a probe is judged by, and does not learn from: a quarter, bool ``[count]``."""
    return np.arange(count) * BLOCKS // max(count, 1) % HELD_OUT_ONE_IN == HELD_OUT_ONE_IN - 1


def linear_probe(latents: np.ndarray, truths: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """How well a ridge regression reads the truth from latents, on rows that it has not learned from.

    Args:
        latents: ``[N, Z]``.
        truths: ``[N, S]``.
        judged: bool ``[N]``: the rows that are held out.

    Returns:
        R² ``[S]``, 1 for all and 0 for no more than the mean; NaN for a truth that does not vary.
    """
    learned = ~judged
    mean, std = latents[learned].mean(0), np.maximum(latents[learned].std(0), 1e-8)
    inputs = ((latents - mean) / std).astype(np.float64)
    centre = truths[learned].mean(0, dtype=np.float64)
    known = inputs[learned]
    weights = np.linalg.solve(known.T @ known + PENALTY * np.eye(known.shape[1]), known.T @ (truths[learned] - centre))
    errors = np.square(inputs[judged] @ weights + centre - truths[judged]).sum(0)
    spread = np.square(truths[judged] - truths[judged].mean(0, dtype=np.float64)).sum(0)
    return np.where(spread > 1e-12, 1.0 - errors / np.maximum(spread, 1e-12), np.nan)
