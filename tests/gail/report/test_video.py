import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

import gail
from agents.policy import Policy
from gail.report.filming import FRAMES_PER_SECOND, WIDTH, Film, FilmingError, film
from gail.report.video import STRIP, draw_video


def frames_of(gif: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(gif)) as image:
        return np.stack([np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)])


def white_film(length: int) -> Film:
    frames = np.full((length, 40, WIDTH, 3), 255, np.uint8)
    return Film(frames, np.arange(length), np.zeros((length, 2)), np.zeros((length, 1)), np.ones(length), False)


def test_the_curve_of_rewards_grows_with_the_episode():
    strips = frames_of(draw_video(white_film(20), np.linspace(0.0, 1.0, 20)).data)[:, 40 + 18 :]
    reach = [np.flatnonzero((strip < 128).any(0)).max() for strip in (strips[5], strips[10], strips[19])]
    assert reach[0] < reach[1] < reach[2]
    assert reach[2] > 0.9 * WIDTH


def test_without_a_discriminator_there_is_no_curve():
    video = draw_video(white_film(5))
    assert (video.width, video.height) == (WIDTH, 40 + STRIP)
    assert (frames_of(video.data)[:, 40 + 18 :] > 128).all()


def test_an_episode_is_filmed_in_another_process(tiny_run):
    path, _ = tiny_run
    policy = gail.load_policy(path)
    filmed = film(policy.env_id, policy.env_kwargs, policy, seed=3)
    length = len(filmed.actions)
    assert filmed.observations.shape == (length + 1, 4)
    assert filmed.rewards.sum() == length
    assert filmed.transitions().terminations.tolist() == [False] * (length - 1) + [bool(filmed.terminated)]
    stride = round(50 / FRAMES_PER_SECOND)  # CartPole draws 50 frames a second
    np.testing.assert_array_equal(filmed.steps, np.arange(0, length, stride))
    assert filmed.frames.shape[0] == len(filmed.steps)
    np.testing.assert_array_equal(filmed.actions, policy.actor.mode(filmed.observations[:-1]))


@pytest.mark.parametrize("env", ["tiny_envs:CrashingRendererEnv", "tiny_envs:CountingEnv"])
def test_a_renderer_that_crashes_or_is_missing_takes_nothing_with_it(tiny_run, env: str):
    path, _ = tiny_run
    with pytest.raises(FilmingError):
        film(env, {}, Policy(gail.load_policy(path).actor, env, {}), seed=0)


def test_a_run_goes_on_without_videos_where_nothing_can_be_rendered(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    run = gail.fit(
        env="tiny_envs:CrashingRendererEnv",
        algo="ppo",
        total_timesteps=2048,
        eval_episodes=1,
        video_every=1,
        logdir=tmp_path,
        quiet=False,
    )
    assert run.summary is not None
    assert capfd.readouterr().err.count("no videos") == 1
