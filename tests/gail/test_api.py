from pathlib import Path

import gymnasium
import numpy as np
import pytest

import gail
from agents.config import PPOConfig
from envs.errors import InputError
from expert_data import store


def test_fit_evaluate_load_and_act(tmp_path: Path):
    run = gail.fit(
        env="CartPole-v1",
        total_timesteps=512,
        num_envs=4,
        eval_episodes=2,
        video_every=0,
        bc_epochs=0,
        ppo=PPOConfig(batch_size=256),
        logdir=tmp_path,
    )
    assert run.path.is_relative_to(tmp_path)
    assert run.summary is not None
    assert run.summary["steps"] == 512
    evaluation = run.evaluate(episodes=5)
    assert len(evaluation.returns) == 5
    policy = gail.load_policy(run.path)
    env = gymnasium.make("CartPole-v1")
    observation, _ = env.reset(seed=0)
    action = policy.act(observation)
    assert env.action_space.contains(np.int64(action))
    sampled = {policy.act(observation, np.random.default_rng(seed)) for seed in range(50)}
    assert sampled == {0, 1}  # after two rounds the policy still tries both


def test_load_demos_and_make_env():
    demonstrations = gail.load_demos(store.BUNDLED / "CartPole-v1.npz")
    assert isinstance(demonstrations, gail.Demonstrations)
    assert len(demonstrations) == 10
    assert demonstrations.metadata["env_id"] == "CartPole-v1"
    env = gail.make_env("CartPole-v1", num_envs=3)
    assert env.num_envs == 3
    env.close()


def test_mistakes_are_exceptions_with_the_same_sentences(tmp_path: Path):
    with pytest.raises(InputError, match="closest known ids"):
        gail.fit(env="CartPoll-v1", logdir=tmp_path)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = gail.nonsense  # type: ignore[attr-defined]
