"""Environments as rollouts see them."""

import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
import tiny_envs
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, Sequence, Space, Text, Tuple
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from envs.errors import InputError
from envs.make import make, make_single

pytestmark = pytest.mark.filterwarnings("ignore:.*maximum and minimum values are equal")


class OwnVectorForm(SyncVectorEnv):
    """A vectorised form that somebody wrote for his environment."""

    def __init__(
        self, num_envs: int, observation_space: Space | None = None, mode: AutoresetMode = AutoresetMode.NEXT_STEP
    ):
        super().__init__([lambda: tiny_envs.SpacesEnv(observation_space)] * num_envs, autoreset_mode=mode)


def register(monkeypatch: pytest.MonkeyPatch, **kwargs: Any) -> str:
    makers: dict[str, Any] = {"entry_point": tiny_envs.SpacesEnv, "vector_entry_point": OwnVectorForm}
    monkeypatch.setitem(gymnasium.registry, "Tiny-v0", EnvSpec("Tiny-v0", kwargs=kwargs, **makers))
    return "Tiny-v0"


def only_observation(space: Space) -> np.ndarray:
    env = make("tiny_envs:SpacesEnv", 1, {"observation_space": space})
    observations, _ = env.reset(seed=0)
    assert env.single_observation_space.shape == observations[0].shape
    return observations[0]


def test_the_environments_own_vectorised_form_is_used_where_there_is_one() -> None:
    env = make("CartPole-v1", 3)
    assert isinstance(env.unwrapped, CartPoleVectorEnv)
    assert env.reset(seed=0)[0].shape == (3, 4)


def test_other_environments_step_one_after_the_other() -> None:
    env = make("MountainCar-v0", 3)
    assert isinstance(env.unwrapped, SyncVectorEnv)
    assert env.num_envs == 3
    assert env.reset(seed=0)[0].shape == (3, 2)


def test_a_vectorised_form_whose_observations_are_not_flat_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make(register(monkeypatch), 2).unwrapped, OwnVectorForm)
    env = make(register(monkeypatch, observation_space=MultiBinary((2, 2))), 2)
    assert not isinstance(env.unwrapped, OwnVectorForm)
    assert env.reset(seed=0)[0].shape == (2, 4)


def test_a_vectorised_form_is_used_for_images_whose_channels_are_last(monkeypatch: pytest.MonkeyPatch) -> None:
    env = make(register(monkeypatch, observation_space=Box(0, 255, (8, 9, 3), np.uint8)), 2)
    assert isinstance(env.unwrapped, OwnVectorForm)
    assert env.reset(seed=0)[0].shape == (2, 8, 9, 3)
    env = make(register(monkeypatch, observation_space=Box(0, 255, (3, 8, 9), np.uint8)), 2)
    assert not isinstance(env.unwrapped, OwnVectorForm)
    assert env.reset(seed=0)[0].shape == (2, 8, 9, 3)


def test_a_vectorised_form_that_resets_in_the_same_step_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"'Tiny-v0'.*NEXT_STEP"):
        make(register(monkeypatch, mode=AutoresetMode.SAME_STEP), 2)


@pytest.mark.parametrize("truncates", [False, True])
def test_the_observation_after_a_done_step_is_the_last_one_and_the_next_step_only_resets(truncates: bool) -> None:
    env = make("tiny_envs:CountingEnv", 1, {"length": 2, "truncates": truncates})
    assert env.reset(seed=0)[0].tolist() == [[0.0, 0.0]]
    steps = []
    for _ in range(4):
        observations, rewards, terminated, truncated, _ = env.step(np.zeros(1, np.int64))
        steps.append((observations[0].tolist(), rewards[0], bool(terminated[0]), bool(truncated[0])))
    assert steps == [
        ([0.0, 1.0], 1.0, False, False),
        ([0.0, 2.0], 2.0, not truncates, truncates),
        ([1.0, 0.0], 0.0, False, False),
        ([1.0, 1.0], 11.0, False, False),
    ]


def test_cart_pole_keeps_its_last_observation_too() -> None:
    short, long = make("CartPole-v1", 2, {"max_episode_steps": 3}), make("CartPole-v1", 2)
    for env in (short, long):
        env.reset(seed=0)
    action = np.array([0, 1])
    for _ in range(2):
        short.step(action)
        long.step(action)
    observations, rewards, _, truncated, _ = short.step(action)
    np.testing.assert_array_equal(observations, long.step(action)[0])
    assert truncated.all()
    assert rewards.tolist() == [1.0, 1.0]
    observations, rewards, terminated, truncated, _ = short.step(action)
    assert (np.abs(observations) <= 0.05).all()  # where CartPole starts
    assert rewards.tolist() == [0.0, 0.0]
    assert not (terminated | truncated).any()


