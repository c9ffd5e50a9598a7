import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.transitions import Transitions
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig
from gail.reward.features import Features
from gail.reward.logits import PlainLogits, perceptron
from gail.reward.objectives import CRITIC, classifier, cross_entropy, gradient_penalty, wasserstein


def linear_logits(kernel: list[float], num_smooth: int) -> PlainLogits:
    """h = kernel · x, whose first ``num_smooth`` columns alone count as smooth."""
    states = np.zeros((2, len(kernel)), np.float32)
    expert = Transitions(states, None, states, np.zeros(2, bool))
    features = Features.of(expert, ActionSpec.of(Discrete(2)), "state")
    logits = PlainLogits(features, DiscriminatorConfig(hidden=()), seed=0)
    logits.network.set_weights([np.array(kernel)[:, None], np.zeros(1)])
    logits.num_smooth = num_smooth
    return logits


def test_cross_entropy_by_hand():
    # Expert logits 0 and ln 3: D = 1/2, 3/4, mean of -ln D = (0.693147 + 0.287682) / 2 = 0.490415.
    # Agent logit ln 3: D = 3/4, -ln(1-D) = ln 4 = 1.386294. Half of the sum: 0.938354.
    expert, agent = tf.constant([0.0, np.log(3.0)], tf.float32), tf.constant([np.log(3.0)], tf.float32)
    assert float(cross_entropy(expert, agent, 0.0)) == pytest.approx(0.938354, abs=1e-5)
    # A tenth of the expert's labels are wrong: -0.1 ln(1-D) in place of -0.1 ln D. At 1/2 that is the same, at 3/4 it
    # adds 0.1 (1.386294 - 0.287682) = 0.109861, and a quarter of it counts.
    assert float(cross_entropy(expert, agent, 0.1)) == pytest.approx(0.938354 + 0.109861 / 4, abs=1e-5)


def test_wasserstein_by_hand():
    # Means 2 and -1.
    assert float(wasserstein(tf.constant([1.0, 3.0]), tf.constant([-1.0]))) == pytest.approx(-3.0)


def test_a_critic_has_its_midpoint_between_the_sides_and_a_classifier_at_zero():
    expert, agent = tf.constant([1.0, 3.0]), tf.constant([-1.0])
    assert float(classifier().midpoint(expert, agent)) == 0.0
    assert float(CRITIC.midpoint(expert, agent)) == pytest.approx(0.5)


def test_gradient_penalty_of_a_linear_logit_is_known():
    points = tf.random.normal([7, 2])
    # The gradient is (3, 4) everywhere, its norm 5, the penalty (5 - 1)² = 16.
    assert float(gradient_penalty(linear_logits([3.0, 4.0], 2), points)) == pytest.approx(16.0, rel=1e-5)
    assert float(gradient_penalty(linear_logits([0.3, 0.4], 2), points)) == 0.0  # gentle slopes are free
    # The second column is no number to change gradually, and (3 - 1)² = 4 is left.
    assert float(gradient_penalty(linear_logits([3.0, 4.0], 1), points)) == pytest.approx(4.0, rel=1e-5)


def test_spectral_normalisation_bounds_how_fast_the_logit_can_change():
    network = perceptron(3, DiscriminatorConfig(spectral_norm=True), seed=1)
    for weights in network.trainable_variables:
        weights.assign(weights * 50.0)
    points = np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32)
    for _ in range(30):  # each call in training mode is one power iteration
        network(points, training=True)
    steps = points + 1e-2 * np.random.default_rng(1).standard_normal((200, 3)).astype(np.float32)
    change = np.abs(network(steps).numpy() - network(points).numpy())[:, 0]
    assert (change <= 1.01 * np.linalg.norm(steps - points, axis=1)).all()
