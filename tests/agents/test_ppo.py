"""Proximal policy optimisation."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete
from tiny_agents import SPECS, networks_of

from agents.config import PPOConfig
from agents.networks import ActorCritic
from agents.ppo import PPO, Demonstrated, adapted_caution, brake, clipped_surrogate_loss, explained_variance
from agents.rollout import Rollout
from envs.actions import ActionSpec

STEPS, ENVS = 8, 4
CONFIG = PPOConfig(minibatch_size=8, epochs=4, learning_rate=0.01, target_kl=0.0)


def variables(ppo: PPO) -> list[Any]:
    networks = perceptrons(ppo)
    moments = [ppo.value_mean, ppo.value_std, ppo.moments, ppo.moments_weight]
    adams = [*ppo.policy_adam.variables, *ppo.value_adam.variables]
    return [*networks.policy.weights, *networks.value.weights, *adams, *moments, ppo.caution]


def perceptrons(ppo: PPO) -> ActorCritic:
    assert isinstance(ppo.networks, ActorCritic)
    return ppo.networks


def values_of(ppo: PPO, observations: np.ndarray) -> np.ndarray:
    """Of ``[S, N, D]``, which are taken for the observations of a rollout of S - 1 steps."""
    shape = (len(observations) - 1, observations.shape[1])
    never, actions = np.zeros(shape, bool), np.zeros((*shape, 1), np.int32)
    rollout = Rollout(observations, actions, np.zeros(shape, np.float32), never, never, ~never, never)
    return ppo.predict(rollout.table, rollout)[1]


def state(ppo: PPO) -> list[np.ndarray]:
    return [variable.numpy().copy() for variable in variables(ppo)]


def policy_of(ppo: PPO) -> list[np.ndarray]:
    return perceptrons(ppo).policy.get_weights()


@pytest.fixture(scope="module")
def compiled() -> PPO:
    """Compiled once for all tests, which is why they all have ``STEPS`` and ``ENVS``."""
    return PPO(networks_of(ActionSpec.of(Discrete(2)), inputs=3), CONFIG)


@pytest.fixture
def ppo(compiled: PPO) -> Iterator[PPO]:
    """As if it were new."""
    start = state(compiled)
    yield compiled
    for variable, value in zip(variables(compiled), start, strict=True):
        variable.assign(value)


class Experience:
    """Arguments of an update: random ones, but for those that a test cares for."""

    def __init__(self, seed: int = 0, valid: np.ndarray | None = None):
        rng = np.random.default_rng(seed)
        self.observations = rng.standard_normal((STEPS, ENVS, 3)).astype(np.float32)
        self.actions = rng.integers(0, 2, (STEPS, ENVS, 1), np.int32)
        self.advantages = rng.standard_normal((STEPS, ENVS)).astype(np.float32)
        self.returns = rng.standard_normal((STEPS, ENVS)).astype(np.float32)
        self.valid = np.ones((STEPS, ENVS), bool) if valid is None else valid

    def teach(
        self,
        ppo: PPO,
        remaining: float = 1.0,
        seed: int = 0,
        hold_policy: bool = False,
        demonstrated: Demonstrated | None = None,
    ) -> dict[str, float]:
        never = np.zeros((STEPS, ENVS), bool)
        last = self.observations[-1:]
        observations = np.concatenate([self.observations, last])
        unpaid = np.zeros((STEPS, ENVS), np.float32)
        rollout = Rollout(observations, self.actions, unpaid, never, never, self.valid, never)
        log_probs, _ = ppo.predict(rollout.table, rollout)
        rng = np.random.default_rng(seed)
        return ppo.update(
            rollout.table, rollout, log_probs, self.advantages, self.returns, remaining, rng, hold_policy, demonstrated
        )


@pytest.mark.parametrize(
    ("ratio", "advantage", "objective"),
    [
        (1.1, 2.0, 2.2),  # inside of 0.8 to 1.2
        (1.5, 2.0, 2.4),  # gained enough: 1.2 * 2
        (0.5, 2.0, 1.0),  # lost a good action: no limit, 0.5 * 2
        (0.9, -2.0, -1.8),  # inside
        (0.5, -2.0, -1.6),  # avoided enough: 0.8 * -2
        (1.5, -2.0, -3.0),  # gained a bad action: no limit, 1.5 * -2
    ],
)
def test_the_surrogate_is_clipped_only_where_it_would_gain(ratio: float, advantage: float, objective: float) -> None:
    ratios = tf.constant([ratio])
    with tf.GradientTape() as tape:
        tape.watch(ratios)
        loss = clipped_surrogate_loss(ratios, tf.constant([advantage]), 0.2)
    assert loss.numpy() == pytest.approx(-objective)
    # Beyond the clip nothing pulls any more; elsewhere the slope is that of -r A.
    slope = 0.0 if (ratio, advantage) in {(1.5, 2.0), (0.5, -2.0)} else -advantage
    assert np.array(tape.gradient(loss, ratios)) == pytest.approx([slope])


def test_the_surrogate_is_a_mean() -> None:
    # (2.2 + 2.4 - 3.0) / 3 = 1.6 / 3
    loss = clipped_surrogate_loss(tf.constant([1.1, 1.5, 1.5]), tf.constant([2.0, 2.0, -2.0]), 0.2)
    assert loss.numpy() == pytest.approx(-1.6 / 3)


@pytest.mark.parametrize(
    ("caution", "kl", "adapted"),
    [
        (0.5, 0.021, 0.5 / 1.1),  # too far
        (0.5, 0.019, 0.5),  # near enough to the target of 0.01
        (0.5, 0.006, 0.5),
        (0.5, 0.004, 0.55),  # not far
        (0.95, 0.0, 1.0),  # never above the whole step
        (1e-3, 1.0, 1e-3),  # never nothing
    ],
)
def test_caution_follows_how_far_the_policy_has_moved(caution: float, kl: float, adapted: float) -> None:
    assert float(adapted_caution(tf.constant(caution), tf.constant(kl), 0.01)) == pytest.approx(adapted)


@pytest.mark.parametrize(("kl", "left"), [(0.0, 1.0), (0.005, 0.75), (0.015, 0.25), (0.02, 0.0), (0.5, 0.0)])
def test_steps_become_smaller_the_further_the_policy_has_moved(kl: float, left: float) -> None:
    assert float(brake(tf.constant(kl), 0.01)) == pytest.approx(left)


def test_a_policy_that_has_moved_too_far_stays_where_it_is_until_the_next_round(ppo: PPO) -> None:
    ppo = PPO(ppo.networks, dataclasses.replace(CONFIG, target_kl=1e-6))
    ppo.caution.assign(1.0)  # with which the first step of all goes further than twice the target
    Experience().teach(ppo)
    after = policy_of(ppo)
    ppo.caution.assign(1.0)
    Experience().teach(ppo, seed=1)
    moved = max(np.abs(new - old).max() for new, old in zip(policy_of(ppo), after, strict=True))
    assert 0.0 < moved < 1.5 * CONFIG.learning_rate  # of 16 minibatches one moved it


def test_what_is_demonstrated_is_cloned_beside_what_is_rewarded() -> None:
    def sureness(coefficient: float) -> float:
        networks = networks_of(ActionSpec.of(Discrete(2)), inputs=3)
        ppo = PPO(networks, dataclasses.replace(CONFIG, cloning_coefficient=coefficient))
        experience = Experience()
        shape = ppo.cloned_shape(STEPS * ENVS)
        shown = np.ones((*shape, 3), np.float32)
        demonstrated = Demonstrated(shown, np.ones((*shape, 1), np.int32)) if coefficient else None
        for seed in range(10):
            experience.teach(ppo, seed=seed, demonstrated=demonstrated)
        return float(np.exp(ppo.log_probs(shown[0], np.ones((shape[1], 1), np.int32)))[0])

    assert CONFIG.minibatch_size == 8  # of which one is demonstrated
    assert sureness(0.0) < 0.8 < sureness(10.0)


def test_a_policy_that_would_go_far_is_held_near_the_target() -> None:
    moved = {}
    for target in (0.0, 0.01):
        ppo = PPO(networks_of(SPECS["box"]), dataclasses.replace(CONFIG, target_kl=target, epochs=40, min_std=0.01))
        ppo.networks.log_std.assign(np.full(2, -4.0, np.float32))  # a small deviation makes every step a large one
        experience = Experience()
        experience.actions = np.random.default_rng(1).normal(0.0, 0.02, (STEPS, ENVS, 2)).astype(np.float32)
        for seed in range(3):
            moved[target] = experience.teach(ppo, seed=seed)["train/approx_kl"]
    assert moved[0.01] < 0.03 < 0.3 < moved[0.0]


def test_the_first_steps_are_small_and_grow_only_while_the_policy_may_move(ppo: PPO) -> None:
    ppo = PPO(ppo.networks, dataclasses.replace(CONFIG, target_kl=0.01))
    before = policy_of(ppo)
    Experience().teach(ppo, hold_policy=True)
    assert ppo.caution.numpy() == pytest.approx(1e-3)
    Experience().teach(ppo)
    # 4 epochs of 32 steps are 16 minibatches, and none has moved it far.
    assert ppo.caution.numpy() == pytest.approx(1e-3 * 1.1**16, rel=1e-4)
    # Adam moves a weight by a step size at most, but for its first steps' corrections.
    largest = max(np.abs(new - old).max() for new, old in zip(policy_of(ppo), before, strict=True))
    assert largest < 2 * CONFIG.learning_rate * 1e-3 * sum(1.1**n for n in range(16))


def test_a_policy_that_is_paid_for_being_sure_keeps_its_least_deviation() -> None:
    ppo = PPO(networks_of(SPECS["box"]), dataclasses.replace(CONFIG, learning_rate=0.1, target_kl=0.0, min_std=0.3))
    experience = Experience()
    experience.actions = np.random.default_rng(1).normal(0.0, 1.0, (STEPS, ENVS, 2)).astype(np.float32)
    experience.advantages = -np.abs(experience.actions).sum(-1)
    for seed in range(5):
        experience.teach(ppo, seed=seed)
    np.testing.assert_allclose(np.exp(ppo.networks.log_std.numpy()), 0.3, rtol=1e-5)


def test_explained_variance_compares_residuals_with_targets() -> None:
    targets = np.array([0.0, 2.0, 4.0, 6.0])  # variance (9 + 1 + 1 + 9) / 4 = 5
    # Residuals 0, 0, 0, 4 have mean 1 and variance (1 + 1 + 1 + 9) / 4 = 3, and 1 - 3/5 = 0.4.
    assert explained_variance(np.array([0.0, 2.0, 4.0, 2.0]), targets) == pytest.approx(0.4)
    assert explained_variance(targets + 7.0, targets) == 1.0
    assert explained_variance(np.full(4, 100.0), targets) == 0.0
    assert explained_variance(-targets, targets) == pytest.approx(-3.0)  # residuals are twice the targets: 1 - 4
    assert math.isnan(explained_variance(targets, np.ones(4)))


@pytest.mark.parametrize("better", [0, 1])
def test_an_update_makes_the_better_action_more_likely(ppo: PPO, better: int) -> None:
    bandit = Experience()
    bandit.observations[:] = 1.0
    bandit.advantages = np.where(bandit.actions[..., 0] == better, 1.0, -1.0).astype(np.float32)

    def probability() -> float:
        return tf.nn.softmax(perceptrons(ppo).policy(bandit.observations[0, :1])).numpy()[0, better]

    before = probability()
    assert before == pytest.approx(0.5, abs=0.05)
    bandit.teach(ppo)
    # The clip is at 0.5 * 1.2 = 0.6, and momentum carries a little further; sixteen steps without it would reach 0.91.
    assert 0.6 < probability() < 0.85


def test_advantages_count_only_against_those_of_their_minibatch(ppo: PPO) -> None:
    start = state(ppo)
    plain = Experience()
    plain.teach(ppo)
    expected = policy_of(ppo)
    for variable, value in zip(variables(ppo), start, strict=True):
        variable.assign(value)
    scaled = Experience()
    scaled.advantages = scaled.advantages * 8.0 + 32.0
    scaled.teach(ppo)
    for after, before in zip(policy_of(ppo), expected, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-4)


def test_steps_that_are_not_valid_do_not_influence_the_update(ppo: PPO) -> None:
    start = state(ppo)
    valid = np.random.default_rng(1).random((STEPS, ENVS)) > 0.3
    experience = Experience(valid=valid)
    scalars = experience.teach(ppo)
    expected = state(ppo)
    for variable, value in zip(variables(ppo), start, strict=True):
        variable.assign(value)
    spoilt = Experience(valid=valid)
    spoilt.observations[~valid] = 1e3
    spoilt.actions[~valid] = 1 - spoilt.actions[~valid]
    spoilt.advantages[~valid] = -1e6
    spoilt.returns[~valid] = np.nan
    assert spoilt.teach(ppo) == scalars
    for after, before in zip(state(ppo), expected, strict=True):
        np.testing.assert_array_equal(after, before)


def test_all_valid_steps_influence_the_update(ppo: PPO) -> None:
    start = state(ppo)
    Experience().teach(ppo)
    expected = policy_of(ppo)[0]
    for step in ((0, 0), (STEPS - 1, ENVS - 1)):
        for variable, value in zip(variables(ppo), start, strict=True):
            variable.assign(value)
        changed = Experience()
        changed.advantages[step] += 3.0
        changed.teach(ppo)
        assert (policy_of(ppo)[0] != expected).any()


@pytest.mark.parametrize("count", [1, 3])
def test_fewer_valid_steps_than_a_minibatch_are_enough(ppo: PPO, count: int) -> None:
    valid = np.zeros((STEPS, ENVS), bool)
    valid[:count, 0] = True
    scalars = Experience(valid=valid).teach(ppo)
    assert all(np.isfinite(each).all() for each in state(ppo))
    assert math.isfinite(scalars["train/policy_loss"])


def test_a_rollout_of_nothing_but_resets_changes_no_weight(ppo: PPO) -> None:
    start = [*policy_of(ppo), *perceptrons(ppo).value.get_weights()]
    Experience(valid=np.zeros((STEPS, ENVS), bool)).teach(ppo)
    for after, before in zip([*policy_of(ppo), *perceptrons(ppo).value.get_weights()], start, strict=True):
        np.testing.assert_array_equal(after, before)


def test_an_update_follows_from_its_arguments_and_the_order_of_minibatches(ppo: PPO) -> None:
    start, results = state(ppo), []
    for seed in (0, 0, 1):
        for variable, value in zip(variables(ppo), start, strict=True):
            variable.assign(value)
        Experience().teach(ppo, seed=seed)
        results.append(policy_of(ppo)[0])
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


def test_a_checkpoint_of_the_module_holds_everything_that_an_update_depends_on(ppo: PPO, tmp_path: Path) -> None:
    Experience().teach(ppo)
    written = tf.train.Checkpoint(ppo=ppo).write(str(tmp_path / "checkpoint"))
    Experience(seed=1).teach(ppo)
    expected = state(ppo)
    Experience(seed=2).teach(ppo)
    tf.train.Checkpoint(ppo=ppo).read(written).assert_consumed()
    Experience(seed=1).teach(ppo)
    for after, before in zip(state(ppo), expected, strict=True):
        np.testing.assert_array_equal(after, before)


def test_the_step_size_falls_with_what_remains_of_the_run(ppo: PPO) -> None:
    before = policy_of(ppo)
    scalars = Experience().teach(ppo, remaining=0.0)
    for after, start in zip(policy_of(ppo), before, strict=True):
        np.testing.assert_array_equal(after, start)
    # A policy that does not move has the ratio 1 to itself; a new one with two actions is all but undecided.
    assert scalars["train/approx_kl"] == 0.0
    assert scalars["train/clip_fraction"] == 0.0
    assert scalars["train/policy_loss"] == pytest.approx(0.0, abs=1e-6)  # the mean of normalised advantages
    assert scalars["train/entropy"] == pytest.approx(math.log(2.0), abs=0.001)
    Experience().teach(ppo, remaining=0.25)
    for adam in (ppo.policy_adam, ppo.value_adam):
        assert tf.convert_to_tensor(adam.learning_rate).numpy() == pytest.approx(0.0025)


def test_the_value_loss_is_half_the_mean_square_of_normalised_errors(ppo: PPO) -> None:
    experience = Experience()
    experience.returns[::2], experience.returns[1::2] = 3.0, 7.0
    ppo._rescale_values(experience.returns)
    experience.advantages = experience.returns - values_of(ppo, experience.observations)
    errors = (experience.returns - values_of(ppo, experience.observations)) / 2.0  # the deviation of 3s and 7s is 2
    scalars = experience.teach(ppo, remaining=0.0)
    assert scalars["train/value_loss"] == pytest.approx(0.5 * np.square(errors).mean(), rel=1e-3)
    # Predictions are near zero and explain nothing of 3s and 7s that follow no observation.
    assert scalars["train/explained_variance"] < 0.5


def test_predictions_are_those_of_each_observation_by_itself(ppo: PPO) -> None:
    observations = Experience().observations
    values = values_of(ppo, observations)
    assert values.shape == (STEPS, ENVS)
    np.testing.assert_allclose(values[2, 3], values_of(ppo, observations[2:3, 3:])[0, 0], rtol=1e-5)


def test_new_scales_of_the_returns_leave_predictions_as_they_are(ppo: PPO) -> None:
    observations = Experience().observations
    ppo._rescale_values(np.random.default_rng(1).normal(5.0, 3.0, 100).astype(np.float32))
    before = values_of(ppo, observations)
    assert before.std() > 0.1
    for mean, std in ((1000.0, 50.0), (-20.0, 0.5), (3.0, 700.0)):
        ppo._rescale_values(np.random.default_rng(0).normal(mean, std, 100).astype(np.float32))
        # Single precision at numbers of a thousand: 1000 * 2^-23 = 1e-4 at each rescaling.
        np.testing.assert_allclose(values_of(ppo, observations), before, atol=2e-3)


def test_the_scale_of_the_returns_is_that_of_the_rounds_so_far(ppo: PPO) -> None:
    ppo._rescale_values(np.array([2.0, 6.0], np.float32))
    assert ppo.value_mean.numpy() == pytest.approx(4.0)
    assert ppo.value_std.numpy() == pytest.approx(2.0, rel=1e-3)
    ppo._rescale_values(np.array([10.0, 10.0], np.float32))
    # Weights 0.9 and 1 of 1.9: mean (3.6 + 10) / 1.9 = 7.15789; square (0.9 * 20 + 100) / 1.9 = 62.10526,
    # and the root of 62.10526 - 51.23546 is 3.29694.
    assert ppo.value_mean.numpy() == pytest.approx(7.15789, rel=1e-5)
    assert ppo.value_std.numpy() == pytest.approx(3.29694, rel=1e-3)


def test_values_learn_returns_that_follow_from_the_observation_whatever_their_scale(ppo: PPO) -> None:
    experience = Experience()
    experience.returns[:] = 1000.0 + 500.0 * np.sign(experience.observations[..., 0])
    for round_index in range(25):
        experience.teach(ppo, seed=round_index)
    errors = values_of(ppo, experience.observations) - experience.returns
    assert np.sqrt(np.square(errors).mean()) < 100.0  # of 500 that a constant would leave


def test_values_learn_a_constant_return_of_a_thousand(ppo: PPO) -> None:
    experience = Experience()
    experience.returns[:] = 1000.0
    for round_index in range(25):
        experience.teach(ppo, seed=round_index)
    np.testing.assert_allclose(values_of(ppo, experience.observations), 1000.0, rtol=0.02)


def test_values_learn_returns_that_differ_little_for_their_size(ppo: PPO) -> None:
    experience = Experience()
    experience.returns[:] = 1000.0 + np.sign(experience.observations[..., 0])
    for round_index in range(25):
        experience.teach(ppo, seed=round_index)
    errors = values_of(ppo, experience.observations) - experience.returns
    assert np.abs(errors).max() < 20.0


def test_an_entropy_bonus_undecides_the_policy() -> None:
    def probability(coefficient: float) -> float:
        networks = networks_of(ActionSpec.of(Discrete(2)), inputs=3)
        networks.policy.layers[-1].bias.assign([1.0, 0.0])
        config = PPOConfig(
            minibatch_size=8, epochs=1, learning_rate=0.01, target_kl=0.0, entropy_coefficient=coefficient
        )
        experience = Experience()
        experience.advantages[:] = 0.0
        experience.teach(PPO(networks, config))
        return tf.nn.softmax(networks.policy(experience.observations[0])).numpy()[:, 0].mean()

    tf.config.run_functions_eagerly(True)  # a few steps take less time than compiling them
    try:
        assert probability(0.5) < probability(0.0) - 0.005
    finally:
        tf.config.run_functions_eagerly(False)
