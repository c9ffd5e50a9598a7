"""Windows on a tape, and errors of what is foreseen, by hand."""

import numpy as np
import pytest

from gail.report.world_model.foresight import Foresight, Windows, squared_error, steps_ahead, total_variance

LEADS = np.array([True, True, True, False, True, False])  # an episode of rows 0 to 3, and one of rows 4 and 5


def drawn(warm_up: int, horizon: int, most: int = 100) -> Windows:
    return Windows.drawn(LEADS, warm_up, horizon, most, np.random.default_rng(0))


def test_rows_ahead_end_with_the_episode() -> None:
    assert steps_ahead(LEADS).tolist() == [3, 2, 1, 0, 1, 0]


def test_windows_stay_within_an_episode() -> None:
    made = drawn(warm_up=2, horizon=2)
    assert made.rows.tolist() == [0, 1]
    assert made.seen.tolist() == [[0, 1], [1, 2]]
    assert made.foreseen.tolist() == [[2, 3], [3, 3]]  # of the second window one row is known
    assert made.known.tolist() == [[True, True], [True, False]]
    assert made.acting.tolist() == [[0, 1, 2], [1, 2, 3]]


def test_one_row_is_enough_to_begin_with() -> None:
    made = drawn(warm_up=1, horizon=3)
    assert made.rows.tolist() == [0, 1, 2, 4]
    assert made.known.sum(1).tolist() == [3, 2, 1, 1]


def test_no_window_is_drawn_twice_and_no_more_than_asked_for() -> None:
    made = drawn(warm_up=1, horizon=1, most=3)
    assert len(set(made.rows.tolist())) == 3


def test_errors_by_hand() -> None:
    predicted = np.array([[[1.0, 2.0], [0.0, 0.0]], [[3.0, 0.0], [9.0, 9.0]]])
    true = np.array([[[0.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 0.0]]])
    known = np.array([[True, True], [True, False]])
    # A step ahead: (1 + 4) / 2 and 0, in the mean 1.25. Two ahead: (0 + 4) / 2 of the one that is known.
    np.testing.assert_allclose(squared_error(predicted, true, known), [1.25, 2.0])
    assert np.isnan(squared_error(predicted, true, np.zeros((2, 2), bool))).all()


def test_who_says_the_mean_is_as_wrong_as_the_variance() -> None:
    values = np.array([[0.0, 1.0], [2.0, 1.0]])  # variances 1 and 0
    assert total_variance(values) == 0.5
    mean = np.broadcast_to(values.mean(0), (2, 1, 2))
    assert squared_error(mean, values[:, None], np.ones((2, 1), bool))[0] == 0.5


def test_an_error_is_told_where_it_is_known() -> None:
    made = Foresight(model=np.array([0.1, np.nan]), persistence=np.array([0.2, np.nan]))
    assert made.at(1) == (pytest.approx(0.1), pytest.approx(0.2))
    assert made.at(2) is None
    assert made.at(3) is None
