"""What is drawn of an observation is what the environment itself draws."""

import numpy as np
import pytest

from envs.depiction import Depiction
from envs.make import make_single


@pytest.mark.parametrize("env_id", ["CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Acrobot-v1"])
def test_it_draws_what_the_environment_draws(env_id: str) -> None:
    env = make_single(env_id, render=True)
    env.action_space.seed(0)
    first, _ = env.reset(seed=1)
    pictures, observations = [np.asarray(env.render())], [first]
    for _ in range(8):
        observations.append(env.step(env.action_space.sample())[0])
        pictures.append(np.asarray(env.render()))
    with Depiction(env_id, {}) as depict:
        drawn = [depict(seen) for seen in (observations[-1], observations[0])]
    for made, expected in zip(drawn, (pictures[-1], pictures[0]), strict=True):
        assert (made != expected).mean() < 2e-3  # edges move by what float32 leaves out
    assert (drawn[0] != drawn[1]).mean() > 2e-3


def test_a_pendulum_is_drawn_without_the_arrow_of_its_torque() -> None:
    env = make_single("Pendulum-v1", render=True)
    seen, _ = env.reset(seed=1)
    with Depiction("Pendulum-v1", {}) as depict:
        assert (depict(seen) != np.asarray(env.render())).mean() < 2e-3
        assert (depict(seen) != depict(np.array([-seen[0], -seen[1], 0.0]))).mean() > 0.01


@pytest.mark.parametrize("far", [1e9, -1e9, np.nan, np.inf])
def test_what_no_world_holds_is_drawn_at_its_edge(far: float) -> None:
    for env_id, size in (("CartPole-v1", 4), ("MountainCar-v0", 2), ("Pendulum-v1", 3), ("Acrobot-v1", 6)):
        with Depiction(env_id, {}) as depict:
            assert depict(np.full(size, far)).ndim == 3


def test_only_what_is_known_is_drawn() -> None:
    for env_id in ("CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1", "Acrobot-v1"):
        assert Depiction.can_depict(env_id, {})
    assert not Depiction.can_depict("CartPole-v1", {"pixels": 16})
    assert not Depiction.can_depict("tiny_envs:CountingEnv", {})
