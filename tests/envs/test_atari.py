"""The options of Atari games, and which environments have them."""

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from ale_py.env import AtariEnv
from gymnasium.envs.registration import EnvSpec
from gymnasium.wrappers import FlattenObservation

from envs.atari import AtariOptions
from envs.atari_games import AtariGame, AtariGames
from envs.errors import InputError
from envs.make import make, make_single
from envs.registry import find_spec

GAMES = ("ALE/Pong-v5", "ALE/MsPacman-v5")


def frames_since_reset(info: dict[str, Any]) -> list[int]:
    return np.atleast_1d(info["episode_frame_number"]).tolist()


def register(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> str:
    fields = {"entry_point": "ale_py.env:AtariEnv", "kwargs": {"game": "breakout"}} | fields
    monkeypatch.setitem(gymnasium.registry, "Mine-v0", EnvSpec("Mine-v0", **fields))
    return "Mine-v0"


@pytest.mark.parametrize("name", ["ALE/Pong-v5", "PongNoFrameskip-v4", "Pong-v0"])
def test_every_id_of_a_game_is_played_and_seen_alike(name: str) -> None:
    many, one = make(name, 3), make_single(name)
    assert isinstance(many, AtariGames)
    assert isinstance(one, AtariGame)
    space = many.single_observation_space
    assert (space.shape, space.dtype) == ((84, 84), np.uint8)
    assert one.observation_space == space
    assert many.observation_space.shape == (3, 84, 84)
    assert many.reset(seed=0)[0].shape == (3, 84, 84)
    assert many.step(np.zeros(3, np.int64))[0].dtype == np.uint8
    assert many.action_space.shape == (3,)
    many.close()


def test_the_specification_names_the_game_and_not_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    name = register(monkeypatch)
    for env in (make(name, 1).reset(seed=0)[0][0], make_single(name).reset(seed=0)[0]):
        assert env.shape == (84, 84)
    assert make_single(name).unwrapped.get_action_meanings() == ["NOOP", "FIRE", "RIGHT", "LEFT"]  # type: ignore[attr-defined]


def test_a_class_is_as_good_as_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make(register(monkeypatch, entry_point=AtariEnv), 1), AtariGames)


def test_a_specification_with_wrappers_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    name = register(monkeypatch, additional_wrappers=(FlattenObservation.wrapper_spec(),))
    assert make(name, 1).single_observation_space.shape == (210 * 160 * 3,)


def test_arguments_of_a_specification_that_are_no_options_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = register(monkeypatch, kwargs={"game": "breakout", "difficulty": 1})
    for build in (make, make_single):
        with pytest.raises(InputError, match=r"'Mine-v0'.* no option 'difficulty'"):
            build(name)


def test_the_limit_of_a_specification_counts_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    name = register(monkeypatch, max_episode_steps=5)
    assert make(name, 1, {"frameskip": 3}).spec.max_episode_steps == 5  # type: ignore[union-attr]
    env = make_single(name, {"frameskip": 3})
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(5)] == [False] * 4 + [True]
    assert make(name, 1, {"max_num_frames_per_episode": 40}).spec.max_episode_steps == 10  # type: ignore[union-attr]


def test_the_consoles_memory_is_observed_as_other_vectors_are() -> None:
    kwargs = {"obs_type": "ram"}
    many, one = make("ALE/Pong-v5", 2, kwargs), make_single("ALE/Pong-v5", kwargs)
    assert many.reset(seed=0)[0].shape == (2, 128)
    assert one.reset(seed=0)[0].shape == (128,)


@pytest.mark.parametrize("name", ["sise", "stack_num", "game", "mode", "render_mode", "max_episode_steps"])
def test_unknown_options_are_named_beside_those_that_there_are(name: str) -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match=f"'ALE/Pong-v5'.* '{name}'.*size, frameskip.*life_loss.*ram"):
            build("ALE/Pong-v5", env_kwargs={name: "pong"})


