"""Simulators that are put back to a step."""

import numpy as np
import pytest

from envs.actions import ActionSpec
from envs.make import make_single
from envs.resettable import Resettable


def steps(env_id: str, count: int = 60) -> tuple[ActionSpec, np.ndarray, np.ndarray, np.ndarray]:
    """Observations, actions in the policy's form, and next observations of random play."""
    env, rng = make_single(env_id), np.random.default_rng(0)
    spec = ActionSpec.of(env.action_space)
    seen, taken, after = [], spec.sample(rng, count), []
    observation, _ = env.reset(seed=0)
    for action in spec.to_env(taken):
        seen.append(observation)
        observation, _, terminated, truncated, _ = env.step(action)
        after.append(observation)
        if terminated or truncated:
            observation, _ = env.reset()
    env.close()
    return spec, np.array(seen, np.float32), taken, np.array(after, np.float32)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "MountainCar-v0", "HalfCheetah-v5"])
def test_a_simulator_repeats_known_steps_and_answers_others(env_id: str) -> None:
    _, seen, taken, after = steps(env_id)
    simulator = Resettable.of(env_id, {}, seen, taken, after)
    assert simulator is not None
    std = (after - seen).std(0)
    np.testing.assert_allclose(simulator(seen, taken) / std, after / std, atol=0.02)
    others = simulator(seen, taken[::-1])
    assert np.abs((others - after) / std).max() > 0.5
    simulator.close()


@pytest.mark.parametrize("env_id", ["Pendulum-v1", "tiny_envs:CountingEnv"])
def test_what_cannot_be_put_back_is_known_by_trying(env_id: str) -> None:
    _, seen, taken, after = steps(env_id)
    assert Resettable.of(env_id, {}, seen, taken, after) is None


def test_a_simulator_that_does_not_repeat_what_is_known_is_not_trusted() -> None:
    _, seen, taken, after = steps("CartPole-v1")
    assert Resettable.of("CartPole-v1", {"sutton_barto_reward": True}, seen, taken, after + 1.0) is None
