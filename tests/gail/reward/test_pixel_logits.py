"""What a discriminator of images sees."""

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.observations import ObservationSpec
from agents.transitions import Transitions
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig
from gail.reward.pixels import PixelLogits

DISCRETE = ActionSpec.of(Discrete(3))
SEEN = ObservationSpec((8, 8), 2)
BEFORE, AFTER = (np.array([first, second], np.uint8)[None, :, None, None] for first, second in ((10, 20), (20, 30)))
STEP = Transitions(
    np.broadcast_to(BEFORE, (1, 2, 8, 8)),
    np.array([[2]], np.int32),
    np.broadcast_to(AFTER, (1, 2, 8, 8)),
    np.zeros(1, bool),
)


def logits(inputs, precision: str = "float32", **options) -> PixelLogits:
    return PixelLogits(SEEN, DISCRETE, inputs, DiscriminatorConfig(**options), precision, seed=0)


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
