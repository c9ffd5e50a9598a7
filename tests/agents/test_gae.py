"""Generalised advantage estimation, worked out by hand with discount and lambda of 1/2 unless told otherwise."""

import numpy as np
import pytest

from agents.gae import generalized_advantages

REWARDS = [1.0, 2.0, 3.0, 4.0]
VALUES = [10.0, 20.0, 30.0, 40.0, 50.0]


def advantages(
    steps: int = 4,
    terminations: tuple[int, ...] = (),
    truncations: tuple[int, ...] = (),
    invalid: tuple[int, ...] = (),
    termination_value: float = 0.0,
    gae_lambda: float = 0.5,
) -> list[float]:
    """Of the first ``steps`` steps of one environment, with flags at the steps named."""
    rewards, values = (np.array(each, np.float32)[:, None] for each in (REWARDS[:steps], VALUES[: steps + 1]))
    flags = (np.isin(np.arange(steps), at)[:, None] for at in (terminations, truncations, invalid))
    terminated, truncated, resets = flags
    result = generalized_advantages(
        rewards, values, terminated, truncated, ~resets, termination_value, discount=0.5, gae_lambda=gae_lambda
    )
    assert (result.shape, result.dtype) == ((steps, 1), np.float32)
    return result[:, 0].tolist()


def test_within_an_episode_errors_are_passed_back_at_discount_times_lambda() -> None:
    # delta: 1 + 20/2 - 10 = 1;  2 + 30/2 - 20 = -3;  3 + 40/2 - 30 = -7;  4 + 50/2 - 40 = -11
    # A_3 = -11;  A_2 = -7 - 11/4 = -9.75;  A_1 = -3 - 9.75/4 = -5.4375;  A_0 = 1 - 5.4375/4 = -0.359375
    assert advantages() == [-0.359375, -5.4375, -9.75, -11.0]


def test_lambda_zero_leaves_the_error_of_each_step_alone() -> None:
    assert advantages(gae_lambda=0.0) == [1.0, -3.0, -7.0, -11.0]


def test_lambda_one_gives_the_discounted_return_less_the_value() -> None:
    # Returns: 4 + 50/2 = 29;  3 + 29/2 = 17.5;  2 + 17.5/2 = 10.75;  1 + 10.75/2 = 6.375
    assert advantages(gae_lambda=1.0) == [-3.625, -9.25, -12.5, -11.0]


def test_nothing_is_worth_anything_behind_a_termination() -> None:
    # delta_1 = 2 + 0 - 20 = -18, and A_0 = 1 - 18/4 = -3.5; step 2 only resets.
    assert advantages(terminations=(1,), invalid=(2,)) == [-3.5, -18.0, 0.0, -11.0]


def test_behind_a_termination_stands_the_value_given_for_it() -> None:
    # delta_1 = 2 + 8/2 - 20 = -14, and A_0 = 1 - 14/4 = -2.5
    assert advantages(terminations=(1,), invalid=(2,), termination_value=8.0) == [-2.5, -14.0, 0.0, -11.0]


def test_truncation_bootstraps_from_the_true_last_observation() -> None:
    # delta_1 = 2 + 30/2 - 20 = -3 as within the episode, but nothing of the next one: A_0 = 1 - 3/4 = 0.25
    assert advantages(truncations=(1,), invalid=(2,)) == [0.25, -3.0, 0.0, -11.0]
    assert advantages(truncations=(1,), invalid=(2,), termination_value=8.0) == [0.25, -3.0, 0.0, -11.0]


def test_a_termination_at_the_time_limit_is_a_termination() -> None:
    assert advantages(terminations=(1,), truncations=(1,), invalid=(2,)) == [-3.5, -18.0, 0.0, -11.0]


def test_nothing_is_passed_back_across_an_end_even_if_a_valid_step_follows() -> None:
    # A_3 = -11 and A_2 = -9.75 as within an episode.
    assert advantages(terminations=(1,)) == [-3.5, -18.0, -9.75, -11.0]
    assert advantages(truncations=(1,)) == [0.25, -3.0, -9.75, -11.0]


def test_an_end_in_the_last_step_of_a_rollout_counts_like_any_other() -> None:
    assert advantages(steps=2, terminations=(1,)) == [-3.5, -18.0]
    assert advantages(steps=2, terminations=(1,), termination_value=8.0) == [-2.5, -14.0]
    assert advantages(steps=2, truncations=(1,)) == [0.25, -3.0]


def test_a_rollout_may_begin_with_a_reset() -> None:
    # A_1 = -3 - 9.75/4 as within an episode.
    assert advantages(invalid=(0,)) == [0.0, -5.4375, -9.75, -11.0]


@pytest.mark.parametrize("garbage", [1e6, np.nan])
def test_what_stands_at_a_reset_does_not_matter(garbage: float) -> None:
    rewards, values = np.array(REWARDS)[:, None], np.array(VALUES)[:, None]
    terminations, truncations, valid = (np.zeros((4, 1), bool) for _ in range(3))
    terminations[1] = True
    valid[[0, 1, 3]] = True
    rewards[2] = garbage
    values[2] = garbage  # a termination does not look at its last observation either
    result = generalized_advantages(rewards, values, terminations, truncations, valid, 0.0, 0.5, 0.5)
    assert result[:, 0].tolist() == [-3.5, -18.0, 0.0, -11.0]


def test_environments_do_not_mix() -> None:
    rewards = np.array([REWARDS[:3], [0.0, 0.0, 1.0]], np.float32).T
    values = np.array([VALUES[:4], [0.0, 0.0, 0.0, 0.0]], np.float32).T
    terminations = np.array([[False, True, False], [False, False, True]]).T
    valid = np.array([[True, True, False], [True, True, True]]).T
    none = np.zeros((3, 2), bool)
    result = generalized_advantages(rewards, values, terminations, none, valid, 0.0, 0.5, 0.5)
    # The second: delta = 0, 0, 1, passed back as 1/4 and 1/16.
    assert result.T.tolist() == [[-3.5, -18.0, 0.0], [0.0625, 0.25, 1.0]]
