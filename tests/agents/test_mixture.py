import math

import numpy as np
import pytest
import tensorflow as tf

from agents.world_model.mixture import Mixture, of_member


def mixture_of(logits, means, stds) -> Mixture:
    return Mixture(*(tf.constant(values, tf.float32) for values in (logits, means, np.log(stds))))


def test_density_by_hand() -> None:
    # Half a Gaussian at 0, half one at 2, both of deviation 1, at 0: (φ(0) + φ(2)) / 2.
    mixture = mixture_of([0.0, 0.0], [[0.0], [2.0]], [[1.0], [1.0]])
    density = (1.0 + math.exp(-2.0)) / (2.0 * math.sqrt(2.0 * math.pi))
    assert float(mixture.log_prob(tf.constant([0.0]))) == pytest.approx(math.log(density), abs=1e-6)


def test_components_of_a_value_are_independent() -> None:
    both = mixture_of([0.0], [[1.0, -1.0]], [[2.0, 0.5]])
    each = [mixture_of([0.0], [[mean]], [[std]]) for mean, std in ((1.0, 2.0), (-1.0, 0.5))]
    apart = sum(float(one.log_prob(tf.constant([value]))) for one, value in zip(each, (0.3, -0.2), strict=True))
    assert float(both.log_prob(tf.constant([0.3, -0.2]))) == pytest.approx(apart, abs=1e-5)


def test_the_mean_is_weighted() -> None:
    mixture = mixture_of([math.log(3.0), 0.0], [[0.0], [4.0]], [[1.0], [1.0]])
    assert float(mixture.mean()[0]) == pytest.approx(1.0)


@pytest.mark.parametrize(("temperature", "share", "variance"), [(1.0, 0.75, 1.0), (4.0, 3**0.25 / (1 + 3**0.25), 4.0)])
def test_temperature_evens_the_choice_and_widens_each_gaussian(temperature, share, variance) -> None:
    rng = np.random.default_rng(0)
    count = 40_000
    mixture = mixture_of(
        np.tile([math.log(3.0), 0.0], (count, 1)), np.tile([[0.0], [1000.0]], (count, 1, 1)), np.ones((count, 2, 1))
    )
    gumbel, normal = rng.gumbel(size=(count, 2)), rng.standard_normal((count, 1))
    drawn = mixture.sample(temperature, tf.constant(gumbel, tf.float32), tf.constant(normal, tf.float32)).numpy()
    first = drawn < 500.0
    assert first.mean() == pytest.approx(share, abs=0.01)
    assert drawn[first].var() == pytest.approx(variance, rel=0.05)


def test_without_temperature_nothing_is_left_to_chance() -> None:
    mixture = mixture_of([[0.0, 0.1]], [[[0.0], [4.0]]], [[[1.0], [1.0]]])
    drawn = mixture.sample(0.0, tf.constant([[50.0, -50.0]]), tf.constant([[3.0]]))
    assert float(drawn[0, 0]) == 4.0


def test_each_row_asks_its_own_member() -> None:
    values = tf.constant([[[1.0], [2.0]], [[3.0], [4.0]]])  # [E, B, 1]
    np.testing.assert_array_equal(of_member(tf.constant([1, 0]), values), [[3.0], [2.0]])
