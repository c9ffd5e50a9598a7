"""Runs whose agents see images, from demonstrations to a policy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_envs import QuadrantEnv

import gail
from agents.config import NetworkConfig, PPOConfig
from agents.pixel_actor import PixelActor
from envs.errors import InputError
from envs.make import make_single
from expert_data import store
from expert_data.demonstrations import Demonstrations
from expert_data.recording import Recorder
from gail.config import DiscriminatorConfig
from gail.run import Run

ENV = "tiny_envs:QuadrantEnv"
NETWORK = NetworkConfig(frames=2)
EPISODES, STEPS = 16, 8


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of small pictures."""
    return record(tmp_path_factory.mktemp("demos") / "demos.npz")


def record(path: Path, **env_kwargs: int) -> Path:
    """Of an expert that always gives the right answer."""
    env, episodes = Recorder(make_single(ENV, env_kwargs)), []
    game = env.unwrapped
    assert isinstance(game, QuadrantEnv)
    for seed in range(EPISODES):
        env.reset(seed=seed)
        for _ in range(STEPS):
            env.step(1 + game.state)
        episodes.append(env.episode)
    store.save(path, Demonstrations.of(episodes, metadata={"env_id": ENV, "env_kwargs": env_kwargs}))
    return path


def fit(demos: Path, folder: Path, network: NetworkConfig = NETWORK, **options):
    return gail.fit(
        ENV,
        demos=str(demos),
        logdir=folder,
        ppo=PPOConfig(batch_size=256, minibatch_size=64, epochs=4, learning_rate=2e-3, discount=0.5),
        discriminator=DiscriminatorConfig(minibatch_size=64, epochs=2),
        num_envs=8,
        video_every=0,
        network=network,
        **options,
    )


def test_recorded_images_are_kept_as_they_were(demos: Path) -> None:
    loaded = gail.load_demos(demos)
    assert loaded.observations.dtype == np.uint8
    assert loaded.observations.shape == (EPISODES * (STEPS + 1), 8, 8)


def test_images_are_cloned(demos: Path, tmp_path: Path) -> None:
    run = fit(demos, tmp_path, algo="bc", bc_epochs=30)
    assert run.evaluate(episodes=10).return_mean > 7.5  # of 8; chance is 2
    policy = gail.load_policy(run.path)
    picture = np.zeros((2, 8, 8), np.uint8)
    picture[1, 4:, :4] = 200
    assert policy.act(picture) == 3  # the third quarter


def test_images_are_imitated_and_the_controls_agent_is_not(demos: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"total_timesteps": 10_000, "bc_epochs": 0}
    imitator = fit(demos, tmp_path / "expert", **options)
    control = fit(demos, tmp_path / "control", control="shuffled_actions", **options)
    assert imitator.evaluate(episodes=20).return_mean > 6.5
    assert control.evaluate(episodes=20).return_mean < 4.5


def test_images_are_imitated_as_they_are_seen_halved(tmp_path: Path) -> None:
    demos = record(tmp_path / "large.npz", side=32)
    network = NetworkConfig(frames=2, image_size=16)
    run = fit(demos, tmp_path, network, env_kwargs='{"side": 32}', total_timesteps=2048, bc_epochs=30)
    assert mean_of_policy(run).shape == (8, 8)
    assert run.policy.actor.observations.shape == (2, 32, 32)
    assert run.evaluate(episodes=10).return_mean > 7.0


def mean_of_policy(run: Run) -> np.ndarray:
    actor = run.policy.actor
    assert isinstance(actor, PixelActor)
    return actor.networks.mean.numpy()


def test_images_are_centred_by_the_demonstrations(demos: Path, tmp_path: Path) -> None:
    run = fit(demos, tmp_path, algo="bc", bc_epochs=1)
    shown = gail.load_demos(demos).first(EPISODES - 1)  # a tenth is held out
    frames = shown.observations[np.arange(len(shown.observations)) % (STEPS + 1) < STEPS]  # what was acted upon
    np.testing.assert_allclose(mean_of_policy(run), frames.mean(0), rtol=1e-5)


def test_without_demonstrations_images_are_centred_by_the_first_rollout(demos: Path, tmp_path: Path) -> None:
    once = mean_of_policy(fit(demos, tmp_path / "once", algo="ppo", total_timesteps=256))
    assert once.min() > 0.0
    twice = mean_of_policy(fit(demos, tmp_path / "twice", algo="ppo", total_timesteps=1024))
    np.testing.assert_array_equal(twice, once)


def test_what_needs_vectors_refuses_images(demos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="images"):
        fit(demos, tmp_path, algo="airl")
    assert not list(tmp_path.iterdir())
