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
from agents.world_model.vae import VAE, contrast, free, kl_divergence, motion_weights
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
    losses = vae.fit(tape, [np.arange(6400)], 999, np.random.default_rng(0))
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
    config = WorldModelConfig(learning_rate=0.003, batch_size=16, foresight=0)
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 4, config, seed=0)
    rng = np.random.default_rng(0)
    frames = dots(rng, 3200).reshape(-1, 12, 12)
    second = np.arange(len(frames)) % 2 == 1
    nothing = np.zeros(len(frames), np.float32)
    tape = Tape(frames, second.astype(np.int32), np.zeros((len(frames), 1), np.int32), nothing, second, ~second)
    vae.fit(tape, [np.flatnonzero(second)], 800, rng)
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


def test_contrast_by_hand() -> None:
    predicted, there = tf.constant([[0.0], [0.0]]), tf.constant([[0.0], [2.0]])
    # ½ · 2² nats lie between the two: the first is told right with ln(1 + e⁻²), the second wrong with ln(1 + e²).
    expected = (math.log(1.0 + math.exp(-2.0)) + math.log(1.0 + math.exp(2.0))) / 2.0
    assert float(contrast(predicted, there, tf.constant([5, 6]))) == pytest.approx(expected)
    assert float(contrast(predicted, there, tf.constant([5, 5]))) == 0.0  # one picture, which nothing is beside


def test_some_pictures_of_a_minibatch_are_close_in_time() -> None:
    lengths = (3, 40, 100)
    episodes = [np.zeros((length + 1, 12, 12), np.uint8) for length in lengths]
    tape = Tape.joined(
        [
            Tape.of_episode(frames, np.zeros((length, 1), np.int32), np.zeros(length, np.float32), terminated=False)
            for frames, length in zip(episodes, lengths, strict=True)
        ]
    )
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 4, WorldModelConfig(batch_size=20), seed=0)
    drawn = vae._drawn(tape, [np.flatnonzero(tape.leads)], np.random.default_rng(0))
    assert drawn.shape == (200, 20)
    groups = drawn[:, :16].reshape(-1, 8)
    spans = groups.max(1) - groups.min(1)
    assert (spans.min(), spans.max()) == (0, 6)
    begins = np.arange(len(tape)) - tape.ages
    assert (begins[groups] == begins[groups[:, :1]]).all()
    assert len(np.unique(groups)) >= 140  # of 146


def hidden_faintness(steps: int, rng: np.random.Generator) -> tuple[Tape, np.ndarray]:
    """A bright square anywhere, and a faint one that brightens or fades as actions say, ``[steps + 1]``."""
    actions = rng.integers(0, 2, (steps, 1), np.int32)
    level = [0]
    for action in actions[:, 0]:
        level.append(int(np.clip(level[-1] + 2 * action - 1, -10, 10)))
    frames = np.full((steps + 1, 12, 12), 100, np.uint8)
    rows, columns = rng.integers(0, 9, (2, steps + 1))
    for k in range(16):
        frames[np.arange(steps + 1), rows + k // 4, columns + k % 4] = 255
    frames[:, :2, :2] = (100 + 6 * np.array(level))[:, None, None]
    return Tape.of_episode(frames, actions, np.zeros(steps, np.float32), terminated=False), np.array(level)


@pytest.mark.parametrize(("foresight", "least", "most"), [(4, 0.9, 1.0), (0, -1.0, 0.5)])
def test_latents_tell_what_hardly_changes_a_picture_if_they_must_foresee(
    foresight: int, least: float, most: float
) -> None:
    tape, level = hidden_faintness(4000, np.random.default_rng(0))
    config = WorldModelConfig(learning_rate=0.003, foresight=foresight)
    vae = VAE(ObservationSpec((12, 12), 2), ACTIONS, 8, config, seed=0)
    vae.fit(tape, [np.flatnonzero(tape.leads)[:3000]], 600, np.random.default_rng(1))
    seen = vae.mirror(tape.seen(vae.observations, np.arange(1, 4001)))
    columns = np.concatenate([seen, np.ones((4000, 1))], -1)
    weights = np.linalg.lstsq(columns[:3000], level[1:3001], rcond=None)[0]
    unexplained = np.mean((columns[3000:] @ weights - level[3001:]) ** 2) / level[3001:].var()
    assert least < 1.0 - unexplained < most
