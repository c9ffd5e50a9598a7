import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Box

from agents.observations import ObservationSpec
from agents.rollout import Rollout
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig, Inputs
from gail.reward.pixels import PixelLogits
from gail.reward.replay import Pieces, PiecesShape, Replay

STEPS, NUM_ENVS, DEPTH = 6, 2, 3
FRAME = (72, 72)  # so large that it is halved
ACTIONS = ActionSpec.of(Box(-1.0, 1.0, (2,)))


def rollout_of(rng: np.random.Generator) -> Rollout:
    """Noise, in which the first environment's episode ends with its third step."""
    shape = (STEPS, NUM_ENVS)
    terminations, never = np.zeros(shape, bool), np.zeros(shape, bool)
    terminations[2, 0] = True
    valid = ~np.concatenate([np.zeros((1, NUM_ENVS), bool), terminations[:-1]])
    frames = rng.integers(0, 256, (DEPTH + STEPS, NUM_ENVS, *FRAME), dtype=np.uint8)
    actions = rng.uniform(-1.0, 1.0, (*shape, 2)).astype(np.float32)
    return Rollout(frames, actions, np.zeros(shape, np.float32), terminations, never, valid, never)


def kept(replay: Replay) -> set[tuple[float, ...]]:
    """The rows that it draws, which are few."""
    numbers = replay.draw((2000,), np.random.default_rng(0))
    return {tuple(row) for row in replay.rows(tf.constant(numbers)).numpy().tolist()}


def test_blocks_of_rows_are_all_of_them_in_order(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gail.reward.replay.BLOCK", 3)
    rows = np.arange(14, dtype=np.float32).reshape(7, 2)
    blocks = list(Pieces.whole(rows).blocks())
    assert [len(block) for block in blocks] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(blocks), rows)


@pytest.mark.parametrize("inputs", ["state", "state_action", "state_next_state", "state_action_next_state"])
def test_frames_that_are_kept_once_make_the_rows_of_whole_transitions(inputs: Inputs):
    rng = np.random.default_rng(0)
    rollouts = [rollout_of(rng) for _ in range(2)]
    spec, expert = ObservationSpec(FRAME, DEPTH), rollouts[0].steps
    logits = PixelLogits(expert, spec, ACTIONS, inputs, DiscriminatorConfig(), "float32", seed=0)
    replay = Replay(2, logits.pieces_shape(STEPS, NUM_ENVS), logits.dtype)
    whole = set()
    for rollout in rollouts:
        pieces = logits.pieces(rollout.steps)
        replay.remember(pieces)
        rows = logits.rows(rollout.steps.take(np.arange(len(rollout.steps))))
        np.testing.assert_array_equal(np.concatenate(list(pieces.blocks())), rows)
        whole |= {tuple(row) for row in rows.tolist()}
    assert kept(replay) == whole
    assert len(whole) == 2 * (STEPS * NUM_ENVS - 1)


def test_the_last_rounds_are_kept_and_those_before_forgotten():
    replay = Replay(2, PiecesShape.whole(4, num_columns=1), "float32")
    # The third round takes the first one's place with fewer transitions: what is left of the first must not be drawn.
    for number, count in enumerate([4, 3, 2]):
        replay.remember(Pieces.whole(np.full((count, 1), number, np.float32) + np.arange(count)[:, None] / 10.0))
    assert sorted(round(row[0], 1) for row in kept(replay)) == [1.0, 1.1, 1.2, 2.0, 2.1]


def test_transitions_are_drawn_alike_however_many_their_round_has():
    replay = Replay(2, PiecesShape.whole(9, num_columns=1), "float32")
    replay.remember(Pieces.whole(np.zeros((1, 1), np.float32)))
    replay.remember(Pieces.whole(np.ones((9, 1), np.float32)))
    drawn = replay.rows(tf.constant(replay.draw((10_000,), np.random.default_rng(0)))).numpy()
    assert drawn.mean() == pytest.approx(0.9, abs=0.01)


def test_a_checkpoint_holds_it(tmp_path):
    shape = PiecesShape.whole(3, num_columns=1)
    first, second = Replay(2, shape, "float32"), Replay(2, shape, "float32")
    first.remember(Pieces.whole(np.array([[1.0], [2.0]], np.float32)))
    path = tf.train.Checkpoint(replay=first).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(replay=second).restore(path).assert_consumed()
    assert kept(second) == {(1.0,), (2.0,)}
