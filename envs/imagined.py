"""An environment made of a generative model: whoever answers "state, action → next state, ended?" can be stepped."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from gymnasium.spaces import Box, Space
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

State = dict[str, np.ndarray]  # what a model remembers of N situations, each array [N, ...]


@dataclass(frozen=True)
class Imagined:
    """What a model says comes of one step in N situations."""

    state: State
    observations: np.ndarray  # [N, D] float32
    rewards: np.ndarray  # [N] float32: a guess of the task's own, for reporting only
    terminations: np.ndarray  # [N] bool
    doubtful: np.ndarray  # [N] bool: the model does not know what comes of it


class Dynamics(Protocol):
    """A generative model of an environment.

    Attributes:
        observation_size: D.
        action_space: of one action, as the environment takes it.
    """

    observation_size: int
    action_space: Space

    def start(self, count: int, rng: np.random.Generator) -> tuple[State, np.ndarray]:
        """So many situations to begin in, and what is seen there, float32 ``[count, D]``."""
        ...

    def step(self, state: State, actions: np.ndarray, rng: np.random.Generator) -> Imagined:
        """What comes of ``actions [N, ...]``, as the environment takes them."""
        ...


class ImaginedEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """N episodes of a model side by side, in NEXT_STEP autoreset mode.

    A model is wrong a little at every step, so that an episode is short: it is truncated after ``horizon`` steps, and
    before where the model itself is in doubt. A dream's end is no end of the task: what would come after it is left to
    the value function.
    """

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012  Gymnasium's own attribute

    def __init__(self, dynamics: Dynamics, num_envs: int, horizon: int):
        """Nothing is imagined before `reset`."""
        self.dynamics = dynamics
        self.num_envs = num_envs
        self.horizon = horizon
        size = (dynamics.observation_size,)
        self.single_observation_space = Box(-np.inf, np.inf, size, np.float32)
        self.single_action_space = dynamics.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._rng = np.random.default_rng()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin N episodes; all that follows depends on ``seed`` alone, where one is given."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._state, observations = self.dynamics.start(self.num_envs, self._rng)
        self._ages = np.zeros(self.num_envs, np.int64)
        self._done = np.zeros(self.num_envs, bool)
        return observations, {}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Go on; an episode that has ended begins anew, whatever the action."""
        begins = self._done
        imagined = self.dynamics.step(self._state, actions, self._rng)
        state, observations = imagined.state, imagined.observations
        rewards = np.where(begins, 0.0, imagined.rewards)
        terminations = imagined.terminations & ~begins
        self._ages = np.where(begins, 0, self._ages + 1)
        truncations = ~begins & ~terminations & (imagined.doubtful | (self._ages >= self.horizon))
        if begins.any():
            first, seen = self.dynamics.start(int(begins.sum()), self._rng)
            state = {name: _replaced(values, begins, first[name]) for name, values in state.items()}
            observations = _replaced(observations, begins, seen)
        self._state, self._done = state, terminations | truncations
        return observations, rewards, terminations, truncations, {}


def _replaced(values: np.ndarray, where: np.ndarray, others: np.ndarray) -> np.ndarray:
    values = values.copy()
    values[where] = others
    return values
