import json
import math

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.config import WorldModelConfig
from agents.observations import ObservationSpec
from agents.world_model.image_encoder import ImageEncoder
from agents.world_model.tape import Tape
from agents.world_model.vae import VAE, free, kl_divergence, motion_weights
from envs.actions import ActionSpec

CONFIG = WorldModelConfig(hidden=16, learning_rate=0.01)
ACTIONS = ActionSpec.of(Discrete(2))


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
    vae = VAE(ObservationSpec((3,)), ACTIONS, 2, CONFIG, seed=0)
    frames = np.concatenate([line(6400), np.full((100, 3), np.nan, np.float32)])  # who learns from all learns nothing
    tape = Tape.of_episode(frames, np.zeros((6499, 1)), np.zeros(6499, np.float32), terminated=False)
    losses = vae.fit(tape, np.arange(6400), 999, np.random.default_rng(0))
    assert losses["reconstruction"] < 0.5  # of 1.5 by the mean alone
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
    other = VAE(ObservationSpec((3,)), ACTIONS, 2, CONFIG, seed=1)
    other.restore(vae.arrays)
    np.testing.assert_array_equal(other.mirror(line(10)), vae.mirror(line(10)))


def dots(rng: np.random.Generator, count: int) -> np.ndarray:
    """Two frames of a bright pixel that goes one place to the right, beside noise that stays as it is."""
    frames = np.zeros((count, 2, 12, 12), np.uint8)
    frames[:, :, :, :4] = rng.integers(0, 256, (count, 1, 12, 4))
    rows, columns = rng.integers(0, 12, count), rng.integers(4, 11, count)
    for k in range(2):
        frames[np.arange(count), k, rows, columns + k] = 255
    return frames


def test_half_of_the_weight_is_on_what_moves() -> None:
    seen = dots(np.random.default_rng(0), 3)
    weights = motion_weights(tf.constant(seen)).numpy()
    np.testing.assert_allclose(weights.mean((1, 2, 3)), 1.0, rtol=1e-5)
    # Two places change of 144, in both frames: they have half of the weight, and their share of the other half.
    moved = (seen[:, 0] != seen[:, 1])[:, None].repeat(2, 1)
    np.testing.assert_allclose(weights[moved], 0.5 + 0.5 * 72.0, rtol=1e-5)
    np.testing.assert_allclose(weights[~moved], 0.5, rtol=1e-5)


def test_a_pixel_that_moves_alone_does_not_drown_all_others() -> None:
    seen = np.zeros((1, 2, 40, 40), np.uint8)
    seen[0, 1, 3, 4] = 255
    weights = motion_weights(tf.constant(seen)).numpy()
    assert weights[0, :, 3, 4].tolist() == [100.0, 100.0]  # and not 800
    assert weights.min() == 0.5


def test_where_nothing_moves_all_pixels_count_alike() -> None:
    still = tf.fill([2, 3, 4, 4], tf.constant(7, tf.uint8))
    np.testing.assert_array_equal(motion_weights(still), np.ones((2, 3, 4, 4)))


@pytest.fixture(scope="module")
def picture_vae() -> VAE:
    """Of pictures that come two by two, after which nothing comes."""
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 4, WorldModelConfig(learning_rate=0.003, batch_size=16), seed=0)
    rng = np.random.default_rng(0)
    frames = dots(rng, 3200).reshape(-1, 12, 12)
    second = np.arange(len(frames)) % 2 == 1
    nothing = np.zeros(len(frames), np.float32)
    tape = Tape(frames, second.astype(np.int32), np.zeros((len(frames), 1), np.int32), nothing, second, ~second)
    vae.fit(tape, np.flatnonzero(second), 800, rng)
    return vae


def test_a_single_pixel_that_moves_is_not_lost(picture_vae: VAE) -> None:
    seen = dots(np.random.default_rng(1), 100)
    decoded = picture_vae.decode(picture_vae.mirror(seen))
    assert (decoded.shape, decoded.dtype) == (seen.shape, np.uint8)
    brightest, truth = (each[:, :, :, 4:].reshape(200, -1).argmax(-1) for each in (decoded, seen))
    assert (brightest == truth).mean() > 0.3  # of 96 places


def test_an_encoder_of_images_can_be_kept(picture_vae: VAE) -> None:
    seen = dots(np.random.default_rng(2), 7)
    encoder = picture_vae.mirror
    mean, _ = picture_vae.posterior(picture_vae.scaled(tf.constant(seen)))
    np.testing.assert_allclose(encoder(seen), mean, atol=1e-4)
    again = ImageEncoder.from_parts(json.loads(json.dumps(encoder.description)), encoder.arrays)
    np.testing.assert_array_equal(again(seen), encoder(seen))
    assert again(seen[:0]).shape == (0, 4)


@pytest.mark.parametrize("frame", [(21, 34), (8, 8, 3)])
def test_pictures_of_every_size_come_back_as_they_were(frame: tuple[int, ...]) -> None:
    spec = ObservationSpec(frame, 2)
    vae = VAE(spec, ACTIONS, 5, WorldModelConfig(), seed=0)
    seen = np.random.default_rng(0).integers(0, 256, (3, *spec.shape), np.uint8)
    assert vae.decode(vae.mirror(seen)).shape == seen.shape


def test_a_latent_goes_on_for_as_many_steps_as_there_are() -> None:
    """Each adds a number that depends on its action; actions behind the last step add nothing."""
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 1, WorldModelConfig(foresight=3), seed=0)
    vae.transition = lambda inputs: inputs[:, 1:2] + 10.0 * inputs[:, 2:3]  # 1 for action 0, and 10 for action 1
    actions = ACTIONS.features(np.array([[[0], [1], [1]]] * 4))
    after = vae._ahead(tf.zeros([4, 1]), tf.constant(actions), tf.constant([0, 1, 2, 3]))
    np.testing.assert_array_equal(after[:, 0], [0.0, 1.0, 11.0, 21.0])


def test_latents_of_images_tell_what_comes_of_actions() -> None:
    """A dot goes to where it is sent, and comes back the same in what is decoded of its latent ahead."""
    rng = np.random.default_rng(0)
    where, actions = [6], rng.integers(0, 2, (4000, 1))
    for action in actions[:, 0]:
        where.append(int(np.clip(where[-1] + (1 if action else -1), 1, 10)))
    frames = np.zeros((4001, 12, 12), np.uint8)
    frames[np.arange(4001), 5, where] = 255
    tape = Tape.of_episode(frames, actions, np.zeros(4000, np.float32), terminated=False)
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 4, WorldModelConfig(learning_rate=0.003), seed=0)
    vae.fit(tape, np.flatnonzero(tape.leads), 800, rng)
    rows = np.arange(100, 1100, 10)
    taken = ACTIONS.features(tape.actions[rows[:, None] + np.arange(4)])
    latents = tf.constant(vae.mirror(tape.seen(vae.observations, rows)))
    right = []
    for steps in (0, 3):
        ahead = vae._ahead(latents, tf.constant(taken), tf.fill([100], steps)).numpy()
        found = vae.decode(ahead)[:, -1, 5].argmax(-1)
        right.append((found == np.array(where)[rows + steps]).mean())
    assert min(right) > 0.6, right
