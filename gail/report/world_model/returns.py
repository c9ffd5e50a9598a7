"""What a policy is paid in a dream, beside what it is paid in truth."""

import numpy as np

from agents.actor import Actor
from envs.imagined import Dynamics, State
from gail.report.world_model.foresight import steps_ahead


def dream_returns(
    model: Dynamics, actor: Actor, state: State, seen: np.ndarray, horizon: int, rng: np.random.Generator,
    stochastic: bool = True,
) -> np.ndarray:  # fmt: skip
    """What comes together in dreams from B situations to their ends, by the reward that the model expects.

    Args:
        model: is stepped, whether or not it is in doubt.
        actor: sees what is seen in dreams.
        state: of the model.
        seen: ``[B, D]`` there.
        horizon: steps after which a dream ends, if it has not before.
        rng: of the dream and of the actor.
        stochastic: sample the actor's actions rather than take the most likely ones.

    Returns:
        ``[B]``, undiscounted.
    """
    total, goes_on = np.zeros(len(seen)), np.ones(len(seen), bool)
    for _ in range(horizon):
        chosen = actor.sample(seen, rng) if stochastic else actor.mode(seen)
        imagined = model.step(state, actor.actions.to_env(chosen), rng)
        total += np.where(goes_on, imagined.rewards, 0.0)
        goes_on &= ~imagined.terminations
        state, seen = imagined.state, imagined.observations
        if not goes_on.any():
            break
    return total


def real_returns(rewards: np.ndarray, leads: np.ndarray, terminations: np.ndarray, horizon: int) -> np.ndarray:
    """What came together within so many steps of each row of a tape, or until the task ended.

    Args:
        rewards: ``[R]``.
        leads: bool ``[R]``, see `agents.world_model.tape.Tape`.
        terminations: bool ``[R]``.
        horizon: steps.

    Returns:
        ``[R]``; NaN where the recording ended before.
    """
    ahead = steps_ahead(leads)
    rows = np.arange(len(leads))
    sums = np.concatenate([[0.0], np.cumsum(np.where(leads, rewards, 0.0), dtype=np.float64)])
    steps = np.minimum(ahead, horizon)
    ended = terminations[np.maximum(rows + ahead - 1, 0)] & (ahead > 0)
    return np.where((ahead >= horizon) | ended, sums[rows + steps] - sums[rows], np.nan)