@pytest.mark.parametrize("value", ["rgb", "grayscale"])
def test_there_is_no_other_kind_of_image(value: str) -> None:
    with pytest.raises(InputError, match="'obs_type'"):
        make("ALE/Pong-v5", 1, {"obs_type": value})


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        *[("size", value, "whole number from 8 to 160") for value in (7, 161, 84.0, True, "84", None)],
        *[("frameskip", value, "whole number from 1") for value in (0, -4, True, [2, 5], 2**40)],
        *[("repeat_action_probability", value, "number from 0 to 1") for value in (-0.1, 1.1, float("nan"), "0.25")],
        *[("noop_max", value, "whole number from 0") for value in (-1, 1.5)],
        *[("max_num_frames_per_episode", value, "whole number from 1") for value in (0, None)],
        *[
            (name, value, "true or false")
            for name in ("full_action_space", "use_fire_reset", "reward_clipping", "life_loss")
            for value in (1, "yes", None)
        ],
    ],
)
def test_impossible_values_are_named_with_what_would_do(name: str, value: Any, remedy: str) -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match=f"'ALE/Pong-v5': '{name}' is .*{remedy}"):
            build("ALE/Pong-v5", env_kwargs={name: value})


def test_the_size_is_that_of_observations() -> None:
    assert make("ALE/Pong-v5", 2, {"size": 42}).reset(seed=0)[0].shape == (2, 42, 42)
    assert make_single("ALE/Pong-v5", {"size": 42}).reset(seed=0)[0].shape == (42, 42)


@pytest.mark.parametrize(("kwargs", "frames"), [({}, 4), ({"frameskip": 3}, 3), ({"frameskip": 1}, 1)])
def test_an_action_lasts_as_many_frames_as_the_frame_skip(kwargs: dict[str, int], frames: int) -> None:
    many, one = make("ALE/Pong-v5", 1, kwargs | {"noop_max": 0}), make_single("ALE/Pong-v5", kwargs | {"noop_max": 0})
    assert frames_since_reset(many.reset(seed=0)[1]) == frames_since_reset(one.reset(seed=0)[1]) == [0]
    assert frames_since_reset(many.step(np.array([0]))[4]) == frames_since_reset(one.step(0)[4]) == [frames]


@pytest.mark.parametrize(("noop_max", "counts"), [(3, {0, 1, 2}), (1, {0}), (0, {0})])
def test_an_episode_begins_with_fewer_idle_frames_than_the_most(noop_max: int, counts: set[int]) -> None:
    many, one = (
        build("ALE/Pong-v5", env_kwargs={"noop_max": noop_max}) for build in (partial(make, num_envs=12), make_single)
    )
    assert set(frames_since_reset(many.reset(seed=0)[1])) == counts
    assert {frames_since_reset(one.reset(seed=seed)[1])[0] for seed in range(12)} == counts
    many.close()


def test_the_frame_of_fire_is_one_of_the_idle_ones() -> None:
    kwargs = {"noop_max": 3, "use_fire_reset": True}
    many, one = make("ALE/Breakout-v5", 12, kwargs), make_single("ALE/Breakout-v5", kwargs)
    assert set(frames_since_reset(many.reset(seed=0)[1])) == {1, 2}
    assert {frames_since_reset(one.reset(seed=seed)[1])[0] for seed in range(12)} == {1, 2}
    many.close()


def test_usually_an_episode_begins_with_up_to_29_idle_frames() -> None:
    many, one = make("ALE/Pong-v5", 12), make_single("ALE/Pong-v5")
    seeds = range(12)
    for counts in (
        frames_since_reset(many.reset(seed=0)[1]),
        [frames_since_reset(one.reset(seed=s)[1])[0] for s in seeds],
    ):
        assert all(0 <= count <= 29 for count in counts)
        assert max(counts) > 15
    many.close()


@pytest.mark.parametrize("build", [make, make_single])
def test_every_action_sticks_where_it_must(build: Any) -> None:
    def play(actions: list[int], **kwargs: float) -> np.ndarray:
        env = build("ALE/Pong-v5", env_kwargs={"noop_max": 0, **kwargs})
        env.reset(seed=0)
        return np.stack([np.array(env.step(np.array([a]) if build is make else a)[0]) for a in actions])

    up_and_down = [2, 3, 2, 2, 3, 3] * 8
    idle, moved = play([0] * 48), play(up_and_down)
    assert (idle != moved).any()
    np.testing.assert_array_equal(play(up_and_down, repeat_action_probability=0.0), moved)
    np.testing.assert_array_equal(play(up_and_down, repeat_action_probability=1.0), idle)  # before the first is none
    sometimes = play(up_and_down, repeat_action_probability=0.25)
    assert (sometimes != moved).any()
    assert (sometimes != idle).any()


