"""Pictures of what vectors tell: an environment is put where an observation says it is, and rendered."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from envs.make import make_single
from envs.registry import find_spec

# From an observation to the attribute ``state`` of environments that render by it, by their names without versions.
# Gymnasium's classic control draws by pygame, which does no harm in any process.
STATES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "CartPole": lambda seen: seen,
    "MountainCar": lambda seen: seen,
    "MountainCarContinuous": lambda seen: seen,
    "Pendulum": lambda seen: np.array([np.arctan2(seen[1], seen[0]), seen[2]]),
    "Acrobot": lambda seen: np.array([np.arctan2(seen[1], seen[0]), np.arctan2(seen[3], seen[2]), seen[4], seen[5]]),
}


class Depiction:
    """Draws observations of an environment; a context manager."""

    def __init__(self, env_id: str, env_kwargs: Mapping[str, Any]):
        """Of one that `can_depict`."""
        self._state = STATES[find_spec(env_id).name]
        self._env = make_single(env_id, env_kwargs, render=True)
        self._env.reset(seed=0)
        space: Any = self._env.observation_space
        self._edges = space.low, space.high

    @staticmethod
    def can_depict(env_id: str, env_kwargs: Mapping[str, Any]) -> bool:
        """Is it known how, and are its observations vectors?"""
        spec = find_spec(env_id)
        its_own = str(spec.entry_point).startswith("gymnasium.envs.classic_control")  # and not another of that name
        return its_own and spec.name in STATES and "pixels" not in env_kwargs

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """An observation ``[D]`` → RGB, uint8 ``[H, W, 3]``.

        Who dreams can leave the world. What lies outside the space of observations is drawn at its edge, because
        drawing libraries fail far out.
        """
        inner: Any = self._env.unwrapped
        low, high = self._edges
        inner.state = self._state(np.clip(np.nan_to_num(np.asarray(seen, np.float64)), low, high))
        return np.asarray(self._env.render())

    def __enter__(self) -> "Depiction":
        """Open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close."""
        self._env.close()
