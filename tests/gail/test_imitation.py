"""Does imitation imitate? In seconds, on tiny environments, beside the controls that must fail.

Where nothing else is said, without the help of behavioural cloning.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tiny_envs import IdentityEnv

import gail
from agents.config import NetworkConfig, PPOConfig, WorldModelConfig
from envs.make import make
from expert_data import formats, store
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode
from gail.config import DiscriminatorConfig, DreamConfig

PPO = PPOConfig(batch_size=512, minibatch_size=64, learning_rate=3e-3)
NETWORK = NetworkConfig(hidden=(16,))


def identity_demos(path: Path, kind: str, constant: bool = False) -> Path:
    """Twenty episodes of an expert who knows the answers, or of one who always gives the same."""
    env = make("tiny_envs:IdentityEnv", 20, {"kind": kind})
    answers = IdentityEnv.ANSWERS[kind]
    observations, _ = env.reset(seed=1)
    rows, actions, rewards = [np.array(observations)], [], []
    for _ in range(8):
        chosen = answers[np.zeros(20, int) if constant else rows[-1].argmax(-1)]
        actions.append(chosen)
        observations, reward, _, _, _ = env.step(chosen)
        rows.append(np.array(observations))
        rewards.append(reward)
    env.close()
    o, a, r = np.stack(rows), np.stack(actions), np.stack(rewards)
    episodes = [Episode(o[:, n], a[:, n], r[:, n], terminated=False, truncated=True) for n in range(20)]
    store.save(path, Demonstrations.of(episodes))
    return path


def trained_return(folder: Path, kind: str, demos: Path, stochastic: bool = False, **options) -> float:
    run = gail.fit(
        env="tiny_envs:IdentityEnv",
        env_kwargs=f'{{"kind": "{kind}"}}',
        demos=str(demos),
        ppo=PPO,
        network=NETWORK,
        video_every=0,
        eval_every=100_000,
        logdir=folder,
        **{"bc_epochs": 0, **options},
    )
    return run.evaluate(episodes=50, stochastic=stochastic).return_mean


def test_gail_imitates_in_dreams(tmp_path: Path):
    # Eight answers, of which chance has two right; all that is learned is learned in the model.
    options = {
        "dream": True,
        "num_envs": None,
        "total_timesteps": 512,
        "world_model": WorldModelConfig(hidden=32, members=2, mixtures=4, sequence_length=4),
        "dreaming": DreamConfig(real_steps=256, rollouts=20, num_envs=32, horizon=8, first_minibatches=600),
    }
    experts = (identity_demos(tmp_path / f"{constant}.npz", "discrete", constant) for constant in (False, True))
    knowing, constant = (trained_return(tmp_path, "discrete", demos, **options) for demos in experts)
    assert knowing > 6.0
    assert constant < 3.0


@pytest.mark.parametrize("kind", ["discrete", "multi_discrete", "multi_binary", "box"])
def test_gail_imitates_in_every_action_space(kind: str, tmp_path: Path):
    demos = identity_demos(tmp_path / "demos.npz", kind)
    # 8 is perfect. Knowing nothing gives 2 (discrete), 4 (two digits), or 8 (1 - 0.61) = 3 (box, uniform actions).
    assert trained_return(tmp_path, kind, demos, total_timesteps=30_000) > 6.5


def test_a_constant_expert_teaches_gail_to_be_constant(tmp_path: Path):
    demos = identity_demos(tmp_path / "demos.npz", "discrete", constant=True)
    assert trained_return(tmp_path, "discrete", demos, total_timesteps=20_000) < 3.0


def test_cloning_imitates_and_gail_keeps_what_was_cloned(tmp_path: Path):
    demos = identity_demos(tmp_path / "demos.npz", "discrete")
    cloned = trained_return(tmp_path / "bc", "discrete", demos, stochastic=True, algo="bc", bc_epochs=400)
    kept = trained_return(tmp_path / "both", "discrete", demos, stochastic=True, bc_epochs=400, total_timesteps=512)
    alone = trained_return(tmp_path / "alone", "discrete", demos, stochastic=True, total_timesteps=512)
    assert alone < 5.0
    assert cloned > 7.5
    assert kept > 7.5


def corridor_demos(path: Path, expert_leaves: bool) -> Path:
    """Ten episodes of an expert who leaves the corridor at once, or who paces up and down until the time is up."""
    env = make("tiny_envs:CorridorEnv", 1)
    episodes = []
    for _ in range(10):
        observation, _ = env.reset(seed=1)
        rows, actions, rewards, ended = [np.array(observation[0])], [], [], False
        while not ended:
            action = 1 if expert_leaves else len(actions) % 2
            observation, reward, terminated, truncated, _ = env.step(np.array([action]))
            rows.append(np.array(observation[0]))
            actions.append(action)
            rewards.append(reward[0])
            ended = bool(terminated[0] or truncated[0])
        o, a, r = np.stack(rows), np.array(actions), np.array(rewards)
        episodes.append(Episode(o, a, r, terminated=expert_leaves, truncated=not expert_leaves))
    env.close()
    store.save(path, Demonstrations.of(episodes))
    return path


def imitates_corridor(folder: Path, demos: Path, expert_leaves: bool, **options) -> bool:
    """Does an agent leave as the expert does, or stay as the expert does?"""
    run = gail.fit(
        env="tiny_envs:CorridorEnv",
        demos=str(demos),
        ppo=PPO,
        network=NETWORK,
        total_timesteps=20_000,
        video_every=0,
        eval_every=100_000,
        logdir=folder,
        bc_epochs=0,
        **options,
    )
    length = run.evaluate(episodes=20, stochastic=True).length_mean
    # Leaving takes 4 steps, the time is up after 30.
    return length < 6 if expert_leaves else length > 25


@pytest.mark.parametrize("expert_leaves", [True, False])
def test_gaifo_needs_no_actions(expert_leaves: bool, tmp_path: Path):
    shown = formats.load(corridor_demos(tmp_path / "demos.npz", expert_leaves))
    watched = [dataclasses.replace(episode, actions=None) for episode in shown]
    store.save(tmp_path / "watched.npz", Demonstrations.of(watched))
    assert imitates_corridor(tmp_path, tmp_path / "watched.npz", expert_leaves, algo="gaifo")


@pytest.mark.parametrize("algo", ["airl", "wgail"])
@pytest.mark.parametrize("expert_leaves", [True, False])
def test_every_algorithm_learns_to_end_episodes_and_not_to(algo, expert_leaves: bool, tmp_path: Path):
    demos = corridor_demos(tmp_path / "demos.npz", expert_leaves)
    assert imitates_corridor(tmp_path, demos, expert_leaves, algo=algo)


@pytest.mark.parametrize("expert_leaves", [True, False])
def test_the_reward_that_airl_leaves_teaches_a_new_agent(expert_leaves: bool, tmp_path: Path):
    demos = corridor_demos(tmp_path / "demos.npz", expert_leaves)
    options = {"network": NETWORK, "ppo": PPO, "total_timesteps": 20_000, "video_every": 0, "bc_epochs": 0}
    teacher = gail.fit(env="tiny_envs:CorridorEnv", demos=str(demos), algo="airl", logdir=tmp_path / "airl", **options)
    demos.unlink()
    pupil = gail.fit(
        env="tiny_envs:CorridorEnv", algo="ppo", reward=str(teacher.path), seed=1, logdir=tmp_path / "ppo", **options
    )
    length = pupil.evaluate(episodes=20, stochastic=True).length_mean
    assert length < 6 if expert_leaves else length > 25


@pytest.mark.parametrize("form", ["logit", "minus_log_one_minus_d", "log_d"])
@pytest.mark.parametrize("expert_leaves", [True, False])
def test_every_reward_form_learns_to_end_episodes_and_not_to(form, expert_leaves: bool, tmp_path: Path):
    demos = corridor_demos(tmp_path / "demos.npz", expert_leaves)
    discriminator = DiscriminatorConfig(hidden=(16,), reward=form)
    assert imitates_corridor(tmp_path, demos, expert_leaves, discriminator=discriminator)
