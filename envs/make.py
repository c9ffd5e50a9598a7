"""Environments, single and vectorised, whose observations are vectors or images."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv

from envs.atari import AtariOptions, is_atari, shows_screen
from envs.atari_games import AtariGame, AtariGames
from envs.errors import InputError
from envs.observations import is_ready, prepared, refuse_unsupported
from envs.pixels import RENDERED, needed_mode, observed, split
from envs.registry import find_spec

Made = TypeVar("Made")

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # pygame greets whoever imports it
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")  # whose own ignore who terminates a process
# Without a screen MuJoCo can render only through EGL, and SDL (under pygame) only to nowhere. Both ask the environment
# when they are first imported.
if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
    os.environ.setdefault("MUJOCO_GL", "egl")
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def make(env: str | EnvSpec, num_envs: int = 1, env_kwargs: Mapping[str, Any] | None = None) -> VectorEnv:
    """A vector environment of ``num_envs`` copies whose observations are vectors or images.

    Discrete observations become one-hot vectors, Tuple, Dict and array observations are flattened, and images stay
    uint8 images, channel-last (see `envs.observations.is_image`). The environment's own vectorised form is used where
    it has one that needs no wrapper. Atari games are seen as `envs.atari.AtariOptions` says.
    Autoreset is Gymnasium's NEXT_STEP: the observation after a done step is the episode's true last one.

    Args:
        env: as in `envs.registry.find_spec`, or what that returned.
        num_envs: copies that step together.
        env_kwargs: passed to the environment's constructor; for Atari games the options. With ``"pixels": P`` the
            observations are gray pictures, uint8 ``(P, P)``: the environment's own images, or what it renders.

    Raises:
        InputError: the environment is unknown, cannot be built, or has spaces that are not supported.
    """
    spec, name = (find_spec(env), env) if isinstance(env, str) else (env, env.id)
    made = _construct(name, lambda: _make_vector(spec, num_envs, env_kwargs))
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
    return _construct(env_id, lambda: _make_single(spec, env_kwargs, RENDERED if render else {}))


def _make_single(spec: EnvSpec, env_kwargs: Mapping[str, Any] | None, mode: dict[str, Any]) -> gymnasium.Env:
    kwargs, pixels = split(env_kwargs)
    if shows_screen(spec, kwargs):
        return AtariGame(spec, AtariOptions.of(spec, _sized(kwargs, pixels)), **mode)
    if pixels is None:
        return prepared(gymnasium.make(spec, **kwargs | mode))
    return observed(gymnasium.make(spec, **kwargs | mode | needed_mode(spec, kwargs)), pixels)


def _make_vector(spec: EnvSpec, num_envs: int, env_kwargs: Mapping[str, Any] | None) -> VectorEnv:
    kwargs, pixels = split(env_kwargs)
    if shows_screen(spec, kwargs):
        return AtariGames(spec, num_envs, AtariOptions.of(spec, _sized(kwargs, pixels)))
    if pixels is not None:
        return _one_by_one(spec, num_envs, kwargs | needed_mode(spec, kwargs), partial(observed, pixels=pixels))
    if spec.vector_entry_point is not None and not spec.additional_wrappers and not is_atari(spec):
        env = gymnasium.make_vec(spec, num_envs, vectorization_mode="vector_entry_point", **kwargs)
        refuse_unsupported(env.single_observation_space)
        if is_ready(env.single_observation_space):
            return env
        env.close()
    return _one_by_one(spec, num_envs, kwargs, prepared)


def _one_by_one(
    spec: EnvSpec, num_envs: int, kwargs: dict[str, Any], wrap: Callable[[gymnasium.Env], gymnasium.Env]
) -> VectorEnv:
    # copy=False: the rollout copies each observation into its own row anyway.
    return gymnasium.make_vec(
        spec,
        num_envs,
        vectorization_mode="sync",
        wrappers=[lambda env: _WithoutInfo(wrap(env))],
        vector_kwargs={"copy": False},
        **kwargs,
    )


def _sized(env_kwargs: dict[str, Any], pixels: int | None) -> dict[str, Any]:
    """Options of an Atari game, where ``pixels`` is another name of the size."""
    if pixels is None:
        return env_kwargs
    if env_kwargs.get("size", pixels) != pixels:
        raise InputError(
            f"'pixels' is {pixels} and 'size' {env_kwargs['size']}, which are one; leave one of them away."
        )
    return env_kwargs | {"size": pixels}


class _WithoutInfo(gymnasium.Wrapper):
    """Drops the info dictionaries: nothing reads them, and merging those of all copies takes time at every step."""

    def step(self, action):
        observation, reward, terminated, truncated, _ = self.env.step(action)
        return observation, reward, terminated, truncated, {}

    def reset(self, **kwargs):
        return self.env.reset(**kwargs)[0], {}


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
