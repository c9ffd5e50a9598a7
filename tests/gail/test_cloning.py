"""Behavioural cloning before imitation."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gail
from agents.actor import PolicyActor
from agents.config import PPOConfig
from agents.transitions import Transitions
from expert_data.episodes import Episodes
from gail.config import TrainConfig
from gail.schedule import cloning_epochs, held_rounds


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
    assert cloning_epochs(TrainConfig(), shown(count), is_image=False) == epochs


def test_images_are_seen_less_often():
    assert cloning_epochs(TrainConfig(), shown(6_400), is_image=True) == 30  # of a hundred steps, 3,000 at most


def test_the_user_decides_where_the_user_says_so():
    assert cloning_epochs(TrainConfig(bc_epochs=7), shown(50), is_image=False) == 7
    assert cloning_epochs(TrainConfig(bc_epochs=0), shown(50), is_image=True) == 0


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
    assert cloning_epochs(config, expert, is_image=False) == 0


@pytest.mark.parametrize(
    ("config", "held"),
    [
        (TrainConfig(), 7),  # of 10 steps are the expert's episodes' 65 on average
        (TrainConfig(hold_rounds=3), 3),
        (TrainConfig(dream=True), 5),
    ],
)
def test_a_cloned_policy_is_held_until_episodes_are_as_long_as_the_experts(config: TrainConfig, held: int):
    lengths = np.array([40, 90])
    ends = np.ones(2, bool)
    episodes = Episodes(np.zeros((132, 2), np.float32), None, None, lengths, ends, ~ends)
    assert held_rounds(config, episodes, epochs=3, steps_per_env=10) == held
    assert held_rounds(TrainConfig(), episodes, epochs=3, steps_per_env=100) == 5  # at least
    assert held_rounds(config, episodes, epochs=0, steps_per_env=10) == 0
    assert held_rounds(config, None, epochs=3, steps_per_env=10) == 0


def test_a_cloned_policy_is_held_until_the_others_know_it_and_its_observations_are_normalised_as_before(tmp_path: Path):
    actors = {rounds: cloned(tmp_path, rounds) for rounds in (1, 2, 5)}
    logits = {rounds: actor.parameters(np.eye(4, dtype=np.float32)) for rounds, actor in actors.items()}
    np.testing.assert_array_equal(logits[1], logits[2])
    assert (logits[1] != logits[5]).any()
    np.testing.assert_array_equal(actors[1].normalizer.mean, actors[5].normalizer.mean)


def test_observations_are_scaled_by_what_an_agent_that_explores_sees_too(tmp_path: Path):
    expert_alone, with_a_first_look = cloned(tmp_path, 0).normalizer, cloned(tmp_path, 1).normalizer
    assert with_a_first_look.count > expert_alone.count + 200  # of 256 steps some only reset
    # The bundled expert holds its pole upright; an untrained agent lets it fall.
    assert with_a_first_look.variance[2] > 1.2 * expert_alone.variance[2]


def cloned(folder: Path, rounds: int) -> PolicyActor:
    run = gail.fit(
        env="CartPole-v1",
        algo="gail" if rounds else "bc",
        total_timesteps=max(1, rounds) * 256,
        ppo=PPOConfig(batch_size=256, learning_rate=3e-3),
        num_envs=4,
        bc_epochs=3,
        hold_rounds=2,
        video_every=0,
        logdir=folder / str(rounds),
    )
    actor = gail.load_policy(run.path).actor
    assert isinstance(actor, PolicyActor)
    return actor


@pytest.mark.parametrize("epochs", [2, 0])
def test_only_a_cloned_policy_is_cloned_beside_what_is_rewarded(epochs: int, tmp_path: Path):
    ppo = PPOConfig(batch_size=128, cloning_coefficient=1.0)
    options: dict[str, Any] = {"total_timesteps": 256, "num_envs": 4, "eval_episodes": 1, "video_every": 0}
    run = gail.fit("CartPole-v1", ppo=ppo, bc_epochs=epochs, logdir=tmp_path, **options)
    rounds = [entry for entry in map(json.loads, (run.path / "metrics.jsonl").open()) if "train/value_loss" in entry]
    losses = [entry["train/cloning_loss"] for entry in rounds if "train/cloning_loss" in entry]
    assert len(rounds) == 2
    assert len(losses) == (2 if epochs else 0)
    assert all(0.0 < loss < math.log(2.0) for loss in losses)  # the clone knows more than an even guess between two
