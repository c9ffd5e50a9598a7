"""Observations of structured spaces as the rows of numbers that environments are made to give (see `envs.make`)."""

import dataclasses
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from gymnasium.vector import SyncVectorEnv, VectorEnv

from envs.errors import InputError
from expert_data.columns import blocks, in_memory
from expert_data.demonstrations import Demonstrations


def fitted(demonstrations: Demonstrations, env: VectorEnv) -> Demonstrations:
    """As this library's environments give and take them, where they were recorded in the environment's own structure.

    Observations that the environment's own space describes are flattened, and actions in lists of one are taken out of
    them. Whatever else does not fit stays as it is, for `expert_data.checks` to say so.

    Args:
        demonstrations: from any source.
        env: as made by `envs.make.make`.

    Raises:
        InputError: the observations are not of the environment's own space after all.
    """
    changes: dict[str, Any] = {}
    shape, own = demonstrations.observations.shape[1:], _own_space(env)
    if shape != env.single_observation_space.shape and own is not None and shape == own.shape:
        changes["observations"] = np.concatenate([flattened(own, each) for each in blocks(demonstrations.observations)])
    actions, wanted = demonstrations.actions, env.single_action_space.shape
    if actions is not None and wanted is not None and actions.shape[1:] == (1,) and wanted == ():
        changes["actions"] = in_memory(actions)[:, 0]
    return dataclasses.replace(demonstrations, **changes) if changes else demonstrations


def flattened(space: Space, values: Any) -> np.ndarray:
    """Observations as recorded → float32 ``[N, D]``, as Gymnasium's ``FlattenObservation`` gives them.

    Args:
        space: of one observation.
        values: ``[N, ...]``, or for Dict and Tuple a dictionary or list of such.

    Raises:
        InputError: they are not of this space.
    """
    if isinstance(space, Dict):
        parts = [(part, values[name]) for name, part in space.spaces.items() if _has(values, name)]
        return np.concatenate([flattened(part, column) for part, column in parts], -1)
    if isinstance(space, Tuple):
        return np.concatenate([flattened(part, column) for part, column in zip(space.spaces, values, strict=True)], -1)
    rows = np.asarray(values)
    if isinstance(space, Discrete):
        return _one_hot(rows.reshape(len(rows)) - int(space.start), int(space.n))
    if isinstance(space, MultiDiscrete):
        indices = (rows - space.start).reshape(len(rows), -1)
        sizes = space.nvec.ravel().tolist()
        return np.concatenate([_one_hot(indices[:, k], size) for k, size in enumerate(sizes)], -1)
    if isinstance(space, Box | MultiBinary):
        return rows.reshape(len(rows), -1).astype(np.float32)
    raise InputError(f"observations from {space} cannot be made rows of numbers")


def _has(values: Any, name: str) -> bool:
    if name not in values:
        raise InputError(f"the observations lack their part '{name}'")
    return True


def _one_hot(indices: np.ndarray, size: int) -> np.ndarray:
    if not ((indices >= 0) & (indices < size) & (indices == np.round(indices))).all():
        raise InputError(f"an observation is none of the {size} of its space")
    return np.eye(size, dtype=np.float32)[indices.astype(np.int64)]


def _own_space(env: VectorEnv) -> Space | None:
    """Of observations, before they were flattened."""
    inner = env.unwrapped
    return inner.envs[0].unwrapped.observation_space if isinstance(inner, SyncVectorEnv) else None
