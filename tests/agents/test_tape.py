"""Which action belongs to which observation, and where something else begins."""

import numpy as np

from agents.actor import RandomActor
from agents.observations import ObservationSpec
from agents.rollout import collect, reset
from agents.world_model.tape import Tape, ages, draw, sides
from envs.actions import ActionSpec
from envs.make import make


def test_a_rollouts_rows_lead_where_its_steps_led() -> None:
    env = make("tiny_envs:CountingEnv", 2, {"length": 3})
    cursor = reset(env, 0)
    rollout = collect(env, RandomActor(ActionSpec.of(env.single_action_space)), cursor, 6, np.random.default_rng(0))
    tape = Tape.of_rollout(rollout)
    assert len(tape) == 2 * 7
    rows = np.flatnonzero(tape.leads)
    # CountingEnv shows [episode, step]: a row that leads leads to the next step of the same episode.
    np.testing.assert_array_equal(tape.frames[rows + 1, 0], tape.frames[rows, 0])
    np.testing.assert_array_equal(tape.frames[rows + 1, 1], tape.frames[rows, 1] + 1)
    # The reward of the step from a row is 10 times its episode plus the step that it led to.
    np.testing.assert_array_equal(tape.rewards[rows], 10 * tape.frames[rows, 0] + tape.frames[rows, 1] + 1)
    np.testing.assert_array_equal(tape.terminations[rows], tape.frames[rows, 1] == 2)
    # Rows that lead nowhere: the last of each episode, and the last of each environment.
    np.testing.assert_array_equal(np.flatnonzero(~tape.leads), [3, 6, 10, 13])
    np.testing.assert_array_equal(tape.ages, [0, 1, 2, 3, 0, 1, 2] * 2)


def test_the_action_of_a_row_is_what_was_done_there() -> None:
    env = make("tiny_envs:CountingEnv", 1, {"length": 100})
    rollout = collect(
        env, RandomActor(ActionSpec.of(env.single_action_space)), reset(env, 0), 20, np.random.default_rng(0)
    )
    tape = Tape.of_rollout(rollout)
    np.testing.assert_array_equal(tape.actions[tape.leads], rollout.actions[:, 0])
    np.testing.assert_array_equal(tape.frames[:-1], rollout.observations[:-1, 0])


def test_what_was_seen_in_a_rollout_of_pictures_can_be_seen_in_its_tape() -> None:
    env = make("tiny_envs:QuadrantEnv", 2)
    actor = RandomActor(ActionSpec.of(env.single_action_space), depth=3)
    first = collect(env, actor, reset(env, 0, depth=3), 5, np.random.default_rng(0))
    rollout = collect(env, actor, first.end, 6, np.random.default_rng(1))  # begins within an episode of eight steps
    tape = Tape.of_rollout(rollout)
    assert len(tape) == 2 * (2 + 6 + 1)
    rows = (np.arange(2)[:, None] * 9 + np.arange(2, 9)).T  # of [T + 1, N] observations, behind two frames from before
    np.testing.assert_array_equal(tape.seen(rollout.spec, rows), rollout.table[rollout.rows])
    np.testing.assert_array_equal(tape.leads[rows[:-1]], rollout.valid)
    assert not tape.leads[[0, 1, 8, 9, 10, 17]].any()
    np.testing.assert_array_equal(tape.actions[rows[:-1]], rollout.actions)


def test_what_lies_ahead_does_not_lie_in_another_episode() -> None:
    leads = np.array([True, True, False, True, False])
    nothing = np.zeros(5)
    tape = Tape(nothing, nothing, nothing, nothing, nothing, leads)
    rows = np.array([0, 0, 0, 1, 2, 3])
    np.testing.assert_array_equal(tape.ahead(rows, np.array([1, 2, 3, 3, 1, 9])), [1, 2, 2, 2, 2, 4])


def test_an_episodes_last_row_leads_nowhere() -> None:
    frames, actions = np.arange(4.0, dtype=np.float32)[:, None], np.array([[0], [1], [1]])
    tape = Tape.of_episode(frames, actions, np.array([5.0, 6.0, 7.0], np.float32), terminated=True)
    np.testing.assert_array_equal(tape.leads, [True, True, True, False])
    np.testing.assert_array_equal(tape.terminations, [False, False, True, False])
    np.testing.assert_array_equal(tape.actions[:3], actions)
    assert not Tape.of_episode(frames, actions, np.zeros(3, np.float32), terminated=False).terminations.any()


def test_frames_of_another_episode_are_not_seen() -> None:
    first = Tape.of_episode(np.full((3, 1, 1), 1, np.uint8), np.zeros((2, 1)), np.zeros(2, np.float32), False)
    second = Tape.of_episode(
        np.arange(2, 5, dtype=np.uint8)[:, None, None], np.zeros((2, 1)), np.zeros(2, np.float32), False
    )
    seen = Tape.joined([first, second]).seen(ObservationSpec((1, 1), 2), np.array([3, 4]))
    np.testing.assert_array_equal(seen[:, :, 0, 0], [[2, 2], [2, 3]])


def test_ages_count_from_where_something_begins() -> None:
    np.testing.assert_array_equal(ages(np.array([True, False, True, False, False])), [0, 1, 0, 1, 2])


def test_who_draws_draws_as_much_of_each_group() -> None:
    groups = sides(10, 1000)
    drawn = draw(groups, (500, 8), np.random.default_rng(0))
    assert drawn.shape == (500, 8)
    assert set(drawn[drawn < 10]) == set(range(10))
    assert drawn.max() > 900
    assert 0.47 < (drawn < 10).mean() < 0.53  # of 4,000 draws, more than three deviations off either way


def test_a_tape_without_demonstrations_has_one_side() -> None:
    (side,) = sides(0, 7)
    np.testing.assert_array_equal(side, np.arange(7))
