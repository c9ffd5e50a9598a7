"""Behavioural cloning."""

import math

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete
from tiny_agents import actor_of, networks_of

from agents.bc import BehavioralCloning
from agents.config import BCConfig
from agents.normalizer import Normalizer
from agents.transitions import Transitions
from envs.actions import ActionSpec

SAME = Normalizer.identity(3)


def shown(observations: np.ndarray, actions: np.ndarray) -> Transitions:
    return Transitions(observations, actions, observations, np.zeros(len(actions), bool))


def test_the_policy_takes_on_the_actions_shown_to_it() -> None:
    networks = networks_of(ActionSpec.of(Discrete(3)), inputs=3)
    value = networks.value.get_weights()
    cloning, rng = BehavioralCloning(networks, BCConfig(batch_size=8, learning_rate=0.05)), np.random.default_rng(0)
    states = rng.integers(0, 3, 64)
    observations, actions = np.eye(3, dtype=np.float32)[states], np.array([2, 0, 1], np.int32)[states][:, None]
    losses = [cloning.epoch(shown(observations, actions), SAME, rng)["bc/loss"] for _ in range(20)]
    # A new policy is all but undecided between three actions; a learned one is sure.
    assert 0.2 < losses[0] < math.log(3) + 0.05
    assert losses[-1] < 0.05
    np.testing.assert_array_equal(actor_of(networks).mode(observations), actions)
    for after, before in zip(networks.value.get_weights(), value, strict=True):
        np.testing.assert_array_equal(after, before)


def test_the_loss_is_the_mean_negative_log_probability_before_the_step() -> None:
    networks = networks_of(ActionSpec.of(Discrete(3)), inputs=3)
    networks.policy.layers[-1].kernel.assign(np.zeros((8, 3)))
    networks.policy.layers[-1].bias.assign(np.log([0.5, 0.25, 0.25]))
    cloning = BehavioralCloning(networks, BCConfig(batch_size=64))  # more than there are, so that one step is an epoch
    observations, actions = np.ones((4, 3), np.float32), np.array([[0], [0], [1], [2]], np.int32)
    loss = cloning.epoch(shown(observations, actions), SAME, np.random.default_rng(0))["bc/loss"]
    assert loss == pytest.approx(1.5 * math.log(2))  # (1 + 1 + 2 + 2) / 4 bits


def test_a_policy_of_numbers_learns_their_mean_and_spread() -> None:
    networks = networks_of(ActionSpec.of(Box(-1.0, 1.0, (2,), np.float32)), inputs=3)
    cloning, rng = BehavioralCloning(networks, BCConfig(batch_size=8, learning_rate=0.02)), np.random.default_rng(0)
    states = np.arange(96) % 3
    means = np.array([[0.5, -0.5], [-0.5, 0.0], [0.0, 0.8]], np.float32)
    offsets = np.where(np.arange(96) % 2, 1.0, -1.0)[:, None] * np.array([0.2, 0.1])
    observations, actions = np.eye(3, dtype=np.float32)[states], (means[states] + offsets).astype(np.float32)
    losses = [cloning.epoch(shown(observations, actions), SAME, rng)["bc/loss"] for _ in range(60)]
    assert losses[-1] < losses[0] - 1.0
    np.testing.assert_allclose(actor_of(networks).mode(np.eye(3, dtype=np.float32)), means, atol=0.1)
    # Maximum likelihood: a spread of 0.2 to both sides is a deviation of 0.2.
    np.testing.assert_allclose(np.exp(networks.log_std.numpy()), [0.2, 0.1], rtol=0.25)
