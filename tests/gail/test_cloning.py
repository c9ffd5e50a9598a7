"""Behavioural cloning before imitation."""

from pathlib import Path

import numpy as np
import pytest

import gail
from agents.config import PPOConfig
from agents.transitions import Transitions
from gail.cloning import cloning_epochs
from gail.config import TrainConfig


def shown(count: int, actions: bool = True) -> Transitions:
    states = np.zeros((count, 1), np.float32)
    return Transitions(states, np.zeros((count, 1), np.int32) if actions else None, states, np.zeros(count, bool))


@pytest.mark.parametrize(
    ("count", "epochs"),
    [
        (6_400, 100),  # a hundred steps in each of a hundred epochs
        (50, 2_000),  # one step an epoch, and 2,000 at least
        (640_000, 2),  # 10,000 steps an epoch, and 20,000 at most
        (6_400_000, 1),
    ],
)
def test_few_demonstrations_are_seen_often_and_many_seldom(count: int, epochs: int):
    assert cloning_epochs(TrainConfig(), shown(count)) == epochs


def test_the_user_decides_where_the_user_says_so():
    assert cloning_epochs(TrainConfig(bc_epochs=7), shown(50)) == 7
    assert cloning_epochs(TrainConfig(bc_epochs=0), shown(50)) == 0


@pytest.mark.parametrize(
    ("config", "expert"),
    [
        (TrainConfig(algo="ppo"), None),
        (TrainConfig(algo="gaifo"), shown(50)),
        (TrainConfig(), shown(50, actions=False)),
        (TrainConfig(control="no_expert"), shown(50)),
    ],
)
def test_where_there_is_nothing_to_clone_nothing_is_cloned(config: TrainConfig, expert: Transitions | None):
    assert cloning_epochs(config, expert) == 0


def test_a_cloned_policy_is_held_until_the_others_know_it_and_its_observations_are_normalised_as_before(tmp_path: Path):
    logits, means = {}, {}
    for rounds in (0, 2, 5):
        run = gail.fit(
            env="CartPole-v1",
            algo="gail" if rounds else "bc",
            total_timesteps=max(1, rounds) * 256,
            ppo=PPOConfig(batch_size=256, learning_rate=3e-3),
            num_envs=4,
            bc_epochs=3,
            hold_rounds=2,
            video_every=0,
            logdir=tmp_path / str(rounds),
        )
        actor = gail.load_policy(run.path).actor
        logits[rounds], means[rounds] = actor.parameters(np.eye(4, dtype=np.float32)), actor.normalizer.mean
    np.testing.assert_array_equal(logits[0], logits[2])
    assert (logits[0] != logits[5]).any()
    np.testing.assert_array_equal(means[0], means[5])
