"""How networks start."""

import math

import numpy as np
import pytest
from tiny_agents import SPECS, networks_of

from agents.networks import mlp


def gains(kernel: np.ndarray) -> np.ndarray:
    """Singular values: all the same where rows or columns are orthogonal and of one length."""
    return np.linalg.svd(kernel, compute_uv=False)


def test_layers_are_orthogonal_with_their_gains() -> None:
    networks = networks_of(SPECS["discrete"], inputs=3, hidden=(8, 5))
    for network, last in ((networks.policy, 0.01), (networks.value, 1.0)):
        first, second, output = (layer.kernel.numpy() for layer in network.layers)
        np.testing.assert_allclose(gains(first), math.sqrt(2.0), rtol=1e-5)
        np.testing.assert_allclose(gains(second), math.sqrt(2.0), rtol=1e-5)
        np.testing.assert_allclose(gains(output), last, rtol=1e-5)
        assert not any(layer.bias.numpy().any() for layer in network.layers)


@pytest.mark.parametrize(("kind", "outputs"), [("discrete", 3), ("multi-discrete", 5), ("multi-binary", 2), ("box", 2)])
def test_networks_have_an_output_for_each_parameter_and_one_value(kind: str, outputs: int) -> None:
    networks = networks_of(SPECS[kind])
    observations = np.zeros((7, 3), np.float32)
    assert networks.policy(observations).shape == (7, outputs)
    assert networks.value(observations).shape == (7, 1)


def test_only_numbers_have_a_standard_deviation() -> None:
    np.testing.assert_allclose(np.exp(networks_of(SPECS["box"]).log_std.numpy()), [0.5, 0.5], rtol=1e-6)
    assert networks_of(SPECS["discrete"]).log_std.shape == (0,)


def test_the_seed_decides_the_weights() -> None:
    one, same, other = (networks_of(SPECS["discrete"], hidden=(8, 8), seed=seed) for seed in (1, 1, 2))
    for network in ("policy", "value"):
        weights = [getattr(each, network).get_weights()[::2] for each in (one, same, other)]
        for first, second, third in zip(*weights, strict=True):
            np.testing.assert_array_equal(first, second)
            assert (first != third).any()
    assert (one.policy.get_weights()[0] != one.value.get_weights()[0]).any()


def test_activations_are_those_asked_for_and_the_output_is_linear() -> None:
    hidden = {"tanh": math.tanh(2.0), "relu": 2.0}
    for activation, expected in hidden.items():
        network = mlp(1, (1,), 1, activation, 1.0, seed=0)
        network.set_weights([np.ones((1, 1)), np.zeros(1), np.full((1, 1), -3.0), np.ones(1)])
        assert network(np.array([[2.0]])).numpy()[0, 0] == pytest.approx(1.0 - 3.0 * expected)
        # tanh(-2) = -tanh(2), and relu(-2) = 0.
        below = 1.0 + 3.0 * expected if activation == "tanh" else 1.0
        assert network(np.array([[-2.0]])).numpy()[0, 0] == pytest.approx(below)
