"""Collecting experience from environments that count."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box
from gymnasium.vector import SyncVectorEnv
from tiny_envs import CountingEnv

from agents.actor import RandomActor
from agents.rollout import Rollout, collect, reset
from envs.actions import ActionSpec


def counting(*lengths: int, truncates: bool = False) -> SyncVectorEnv:
    return SyncVectorEnv([lambda length=length: CountingEnv(length, truncates) for length in lengths], copy=False)


def roll(env: SyncVectorEnv, *steps: int, seed: int = 0) -> list[Rollout]:
    actor, rng = RandomActor(ActionSpec.of(env.single_action_space)), np.random.default_rng(seed)
    cursor, rollouts = reset(env, seed), []
    for count in steps:
        rollouts.append(collect(env, actor, cursor, count, rng))
        cursor = rollouts[-1].end
    return rollouts


def test_every_step_is_recorded_in_its_place() -> None:
    env = counting(2, 3)
    (rollout,) = roll(env, 5)
    # Observations are [episode, steps in it], rewards 10 x episode + steps; a reset has reward 0.
    assert rollout.observations[:, 0].tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert rollout.observations[:, 1].tolist() == [[0, 0], [0, 1], [0, 2], [0, 3], [1, 0], [1, 1]]
    assert rollout.rewards.T.tolist() == [[1, 2, 0, 11, 12], [1, 2, 3, 0, 11]]
    assert rollout.terminations.T.tolist() == [[False, True, False, False, True], [False, False, True, False, False]]
    assert not rollout.truncations.any()
    # Only steps that were taken reach the environment, and a reset is none.
    for n, taken in enumerate(env.get_attr("taken")):
        assert rollout.actions[rollout.valid[:, n], n, 0].tolist() == [int(action) for action in taken]


def test_a_step_after_a_done_one_is_not_valid() -> None:
    (rollout,) = roll(counting(2, 3), 5)
    assert rollout.valid.T.tolist() == [[True, True, False, True, True], [True, True, True, False, True]]
    (rollout,) = roll(counting(1), 4)
    assert rollout.valid[:, 0].tolist() == [True, False, True, False]


def test_truncations_end_episodes_too() -> None:
    (rollout,) = roll(counting(2, truncates=True), 3)
    assert rollout.truncations[:, 0].tolist() == [False, True, False]
    assert not rollout.terminations.any()
    assert rollout.dones[:, 0].tolist() == [False, True, False]
    assert rollout.valid[:, 0].tolist() == [True, True, False]


def test_shapes_and_types() -> None:
    (rollout,) = roll(counting(2, 3, 4), 5)
    found = {field.name: getattr(rollout, field.name) for field in fields(rollout)}
    assert {name: (array.shape, array.dtype.name) for name, array in found.items()} == {
        "frames": ((6, 3, 2), "float32"),
        "actions": ((5, 3, 1), "int32"),
        "rewards": ((5, 3), "float32"),
        "terminations": ((5, 3), "bool"),
        "truncations": ((5, 3), "bool"),
        "valid": ((5, 3), "bool"),
        "life_losses": ((5, 3), "bool"),
    }


def test_what_follows_a_done_step_is_the_last_observation_of_its_own_episode() -> None:
    (rollout,) = roll(counting(2, 3), 5)
    assert rollout.observations[1:][rollout.dones].tolist() == [[0, 2], [0, 3], [1, 2]]
    steps = rollout.steps.take(np.arange(len(rollout.steps)))
    assert steps.next_observations[steps.terminations].tolist() == [[0, 2], [0, 3], [1, 2]]


def test_lost_lives_that_an_environment_tells_of_are_kept() -> None:
    class Lives(gymnasium.Wrapper):
        def step(self, action):
            observation, reward, terminated, truncated, info = self.env.step(action)
            return observation, reward, terminated, truncated, {"life_lost": info["noise"] == 2}

    (rollout,) = roll(SyncVectorEnv([lambda: Lives(CountingEnv(4))]), 6)
    assert rollout.life_losses[:, 0].tolist() == [False, True, False, False, False, False]
    assert not roll(counting(4), 6)[0].life_losses.any()


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
def test_a_rollout_goes_on_where_the_last_one_stopped(cut: int) -> None:
    (whole,) = roll(counting(2, 3, 1), 10)
    parts = roll(counting(2, 3, 1), cut, 10 - cut)
    for name in ("actions", "rewards", "terminations", "truncations", "valid"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name), err_msg=name)
    joined = np.concatenate([parts[0].observations, parts[1].observations[1:]])
    np.testing.assert_array_equal(joined, whole.observations)
    np.testing.assert_array_equal(parts[1].observations[0], parts[0].observations[-1])


def test_the_generator_decides_the_actions() -> None:
    once, again, other = (roll(counting(3, 3), 20, seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(once.actions, again.actions)
    assert (once.actions != other.actions).any()


def test_the_start_is_kept_when_the_environment_writes_over_its_buffer() -> None:
    env = counting(5, 5)
    start = reset(env, 0)
    assert start.seen.dtype == np.float32
    assert start.done.tolist() == [False, False]
    env.step(np.zeros(2, np.int64))
    assert start.seen.tolist() == [[0, 0], [0, 0]]


@dataclass(frozen=True)
class Formula:
    """Answers an observation with a number."""

    actions: ActionSpec
    formula: Callable[[np.ndarray], np.ndarray]
    depth: int = 1

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self.formula(observations[:, 1:]).astype(np.float32)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        raise AssertionError("a rollout explores")


def test_actions_are_recorded_as_the_policy_gave_them_and_taken_as_the_environment_wants_them() -> None:
    env = SyncVectorEnv([lambda: CountingEnv(9, action_space=Box(0.0, 10.0, (1,), np.float32))], copy=False)
    actor = Formula(ActionSpec.of(env.single_action_space), lambda steps: steps * 2.0 - 1.0)
    rollout = collect(env, actor, reset(env, 0), 3, np.random.default_rng(0))
    assert rollout.actions[:, 0].tolist() == [[-1.0], [1.0], [3.0]]  # not clipped
    assert rollout.actions.dtype == np.float32
    assert env.get_attr("taken")[0] == [[0.0], [10.0], [10.0]]
