"""What a policy's action is, and how it becomes the environment's."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space

from envs.errors import InputError

LARGEST = float(np.finfo(np.float32).max)
Kind = Literal["categorical", "bernoulli", "gaussian"]


@dataclass(frozen=True)
class ActionSpec:
    """The actions of an environment, as a policy sees them: rows of K components.

    A ``categorical`` component is an index that counts from 0 (Discrete has one component, MultiDiscrete several), a
    ``bernoulli`` component a bit (MultiBinary), a ``gaussian`` component a number (Box) that is -1 at the lower bound
    and 1 at the upper one, or the environment's own value where there is no finite bound.
    """

    kind: Kind
    sizes: tuple[int, ...]  # categories of each component; 1 for bits and numbers
    shape: tuple[int, ...]  # of one action of the environment; () for Discrete
    dtype: str  # of the environment's action
    low: tuple[float, ...]  # what index or bit 0, or the number -1, means to the environment
    high: tuple[float, ...]  # what the number 1 means (unused by the other kinds)
    clip_low: tuple[float, ...]  # the edges of the environment's space
    clip_high: tuple[float, ...]

    @staticmethod
    def of(space: Space) -> "ActionSpec":
        """The specification of an action space.

        Raises:
            InputError: the space is none of Box, Discrete, MultiDiscrete and MultiBinary.
        """
        if isinstance(space, Discrete):
            return _discrete("categorical", [int(space.n)], (), space.dtype, [int(space.start)])
        if isinstance(space, MultiDiscrete):
            sizes = space.nvec.ravel().tolist()
            return _discrete("categorical", sizes, space.shape, space.dtype, space.start.ravel().tolist())
        if isinstance(space, MultiBinary):
            count = int(np.prod(space.shape))
            return _discrete("bernoulli", [1] * count, space.shape, space.dtype, [0] * count)
        if isinstance(space, Box) and np.issubdtype(space.dtype, np.floating):
            return _continuous(space)
        raise InputError(f"Actions from {space} are not supported: Box, Discrete, MultiDiscrete and MultiBinary are.")

    @staticmethod
    def from_json(fields: dict[str, Any]) -> "ActionSpec":
        """The inverse of `to_json`."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
        return ActionSpec(**values)

    def to_json(self) -> dict[str, Any]:
        """Plain values that JSON can hold (infinite edges as Python's ``Infinity``)."""
        return asdict(self)

    @property
    def num_components(self) -> int:
        """K."""
        return len(self.sizes)

    @property
    def num_parameters(self) -> int:
        """Outputs of a policy network: logits of all categories, a logit of each bit, or a mean of each number."""
        return sum(self.sizes)

    @property
    def dtype_of_components(self) -> npt.DTypeLike:
        """int32 for indices and bits, float32 for numbers."""
        return np.float32 if self.kind == "gaussian" else np.int32

    def to_env(self, actions: np.ndarray) -> np.ndarray:
        """``[..., K]`` of the policy → ``[..., *shape]`` of the environment; numbers are clipped at its edges."""
        if self.kind == "gaussian":
            values = np.clip(actions * self._scale + self._centre, self._clip_low, self._clip_high)
        else:
            values = actions + self._start
        return values.astype(self.dtype).reshape(actions.shape[:-1] + self.shape)

    def from_env(self, actions: np.ndarray) -> np.ndarray:
        """``[..., *shape]`` of the environment → ``[..., K]`` of the policy."""
        batch = actions.shape[: actions.ndim - len(self.shape)]
        values = actions.reshape(*batch, self.num_components)
        if self.kind == "gaussian":
            return ((values - self._centre) / self._scale).astype(np.float32)
        return (values - self._start).astype(np.int32)

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """``[..., K]`` as sampled → ``[..., K]`` as the environment carried it out, that is, clipped at its edges."""
        if self.kind != "gaussian":
            return actions
        edges = ((edge - self._centre) / self._scale for edge in (self._clip_low, self._clip_high))
        return np.clip(actions, *edges).astype(np.float32)

    def features(self, actions: np.ndarray) -> np.ndarray:
        """``[..., K]`` of the policy → float32 ``[..., num_parameters]``: one-hot categories, bits, or numbers."""
        if self.kind != "categorical":
            return actions.astype(np.float32)
        one_hot = [np.eye(size, dtype=np.float32)[actions[..., k]] for k, size in enumerate(self.sizes)]
        return np.concatenate(one_hot, axis=-1)

    def sample(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """``[count, K]`` actions of a policy that knows nothing: uniform, or standard normal without finite bounds."""
        if self.kind == "categorical":
            return rng.integers(0, self.sizes, size=(count, self.num_components), dtype=np.int32)
        if self.kind == "bernoulli":
            return rng.integers(0, 2, size=(count, self.num_components), dtype=np.int32)
        bounded = np.isfinite(self.clip_low) & np.isfinite(self.clip_high)
        uniform = rng.uniform(-1.0, 1.0, (count, self.num_components))
        normal = rng.standard_normal((count, self.num_components))
        return np.where(bounded, uniform, normal).astype(np.float32)

    @cached_property
    def _start(self) -> np.ndarray:
        return np.asarray(self.low, np.int64)

    @cached_property
    def _scale(self) -> np.ndarray:
        return (np.asarray(self.high) - np.asarray(self.low)) / 2.0

    @cached_property
    def _centre(self) -> np.ndarray:
        return (np.asarray(self.high) + np.asarray(self.low)) / 2.0

    @cached_property
    def _clip_low(self) -> np.ndarray:
        return np.asarray(self.clip_low)

    @cached_property
    def _clip_high(self) -> np.ndarray:
        return np.asarray(self.clip_high)


def _discrete(kind: Kind, sizes: list[int], shape: tuple[int, ...], dtype: Any, start: list[int]) -> ActionSpec:
    low = tuple(float(value) for value in start)
    tops = [2 if kind == "bernoulli" else size for size in sizes]
    high = tuple(first + top - 1 for first, top in zip(low, tops, strict=True))
    return ActionSpec(kind, tuple(sizes), shape, np.dtype(dtype).name, low, high, low, high)


def _continuous(space: Box) -> ActionSpec:
    low, high = (edge.ravel().astype(np.float64) for edge in (space.low, space.high))
    # The largest float32 is what some spaces write for "no bound", and a number that cannot vary needs no scale.
    bounded = np.isfinite(low) & np.isfinite(high) & (high - low < LARGEST) & (high > low)
    scale_low, scale_high = np.where(bounded, low, -1.0), np.where(bounded, high, 1.0)
    edges = (tuple(values.tolist()) for values in (scale_low, scale_high, low, high))
    return ActionSpec("gaussian", (1,) * low.size, space.shape, np.dtype(space.dtype).name, *edges)
