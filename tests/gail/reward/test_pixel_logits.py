"""What a discriminator of images sees."""

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.image_scale import ImageScale
from agents.observations import ObservationSpec
from agents.transitions import Transitions
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig, Inputs
from gail.reward.pixels import SPREAD, PixelLogits, factor

DISCRETE = ActionSpec.of(Discrete(3))
BEFORE, AFTER = (np.array([first, second], np.uint8)[None, :, None, None] for first, second in ((10, 20), (20, 30)))
STEP = Transitions(
    np.broadcast_to(BEFORE, (1, 2, 8, 8)),
    np.array([[2]], np.int32),
    np.broadcast_to(AFTER, (1, 2, 8, 8)),
    np.zeros(1, bool),
)


# Newest frames of which the mean is 20, and each is 8 from it.
SHOWN = np.full((2, 2, 8, 8), 12, np.uint8)
SHOWN[1] = 28
EXPERT = Transitions(SHOWN, np.zeros((2, 1), np.int32), SHOWN, np.zeros(2, bool))


def logits(inputs: Inputs, precision: str = "float32", expert: Transitions = EXPERT, **options) -> PixelLogits:
    seen = ObservationSpec(expert.observations.shape[2:], expert.observations.shape[1])
    return PixelLogits(expert, seen, DISCRETE, inputs, DiscriminatorConfig(**options), precision, seed=0)


def test_images_are_scaled_by_their_mean_and_their_distance_from_it() -> None:
    frames = np.full((4, 2, 8, 8), 10, np.uint8)
    frames[2:, 1, 0, 0] = 30  # the newest frames are 10 from their mean in one pixel
    expert = Transitions(frames, None, frames, np.zeros(4, bool))
    scale = ImageScale.of(expert.observations[:, -1])
    assert scale.mean[0, 0] == 20.0
    assert scale.mean[1, 1] == 10.0
    assert scale.distance == 100.0
    assert factor(scale, 4) == pytest.approx(np.sqrt(SPREAD / 400.0))


def test_scaled_demonstrations_lie_at_one_distance_however_large_their_images_are() -> None:
    for side in (8, 32):
        frames = np.random.default_rng(0).integers(0, 255, (200, 2, side, side), np.uint8)
        expert = Transitions(frames, None, frames, np.zeros(200, bool))
        network = logits("state", expert=expert)
        rows = network.scaled(tf.constant(network.rows(expert))).numpy()
        assert np.square(rows).sum(-1).mean() == pytest.approx(SPREAD, rel=0.05)


def test_of_changes_what_stays_is_not_seen_and_what_moves_lies_at_one_distance() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 255, (200, 3, 8, 8), np.uint8)
    frames[:, :, 0] = rng.integers(0, 255, (200, 1, 8), np.uint8)  # a score, which tells the rows apart and stays
    expert = Transitions(frames[:, :2], None, frames[:, 1:], np.zeros(200, bool))
    network = logits("state_next_state", expert=expert, images="changes")
    scale = ImageScale.of_changes(frames[:, 1], frames[:, 2])
    seen = network.scaled(tf.constant(network.rows(expert))).numpy().reshape(200, 2, 8, 8)
    assert not seen[:, :, 0].any()
    np.testing.assert_allclose(seen[:, 1], (frames[:, 2] - frames[:, 1].astype(float)) * factor(scale, 2), rtol=1e-4)
    assert np.square(seen).sum((1, 2, 3)).mean() == pytest.approx(SPREAD, rel=0.05)
    assert network(network.scaled(tf.constant(network.rows(expert)))).shape == (200,)
    assert network.num_smooth == 128


def test_images_that_are_all_alike_can_be_scaled() -> None:
    expert = Transitions(np.zeros((3, 2, 8, 8), np.uint8), None, np.zeros((3, 2, 8, 8), np.uint8), np.zeros(3, bool))
    assert np.isfinite(factor(ImageScale.of(expert.observations[:, -1]), 2))


def test_actions_are_scaled_to_lie_between_minus_one_and_one() -> None:
    network = logits("state_action")
    scaled = network.scaled(tf.constant(network.rows(STEP))).numpy()[0]
    np.testing.assert_allclose(scaled[-3:], [0.0, 0.0, 1.0], atol=0.01)
    np.testing.assert_allclose(scaled[:64], -10.0 * factor(ImageScale.of(SHOWN[:, -1]), 2), rtol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "frames", "actions"),
    [
        ("state", [10, 20], []),
        ("state_next_state", [10, 20, 30], []),
        ("state_action", [10, 20], [128, 128, 255]),  # 0 is the middle of -1 and 1
        ("state_action_next_state", [10, 20, 30], [128, 128, 255]),
    ],
)
def test_a_row_holds_the_bytes_of_what_is_seen(inputs, frames: list[int], actions: list[int]) -> None:
    network = logits(inputs)
    (row,) = network.rows(STEP)
    assert row.tolist() == [value for value in frames for _ in range(64)] + actions
    assert row.dtype == np.uint8
    assert len(row) == network.num_columns


def test_large_images_are_halved_until_they_are_small() -> None:
    frames = np.zeros((1, 2, 160, 210, 3), np.uint8)
    frames[:, :, 100, 36] = [16, 160, 0]  # a sixteenth of it is left, of the square from row 100 and column 36 on
    network = logits("state", expert=Transitions(frames, None, frames, np.zeros(1, bool)))
    (row,) = network.rows(Transitions(frames, None, frames, np.zeros(1, bool)))
    expected = np.zeros((2, 40, 52, 3), np.uint8)
    expected[:, 25, 9] = [1, 10, 0]
    np.testing.assert_array_equal(row.reshape(2, 40, 52, 3), expected)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("spectral_norm", [False, True])
def test_logits_follow_from_what_is_seen_and_done(precision: str, spectral_norm: bool) -> None:
    network = logits("state_action", precision, spectral_norm=spectral_norm)
    rows = np.random.default_rng(0).random((4, network.num_columns), np.float32)
    rows[1] = rows[0]
    rows[1, -1] += 1.0  # another action
    values = network(tf.constant(rows), training=True).numpy()
    assert values.shape == (4,)
    assert len(set(values.tolist())) == 4
