"""One Atari game and many: alike to the bit, and to what others make of them."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from ale_py.vector_env import AtariVectorEnv
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import AtariPreprocessing

from envs.make import make, make_single
from envs.registry import find_spec

PONG, BREAKOUT = "ALE/Pong-v5", "ALE/Breakout-v5"


def random_actions(count: int, steps: int, num_envs: int) -> np.ndarray:
    return np.random.default_rng(0).integers(count, size=(steps, num_envs))


@pytest.mark.parametrize("name", [PONG, BREAKOUT])
@pytest.mark.parametrize(
    "kwargs",
    [
        {"noop_max": 0},
        {"noop_max": 1, "frameskip": 3, "life_loss": True},
        {"noop_max": 0, "frameskip": 1, "size": 64},
        {"noop_max": 0, "size": 100},
        {"noop_max": 0, "frameskip": 2, "size": 10},
        {"noop_max": 0, "max_num_frames_per_episode": 102, "life_loss": True},
        {"noop_max": 0, "use_fire_reset": True, "reward_clipping": True, "full_action_space": True, "life_loss": True},
    ],
    ids=str,
)
def test_many_games_are_single_ones_to_the_bit(name: str, kwargs: dict[str, Any]) -> None:
    many, ones = make(name, 2, kwargs), SyncVectorEnv([lambda: make_single(name, kwargs)] * 2)
    np.testing.assert_array_equal(many.reset(seed=0)[0], ones.reset(seed=0)[0])
    for actions in random_actions(ones.single_action_space.n, 300, 2):  # type: ignore[attr-defined]
        *outcome, info = many.step(actions)
        *expected, expected_info = ones.step(actions)
        for got, wanted in zip(outcome, expected, strict=True):
            np.testing.assert_array_equal(got, wanted)
        for key in ("lives", *(["life_lost"] if kwargs.get("life_loss") else [])):
            np.testing.assert_array_equal(info[key], expected_info.get(key, False))  # a step that resets tells nothing
    many.close()


@pytest.mark.parametrize("name", [PONG, BREAKOUT])
@pytest.mark.parametrize(("frameskip", "size"), [(4, 84), (3, 64)])
def test_a_single_game_is_gymnasiums_preprocessing_to_the_bit(name: str, frameskip: int, size: int) -> None:
    spec = find_spec(name)
    raw = gymnasium.make(spec, frameskip=1, repeat_action_probability=0.0, obs_type="grayscale")
    theirs = AtariPreprocessing(raw, noop_max=0, frame_skip=frameskip, screen_size=size)
    ours = make_single(name, {"noop_max": 0, "frameskip": frameskip, "size": size})
    assert ours.observation_space == theirs.observation_space
    np.testing.assert_array_equal(ours.reset(seed=0)[0], theirs.reset(seed=0)[0])
    for (action,) in random_actions(theirs.action_space.n, 600, 1):  # type: ignore[attr-defined]
        observation, *outcome, info = ours.step(action)
        expected, *expected_outcome, expected_info = theirs.step(action)
        np.testing.assert_array_equal(observation, expected)
        assert outcome == expected_outcome
        assert info["lives"] == expected_info["lives"]
        if outcome[1]:
            np.testing.assert_array_equal(ours.reset(seed=1)[0], theirs.reset(seed=1)[0])


def test_the_step_after_a_done_one_only_resets() -> None:
    env = make(BREAKOUT, 2, {"noop_max": 0, "max_num_frames_per_episode": 120})
    first = env.reset(seed=0)[0].copy()
    actions = np.array([1, 1])
    for _ in range(29):
        assert not env.step(actions)[3].any()
    last, _, terminated, truncated, _ = env.step(actions)
    assert (terminated.tolist(), truncated.tolist()) == ([False] * 2, [True] * 2)
    assert (last != first).any()  # the ball is on its way
    observations, rewards, terminated, truncated, info = env.step(actions)
    np.testing.assert_array_equal(observations, first)
    assert rewards.tolist() == [0, 0]
    assert not (terminated | truncated).any()
    assert info["episode_frame_number"].tolist() == [0, 0]  # the action was not carried out


def test_a_game_that_is_over_terminates_and_begins_anew() -> None:
    env = make(BREAKOUT, 1, {"noop_max": 0, "life_loss": True})
    first = env.reset(seed=0)[0].copy()
    lost, steps = 0, 0
    last, _, terminated, truncated, info = env.step(np.array([1]))
    while not terminated[0] and (steps := steps + 1) < 1000:
        last, _, terminated, truncated, info = env.step(np.array([1]))
        lost += int(info["life_lost"][0])
    assert lost == 4  # the fifth life ends the game, which says so by itself
    assert not truncated[0]
    assert info["lives"].tolist() == [0]
    assert (last != first).any()
    observations, rewards, terminated, _, info = env.step(np.array([1]))
    np.testing.assert_array_equal(observations, first)
    assert (rewards[0], terminated[0], info["lives"][0], info["life_lost"][0]) == (0, False, 5, False)


def test_lost_lives_are_told_game_by_game() -> None:
    env = make(BREAKOUT, 2, {"noop_max": 0, "life_loss": True})
    env.reset(seed=0)
    lives, told = np.array([5, 5]), np.array([0, 0])
    for _ in range(80):
        *_, info = env.step(np.array([1, 0]))  # only the first game serves a ball
        np.testing.assert_array_equal(info["life_lost"], info["lives"] < lives)
        assert info["life_lost"].dtype == bool
        told, lives = told + info["life_lost"], info["lives"]
    assert told[0] > 0
    assert told[1] == 0


def test_a_life_gained_in_the_game_before_is_not_lost_by_a_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_with(lives: int, done: bool) -> tuple:
        flags = np.array([done])
        return np.zeros((1, 1, 84, 84), np.uint8), np.zeros(1), ~flags & flags, flags, {"lives": np.array([lives])}

    env = make("ALE/Seaquest-v5", 1, {"life_loss": True})
    env.reset(seed=0)
    told = []
    for lives, done in ((6, False), (6, True), (4, False), (3, False)):
        monkeypatch.setattr(AtariVectorEnv, "step", lambda *_, lives=lives, done=done: ends_with(lives, done))
        told.append(bool(env.step(np.array([0]))[4]["life_lost"][0]))
    assert told == [False, False, False, True]


def test_nothing_is_told_of_lives_where_nobody_asked() -> None:
    many, one = make(PONG, 1), make_single(PONG)
    many.reset(seed=0)
    one.reset(seed=0)
    assert "life_lost" not in many.step(np.array([0]))[4]
    assert "life_lost" not in one.step(0)[4]


def test_the_frame_that_ends_an_episode_is_not_seen() -> None:
    # ale-py shows again what it saw before; a single game does the same.
    many, one = (
        build(PONG, env_kwargs={"frameskip": 1, "max_num_frames_per_episode": 90}) for build in (make, make_single)
    )
    for env, action in ((many, np.array([2])), (one, 2)):
        env.reset(seed=0)
        seen = [np.array(env.step(action)[0]) for _ in range(90)]
        np.testing.assert_array_equal(seen[-1], seen[-2])
        assert (seen[-2] != seen[-3]).any()


def test_frames_of_many_games_are_not_copied_and_not_reused() -> None:
    env = make(PONG, 2)
    observations, _ = env.reset(seed=0)
    kept = observations.copy()
    assert observations.base is not None
    assert any((env.step(np.array([2, 3]))[0] != kept).any() for _ in range(20))
    np.testing.assert_array_equal(observations, kept)


def test_instances_share_no_metadata() -> None:
    before = dict(AtariVectorEnv.metadata)
    first, second = make(PONG, 1), make(PONG, 1)
    assert first.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    first.metadata["mine"] = True
    assert "mine" not in second.metadata
    assert before == AtariVectorEnv.metadata
    single, other = make_single(PONG), make_single(PONG, {"frameskip": 2})
    assert (single.metadata["render_fps"], other.metadata["render_fps"]) == (15, 30)


@pytest.mark.parametrize("stickiness", [0.0, 0.25])
def test_a_seed_repeats_a_game_to_the_bit(stickiness: float) -> None:
    def play(env: gymnasium.Env, seed: int) -> np.ndarray:
        rows = [env.reset(seed=seed)[0]]
        for start in (False, True):  # the game after it too
            rows += [env.reset()[0]] if start else []
            rows += [env.step(int(action))[0] for action in random_actions(4, 60, 1)[:, 0]]
        return np.stack(rows)

    kwargs = {"repeat_action_probability": stickiness}
    env = make_single(BREAKOUT, kwargs)
    first = play(env, 7)
    np.testing.assert_array_equal(play(env, 7), first)
    np.testing.assert_array_equal(play(make_single(BREAKOUT, kwargs), 7), first)
    assert (play(env, 8) != first).any()


def test_a_seed_repeats_many_games_to_the_bit() -> None:
    def play(seed: int) -> np.ndarray:
        env = make(BREAKOUT, 3, {"repeat_action_probability": 0.25})
        return np.stack([env.reset(seed=seed)[0], *(env.step(actions)[0] for actions in random_actions(4, 60, 3))])

    np.testing.assert_array_equal(play(7), play(7))
    assert (play(7) != play(8)).any()
    assert (play(7)[:, 0] != play(7)[:, 1]).any()  # and the games differ


def test_a_single_game_renders_its_screen_in_colour() -> None:
    env = make_single(PONG, render=True)
    env.reset(seed=0)
    frame: Any = env.render()
    assert (frame.shape, frame.dtype) == ((210, 160, 3), np.uint8)
    assert (frame[..., 0] != frame[..., 2]).any()


def test_a_single_game_brings_its_keys() -> None:
    keys = make_single(BREAKOUT).unwrapped.get_keys_to_action()  # type: ignore[attr-defined]
    assert keys == {("e",): 0, (" ",): 1, ("d",): 2, ("a",): 3}


@pytest.mark.parametrize("render", [False, True])
def test_a_single_game_is_an_environment_by_gymnasiums_rules(render: bool) -> None:
    check_env(make_single(PONG, {"repeat_action_probability": 0.25, "life_loss": True}, render))


def test_the_largest_screen_is_seen_whole() -> None:
    many, one = make("ALE/AirRaid-v5", 1, {"noop_max": 0}), make_single("ALE/AirRaid-v5", {"noop_max": 0})
    many.reset(seed=0)
    one.reset(seed=0)
    for _ in range(50):
        np.testing.assert_array_equal(many.step(np.array([1]))[0][0], one.step(1)[0])
