"""Measures of likeness, against numbers worked out by hand."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from agents.transitions import Transitions
from envs.actions import ActionSpec
from expert_data.quality.marginals import ks_distances, rank_correlation_difference, rank_correlations
from expert_data.quality.neighbours import copied_share, overlap
from expert_data.quality.steps import changes_nearby, learned_error, relative_error
from expert_data.quality.two_sample import classifier_accuracy, mmd_p_value
from expert_data.rows import Rows


def column(*values: float) -> np.ndarray:
    return np.array(values, float)[:, None]


def test_the_ks_distance_is_the_largest_gap_between_the_shares_below() -> None:
    # Below 2.5 lie two of four and none of two; in the second column the samples are the same.
    real = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0]])
    synthetic = np.array([[3.0, 5.0], [4.0, 5.0]])
    np.testing.assert_allclose(ks_distances(real, synthetic), [0.5, 0.0])
    np.testing.assert_allclose(ks_distances(column(1, 2), column(3, 4)), [1.0])


def test_a_rounding_error_is_no_difference() -> None:
    np.testing.assert_allclose(ks_distances(np.ones((4, 1)), np.ones((4, 1)) + 1e-6), [0.0])


def test_rank_correlations_are_spearmans() -> None:
    # 1 - 6 Σd² / n (n² - 1) with ranks 1 2 3 4 against 1 3 2 4: d² sums to 2, so 1 - 12 / 60.
    rows = np.array([[1.0, 10.0, 7.0], [2.0, 30.0, 7.0], [3.0, 20.0, 7.0], [4.0, 400.0, 7.0]])
    expected = [[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(rank_correlations(rows), expected, atol=1e-12)
    backwards = rows[:, [0, 0, 2]] * [1.0, -1.0, 1.0]
    assert rank_correlation_difference(rows, backwards) == pytest.approx(1.8)
    assert rank_correlation_difference(rows, rows) == 0.0


def test_a_classifier_tells_apart_what_differs_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    real, more = rng.standard_normal((2, 1000, 3))
    assert classifier_accuracy(real, more, seed=0) == pytest.approx(0.5, abs=0.04)
    # Two normals two deviations apart are told apart with probability Φ(1) = 0.841 at best.
    assert classifier_accuracy(real[:, :1], more[:, :1] + 2.0, seed=0) == pytest.approx(0.83, abs=0.03)
    assert classifier_accuracy(real, more + 20.0, seed=0) == pytest.approx(1.0, abs=0.002)


def test_the_permutation_p_value_is_small_only_where_distributions_differ() -> None:
    rng = np.random.default_rng(0)
    same = [mmd_p_value(rng.standard_normal((60, 2)), rng.standard_normal((60, 2)), rng) for _ in range(40)]
    assert 0.3 < np.mean(same) < 0.7  # uniform
    assert mmd_p_value(rng.standard_normal((60, 2)), rng.standard_normal((60, 2)) + 2.0, rng) == pytest.approx(1 / 501)
    # Every order of four equal rows is like this one.
    assert mmd_p_value(np.ones((2, 1)), np.ones((2, 1)), rng) == 1.0


def test_density_and_coverage_by_hand() -> None:
    # With six rows the fifth neighbour is the farthest: radii 10, 9, 8, 7, 6 and 10.
    real = column(0, 1, 2, 3, 4, 10)
    assert overlap(real, real).coverage == 1.0
    # -9 lies in the neighbourhood of 0 alone (9 <= 10); 30 lies in none.
    found = overlap(real, column(-9, 30))
    assert found.density == pytest.approx(1 / (5 * 2))
    assert found.coverage == pytest.approx(1 / 6)


def test_real_rows_have_density_one() -> None:
    rng = np.random.default_rng(0)
    found = overlap(*rng.standard_normal((2, 800, 3)))
    assert found.density == pytest.approx(1.0, abs=0.1)
    assert found.coverage == pytest.approx(1.0 - 0.5**5, abs=0.03)  # none of five is nearer than any of five others


def test_copies_are_nearer_than_neighbours_are() -> None:
    learned = column(0, 1, 2, 3)  # each lies 1 from its own
    assert copied_share(learned, column(0.0, 1.05, 1.5, 2.8)) == 0.5
    rng = np.random.default_rng(0)
    learned, others = rng.standard_normal((2, 500, 3))
    assert copied_share(learned, learned[:100]) == 1.0
    assert copied_share(learned, others) < 0.02


def test_errors_are_in_units_of_the_truths_deviation() -> None:
    truth = np.array([[0.0, 5.0], [2.0, 5.0], [4.0, 5.0]])  # deviation √(8/3); the second column never changes
    assert relative_error(truth, truth) == 0.0
    assert relative_error(truth.mean(0) + 0.0 * truth, truth) == pytest.approx(1.0)
    assert relative_error(truth + 1.0, truth) == pytest.approx(np.sqrt(3 / 8))
    assert relative_error(np.ones((3, 1)), np.ones((3, 1))) == 0.0


def test_the_most_similar_known_situation_answers() -> None:
    known, changes = column(0, 10, 20), column(1, 2, 3)
    np.testing.assert_array_equal(changes_nearby(column(12, 4, 99), known, changes), column(2, 1, 3))


def test_who_learns_from_good_steps_foretells_real_ones() -> None:
    rng = np.random.default_rng(0)
    inputs, real = rng.uniform(-1.0, 1.0, (2, 2000, 2))
    truth = real @ np.array([[1.0, 1.0], [1.0, 0.0]])
    good = learned_error(inputs, inputs @ np.array([[1.0, 1.0], [1.0, 0.0]]), real, truth, seed=0)
    bad = learned_error(inputs, inputs @ np.array([[1.0, 1.0], [-1.0, 0.0]]), real, truth, seed=0)
    assert good < 0.1
    # The first column is wrong by twice the second number, of two that count alike: squared, 4 of 2; the other is 0.
    assert bad == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("space", [Discrete(3), Box(-2.0, 2.0, (2,))])
def test_rows_are_in_units_of_their_own_and_can_be_turned_back(space) -> None:
    rng = np.random.default_rng(0)
    spec = ActionSpec.of(space)
    seen = rng.normal(3.0, 5.0, (50, 2)).astype(np.float32)
    after = seen + rng.normal(0.1, 0.01, (50, 2)).astype(np.float32)
    transitions = Transitions(seen, spec.sample(rng, 50), after, rng.random(50) < 0.3)
    rows = Rows.of(transitions, spec)
    made = rows(transitions)
    assert made.shape == (50, len(rows.names))
    numbers = np.r_[0:2, rows.num_inputs : rows.num_inputs + 2]
    np.testing.assert_allclose(made[:, numbers].mean(0), 0.0, atol=1e-4)
    np.testing.assert_allclose(made[:, numbers].std(0), 1.0, atol=1e-4)
    back = rows.transitions(made)
    np.testing.assert_allclose(back.observations, seen, rtol=1e-5)
    np.testing.assert_allclose(back.next_observations, after, atol=1e-4)
    np.testing.assert_allclose(np.asarray(back.actions), np.asarray(transitions.actions), atol=1e-6)
    np.testing.assert_array_equal(back.terminations, transitions.terminations)


def test_what_never_changes_stays_as_it_is() -> None:
    same = Transitions(np.full((4, 1), 7.0, np.float32), np.zeros((4, 1), np.int32), np.full((4, 1), 7.0), np.zeros(4))
    rows = Rows.of(same, ActionSpec.of(Discrete(1)))
    np.testing.assert_array_equal(rows.transitions(rows(same)).next_observations, same.observations)
