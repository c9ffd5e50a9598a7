import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.rollout import Rollout, RolloutSteps
from agents.transitions import Transitions
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig
from gail.reward.discriminator import Discriminator, occupancy_logits
from gail.reward.features import Features
from gail.reward.logits import PlainLogits
from gail.reward.model import TaskReward
from gail.reward.objectives import CRITIC, Objective, classifier
from gail.reward.replay import Pieces, PiecesShape

STEPS = 64
DISCRETE = ActionSpec.of(Discrete(2))
DISCOUNT = 0.9
CLASSIFIER = classifier()
CONFIG = DiscriminatorConfig(hidden=(16,), minibatch_size=32, learning_rate=0.01)


def rollout_of(observations: np.ndarray, actions: np.ndarray, terminations: np.ndarray | None = None) -> Rollout:
    """A rollout of one environment from ``[T + 1, D]`` and ``[T, K]``."""
    ends = np.zeros((len(actions), 1), bool) if terminations is None else terminations[:, None]
    valid = ~np.concatenate([np.zeros((1, 1), bool), ends[:-1]])
    never, unpaid = np.zeros_like(ends), np.zeros_like(ends, np.float32)
    return Rollout(observations[:, None], actions[:, None], unpaid, ends, never, valid, never)


def random_rollout(rng: np.random.Generator, action: int, terminations: np.ndarray | None = None) -> Rollout:
    observations = rng.standard_normal((STEPS + 1, 2)).astype(np.float32)
    return rollout_of(observations, np.full((STEPS, 1), action, np.int32), terminations)


def expert_of(rng: np.random.Generator, action: int, count: int = 100) -> Transitions:
    observations = rng.standard_normal((count, 2)).astype(np.float32)
    return Transitions(observations, np.full((count, 1), action, np.int32), observations, np.zeros(count, bool))


def discriminator_of(
    expert: Transitions,
    config: DiscriminatorConfig = CONFIG,
    termination_rate: float = 0.0,
    objective: Objective = CLASSIFIER,
) -> Discriminator:
    logits = PlainLogits(Features.of(expert, DISCRETE, "state_action"), config, seed=0)
    return Discriminator(expert, termination_rate, logits, objective, config, DISCOUNT, (STEPS, 1))


@pytest.mark.parametrize("objective", [CLASSIFIER, CRITIC])
def test_it_learns_to_tell_expert_from_agent_and_pays_for_likeness(objective: Objective):
    rng = np.random.default_rng(0)
    discriminator = discriminator_of(expert_of(rng, action=1), objective=objective)
    scalars = {}
    for _ in range(30):
        scalars = discriminator.update(random_rollout(rng, action=0), rng)
    assert scalars["discriminator/accuracy_expert"] > 0.95
    assert scalars["discriminator/accuracy_agent"] > 0.95
    like, unlike = (discriminator.reward(random_rollout(rng, action)).mean() for action in (1, 0))
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
    garbled = dataclasses.replace(whole, frames=garbled_observations, actions=garbled_actions)
    losses = []
    for rollout, rng in ((whole, first), (garbled, second)):
        discriminator = discriminator_of(expert_of(np.random.default_rng(2), 1))
        losses.append(discriminator.update(rollout, rng)["discriminator/loss"])
    assert losses[0] == losses[1]


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
    discriminator = discriminator_of(expert_of(rng, 1), config, expert_rate)
    terminations = np.arange(STEPS) % 8 == 7 if agent_ends_often else np.zeros(STEPS, bool)
    for _ in range(30):
        discriminator.update(random_rollout(rng, 1, terminations), rng)
    rewards, termination_value = discriminator.reward(random_rollout(rng, 1)), discriminator.termination_value
    going_on = rewards.mean() / (1.0 - DISCOUNT)
    assert (termination_value < going_on) == agent_ends_often


