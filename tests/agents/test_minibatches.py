"""The order of gradient steps."""

import numpy as np
import pytest

from agents.minibatches import shuffled_minibatches

CANDIDATES = np.array([3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377])


def test_every_epoch_takes_each_candidate_at_most_once_and_leaves_out_only_a_remainder() -> None:
    rows = shuffled_minibatches(CANDIDATES, 4, epochs=3, rng=np.random.default_rng(0))
    assert (rows.shape, rows.dtype) == ((6, 4), np.int32)  # 11 candidates fill two minibatches of 4
    for epoch in rows.reshape(3, 8):
        assert len(set(epoch.tolist())) == 8
        assert set(epoch.tolist()) <= set(CANDIDATES.tolist())


def test_without_a_remainder_every_epoch_takes_all() -> None:
    rows = shuffled_minibatches(CANDIDATES[:8], 4, epochs=5, rng=np.random.default_rng(0))
    for epoch in rows.reshape(5, 8):
        assert sorted(epoch.tolist()) == CANDIDATES[:8].tolist()


def test_the_remainder_changes_so_that_none_is_left_out_for_good() -> None:
    rows = shuffled_minibatches(CANDIDATES, 4, epochs=30, rng=np.random.default_rng(0))
    assert set(rows.ravel().tolist()) == set(CANDIDATES.tolist())


def test_epochs_differ_in_their_order() -> None:
    first, second = shuffled_minibatches(CANDIDATES[:8], 8, epochs=2, rng=np.random.default_rng(0)).tolist()
    assert first != second
    assert first != sorted(first)


def test_fewer_candidates_than_a_minibatch_are_repeated() -> None:
    (row,) = shuffled_minibatches(CANDIDATES[:3], 7, epochs=1, rng=np.random.default_rng(0))
    counts = [row.tolist().count(candidate) for candidate in CANDIDATES[:3]]
    assert sorted(counts) == [2, 2, 3]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_generator_decides_the_order(seed: int) -> None:
    once, again, other = (
        shuffled_minibatches(CANDIDATES, 4, 2, np.random.default_rng(each)).tolist() for each in (seed, seed, seed + 2)
    )
    assert once == again != other
