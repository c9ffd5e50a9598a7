"""Do these demonstrations belong to this environment?"""

import re

import numpy as np
from gymnasium.vector import VectorEnv

from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.demonstrations import Demonstrations

ROUNDING = 1e-5  # how far other libraries' float32 may stand over the edge, as a share of it


def check_fit(demonstrations: Demonstrations, source: str, env: VectorEnv, env_id: str) -> list[str]:
    """Compare ids, shapes and ranges.

    Args:
        demonstrations: to be checked.
        source: what to call them in a message.
        env: as made by `envs.make.make`.
        env_id: as the user asked for it.

    Returns:
        Warnings, each a sentence.

    Raises:
        InputError: they cannot come from this environment.
    """
    recorded = demonstrations.metadata.get("env_id")
    if recorded and _without_version(recorded) != _without_version(env_id):
        raise InputError(
            f"Demonstrations '{source}' were recorded in '{recorded}', not in '{env_id}'; give --demos of '{env_id}'."
        )
    spaces = {"observations": env.single_observation_space, "actions": env.single_action_space}
    for name, space in spaces.items():
        column = getattr(demonstrations, name)
        shape = None if column is None else column.shape[1:]
        if shape not in (None, space.shape):
            raise InputError(
                f"Demonstrations '{source}': '{name}' have shape {shape} a step, but '{env_id}' has {space.shape}; "
                f"give --demos of '{env_id}'."
            )
    spec = ActionSpec.of(env.single_action_space)
    for index, episode in enumerate(demonstrations):
        if episode.actions is None:
            break
        outside = np.flatnonzero(~_inside(spec, episode.actions))
        if outside.size:
            raise InputError(
                f"Demonstrations '{source}': the action at step {outside[0]} of episode {index}, "
                f"{episode.actions[outside[0]]}, is outside {env.single_action_space} of '{env_id}'; record them again."
            )
    if recorded and recorded != env_id:
        return [f"Demonstrations '{source}' were recorded in '{recorded}', another version of '{env_id}'."]
    return []


def _without_version(env_id: str) -> str:
    return re.sub(r"-v\d+$", "", env_id)


def _inside(spec: ActionSpec, actions: np.ndarray) -> np.ndarray:
    """``[L, ...]`` → bool ``[L]``."""
    values = actions.reshape(len(actions), -1)
    low, high = np.asarray(spec.clip_low), np.asarray(spec.clip_high)
    slack_low, slack_high = (
        ROUNDING * np.maximum(1.0, np.abs(np.nan_to_num(edge, posinf=0, neginf=0))) for edge in (low, high)
    )
    inside = (values >= low - slack_low) & (values <= high + slack_high)
    if spec.kind != "gaussian":
        inside &= values == np.round(values)
    return np.logical_and.reduce(inside, axis=-1)