@pytest.mark.parametrize("form", ["logit", "minus_log_one_minus_d", "log_d"])
@pytest.mark.parametrize("expert_rate", [0.0, 0.01])
def test_an_end_that_the_expert_never_came_to_is_worth_less_than_any_step(form, expert_rate):
    rng = np.random.default_rng(0)
    config = dataclasses.replace(CONFIG, reward=form, gradient_penalty=0.0, learning_rate=1e-2)
    discriminator = discriminator_of(expert_of(rng, action=1), config, expert_rate)
    terminations = np.arange(STEPS) % 16 == 15
    for _ in range(60):  # until the network is surer of single steps than terminations alone allow
        discriminator.update(random_rollout(rng, 0, terminations), rng)
    rollout = random_rollout(rng, 0, terminations)
    lowest = discriminator.reward(rollout)[rollout.valid].min() / (1.0 - DISCOUNT)
    ends_for_less = discriminator.termination_value <= lowest + 1e-5 * abs(lowest)
    assert ends_for_less == (expert_rate == 0.0)


def loss_after_30_rounds(**options: float) -> float:
    rng = np.random.default_rng(0)
    config = dataclasses.replace(CONFIG, gradient_penalty=0.0, **options)
    discriminator = discriminator_of(expert_of(rng, action=1), config)
    return [discriminator.update(random_rollout(rng, action=0), rng)["discriminator/loss"] for _ in range(30)][-1]


def test_a_gate_keeps_a_sure_discriminator_from_learning_more():
    assert loss_after_30_rounds(accuracy_gate=1.0) < 0.3 < loss_after_30_rounds(accuracy_gate=0.8)


def test_noise_makes_the_two_sides_harder_to_tell_apart():
    assert loss_after_30_rounds(instance_noise=0.0) < 0.2
    assert loss_after_30_rounds(instance_noise=3.0) > 0.5


class Parabola(tf.Module):
    """h(x) = w x², at first with w = 1: the slope is 2 x."""

    dtype = "float32"
    num_columns = num_smooth = 1

    def __init__(self):
        super().__init__()
        self.weights = [keras.Variable(1.0)]

    def rows(self, transitions: Transitions) -> np.ndarray:
        return transitions.observations[..., :1]

    def pieces(self, steps: RolloutSteps) -> Pieces:
        return Pieces.whole(self.rows(steps.take(np.arange(len(steps)))))

    def pieces_shape(self, steps: int, num_envs: int) -> PiecesShape:
        return PiecesShape.whole(steps * num_envs, 1)

    def scaled(self, rows: tf.Tensor) -> tf.Tensor:
        return rows

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        return tf.convert_to_tensor(self.weights[0]) * tf.square(rows[:, 0])


@pytest.mark.parametrize(("samples", "penalty"), [(None, 12.5), (1, 25.0)])
def test_the_penalty_is_taken_at_as_many_points_as_are_asked_for(samples: int | None, penalty: float):
    # Slopes of 6 and 0 at the expert's two points, of which those that are above 1 cost (6 - 1)² = 25.
    config = DiscriminatorConfig(minibatch_size=2, penalty_samples=samples)
    expert = expert_of(np.random.default_rng(0), 1)
    discriminator = Discriminator(expert, 0.0, Parabola(), CLASSIFIER, config, DISCOUNT, (STEPS, 1))
    rows = tf.constant([[3.0], [0.0], [0.0], [0.0]])
    figures = discriminator._step(rows, tf.ones([2, 1]), tf.zeros([4, 0]))
    assert float(figures[1]) == pytest.approx(penalty)


def test_the_history_of_terminations_counts_all_rounds_alike():
    rng = np.random.default_rng(0)
    discriminator = discriminator_of(expert_of(rng, action=1))
    often, never = np.arange(STEPS) % 4 == 2, np.zeros(STEPS, bool)
    for terminations in (often, never, never):
        discriminator.update(random_rollout(rng, 0, terminations), rng)
    steps = STEPS - 16 + 2 * STEPS  # the step after a termination only resets
    assert discriminator.history.numpy().tolist() == [16, steps]
    assert discriminator.occupancy_logits_of_history == occupancy_logits(0.0, 16 / steps / (1.0 - DISCOUNT))


def test_a_lost_life_ends_a_return_by_the_tasks_reward_alone():
    rng = np.random.default_rng(0)
    terminations, lost = np.arange(STEPS) == 40, (np.arange(STEPS) == 20)[:, None]
    rollout = dataclasses.replace(random_rollout(rng, 0, terminations), life_losses=lost)
    assert np.flatnonzero(TaskReward().ends(rollout)).tolist() == [20, 40]
    assert np.flatnonzero(discriminator_of(expert_of(rng, action=1)).ends(rollout)).tolist() == [40]
