import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Box

from agents.transitions import Transitions
from envs.actions import ActionSpec
from envs.errors import InputError
from gail.config import DiscriminatorConfig
from gail.reward.airl import LARGEST_LOG_PROB, LearnedReward, ShapedLogits
from gail.reward.features import Features
from gail.reward.saved import SavedReward
from gail.reward.shaped import ShapedReward

BOX = ActionSpec.of(Box(-1.0, 1.0, (1,), np.float32))
STATES = np.array([[-1.0], [1.0]], np.float32)  # mean 0, deviation 1: features are the numbers themselves
EXPERT = Transitions(STATES, np.zeros((2, 1), np.float32), STATES, np.zeros(2, bool))


def linear_reward(discount: float = 0.5) -> ShapedReward:
    """g = 3 s + 10 a, h = 4 s."""
    features = Features.of(EXPERT, BOX, "state_action")
    reward = ShapedReward(features, DiscriminatorConfig(hidden=()), discount, seed=0)
    reward.g.set_weights([np.array([[3.0], [10.0]]), np.zeros(1)])
    reward.h.set_weights([np.array([[4.0]]), np.zeros(1)])
    return reward


def steps(states: list[float], actions: list[float], next_states: list[float], ends: list[bool]) -> Transitions:
    s, a, next_s = (np.array(values, np.float32)[:, None] for values in (states, actions, next_states))
    return Transitions(s, a, next_s, np.array(ends))


# f = 3 s + 10 a + 0.5 * 4 s' - 4 s where the episode goes on, and without the term of s' where it terminated.
STEPS = steps([1.0, 1.0, 2.0], [0.1, 0.1, 5.0], [3.0, 3.0, 0.0], [False, True, False])
F = [3 + 1 + 6 - 4, 3 + 1 - 4, 6 + 10 * 1 + 0 - 8]  # the action 5 is carried out as 1


def values_of(network: ShapedLogits | ShapedReward, transitions: Transitions) -> np.ndarray:
    return network(tf.constant(network.rows(transitions))).numpy()


def test_f_by_hand():
    reward = linear_reward()
    np.testing.assert_allclose(values_of(reward, STEPS), F, rtol=1e-5)


def test_the_logit_is_f_less_the_log_probability_of_what_was_carried_out():
    network = ShapedLogits(linear_reward(), lambda observations, actions: 2.0 * observations[:, 0] + actions[:, 0])
    np.testing.assert_allclose(values_of(network, STEPS), np.array(F) - [2.1, 2.1, 5.0], rtol=1e-5)


def test_no_single_action_outweighs_all_others():
    network = ShapedLogits(linear_reward(), lambda observations, actions: np.array([-1e9, 1e9, 0.0], np.float32))
    expected = np.array(F) - [-LARGEST_LOG_PROB, LARGEST_LOG_PROB, 0.0]
    np.testing.assert_allclose(values_of(network, STEPS), expected, rtol=1e-5)


def test_a_saved_reward_is_the_same_reward(tmp_path: Path):
    reward = linear_reward()
    reward.saved(0.5, -2.0).save(tmp_path)
    saved = SavedReward.load(tmp_path)
    again = ShapedReward.of(saved)
    np.testing.assert_array_equal(values_of(again, STEPS), values_of(reward, STEPS))
    teacher = LearnedReward(saved, lambda observations, actions: np.ones(3, np.float32), discount=0.9)
    np.testing.assert_allclose(teacher.step_rewards(STEPS), np.array(F) - 1.0 + 0.5, rtol=1e-5)


def test_potentials_change_no_sum_of_rewards_but_by_the_first_state():
    # An episode of three steps that terminates: whatever h is, the discounted sum of f - g is -h of the first state.
    reward = linear_reward()
    episode = steps([1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [-2.0, 0.5, 9.0], [False, False, True])
    f = values_of(reward, episode)
    g = 3.0 * episode.observations[:, 0]
    assert ((f - g) * 0.5 ** np.arange(3)).sum() == pytest.approx(-4.0 * 1.0)


@pytest.mark.parametrize("damage", ["missing", "json", "weights", "fields"])
def test_a_folder_without_a_whole_reward_is_refused(tmp_path: Path, damage: str):
    linear_reward().saved(0.0, 0.0).save(tmp_path)
    description = tmp_path / "reward.json"
    if damage == "missing":
        description.unlink()
    elif damage == "json":
        description.write_text("{")
    elif damage == "weights":
        (tmp_path / "weights.npz").write_bytes(b"PK")
    else:
        description.write_text(json.dumps({"inputs": "state"}))
    with pytest.raises(InputError, match="no reward in" if damage == "missing" else "damaged"):
        SavedReward.load(tmp_path)


def test_the_slope_is_judged_by_numbers_alone():
    network = ShapedLogits(linear_reward(), lambda observations, actions: np.zeros(len(actions), np.float32))
    # Smooth: s and a for g, s, s'. Not smooth: whether the episode goes on, and ln π.
    assert (network.num_columns, network.num_smooth) == (6, 4)
    one, ended = (network.rows(dataclasses.replace(STEPS, terminations=np.full(3, end))) for end in (False, True))
    assert np.flatnonzero((one != ended).any(0)).tolist() == [4]
