"""Log-probabilities and entropies, against SciPy's."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from tiny_agents import SPECS

from agents.distributions import entropy, log_prob

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0.0, 2.0, (6, 3)).astype(np.float32)
MORE_LOGITS = RNG.normal(0.0, 2.0, (6, 2)).astype(np.float32)
NO_STD = tf.zeros([0])


def numbers(kind: str, parameters: np.ndarray, actions: np.ndarray, log_std: Any = NO_STD) -> tuple:
    constant, std = tf.constant(parameters), tf.constant(log_std)
    log_probs = log_prob(SPECS[kind], constant, std, tf.constant(actions))
    entropies = entropy(SPECS[kind], constant, std)
    assert log_probs.shape == entropies.shape == (len(parameters),)
    return log_probs.numpy(), entropies.numpy()


def categorical(logits: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one_draw = [scipy.stats.multinomial(1, p / p.sum()) for p in scipy.special.softmax(logits.astype(float), -1)]
    rows = zip(one_draw, np.eye(logits.shape[-1])[actions], strict=True)
    return np.array([draw.logpmf(row) for draw, row in rows]), np.array([draw.entropy() for draw in one_draw])


def test_a_category_as_scipy_has_it() -> None:
    actions = np.array([0, 1, 2, 2, 1, 0], np.int32)
    log_probs, entropies = numbers("discrete", LOGITS, actions[:, None])
    expected_log_probs, expected_entropies = categorical(LOGITS, actions)
    np.testing.assert_allclose(log_probs, expected_log_probs, rtol=1e-5)
    np.testing.assert_allclose(entropies, expected_entropies, rtol=1e-4)


def test_several_categories_add_up() -> None:
    actions = np.stack([[0, 1, 0, 1, 0, 1], [2, 1, 0, 0, 1, 2]], -1).astype(np.int32)
    log_probs, entropies = numbers("multi-discrete", np.concatenate([MORE_LOGITS, LOGITS], -1), actions)
    first, second = categorical(MORE_LOGITS, actions[:, 0]), categorical(LOGITS, actions[:, 1])
    np.testing.assert_allclose(log_probs, first[0] + second[0], rtol=1e-5)
    np.testing.assert_allclose(entropies, first[1] + second[1], rtol=1e-4)


def test_bits_add_up_as_scipy_has_them() -> None:
    actions = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1], [1, 1]], np.int32)
    log_probs, entropies = numbers("multi-binary", MORE_LOGITS, actions)
    ones = scipy.special.expit(MORE_LOGITS.astype(float))
    np.testing.assert_allclose(log_probs, scipy.stats.bernoulli.logpmf(actions, ones).sum(-1), rtol=1e-5)
    np.testing.assert_allclose(entropies, scipy.stats.bernoulli.entropy(ones).sum(-1), rtol=1e-5)


def test_numbers_as_scipy_has_them() -> None:
    actions = RNG.normal(0.0, 3.0, (6, 2)).astype(np.float32)
    std = np.array([0.5, 3.0], np.float32)
    log_probs, entropies = numbers("box", MORE_LOGITS, actions, np.log(std))
    means = MORE_LOGITS.astype(float)
    np.testing.assert_allclose(log_probs, scipy.stats.norm.logpdf(actions, means, std).sum(-1), rtol=1e-5)
    np.testing.assert_allclose(entropies, scipy.stats.norm.entropy(means, std).sum(-1), rtol=1e-5)


def test_indifference_has_the_logarithm_of_the_choices() -> None:
    log_probs, entropies = numbers("multi-discrete", np.zeros((1, 5), np.float32), np.array([[1, 2]], np.int32))
    assert log_probs[0] == pytest.approx(-math.log(6))  # 2 x 3 choices
    assert entropies[0] == pytest.approx(math.log(6))


@pytest.mark.parametrize("kind", ["discrete", "multi-binary"])
def test_certainty_has_no_entropy_and_no_infinities(kind: str) -> None:
    certain = {"discrete": [[1000.0, -1000.0, -1000.0]], "multi-binary": [[1000.0, -1000.0]]}[kind]
    likely, unlikely = {"discrete": ([[0]], [[1]]), "multi-binary": ([[1, 0]], [[0, 0]])}[kind]
    log_probs, entropies = numbers(kind, np.array(certain, np.float32), np.array(likely, np.int32))
    assert (log_probs[0], entropies[0]) == (0.0, 0.0)
    log_probs, _ = numbers(kind, np.array(certain, np.float32), np.array(unlikely, np.int32))
    # e^-1000 / (e^1000 + 2 e^-1000) = e^-2000; a bit of logit 1000 is 0 with probability 1 / (1 + e^1000).
    assert log_probs[0] == {"discrete": -2000.0, "multi-binary": -1000.0}[kind]
