"""A person at the keyboard: keys and actions."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space

from envs.errors import InputError
from envs.make import make_single
from expert_data.person.keymaps import Controls, controls_of

MIDDLE = (0.5, 0.5)


def controls(env: str, keys: str | None = None, mouse: bool = False, **kwargs: Any) -> Controls:
    return controls_of(make_single(env, kwargs), keys, mouse)


def of_space(space: Space, keys: str | None = None, mouse: bool = False) -> Controls:
    return controls("tiny_envs:SpacesEnv", keys, mouse, action_space=space)


def action(made: Controls, *held: str, pointer: tuple[float, float] = MIDDLE) -> Any:
    return made.action(frozenset(held), pointer)


def test_known_environments_have_keys() -> None:
    car = controls("MountainCar-v0")
    assert (action(car, "left"), action(car), action(car, "right")) == (0, 1, 2)
    assert not car.waits


@pytest.mark.parametrize(("key", "velocity"), [("left", -1), ("right", 1)])
def test_keys_push_to_the_side_that_they_name(key: str, velocity: int) -> None:
    for env_id, index, kwargs in [
        ("CartPole-v1", 1, {}), ("MountainCar-v0", 1, {}), ("MountainCarContinuous-v0", 1, {}),
        ("LunarLander-v3", 2, {}), ("LunarLander-v3", 2, {"continuous": True}),
    ]:  # fmt: skip
        env = make_single(env_id, kwargs)
        pushed = controls_of(env, None, mouse=False)
        before, _ = env.reset(seed=0)
        after = [env.step(action(pushed, key))[0] for _ in range(4)][-1]
        assert np.sign(after[index] - before[index]) == velocity, env_id


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "Taxi-v4", "CliffWalking-v1", "Blackjack-v1"])
def test_games_of_single_moves_wait_for_keys(env_id: str) -> None:
    assert controls(env_id).waits


def test_arrows_move_on_the_ice_as_they_point() -> None:
    env = make_single("FrozenLake-v1", {"is_slippery": False, "map_name": "4x4"})
    moves = controls_of(env, None, mouse=False)
    env.reset(seed=0)
    places = [int(env.step(action(moves, key))[0].argmax()) for key in ("right", "left", "down", "up")]
    assert places == [1, 0, 4, 0]  # of four in a row


def test_a_pole_without_a_key_is_pushed_as_before() -> None:
    assert action(controls("CartPole-v1")) is None


def test_atari_has_its_own_keys() -> None:
    pong = controls("ALE/Pong-v5", obs_type="ram")
    assert action(pong, "d", "space") == 4  # RIGHTFIRE, which counts for more than RIGHT
    assert action(pong, "d") == 2
    assert action(pong) == 0
    assert not pong.waits


def test_numbers_add_up_and_stay_inside() -> None:
    made = of_space(Box(np.array([-2.0, 0.0], np.float32), np.array([2.0, 10.0], np.float32)))
    assert action(made, "right", "up").tolist() == [2.0, 10.0]
    assert action(made, "left", "right").tolist() == [0.0, 0.0]
    assert action(made, "down").tolist() == [0.0, 0.0]
    assert action(made).dtype == np.float32


def test_the_mouse_spans_the_space() -> None:
    made = of_space(Box(np.array([-2.0, 0.0], np.float32), np.array([2.0, 10.0], np.float32)), mouse=True)
    assert action(made, pointer=(0.0, 1.0)).tolist() == [-2.0, 10.0]
    assert action(made, pointer=(0.75, 0.5)).tolist() == [1.0, 5.0]


@pytest.mark.parametrize("space", [Discrete(3), Box(-1.0, 1.0, (3,), np.float32)], ids=str)
def test_the_mouse_steers_no_more_than_two_numbers(space: Space) -> None:
    with pytest.raises(InputError, match="--mouse steers one or two numbers"):
        of_space(space, mouse=True)


def test_unknown_choices_have_digits() -> None:
    made = of_space(Discrete(3, start=5))
    assert [action(made, key) for key in "012"] == [5, 6, 7]
    assert made.waits


def test_bits_have_digits_that_can_be_held_together() -> None:
    assert action(of_space(MultiBinary(3)), "0", "2").tolist() == [1, 0, 1]


@pytest.mark.parametrize("space", [Discrete(11), MultiDiscrete([2, 3]), Box(-1.0, 1.0, (9,), np.float32)], ids=str)
def test_where_there_are_no_keys_the_message_says_how_to_give_them(space: Space) -> None:
    with pytest.raises(InputError, match="give them with --keys"):
        of_space(space)


def test_keys_that_are_given() -> None:
    made = of_space(Discrete(4), '{"left": 0, "left+space": 1, "": 3}')
    assert (action(made, "left"), action(made, "left", "space", "a"), action(made)) == (0, 1, 3)
    assert not made.waits
    assert of_space(Discrete(4), '{"left": 0}').waits


def test_keys_for_numbers_and_lists() -> None:
    assert action(of_space(Box(-1.0, 1.0, (2,), np.float32), '{"a": [1, -1]}'), "a").tolist() == [1.0, -1.0]
    assert action(of_space(MultiDiscrete([2, 3]), '{"a": [1, 2]}'), "a").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "is no JSON object"),
        ("{}", "is no JSON object"),
        ('{"left": 4}', "'left' the action 4, which is not in"),
        ('{"left": "x"}', "'left' the action x, which is not in"),
        ('{"left": null}', "'left' the action None, which is not in"),
        ('{"left": true}', "'left' the action True, which is not in"),
        ('{"nowhere": 0}', "the key 'nowhere', which keyboards do not have"),
    ],
)
def test_keys_that_cannot_be(keys: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        of_space(Discrete(4), keys)


def test_every_control_says_what_it_does() -> None:
    assert controls("MountainCar-v0").help == ["left: action 0", "right: action 2", "no key: action 1"]
    assert controls("CartPole-v1").help[-1] == "no key: as before"
    assert len(controls("Pendulum-v1").help) == 2
    assert controls("Pendulum-v1", mouse=True).help == ["mouse: left to right"]


def test_gymnasiums_own_environments_can_all_be_played() -> None:
    for env_id in ("Acrobot-v1", "CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1",
                   "BipedalWalker-v3", "LunarLander-v3", "Taxi-v4", "FrozenLake-v1", "FrozenLake8x8-v1",
                   "CliffWalking-v1", "Blackjack-v1"):  # fmt: skip
        env: gymnasium.Env = make_single(env_id)
        made = controls_of(env, None, mouse=False)
        assert made.help
