"""The policy in NumPy against the policy in TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_agents import SPECS, actor_of, decided, networks_of

from agents.actor import RandomActor
from agents.distributions import entropy, log_prob
from agents.normalizer import Normalizer

OBSERVATIONS = np.random.default_rng(1).normal(0.0, 1.0, (20, 3)).astype(np.float32)
SAMPLES = 20_000
each_kind = pytest.mark.parametrize("kind", SPECS)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@each_kind
def test_parameters_are_those_of_the_network(kind: str, activation: str) -> None:
    networks = decided(networks_of(SPECS[kind], hidden=(8, 8), activation=activation))
    parameters = actor_of(networks).parameters(OBSERVATIONS)
    assert parameters.dtype == np.float32
    np.testing.assert_allclose(parameters, networks.policy(OBSERVATIONS).numpy(), rtol=1e-4, atol=1e-5)


def test_observations_are_normalised_before_the_network_sees_them() -> None:
    networks = decided(networks_of(SPECS["discrete"]))
    normalizer = Normalizer(np.array([1.0, 2.0, 3.0]), np.array([4.0, 1.0, 0.25]), 10.0)
    seen = np.array([[0.5, 1.0, -1.0]], np.float32)
    raw = np.array([[2.0, 3.0, 2.5]], np.float32)  # 1 + 0.5 * 2, 2 + 1 * 1, 3 - 1 * 0.5
    expected = networks.policy(seen).numpy()
    np.testing.assert_allclose(actor_of(networks, normalizer).parameters(raw), expected, rtol=1e-4, atol=1e-5)


@each_kind
def test_the_mode_is_the_most_likely_action(kind: str) -> None:
    networks = decided(networks_of(SPECS[kind]))
    actor = actor_of(networks)
    modes = actor.mode(OBSERVATIONS)
    assert (modes.shape, modes.dtype) == ((20, SPECS[kind].num_components), SPECS[kind].dtype_of_components)
    assert len(np.unique(modes, axis=0)) > 1
    parameters = networks.policy(OBSERVATIONS)
    best = log_prob(SPECS[kind], parameters, networks.log_std, tf.constant(modes)).numpy()
    for other in SPECS[kind].sample(np.random.default_rng(0), 50):
        actions = tf.constant(np.tile(other, (20, 1)))
        assert (log_prob(SPECS[kind], parameters, networks.log_std, actions).numpy() <= best + 1e-6).all()


@each_kind
def test_samples_are_as_frequent_as_their_log_probabilities_say(kind: str) -> None:
    spec, networks = SPECS[kind], decided(networks_of(SPECS[kind]))
    observations = np.tile(OBSERVATIONS[:1], (SAMPLES, 1))
    actions = actor_of(networks).sample(observations, np.random.default_rng(0))
    assert (actions.shape, actions.dtype) == ((SAMPLES, spec.num_components), spec.dtype_of_components)
    parameters = networks.policy(OBSERVATIONS[:1])
    log_probs = log_prob(spec, tf.repeat(parameters, SAMPLES, 0), networks.log_std, tf.constant(actions)).numpy()
    # -ln p of a sample has the entropy as its mean; 4 standard errors are missed once in 16 000 times.
    error = log_probs.std() / np.sqrt(SAMPLES)
    assert -log_probs.mean() == pytest.approx(entropy(spec, parameters, networks.log_std).numpy()[0], abs=4 * error)
    if spec.kind == "gaussian":
        std = np.exp(networks.log_std.numpy())
        np.testing.assert_allclose(actions.mean(0), parameters.numpy()[0], atol=4 * std.max() / np.sqrt(SAMPLES))
        # The standard error of a standard deviation is std / sqrt(2 n).
        np.testing.assert_allclose(actions.std(0), std, atol=4 * std.max() / np.sqrt(2 * SAMPLES))
        assert abs(np.corrcoef(actions.T)[0, 1]) < 4 / np.sqrt(SAMPLES)
        return
    choices, first, counts = np.unique(actions, axis=0, return_index=True, return_counts=True)
    assert len(choices) == {"discrete": 3, "multi-discrete": 6, "multi-binary": 4}[kind]
    probabilities = np.exp(log_probs[first])
    errors = np.sqrt(probabilities * (1.0 - probabilities) / SAMPLES)
    assert (np.abs(counts / SAMPLES - probabilities) < 4 * errors).all()


@each_kind
def test_samples_follow_from_the_generator_and_differ_between_environments(kind: str) -> None:
    actor = actor_of(decided(networks_of(SPECS[kind])))
    same_state = np.tile(OBSERVATIONS[:1], (50, 1))
    once, again, other = (actor.sample(same_state, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
    assert len(np.unique(once, axis=0)) > 1


def test_the_random_actor_does_not_look_and_has_no_mode() -> None:
    actor = RandomActor(SPECS["discrete"])
    blind, seeing = (actor.sample(each, np.random.default_rng(0)) for each in (OBSERVATIONS, OBSERVATIONS * 100))
    np.testing.assert_array_equal(blind, seeing)
    assert blind.shape == (20, 1)
    with pytest.raises(NotImplementedError):
        actor.mode(OBSERVATIONS)
