"""Gray pictures in the place of an environment's own observations: the reserved keyword ``pixels``."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Box
from gymnasium.utils import RecordConstructorArgs
from gymnasium.wrappers import TransformObservation

from envs.errors import InputError
from envs.observations import channels_last, is_image
from envs.resize import area_resize, luma

SMALLEST, LARGEST = 8, 512
RENDERED: dict[str, Any] = {"render_mode": "rgb_array"}


def split(env_kwargs: Mapping[str, Any] | None) -> tuple[dict[str, Any], int | None]:
    """What belongs to the environment's constructor, and the number under ``pixels``, None where there is none.

    Raises:
        InputError: it is no whole number from 8 to 512.
    """
    kwargs = dict(env_kwargs or {})
    if "pixels" not in kwargs:
        return kwargs, None
    pixels = kwargs.pop("pixels")
    if not isinstance(pixels, int) or not SMALLEST <= pixels <= LARGEST:
        raise InputError(
            f"'pixels' is {pixels!r}; give the rows and columns of a picture, a whole number from {SMALLEST} to "
            f"{LARGEST}, such as 84."
        )
    return kwargs, pixels


def needed_mode(spec: EnvSpec, env_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The render mode, as an argument, that `observed` needs; none where the observations are images themselves.

    Raises:
        InputError: the environment does not render pictures.
    """
    env = gymnasium.make(spec, **env_kwargs)
    try:
        if is_image(channels_last(env).observation_space):
            return {}
        modes = env.metadata.get("render_modes") or []
        if RENDERED["render_mode"] not in modes:
            known = ", ".join(modes) or "nothing"
            raise InputError(
                f"'pixels' needs pictures, and the environment renders {known} but no rgb_array; leave 'pixels' away."
            )
        return RENDERED
    finally:
        env.close()


def observed(env: gymnasium.Env, pixels: int) -> gymnasium.Env:
    """The environment seen as gray pictures, uint8 ``[pixels, pixels]``: its own images, or else what it renders.

    Raises:
        InputError: its images have two channels, which have no gray.
    """
    shown = channels_last(env)
    space = shown.observation_space
    if not is_image(space):
        return RenderedObservation(env, pixels)
    if space.shape is not None and space.shape[2:] == (2,):
        raise InputError(f"Images of shape {space.shape} cannot be made gray, as 'pixels' asks; leave 'pixels' away.")
    return TransformObservation(shown, lambda image: picture(image, pixels), _space(pixels))


class RenderedObservation(gymnasium.Wrapper, RecordConstructorArgs):
    """Observes what the environment renders; it is rendered once a step, and `render` gives the same RGB picture."""

    def __init__(self, env: gymnasium.Env, pixels: int):
        """Around an environment whose render mode is ``rgb_array``."""
        RecordConstructorArgs.__init__(self, pixels=pixels)
        gymnasium.Wrapper.__init__(self, env)
        self.observation_space = _space(pixels)
        self.metadata = dict(env.metadata) | {"render_modes": ["rgb_array"]}
        self._pixels = pixels
        self._frame: Any = None

    def reset(self, **kwargs: Any) -> Any:
        """See `gymnasium.Env.reset`."""
        _, info = self.env.reset(**kwargs)
        return self._observe(), info

    def step(self, action: Any) -> Any:
        """See `gymnasium.Env.step`."""
        _, *outcome = self.env.step(action)
        return self._observe(), *outcome

    def render(self) -> Any:
        """uint8 ``[H, W, 3]``, as large as the environment draws it."""
        return self.env.render() if self._frame is None else self._frame

    def _observe(self) -> np.ndarray:
        self._frame = self.env.render()
        return picture(self._frame, self._pixels)


def picture(image: np.ndarray, pixels: int) -> np.ndarray:
    """uint8 ``[H, W]`` or ``[H, W, C]`` of gray, RGB or RGBA → uint8 ``[pixels, pixels]``, gray."""
    if image.ndim == 3:
        image = image[..., 0] if image.shape[2] == 1 else luma(image)
    return area_resize(image, pixels, pixels)


def _space(pixels: int) -> Box:
    return Box(0, 255, (pixels, pixels), np.uint8)
