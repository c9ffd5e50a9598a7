import math

import numpy as np
import pytest
import tensorflow as tf

from agents.config import WorldModelConfig
from agents.observations import ObservationSpec
from agents.world_model.vae import VAE, free, kl_divergence

CONFIG = WorldModelConfig(hidden=16, learning_rate=0.01)


def test_divergence_by_hand() -> None:
    # N(0, 1) costs nothing; N(1, 1) costs 1/2; N(0, e²) costs (e² - 3) / 2.
    divergence = kl_divergence(tf.constant([[0.0, 1.0, 0.0]]), tf.constant([[0.0, 0.0, 2.0]]))
    np.testing.assert_allclose(divergence, [0.0, 0.5, (math.exp(2.0) - 3.0) / 2.0], rtol=1e-6)


def test_what_is_free_costs_the_same_however_little_it_is() -> None:
    assert float(free(tf.constant([0.05, 0.3]), 0.1)) == pytest.approx(0.4)


def line(count: int) -> np.ndarray:
    """Three numbers of which one is enough to tell the others, in units far apart."""
    along = np.random.default_rng(0).standard_normal((count, 1)).astype(np.float32)
    return np.concatenate([100.0 + 10.0 * along, along, -0.01 * along], -1)


@pytest.fixture(scope="module")
def vae() -> VAE:
    vae, seen = VAE(ObservationSpec((3,)), 2, CONFIG, seed=0), line(6400)
    vae.scale(seen)
    for seed in range(3):
        vae.update(seen.reshape(100, 64, 3), np.random.default_rng(seed))
    return vae


def test_what_it_encodes_it_can_decode(vae: VAE) -> None:
    seen = line(200)
    decoded = vae.decode(vae.mirror(seen))
    error = np.abs(decoded - seen).mean(0) / seen.std(0)
    assert error.max() < 0.1  # of what the mean alone leaves open, which is 0.8


def test_a_number_that_is_not_needed_tells_nothing(vae: VAE) -> None:
    mean, log_variance = vae.posterior(vae.scaled(tf.constant(line(1000))))
    nats = np.sort(kl_divergence(mean, log_variance))
    assert nats[0] < 0.3 < 1.5 < nats[1]


def test_its_mirror_is_the_mean_of_its_posterior(vae: VAE) -> None:
    seen = line(50)
    mean, _ = vae.posterior(vae.scaled(tf.constant(seen)))
    np.testing.assert_allclose(vae.mirror(seen), mean, atol=1e-5)
    assert vae.mirror(seen).dtype == np.float32


def test_it_can_be_kept(vae: VAE) -> None:
    other = VAE(ObservationSpec((3,)), 2, CONFIG, seed=1)
    other.restore(vae.arrays)
    np.testing.assert_array_equal(other.mirror(line(10)), vae.mirror(line(10)))
