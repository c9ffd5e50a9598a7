"""Environments, single and vectorised, with flat float observations."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from gymnasium.vector import AutoresetMode, VectorEnv

from envs.errors import InputError
from envs.registry import find_spec

Made = TypeVar("Made")

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # pygame greets whoever imports it
# Without a screen MuJoCo can render only through EGL, and SDL (under pygame) only to nowhere. Both ask the environment
# when they are first imported.
if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
    os.environ.setdefault("MUJOCO_GL", "egl")
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def make(env: str | EnvSpec, num_envs: int = 1, env_kwargs: Mapping[str, Any] | None = None) -> VectorEnv:
    """A vector environment of ``num_envs`` copies whose observations are one-dimensional.

    Discrete observations become one-hot vectors and Tuple, Dict and array observations are flattened. The environment's
    own vectorised form is used where it has one that needs no wrapper.
    Autoreset is Gymnasium's NEXT_STEP: the observation after a done step is the episode's true last one.

    Args:
        env: as in `envs.registry.find_spec`, or what that returned.
        num_envs: copies that step together.
        env_kwargs: passed to the environment's constructor.

    Raises:
        InputError: the environment is unknown, cannot be built, or has spaces that are not supported.
    """
    spec, name = (find_spec(env), env) if isinstance(env, str) else (env, env.id)
    made = _construct(name, lambda: _make_vector(spec, num_envs, dict(env_kwargs or {})))
    if made.metadata.get("autoreset_mode") != AutoresetMode.NEXT_STEP:
        made.close()
        raise InputError(f"The vectorised form of '{name}' does not autoreset in Gymnasium's NEXT_STEP mode.")
    return made


def make_single(env_id: str, env_kwargs: Mapping[str, Any] | None = None, render: bool = False) -> gymnasium.Env:
    """One environment with the observations of `make`; with ``render``, ``env.render()`` gives RGB frames.

    Raises:
        InputError: as `make`.
    """
    spec = find_spec(env_id)
    kwargs: dict[str, Any] = dict(env_kwargs or {}) | ({"render_mode": "rgb_array"} if render else {})
    return _construct(env_id, lambda: _flatten(gymnasium.make(spec, **kwargs)))


def _make_vector(spec: EnvSpec, num_envs: int, env_kwargs: dict[str, Any]) -> VectorEnv:
    if spec.vector_entry_point is not None and not spec.additional_wrappers:
        env = gymnasium.make_vec(spec, num_envs, vectorization_mode="vector_entry_point", **env_kwargs)
        _refuse_unsupported(env.single_observation_space)
        if _is_flat(env.single_observation_space):
            return env
        env.close()
    # copy=False: the rollout copies each observation into its own row anyway.
    return gymnasium.make_vec(
        spec,
        num_envs,
        vectorization_mode="sync",
        wrappers=[lambda env: _WithoutInfo(_flatten(env))],
        vector_kwargs={"copy": False},
        **env_kwargs,
    )


class _WithoutInfo(gymnasium.Wrapper):
    """Drops the info dictionaries: nothing reads them, and merging those of all copies takes time at every step."""

    def step(self, action):
        observation, reward, terminated, truncated, _ = self.env.step(action)
        return observation, reward, terminated, truncated, {}

    def reset(self, **kwargs):
        return self.env.reset(**kwargs)[0], {}


def _flatten(env: gymnasium.Env) -> gymnasium.Env:
    _refuse_unsupported(env.observation_space)
    return env if _is_flat(env.observation_space) else gymnasium.wrappers.FlattenObservation(env)


def _is_flat(space: Space) -> bool:
    return isinstance(space, Box) and len(space.shape) == 1


def _refuse_unsupported(space: Space) -> None:
    for part in _parts(space):
        if isinstance(part, Box) and len(part.shape) >= 2 and part.dtype == np.uint8:
            raise InputError(f"Observations are images of shape {part.shape}, and only vectors are supported so far.")
        if not isinstance(part, Box | Discrete | MultiDiscrete | MultiBinary):
            raise InputError(f"Observations from {part} cannot be made a vector of numbers.")


def _parts(space: Space) -> list[Space]:
    """The spaces that a Tuple or Dict is made of, at any depth."""
    if isinstance(space, Tuple | Dict):
        inner = space.spaces.values() if isinstance(space, Dict) else space.spaces
        return [part for each in inner for part in _parts(each)]
    return [space]


def _construct(env_id: str, build: Callable[[], Made]) -> Made:
    """Run ``build`` and say in one sentence what stood in the way."""
    try:
        return build()
    except InputError as error:
        raise InputError(f"Environment '{env_id}': {error}") from error
    except gymnasium.error.DependencyNotInstalled as error:
        raise InputError(
            f"Environment '{env_id}' needs a package that is not installed ({error}); "
            "MuJoCo's come with pip install 'gail[mujoco]', Box2D's with pip install 'gail[box2d]'."
        ) from error
    except Exception as error:  # an environment's constructor is foreign code and may raise anything
        raise InputError(
            f"Environment '{env_id}' cannot be made: {type(error).__name__}: {error}; check the id and --env-kwargs."
        ) from error
