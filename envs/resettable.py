"""A simulator that can be put back to any step, where it can be."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make_single

TRIED = 50  # known steps that it must repeat
TOLERANCE = 0.01  # of the deviation of what changes, for rounded observations and what they do not show


class Resettable:
    """Puts an environment to an observation, takes an action and looks.

    Nothing in Gymnasium says how: it works where the environment keeps its observation as ``state``, and in MuJoCo's
    environments that observe positions and velocities. Whether it does is tried and not guessed from a name.
    """

    def __init__(self, env: gymnasium.Env, spec: ActionSpec):
        """``env`` has vector observations; `close` closes it."""
        self._env = env
        self._spec = spec

    @staticmethod
    def of(
        env_id: str,
        env_kwargs: Mapping[str, Any],
        observations: np.ndarray,
        actions: np.ndarray,
        next_observations: np.ndarray,
    ) -> "Resettable | None":
        """The simulator of an environment, if it repeats known steps ``[M, ...]``; None if it does not."""
        env = make_single(env_id, env_kwargs)
        found = Resettable(env, ActionSpec.of(env.action_space))
        rows = np.linspace(0, len(actions) - 1, min(len(actions), TRIED)).astype(int)
        std = np.maximum((next_observations - observations).std(0), 1e-6)
        try:
            errors = np.abs(found(observations[rows], actions[rows]) - next_observations[rows]) / std
            if np.median(errors.max(1)) <= TOLERANCE:
                return found
        except (AttributeError, InputError, ValueError, TypeError):  # it has no such state, or another
            pass
        env.close()
        return None

    def __call__(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Observations ``[M, D]`` and actions ``[M, K]`` in the policy's form → the next observations ``[M, D]``."""
        taken = self._spec.to_env(actions)
        after = np.empty_like(observations)
        self._env.reset(seed=0)
        for n, observation in enumerate(observations):
            after[n] = self.begin(observation).step(taken[n])[0]
        return after

    def begin(self, observation: np.ndarray) -> gymnasium.Env:
        """The environment in a new episode that begins at an observation ``[D]``.

        Raises:
            InputError: it cannot be put there.
        """
        self._env.reset()  # before it some have no state, and it is for what else they count
        _put(self._env.unwrapped, observation.astype(np.float64))
        return self._env

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


def _put(inner: Any, seen: np.ndarray) -> None:
    if hasattr(inner, "set_state") and hasattr(inner, "model"):
        _put_mujoco(inner, seen)
    elif np.shape(inner.state) != seen.shape:
        raise InputError("its state is another than what it shows")
    else:
        inner.state = seen


def _put_mujoco(inner: Any, seen: np.ndarray) -> None:
    """The last numbers are velocities; the first positions, how far it has come, are left out of what is seen."""
    positions, velocities = int(inner.model.nq), int(inner.model.nv)
    hidden = positions + velocities - len(seen)
    if not 0 <= hidden < positions:
        raise InputError("it shows something else than positions and velocities")
    inner.set_state(np.concatenate([np.zeros(hidden), seen[:-velocities]]), seen[-velocities:])
