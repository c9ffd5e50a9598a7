"""Which observations are images, and what becomes of them and of the rest."""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete, Space, Tuple

from envs.errors import InputError
from envs.make import make, make_single
from envs.observations import is_image

pytestmark = pytest.mark.filterwarnings("ignore:.*maximum and minimum values are equal")


def images(*shape: int, dtype: Any = np.uint8) -> Box:
    return Box(0, 255, shape, dtype)


def of(image: np.ndarray) -> Box:
    """A space of this one image."""
    return Box(image, image, dtype=image.dtype.type)


def both(space: Space) -> list[np.ndarray]:
    """The only observation of a space, from the vector environment and the single one."""
    kwargs = {"observation_space": space}
    many, one = make("tiny_envs:SpacesEnv", 2, kwargs), make_single("tiny_envs:SpacesEnv", kwargs)
    observed = [many.reset(seed=0)[0][1], one.reset(seed=0)[0]]
    assert many.single_observation_space == one.observation_space
    assert all(one.observation_space.contains(observation) for observation in observed)
    return observed


@pytest.mark.parametrize("shape", [(8, 8), (210, 160), (8, 8, 1), (8, 9, 2), (96, 96, 3), (600, 8, 4)])
def test_images_are_bytes_of_two_sides_and_up_to_four_channels(shape: tuple[int, ...]) -> None:
    assert is_image(images(*shape))
    assert is_image(Box(0, 1, shape, np.uint8))


@pytest.mark.parametrize(
    "space",
    [
        *[
            images(*shape)
            for shape in ((128,), (7, 8), (8, 7), (7, 7, 3), (8, 8, 5), (8, 8, 0), (3, 8, 8), (8, 8, 3, 1))
        ],
        *[images(8, 8, 3, dtype=dtype) for dtype in (np.float32, np.int16, np.int64)],
        Discrete(8),
        MultiDiscrete(np.full((8, 8), 8)),
        Dict({"image": images(8, 8)}),
    ],
    ids=str,
)
def test_nothing_else_is_an_image(space: Space) -> None:
    assert not is_image(space)


@pytest.mark.parametrize("shape", [(8, 8), (9, 8, 1), (8, 10, 2), (12, 8, 3), (8, 8, 4)])
def test_images_stay_as_they_are(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for observation in both(of(image)):
        assert observation.dtype == np.uint8
        np.testing.assert_array_equal(observation, image)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_that_come_first_become_the_last(channels: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (channels, 8, 9), np.uint8)
    for observation in both(of(image)):
        assert observation.shape == (8, 9, channels)
        for channel in range(channels):
            np.testing.assert_array_equal(observation[..., channel], image[channel])


def test_images_of_floats_become_vectors() -> None:
    for observation in both(of(np.arange(192, dtype=np.float32).reshape(8, 8, 3))):
        assert observation.tolist() == list(range(192))


@pytest.mark.parametrize("shape", [(7, 7, 3), (4, 4), (3, 5, 20)])
def test_small_arrays_of_bytes_become_vectors(shape: tuple[int, ...]) -> None:
    for observation in both(of(np.arange(np.prod(shape)).astype(np.uint8).reshape(shape))):
        assert observation.tolist() == [number % 256 for number in range(np.prod(shape))]


@pytest.mark.parametrize("shape", [(84, 84, 12), (2, 84, 84), (4, 84, 84, 3), (8, 8, 8)])
def test_stacks_of_images_are_refused(shape: tuple[int, ...]) -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match=r"'tiny_envs:SpacesEnv': .*images.* one frame") as caught:
            build("tiny_envs:SpacesEnv", env_kwargs={"observation_space": images(*shape)})
        assert str(shape) in str(caught.value)


@pytest.mark.parametrize("image", [images(8, 8, 3), images(3, 8, 8), images(8, 8)], ids=str)
def test_images_beside_something_else_are_refused(image: Box) -> None:
    for space in (Dict({"image": image, "speed": Box(-1, 1, (2,))}), Tuple((Discrete(2), Tuple((image,))))):
        with pytest.raises(InputError, match=r"images .*beside something else.*observe one of them"):
            make("tiny_envs:SpacesEnv", 1, {"observation_space": space})
