import keras
import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.config import PPOConfig
from agents.rollout import Rollout
from envs.actions import ActionSpec
from expert_data.episodes import Transitions
from gail.config import DiscriminatorConfig
from gail.discriminator import Discriminator, cross_entropy, gradient_penalty, logit_network, occupancy_logits
from gail.features import Features

STEPS = 64
DISCRETE = ActionSpec.of(Discrete(2))
PPO = PPOConfig(batch_size=STEPS, discount=0.9)
CONFIG = DiscriminatorConfig(hidden=(16,), minibatch_size=32, learning_rate=0.01)


def rollout_of(observations: np.ndarray, actions: np.ndarray, terminations: np.ndarray | None = None) -> Rollout:
    """A rollout of one environment from ``[T + 1, D]`` and ``[T, K]``."""
    ends = np.zeros((len(actions), 1), bool) if terminations is None else terminations[:, None]
    valid = ~np.concatenate([np.zeros((1, 1), bool), ends[:-1]])
    return Rollout(observations[:, None], actions[:, None], np.zeros_like(ends, np.float32), ends, ~ends & False, valid)


def random_rollout(rng: np.random.Generator, action: int, terminations: np.ndarray | None = None) -> Rollout:
    observations = rng.standard_normal((STEPS + 1, 2)).astype(np.float32)
    return rollout_of(observations, np.full((STEPS, 1), action, np.int32), terminations)


def expert_of(rng: np.random.Generator, action: int, termination_rate: float = 0.0, count: int = 100) -> Transitions:
    observations = rng.standard_normal((count, 2)).astype(np.float32)
    return Transitions(observations, np.full((count, 1), action, np.int32), observations, termination_rate)


def discriminator_of(expert: Transitions, config: DiscriminatorConfig = CONFIG) -> Discriminator:
    return Discriminator(expert, Features(expert, DISCRETE, "state_action"), config, PPO, seed=0)


def test_cross_entropy_by_hand():
    # Expert logits 0 and ln 3: D = 1/2, 3/4, mean of -ln D = (0.693147 + 0.287682) / 2 = 0.490415.
    # Agent logit ln 3: D = 3/4, -ln(1-D) = ln 4 = 1.386294. Half of the sum: 0.938354.
    loss = cross_entropy(tf.constant([0.0, np.log(3.0)], tf.float32), tf.constant([np.log(3.0)], tf.float32))
    assert float(loss) == pytest.approx(0.938354, abs=1e-5)


def test_gradient_penalty_of_a_linear_logit_is_known():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.set_weights([np.array([[3.0], [4.0]]), np.zeros(1)])
    # The gradient is (3, 4) everywhere, its norm 5, the penalty (5 - 1)² = 16.
    assert float(gradient_penalty(network, tf.random.normal([7, 2]))) == pytest.approx(16.0, rel=1e-5)
    network.set_weights([np.array([[0.3], [0.4]]), np.zeros(1)])
    assert float(gradient_penalty(network, tf.random.normal([7, 2]))) == 0.0  # gentle slopes are free


def test_spectral_normalisation_bounds_how_fast_the_logit_can_change():
    network = logit_network(3, DiscriminatorConfig(spectral_norm=True), seed=1)
    for weights in network.trainable_variables:
        weights.assign(weights * 50.0)
    points = np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32)
    for _ in range(30):  # each call in training mode is one power iteration
        network(points, training=True)
    steps = points + 1e-2 * np.random.default_rng(1).standard_normal((200, 3)).astype(np.float32)
    change = np.abs(network(steps).numpy() - network(points).numpy())[:, 0]
    assert (change <= 1.01 * np.linalg.norm(steps - points, axis=1)).all()


def test_it_learns_to_tell_expert_from_agent_and_pays_for_likeness():
    rng = np.random.default_rng(0)
    discriminator = discriminator_of(expert_of(rng, action=1))
    scalars = {}
    for _ in range(30):
        scalars = discriminator.update(random_rollout(rng, action=0), rng)
    assert scalars["discriminator/accuracy_expert"] > 0.95
    assert scalars["discriminator/accuracy_agent"] > 0.95
    like, unlike = (discriminator.reward(random_rollout(rng, action))[0].mean() for action in (1, 0))
    assert like > 0 > unlike


