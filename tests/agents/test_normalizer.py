"""Observation statistics."""

import numpy as np
import pytest

from agents.normalizer import Normalizer


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_merged_batches_have_the_statistics_of_all_observations_together(offset: float) -> None:
    rng = np.random.default_rng(0)
    batches = [rng.normal(offset + i, 1.0 + i, (size, 3)).astype(np.float32) for i, size in enumerate((1, 7, 100, 2))]
    normalizer = Normalizer.identity(3)
    for batch in batches:
        normalizer = normalizer.updated(batch)
    everything = np.concatenate(batches).astype(np.float64)
    np.testing.assert_allclose(normalizer.mean, everything.mean(0), rtol=1e-10)
    np.testing.assert_allclose(normalizer.variance, everything.var(0), rtol=1e-8)
    assert normalizer.count == 110


def test_an_update_leaves_the_old_statistics_alone() -> None:
    before = Normalizer.identity(2).updated(np.array([[1.0, 2.0], [3.0, 6.0]]))
    before.updated(np.full((5, 2), 100.0))
    assert (before.mean.tolist(), before.variance.tolist(), before.count) == ([2.0, 4.0], [1.0, 4.0], 2)


def test_observations_come_out_in_standard_deviations_from_the_mean() -> None:
    normalizer = Normalizer(np.array([10.0, -1.0]), np.array([4.0, 0.25]), 100.0)
    scaled = normalizer(np.array([[[12.0, -1.0]], [[9.0, -2.0]]], np.float32))
    np.testing.assert_allclose(scaled, [[[1.0, 0.0]], [[-0.5, -2.0]]], rtol=1e-6)
    assert scaled.dtype == np.float32


def test_observations_are_clipped_at_ten_standard_deviations() -> None:
    normalizer = Normalizer(np.array([10.0]), np.array([4.0]), 100.0)
    scaled = normalizer(np.array([[29.0], [31.0], [-11.0], [1e30]], np.float32))
    np.testing.assert_allclose(scaled, [[9.5], [10.0], [-10.0], [10.0]], rtol=1e-6)


def test_without_statistics_observations_pass_unchanged_but_clipped() -> None:
    scaled = Normalizer.identity(3)(np.array([[0.5, -9.0, 1000.0]], np.float32))
    np.testing.assert_allclose(scaled, [[0.5, -9.0, 10.0]], rtol=1e-6)


def test_an_observation_that_never_changes_is_zero() -> None:
    normalizer = Normalizer.identity(1).updated(np.full((50, 1), 7.0, np.float32))
    assert normalizer(np.array([[7.0], [7.1]], np.float32)).tolist() == [[0.0], [10.0]]
