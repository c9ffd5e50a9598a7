"""Pictures in the place of an environment's own observations."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import gymnasium
import numpy as np
import pytest
import tiny_envs
from gymnasium.spaces import Box, Text
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv
from PIL import Image

from envs.errors import InputError
from envs.make import make, make_single

pytestmark = pytest.mark.filterwarnings("ignore:.*maximum and minimum values are equal", "ignore:.*unwrapped version")
PICTURE = "tiny_envs:PictureEnv"
RED = 76  # as gray


def columns(count: int) -> list[list[int]]:
    """What is seen after so many steps, in 8 x 8 pixels."""
    return [[RED] * count + [0] * (8 - count)] * 8


def unwrapped(env: gymnasium.Env) -> Any:
    return env.unwrapped


def test_a_process_that_renders_ends_when_it_is_asked_to() -> None:
    program = (
        "import os, signal, time; from envs.make import make; make('CartPole-v1', 1, {'pixels': 8}).reset(seed=0);"
        "os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)"
    )
    environ = {name: value for name, value in os.environ.items() if name != "SDL_NO_SIGNAL_HANDLERS"}
    finished = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], env=environ, check=False)
    assert finished.returncode == -signal.SIGTERM


def test_observations_are_gray_and_resized_pictures_of_what_is_rendered() -> None:
    env = make_single(PICTURE, {"pixels": 8})
    assert env.observation_space == Box(0, 255, (8, 8), np.uint8)
    observation, _ = env.reset(seed=0)
    assert observation.tolist() == columns(0)
    for step in (1, 2, 3):
        observation, reward, terminated, truncated, info = env.step(0)
        assert observation.tolist() == columns(step)
        assert (reward, terminated, truncated, info) == (step, step == 3, False, {"noise": step})


def test_many_environments_keep_their_last_pictures() -> None:
    env = make(PICTURE, 2, {"pixels": 8, "length": 2})
    assert env.single_observation_space == Box(0, 255, (8, 8), np.uint8)
    assert env.reset(seed=0)[0].tolist() == [columns(0)] * 2
    for count, done in ((1, False), (2, True), (0, False), (1, False)):
        observations, _, terminated, _, _ = env.step(np.zeros(2, np.int64))
        assert observations.tolist() == [columns(count)] * 2
        assert terminated.tolist() == [done] * 2


def test_a_step_is_rendered_once_and_shown_as_it_is_drawn() -> None:
    env = make_single(PICTURE, {"pixels": 8}, render=True)
    env.reset(seed=0)
    env.step(0)
    for _ in range(3):
        frame: Any = env.render()
        assert frame.shape == (16, 16, 3)
        assert frame[0, :3].tolist() == [[255, 0, 0], [255, 0, 0], [0, 0, 0]]
    assert unwrapped(env).renders == 2


def test_cart_pole_is_seen_as_pillow_and_opencv_would_show_it() -> None:
    env = make_single("CartPole-v1", {"pixels": 84}, render=True)
    observation, _ = env.reset(seed=0)
    for _ in range(5):
        gray = np.asarray(Image.fromarray(np.asarray(env.render())).convert("L"))
        np.testing.assert_array_equal(observation, cv2.resize(gray, (84, 84), interpolation=cv2.INTER_AREA))
        observation = env.step(1)[0]


def test_many_cart_poles_are_single_ones() -> None:
    kwargs = {"pixels": 40, "max_episode_steps": 4}
    many, ones = make("CartPole-v1", 2, kwargs), SyncVectorEnv([lambda: make_single("CartPole-v1", kwargs)] * 2)
    rows = [env.reset(seed=3)[0].copy() for env in (many, ones)]
    np.testing.assert_array_equal(*rows)
    assert (rows[0][0] != rows[0][1]).any()
    for _ in range(12):
        for got, wanted in zip(many.step(np.array([0, 1]))[:4], ones.step(np.array([0, 1]))[:4], strict=True):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("render", [False, True])
@pytest.mark.parametrize("name", ["CartPole-v1", PICTURE])
def test_a_pictured_environment_is_one_by_gymnasiums_rules(name: str, render: bool) -> None:
    env = make_single(name, {"pixels": 84}, render)
    check_env(env)
    env.close()


@pytest.mark.parametrize("shape", [(16, 16), (16, 16, 1), (16, 16, 3), (3, 16, 16), (4, 16, 16)])
def test_images_are_resized_themselves(shape: tuple[int, ...]) -> None:
    gray = len(shape) == 2 or 1 in shape
    image = np.full(shape, RED, np.uint8)
    if not gray:  # red
        channels = np.moveaxis(image, 0, -1) if shape[0] < 16 else image
        channels[...] = [255, 0, 0, 9][: channels.shape[-1]]
    kwargs = {"observation_space": Box(image, image, dtype=np.uint8), "pixels": 8}
    many, one = make("tiny_envs:SpacesEnv", 2, kwargs), make_single("tiny_envs:SpacesEnv", kwargs)
    assert many.single_observation_space == one.observation_space == Box(0, 255, (8, 8), np.uint8)
    assert many.reset(seed=0)[0].tolist() == [[[RED] * 8] * 8] * 2
    assert one.reset(seed=0)[0].tolist() == [[RED] * 8] * 8
    assert one.step(0)[0].tolist() == [[RED] * 8] * 8


def test_images_of_two_channels_cannot_be_gray() -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match=r"\(16, 16, 2\).*leave 'pixels' away"):
            build(
                "tiny_envs:SpacesEnv", env_kwargs={"observation_space": Box(0, 255, (16, 16, 2), np.uint8), "pixels": 8}
            )


@pytest.mark.parametrize("name", ["tiny_envs:CountingEnv", "tiny_envs:SpacesEnv"])
def test_an_environment_that_renders_nothing_is_refused(name: str) -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match=f"'{name}': 'pixels' needs pictures.* nothing .*leave 'pixels' away"):
            build(name, env_kwargs={"pixels": 84})


def test_a_window_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_envs.PictureEnv, "metadata", {"render_modes": ["human"]})
    with pytest.raises(InputError, match="renders human but no rgb_array"):
        make(PICTURE, 1, {"pixels": 84})


def test_observations_that_nobody_could_read_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    class Talking(tiny_envs.PictureEnv):
        def __init__(self, render_mode: str | None = None):
            super().__init__(render_mode=render_mode)
            self.observation_space: Any = Text(5)

        def _observation(self) -> Any:
            return "hello"

    monkeypatch.setattr(tiny_envs, "Talking", Talking, raising=False)
    assert make_single("tiny_envs:Talking", {"pixels": 8}).reset(seed=0)[0].tolist() == columns(0)


@pytest.mark.parametrize("pixels", [7, 513, 0, -84, 84.0, "84", True, None, [84, 84]])
def test_other_numbers_of_pixels_are_refused(pixels: Any) -> None:
    for name in ("CartPole-v1", "ALE/Pong-v5"):
        for build in (make, make_single):
            with pytest.raises(InputError, match=f"'{name}': 'pixels' is .*from 8 to 512"):
                build(name, env_kwargs={"pixels": pixels})


@pytest.mark.parametrize("pixels", [8, 512])
def test_the_smallest_and_the_largest_picture(pixels: int) -> None:
    assert make_single(PICTURE, {"pixels": pixels}).reset(seed=0)[0].shape == (pixels, pixels)


def test_the_kwargs_that_were_given_stay_as_they_are() -> None:
    kwargs = {"pixels": 8, "length": 1}
    make(PICTURE, 1, kwargs)
    assert kwargs == {"pixels": 8, "length": 1}
