"""A model as an environment: counting, of which every number can be told by heart."""

import numpy as np
import pytest
from gymnasium.spaces import Discrete, Space
from gymnasium.vector import AutoresetMode

from envs.imagined import Imagined, ImaginedEnv, State


class Counting:
    """Starts at 10, 20, ...; an action is added; ends above 15, and is in doubt at 13."""

    def __init__(self) -> None:
        self.observation_size = 1
        self.action_space: Space = Discrete(3)
        self.started = 0

    def start(self, count: int, rng: np.random.Generator) -> tuple[State, np.ndarray]:
        values = 10.0 * (self.started + 1 + np.arange(count))
        self.started += count
        return {"value": values}, values[:, None].astype(np.float32)

    def step(self, state: State, actions: np.ndarray, rng: np.random.Generator) -> Imagined:
        values = state["value"] + actions
        seen = values[:, None].astype(np.float32)
        return Imagined({"value": values}, seen, actions.astype(np.float32), values == 15, values == 13)


def steps_of(env: ImaginedEnv, *actions: list[int]) -> tuple[np.ndarray, ...]:
    """Observations, rewards, terminations and truncations, ``[T, N]`` each."""
    steps = [env.step(np.array(each))[:4] for each in actions]
    return tuple(np.squeeze(np.stack(column)) for column in zip(*steps, strict=True))


def test_what_ends_begins_anew_a_step_later_whatever_the_action() -> None:
    env = ImaginedEnv(Counting(), num_envs=2, horizon=100)
    assert env.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    np.testing.assert_array_equal(env.reset(seed=0)[0], [[10.0], [20.0]])
    seen, rewards, terminations, truncations = steps_of(env, [2, 1], [2, 1], [1, 1], [2, 1], [1, 1])
    np.testing.assert_array_equal(seen[:, 0], [12, 14, 15, 30, 31])
    np.testing.assert_array_equal(rewards[:, 0], [2, 2, 1, 0, 1])
    np.testing.assert_array_equal(terminations[:, 0], [False, False, True, False, False])
    np.testing.assert_array_equal(seen[:, 1], [21, 22, 23, 24, 25])
    assert not truncations.any()


def test_a_dream_is_cut_at_its_horizon_which_is_no_end_of_the_task() -> None:
    env = ImaginedEnv(Counting(), num_envs=1, horizon=2)
    env.reset(seed=0)
    seen, _, terminations, truncations = steps_of(env, [0], [0], [0], [0], [0])
    np.testing.assert_array_equal(seen, [10, 10, 20, 20, 20])
    np.testing.assert_array_equal(truncations, [False, True, False, False, True])
    assert not terminations.any()


def test_a_dream_is_cut_where_the_model_is_in_doubt() -> None:
    env = ImaginedEnv(Counting(), num_envs=1, horizon=100)
    env.reset(seed=0)
    _, _, terminations, truncations = steps_of(env, [2], [1], [0])
    np.testing.assert_array_equal(truncations, [False, True, False])
    assert not terminations.any()


def test_an_end_at_the_horizon_is_an_end() -> None:
    env = ImaginedEnv(Counting(), num_envs=1, horizon=3)
    env.reset(seed=0)
    _, _, terminations, truncations = steps_of(env, [2], [2], [1])
    assert terminations[-1]
    assert not truncations[-1]


@pytest.mark.parametrize("count", [1, 3])
def test_its_spaces_are_those_of_the_model(count: int) -> None:
    env = ImaginedEnv(Counting(), num_envs=count, horizon=3)
    assert env.single_action_space == Discrete(3)
    assert env.observation_space.contains(env.reset(seed=0)[0])
    assert env.action_space.contains(env.action_space.sample())
