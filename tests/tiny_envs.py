"""Environments small enough that every number in them can be told by heart."""

import os
import signal
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space


class CountingEnv(gymnasium.Env[np.ndarray, Any]):
    """Observes [episodes before this one, steps in this one]; a step's reward is 10 times the first plus the second.

    Episodes have ``length`` steps, and ``truncates`` says how they end. ``taken`` holds the actions of all steps.
    """

    def __init__(self, length: int = 3, truncates: bool = False, action_space: Space | None = None):
        self.observation_space = Box(0.0, 1000.0, (2,), np.float32)
        self.action_space = action_space or Discrete(2)
        self.length = length
        self.truncates = truncates
        self.episode = -1
        self.count = 0
        self.taken: list[Any] = []

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.episode = 0 if seed is not None else self.episode + 1
        self.count = 0
        return self._observation(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        self.taken.append(np.array(action))
        self.count += 1
        ends = self.count >= self.length
        reward = 10.0 * self.episode + self.count
        return self._observation(), reward, ends and not self.truncates, ends and self.truncates, {"noise": self.count}

    def _observation(self) -> np.ndarray:
        return np.array([self.episode, self.count], np.float32)


class SpacesEnv(gymnasium.Env[Any, Any]):
    """Any pair of spaces: observations are samples of the one, actions must lie in the other; no episode ends."""

    def __init__(self, observation_space: Space | None = None, action_space: Space | None = None):
        self.observation_space = observation_space or Box(-1.0, 1.0, (2,), np.float32)
        self.action_space = action_space or Discrete(2)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict]:
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict]:
        assert self.action_space.contains(action), f"{action!r} is outside {self.action_space}"
        return self.observation_space.sample(), 0.0, False, False, {}


class IdentityEnv(gymnasium.Env[np.ndarray, Any]):
    """Observes one of four one-hot vectors and pays 1 for answering with its number, less for other answers.

    The answer to state s is s itself (Discrete), the two digits of s in base 2 (MultiDiscrete and MultiBinary), or
    s / 2 - 0.75 twice (Box). Episodes have eight steps and are truncated.
    """

    SPACES: ClassVar[dict[str, Space]] = {
        "discrete": Discrete(4, start=1),
        "multi_discrete": MultiDiscrete([2, 2]),
        "multi_binary": MultiBinary(2),
        "box": Box(-1.0, 1.0, (2,), np.float32),
    }
    ANSWERS: ClassVar[dict[str, np.ndarray]] = {
        "discrete": np.array([1, 2, 3, 4]),
        "multi_discrete": np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
        "multi_binary": np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
        "box": np.array([[-0.75, -0.75], [-0.25, -0.25], [0.25, 0.25], [0.75, 0.75]]),
    }

    def __init__(self, kind: str = "discrete", offset: float = 0.0):
        self.observation_space = Box(0.0, 1.0, (4,), np.float32)
        self.action_space = self.SPACES[kind]
        self.answers = self.ANSWERS[kind]
        self.continuous = kind == "box"
        self.offset = offset
        self.state = 0
        self.count = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.count = 0
        return self._observe(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        error = np.abs(np.asarray(action) - self.answers[self.state])
        reward = 1.0 - float(error.mean() if self.continuous else (error > 0).mean()) + self.offset
        self.count += 1
        return self._observe(), reward, False, self.count >= 8, {}

    def _observe(self) -> np.ndarray:
        self.state = int(self.np_random.integers(4))
        return np.eye(4, dtype=np.float32)[self.state]


class QuadrantEnv(IdentityEnv):
    """`IdentityEnv` in pictures: one quarter is bright, counted by rows from the upper left, and the answer from 1."""

    def __init__(self, side: int = 8):
        super().__init__("discrete")
        self.observation_space = Box(0, 255, (side, side), np.uint8)
        self.side = side

    def _observe(self) -> np.ndarray:
        super()._observe()
        return quadrant(self.state, self.side)


def quadrant(number: int, side: int) -> np.ndarray:
    """The picture of `QuadrantEnv`, uint8 ``[side, side]``."""
    picture, half = np.zeros((side, side), np.uint8), side // 2
    row, column = divmod(number, 2)
    picture[row * half : (row + 1) * half, column * half : (column + 1) * half] = 200
    return picture


class CorridorEnv(gymnasium.Env[np.ndarray, Any]):
    """Five places in a row, one-hot; action 1 goes right, 0 left. Right of the last place the episode terminates.

    It begins at the second place, and is truncated after thirty steps. No reward is paid.
    """

    def __init__(self) -> None:
        self.observation_space = Box(0.0, 1.0, (5,), np.float32)
        self.action_space = Discrete(2)
        self.place = 0
        self.count = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.place, self.count = 1, 0
        return self._observe(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        self.place = max(0, self.place + (1 if action == 1 else -1))
        self.count += 1
        left = self.place == 5
        return self._observe(), 0.0, left, self.count >= 30 and not left, {}

    def _observe(self) -> np.ndarray:
        return np.eye(5, dtype=np.float32)[min(self.place, 4)]


class PointEnv(gymnasium.Env[np.ndarray, Any]):
    """A place between -1 and 1, which action 1 moves by 0.1 and action 0 by -0.1; pays minus its distance from 0.

    It begins anywhere, and is truncated after twenty steps.
    """

    def __init__(self) -> None:
        self.observation_space = Box(-1.0, 1.0, (1,), np.float32)
        self.action_space = Discrete(2)
        self.state = np.zeros(1, np.float32)
        self.count = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.state, self.count = self.np_random.uniform(-1.0, 1.0, 1).astype(np.float32), 0
        return self.state, {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        self.state = np.clip(self.state + 0.2 * int(action) - 0.1, -1.0, 1.0).astype(np.float32)
        self.count += 1
        return self.state, -float(abs(self.state[0])), False, self.count >= 20, {}


class NanEnv(SpacesEnv):
    """Observes what is no number."""

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict]:
        return np.full(2, np.nan, np.float32), 0.0, False, False, {}


class CrashingRendererEnv(CountingEnv):
    """Rendering it kills the process, as a broken graphics driver does."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012  # as Gymnasium declares it

    def __init__(self, render_mode: str | None = None):
        super().__init__()
        self.render_mode = render_mode

    def render(self) -> Any:
        os.kill(os.getpid(), signal.SIGSEGV)


class PictureEnv(CountingEnv):
    """Renders 16 x 16 pixels, black but for two more red columns, from the left, after each step.

    ``renders`` counts how often.
    """

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 15}  # noqa: RUF012  # as Gymnasium declares it

    def __init__(self, length: int = 3, truncates: bool = False, render_mode: str | None = None):
        super().__init__(length, truncates)
        self.render_mode = render_mode
        self.renders = 0

    def render(self) -> Any:
        self.renders += 1
        frame = np.zeros((16, 16, 3), np.uint8)
        frame[:, : 2 * self.count, 0] = 255
        return frame
