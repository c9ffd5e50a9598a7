"""Generalised advantage estimation."""

import numpy as np


def generalized_advantages(
    rewards: np.ndarray,
    values: np.ndarray,
    terminations: np.ndarray,
    truncations: np.ndarray,
    valid: np.ndarray,
    termination_value: float,
    discount: float,
    gae_lambda: float,
) -> np.ndarray:
    """Advantages of T steps in N environments (Schulman et al. 2016, equations 11 and 16).

        δ_t = r_t + γ V'_{t+1} - V_t
        A_t = δ_t + γλ A_{t+1},   A_{t+1} = 0 where the episode ends with step t

    V'_{t+1} is ``termination_value`` after a termination and V(s_{t+1}) otherwise: after a truncation too, where
    s_{t+1} is the episode's true last observation. Steps that are not valid get 0 and pass nothing on.

    Args:
        rewards: ``[T, N]``.
        values: ``[T + 1, N]``, of every observation of the rollout.
        terminations: ``[T, N]`` bool.
        truncations: ``[T, N]`` bool.
        valid: ``[T, N]`` bool, see `agents.rollout.Rollout`.
        termination_value: value of the state behind a termination: 0 by the task's own reward, r / (1 - γ) for an
            absorbing state whose every step has reward r.
        discount: γ.
        gae_lambda: λ.

    Returns:
        float32 ``[T, N]``; add ``values[:-1]`` for the λ-returns.
    """
    next_values = np.where(terminations, termination_value, values[1:])
    deltas = np.where(valid, rewards + discount * next_values - values[:-1], 0.0)
    carried = np.where(valid & ~(terminations | truncations), discount * gae_lambda, 0.0)
    advantages = np.empty_like(deltas)
    following = np.zeros(deltas.shape[1])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + carried[t] * following
        advantages[t] = following
    return advantages.astype(np.float32)
