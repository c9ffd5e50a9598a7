"""Columns whose rows are not all in memory, or not as they are."""

import numpy as np

from expert_data.columns import ChosenRows, Column, Joined, PackedFrames, choose, join


def test_packed_frames_come_back_in_any_order_and_arrangement() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (5, 8, 9, 3), np.uint8)
    column = PackedFrames((8, 9, 3))
    for frame in frames[:, ::-1]:
        column.append(frame[::-1])  # views that do not lie in one piece
    assert column.shape == (5, 8, 9, 3)
    index = np.array([[4, 0], [0, 3]])
    np.testing.assert_array_equal(column[index], frames[index])
    joined = Joined([column, column])
    np.testing.assert_array_equal(ChosenRows(joined, np.array([9, 1]))[np.array([1, 0])], frames[[1, 4]])


def test_what_is_joined_and_chosen_from_again_and_again_stays_flat_and_forgets_what_was_left_out() -> None:
    packed, frame = PackedFrames((2, 2)), np.ones((1, 2, 2), np.uint8)
    for value in (1, 2, 3):
        packed.append(value * frame[0])
    column: Column = packed
    for value in range(10, 20):  # the first two stay, and of the others the last two
        column = join([column, value * frame])
        column = choose(column, np.array([0, 1, len(column) - 2, len(column) - 1]))
        assert isinstance(column, Joined)
        assert len(column.parts) <= 3
        assert not any(isinstance(part, Joined) for part in column.parts)
    np.testing.assert_array_equal(column[np.array([3, 0, 1, 2])][:, 0, 0], [19, 1, 2, 18])
    np.testing.assert_array_equal(choose(column, np.array([2, 0]))[np.array([1, 0])][:, 0, 0], [1, 18])
