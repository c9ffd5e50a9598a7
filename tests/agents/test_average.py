import numpy as np
import pytest
import tensorflow as tf

from agents.average import WeightAverage


@pytest.mark.parametrize(
    ("power", "averages"),
    [
        (0.0, [8.0, 6.0, 4.0]),  # of 8, 4 and 0, all alike
        (1.0, [8.0, 16.0 / 3.0, 8.0 / 3.0]),  # they count 1, 2 and 3
        (3.0, [8.0, 4.8, 1.6]),  # 1, 4 and 10, which are t (t + 1) (t + 2) / 6
    ],
)
def test_later_steps_count_more_by_the_power(power: float, averages: list[float]) -> None:
    kernel, bias = tf.Variable(tf.zeros([2, 2])), tf.Variable(tf.zeros([1]))
    average = WeightAverage([kernel, bias], power)
    for now, expected in zip((8.0, 4.0, 0.0), averages, strict=True):
        kernel.assign(tf.fill([2, 2], now))
        bias.assign([-now])
        average.update()
        np.testing.assert_allclose(average.values[0].numpy(), np.full((2, 2), expected), rtol=1e-6)
        np.testing.assert_allclose(average.values[1].numpy(), [-expected], rtol=1e-6)
    assert kernel.numpy()[0, 0] == 0.0  # they themselves stay as they are


def test_what_takes_the_place_of_all_steps_is_as_old_as_they() -> None:
    weight = tf.Variable(tf.constant([1.0]))
    average = WeightAverage([weight], power=1.0)
    for _ in range(2):
        average.update()
    weight.assign([6.0])
    average.replace()
    weight.assign([0.0])
    average.update()
    np.testing.assert_allclose(average.values[0].numpy(), [3.0])  # both steps count as 6: (1 + 2) 6 / (1 + 2 + 3)