@pytest.mark.parametrize("name", ["CartPole-v1", "FrozenLake-v1", "Pendulum-v1"])
def test_the_seed_decides_everything(name: str) -> None:
    def play(seed: int) -> np.ndarray:
        env = make(name, 2)
        rows = [np.array(env.reset(seed=seed)[0])]
        env.action_space.seed(0)
        rows += [np.array(env.step(env.action_space.sample())[0]) for _ in range(30)]
        return np.stack(rows)

    np.testing.assert_array_equal(play(1), play(1))
    assert (play(1) != play(2)).any()


def test_copies_of_an_environment_differ() -> None:
    observations, _ = make("Pendulum-v1", 2).reset(seed=0)
    assert (observations[0] != observations[1]).any()


def test_env_kwargs_reach_the_constructor_of_single_and_vectorised_forms() -> None:
    slippery = make("FrozenLake-v1", 1, {"is_slippery": False, "map_name": "8x8"})
    assert slippery.single_observation_space.shape == (64,)
    paid = make("CartPole-v1", 1, {"sutton_barto_reward": True})
    paid.reset(seed=0)
    assert paid.step(np.array([0]))[1].tolist() == [0.0]  # and not 1
    single = make_single("tiny_envs:CountingEnv", {"length": 1})
    single.reset(seed=0)
    assert single.step(0)[2]


def test_discrete_observations_become_one_hot() -> None:
    env = make("FrozenLake-v1", 2, {"is_slippery": False})
    assert env.reset(seed=0)[0].tolist() == [np.eye(16)[0].tolist()] * 2
    observations = env.step(np.array([2, 1]))[0]  # right is field 1; down, a row of four further, is field 4
    assert observations.tolist() == [np.eye(16)[1].tolist(), np.eye(16)[4].tolist()]


def test_tuple_and_dict_observations_become_vectors() -> None:
    fixed = Box(5.0, 5.0, (1, 2), np.float32)
    assert only_observation(Tuple((Discrete(1), fixed))).tolist() == [1.0, 5.0, 5.0]
    assert only_observation(Dict({"b": Discrete(1), "a": fixed})).tolist() == [5.0, 5.0, 1.0]  # by name


def test_array_observations_become_vectors_row_by_row() -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert only_observation(Box(numbers, numbers)).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_vector_of_bytes_is_no_image() -> None:
    assert only_observation(Box(7, 7, (128,), np.uint8)).tolist() == [7] * 128


@pytest.mark.parametrize("space", [Sequence(Discrete(2)), Text(5), Dict({"a": Tuple([Text(5)])})], ids=str)
def test_observations_that_are_no_numbers_are_refused(space: Space) -> None:
    with pytest.raises(InputError, match="vector of numbers"):
        make("tiny_envs:SpacesEnv", 1, {"observation_space": space})


def test_a_single_environment_observes_what_the_vector_does() -> None:
    single = make_single("FrozenLake-v1", {"is_slippery": False})
    assert single.reset(seed=0)[0].tolist() == np.eye(16)[0].tolist()
    assert single.step(2)[0].tolist() == np.eye(16)[1].tolist()


def test_a_single_environment_renders_frames_on_demand() -> None:
    env = make_single("CartPole-v1", render=True)
    env.reset(seed=0)
    frame: Any = env.render()
    assert (frame.ndim, frame.shape[-1], frame.dtype) == (3, 3, np.uint8)
    env.close()


def test_a_missing_dependency_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, package in {"Box2D": "box2d", "mujoco": "mujoco"}.items():
        for name in [name for name in sys.modules if name.startswith(f"gymnasium.envs.{package}")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(InputError, match=r"'LunarLander-v3' needs .*gail\[box2d\]"):
        make("LunarLander-v3")
    with pytest.raises(InputError, match=r"'Hopper-v5' needs .*gail\[mujoco\]"):
        make("Hopper-v5")


@pytest.mark.parametrize("name", ["CartPole-v1", "MountainCar-v0", "tiny_envs:CountingEnv"])
def test_unknown_env_kwargs_are_named(name: str) -> None:
    for build in (make, make_single):
        with pytest.raises(InputError, match="gravitas") as caught:
            build(name, env_kwargs={"gravitas": 1})
        assert name in str(caught.value)
        assert "--env-kwargs" in str(caught.value)


def test_whatever_a_constructor_raises_is_told_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"'FrozenLake-v1' cannot be made: KeyError: .*--env-kwargs"):
        make("FrozenLake-v1", 1, {"map_name": "nowhere"})
