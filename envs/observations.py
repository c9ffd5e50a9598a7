"""What an environment's observations become: vectors, or images with their channels last."""

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from gymnasium.wrappers import FlattenObservation, TransformObservation

from envs.errors import InputError

SMALLEST_SIDE = 8  # of an image, in pixels; what is smaller is a board or a code, and as a vector loses nothing
CHANNELS = range(1, 5)  # gray, gray and alpha, RGB, RGBA


def is_image(space: Space) -> bool:
    """Are these images, as `envs.make` gives them?

    Images are a Box of uint8, whatever its bounds, of shape ``(H, W)``, or ``(H, W, C)`` with 1 to 4 channels, and H
    and W at least 8. Nothing else is: floats and smaller arrays of bytes are made vectors, and images with their
    channels first become channel-last in `envs.make`, so that no layer above meets them.
    """
    if not (isinstance(space, Box) and space.dtype == np.uint8 and len(space.shape) in (2, 3)):
        return False
    return min(space.shape[:2]) >= SMALLEST_SIDE and (len(space.shape) == 2 or space.shape[2] in CHANNELS)


def is_ready(space: Space) -> bool:
    """Is this a vector or an image already?"""
    return (isinstance(space, Box) and len(space.shape) == 1) or is_image(space)


def prepared(env: gymnasium.Env) -> gymnasium.Env:
    """The environment with observations that are a vector or an image.

    Raises:
        InputError: they cannot be.
    """
    refuse_unsupported(env.observation_space)
    env = channels_last(env)
    return env if is_ready(env.observation_space) else FlattenObservation(env)


def channels_last(env: gymnasium.Env) -> gymnasium.Env:
    """Images ``(C, H, W)`` become ``(H, W, C)``; all other observations stay as they are."""
    space = env.observation_space
    if not (isinstance(space, Box) and _is_channel_first(space)):
        return env
    low, high = (np.moveaxis(edge, 0, -1) for edge in (space.low, space.high))
    return TransformObservation(env, lambda image: np.moveaxis(image, 0, -1), Box(low, high, dtype=np.uint8))


def refuse_unsupported(space: Space) -> None:
    """Raise an `InputError` for observations that can be neither a vector nor an image."""
    if is_image(space) or _is_channel_first(space):
        return
    for part in _parts(space):
        if part is not space and _holds_pictures(part):
            raise InputError(
                f"Observations hold images of shape {part.shape} beside something else, and no network reads both; "
                'wrap the environment to observe one of them, or observe what it renders, with "pixels": 84.'
            )
        if _holds_pictures(part):
            raise InputError(
                f"Observations are images of shape {part.shape}, and only those of 1 to 4 channels are supported; give "
                'one frame and not a stack of them, or observe what the environment renders, with "pixels": 84.'
            )
        if not isinstance(part, Box | Discrete | MultiDiscrete | MultiBinary):
            raise InputError(f"Observations from {part} cannot be made a vector of numbers.")


def _is_channel_first(space: Space) -> bool:
    """``(C, H, W)`` of gray, RGB or RGBA, as PyTorch has images."""
    if not (isinstance(space, Box) and space.dtype == np.uint8 and len(space.shape) == 3):
        return False
    return space.shape[0] in (1, 3, 4) and min(space.shape[1:]) >= SMALLEST_SIDE


def _holds_pictures(space: Space) -> bool:
    """Bytes with two sides of an image's length, and perhaps more channels or frames than an image has."""
    shape = space.shape or ()
    return isinstance(space, Box) and space.dtype == np.uint8 and sum(side >= SMALLEST_SIDE for side in shape) >= 2


def _parts(space: Space) -> list[Space]:
    """The spaces that a Tuple or Dict is made of, at any depth."""
    if isinstance(space, Tuple | Dict):
        inner = space.spaces.values() if isinstance(space, Dict) else space.spaces
        return [part for each in inner for part in _parts(each)]
    return [space]
