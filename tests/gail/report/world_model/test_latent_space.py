"""What can be read from latents."""

import numpy as np
import pytest

from gail.report.world_model.latent_space import active_units, held_out, linear_probe


def test_units_are_active_above_a_hundredth_of_a_nat() -> None:
    assert active_units(np.array([0.0, 0.009, 0.011, 2.0])) == 2


def test_a_quarter_is_held_out_in_blocks() -> None:
    made = held_out(40)  # blocks of two rows, every fourth
    assert np.flatnonzero(made).tolist() == [6, 7, 14, 15, 22, 23, 30, 31, 38, 39]


def test_what_is_linear_in_latents_is_read_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((4000, 3))
    truths = np.stack([latents @ [1.0, -2.0, 0.5] + 7.0, latents[:, 0] ** 2, rng.standard_normal(4000)], 1)
    line, square, noise = linear_probe(latents, truths, held_out(4000))
    assert line > 0.999
    assert abs(square) < 0.05  # even, so that no line follows it
    assert abs(noise) < 0.05


def test_half_of_the_variance_is_half() -> None:
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((8000, 1))
    truths = latents + rng.standard_normal((8000, 1))
    assert linear_probe(latents, truths, held_out(8000))[0] == pytest.approx(0.5, abs=0.05)


def test_ridge_by_hand() -> None:
    # Learned from ±1, whose deviation is 1: the weight of y = x is 2 / (2 + 1). Judged at ±3, the error is a third.
    latents = np.array([[-1.0], [1.0], [-3.0], [3.0]])
    judged = np.array([False, False, True, True])
    assert linear_probe(latents, latents, judged)[0] == pytest.approx(1.0 - 1.0 / 9.0)


def test_who_knows_by_heart_is_found_out() -> None:
    rng = np.random.default_rng(0)
    latents, truths = rng.standard_normal((60, 40)), rng.standard_normal((60, 1))
    assert linear_probe(latents, truths, held_out(60))[0] < 0.0


def test_a_truth_that_does_not_vary_has_no_figure() -> None:
    latents = np.random.default_rng(0).standard_normal((40, 2))
    assert np.isnan(linear_probe(latents, np.ones((40, 1)), held_out(40))).all()