def test_an_episode_is_truncated_after_its_frames() -> None:
    kwargs = {"max_num_frames_per_episode": 10, "frameskip": 4, "noop_max": 0}
    many, one = make("ALE/Pong-v5", 2, kwargs), make_single("ALE/Pong-v5", kwargs)
    many.reset(seed=0)
    one.reset(seed=0)
    for wanted in (False, False, True):  # in the third step, of which only two frames are played
        _, _, terminated, truncated, _ = many.step(np.zeros(2, np.int64))
        assert (terminated.tolist(), truncated.tolist()) == ([False] * 2, [wanted] * 2)
        _, _, *ends, info = one.step(0)
        assert ends == [False, wanted]
    assert info["episode_frame_number"] == 10
    assert many.spec.max_episode_steps == 3  # type: ignore[union-attr]
    assert one.spec.max_episode_steps == 3  # type: ignore[union-attr]


def test_the_usual_limit_is_half_an_hour() -> None:
    assert AtariOptions().max_episode_steps == 27_000
    env = make("ALE/Pong-v5", 1)
    assert env.spec.max_episode_steps == 27_000  # type: ignore[union-attr]
    assert env.unwrapped is env
    assert find_spec("ALE/Pong-v5").max_episode_steps is None  # and the registered one stays as it is
    assert AtariOptions.of(env.spec, {}) == AtariOptions()  # type: ignore[arg-type]


def test_the_console_has_eighteen_actions_of_which_a_game_knows_some() -> None:
    for full, count in ((False, 6), (True, 18)):
        kwargs = {"full_action_space": full}
        assert make("ALE/Pong-v5", 1, kwargs).single_action_space == gymnasium.spaces.Discrete(count)
        assert make_single("ALE/Pong-v5", kwargs).action_space == gymnasium.spaces.Discrete(count)


def test_fire_is_pressed_only_where_asked() -> None:
    for fire in (False, True):
        kwargs = {"use_fire_reset": fire, "noop_max": 0}
        many, one = make("ALE/Breakout-v5", 1, kwargs), make_single("ALE/Breakout-v5", kwargs)
        assert frames_since_reset(many.reset(seed=0)[1]) == frames_since_reset(one.reset(seed=0)[1]) == [int(fire)]
        lives = [(int(many.step(np.array([0]))[4]["lives"][0]), one.step(0)[4]["lives"]) for _ in range(60)]
        assert lives[-1] == ((4, 4) if fire else (5, 5))  # without FIRE no ball is served, and none lost


@pytest.mark.parametrize(("kwargs", "largest"), [({}, 10.0), ({"reward_clipping": True}, 1.0)])
def test_rewards_are_the_games_own_where_they_are_not_clipped(kwargs: dict[str, bool], largest: float) -> None:
    many, one = make("ALE/MsPacman-v5", 1, kwargs), make_single("ALE/MsPacman-v5", kwargs)
    many.reset(seed=0)
    one.reset(seed=0)
    assert max(many.step(np.array([3]))[1][0] for _ in range(100)) == largest  # a dot is worth ten
    assert max(float(one.step(3)[1]) for _ in range(100)) == largest


def test_pixels_are_another_name_of_the_size() -> None:
    for build in (make, make_single):
        assert build("ALE/Pong-v5", env_kwargs={"pixels": 64}).reset(seed=0)[0].shape[-2:] == (64, 64)
        assert build("ALE/Pong-v5", env_kwargs={"pixels": 64, "size": 64}).reset(seed=0)[0].shape[-2:] == (64, 64)
        with pytest.raises(InputError, match="'pixels' is 64 and 'size' 84"):
            build("ALE/Pong-v5", env_kwargs={"pixels": 64, "size": 84})
        with pytest.raises(InputError, match="'size' is 200"):
            build("ALE/Pong-v5", env_kwargs={"pixels": 200})