def test_an_agent_that_is_the_expert_cannot_be_told_apart():
    rng = np.random.default_rng(0)
    discriminator = discriminator_of(expert_of(rng, action=1, count=1000))
    losses = [discriminator.update(random_rollout(rng, action=1), rng)["discriminator/loss"] for _ in range(20)]
    # Nothing to tell is ln 2 = 0.693; a network that memorised single steps would fall below.
    assert losses[-1] == pytest.approx(np.log(2.0), abs=0.05)


def test_fewer_demonstrated_steps_than_a_minibatch_are_enough():
    rng = np.random.default_rng(0)
    discriminator = discriminator_of(expert_of(rng, action=1, count=2))
    assert np.isfinite(discriminator.update(random_rollout(rng, action=0), rng)["discriminator/loss"])


def test_steps_that_only_reset_teach_it_nothing():
    first, second = (np.random.default_rng(0) for _ in range(2))
    terminations = np.arange(STEPS) % 4 == 2
    whole = random_rollout(np.random.default_rng(1), action=0, terminations=terminations)
    garbled_observations, garbled_actions = whole.observations.copy(), whole.actions.copy()
    garbled_observations[:-1][~whole.valid] = 99.0
    garbled_actions[~whole.valid] = 1
    garbled = Rollout(
        garbled_observations, garbled_actions, whole.rewards, whole.terminations, whole.truncations, whole.valid
    )
    losses = []
    for rollout, rng in ((whole, first), (garbled, second)):
        discriminator = discriminator_of(expert_of(np.random.default_rng(2), 1))
        losses.append(discriminator.update(rollout, rng)["discriminator/loss"])
    assert losses[0] == losses[1]


def test_replay_keeps_the_last_rounds_and_forgets_those_before():
    rng = np.random.default_rng(0)
    config = DiscriminatorConfig(hidden=(4,), minibatch_size=8, replay_rounds=2)
    discriminator = discriminator_of(expert_of(rng, action=1), config)
    rollouts = [random_rollout(rng, action=0) for _ in range(3)]
    for rollout in rollouts:
        discriminator.update(rollout, rng)
    kept = {tuple(row) for row in discriminator.replay.numpy()[:, :2].round(4).tolist()}
    rows = [discriminator.features(r.observations[0], r.actions[0], r.observations[1]) for r in rollouts]
    firsts = [tuple(row[0, :2].round(4).tolist()) for row in rows]
    assert [first in kept for first in firsts] == [False, True, True]


def test_occupancy_logits_by_hand():
    # m_E = 1, m_π = 3: absorbing shares 1/2 and 3/4, logit ln (1/2) / (3/4) = ln 2/3;
    # real shares 1/2 and 1/4, logit ln 2.
    real, absorbing = occupancy_logits(1.0, 3.0)
    assert real == pytest.approx(np.log(2.0))
    assert absorbing == pytest.approx(np.log(2.0 / 3.0))


def test_where_nobody_terminates_termination_weighs_nothing():
    assert occupancy_logits(0.0, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize("form", ["logit", "minus_log_one_minus_d", "log_d"])
@pytest.mark.parametrize(("expert_rate", "agent_ends_often"), [(0.0, True), (0.25, False)])
def test_ending_is_worth_less_than_going_on_just_where_the_agent_ends_too_often(form, expert_rate, agent_ends_often):
    rng = np.random.default_rng(0)
    config = DiscriminatorConfig(hidden=(4,), minibatch_size=8, reward=form)
    discriminator = discriminator_of(expert_of(rng, 1, expert_rate), config)
    terminations = np.arange(STEPS) % 8 == 7 if agent_ends_often else np.zeros(STEPS, bool)
    for _ in range(30):
        discriminator.update(random_rollout(rng, 1, terminations), rng)
    rewards, termination_value = discriminator.reward(random_rollout(rng, 1))
    going_on = rewards.mean() / (1.0 - PPO.discount)
    assert (termination_value < going_on) == agent_ends_often
