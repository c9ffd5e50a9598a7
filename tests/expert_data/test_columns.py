"""Columns whose rows are not all in memory, or not as they are."""

import numpy as np

from expert_data.columns import ChosenRows, Joined, PackedFrames


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
