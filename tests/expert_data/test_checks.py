"""Do demonstrations belong to an environment?"""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space

from envs.errors import InputError
from envs.make import make
from expert_data.checks import check_fit, findings, no_better_than_random
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode, Episodes

SLANTED = Box(np.array([0.0, -1000.0], np.float32), np.array([1000.0, 0.0], np.float32))


def episode(actions: Any, observation_size: int = 2) -> Episode:
    taken = np.array(actions)
    observations = np.zeros((len(taken) + 1, observation_size), np.float32)
    return Episode(observations, taken, np.zeros(len(taken)), terminated=True, truncated=False)


def check(space: Space, *actions: Any, recorded: str | None = None, env_id: str = "Tiny-v1") -> list[str]:
    env = make("tiny_envs:SpacesEnv", 1, {"action_space": space})
    metadata = {} if recorded is None else {"env_id": recorded}
    made = Demonstrations.of([episode(each) for each in actions], metadata=metadata)
    return check_fit(made, "demos.npz", env, env_id, {})


@pytest.mark.parametrize(
    ("space", "actions"),
    [
        (Discrete(3), [0, 1, 2]),
        (Discrete(3), [0.0, 2.0]),  # whole, if not integers
        (Discrete(3, start=5), [5, 7]),
        (MultiDiscrete([2, 3], start=[0, 10]), [[0, 10], [1, 12]]),
        (MultiBinary(2), [[0, 1], [1, 1]]),
        (SLANTED, [[0.0, -1000.0], [1000.0, 0.0], [7.0, -7.0]]),
        (Box(-np.inf, np.inf, (1,)), [[1e20], [-1e20]]),
        (Box(0.0, np.inf, (1,)), [[1e20], [0.0]]),
    ],
    ids=str,
)
def test_actions_inside_the_space_fit(space: Space, actions: Any) -> None:
    assert check(space, actions, recorded="Tiny-v1") == []


@pytest.mark.parametrize(
    ("space", "inside", "outside"),
    [
        (Discrete(3), 2, 3),
        (Discrete(3), 0, -1),
        (Discrete(3), 1, 1.5),
        (Discrete(3, start=5), 5, 4),
        (Discrete(3, start=5), 7, 8),
        (MultiDiscrete([2, 3]), [1, 2], [2, 2]),
        (MultiDiscrete([2, 3]), [1, 2], [1, 3]),
        (MultiDiscrete([2, 3], start=[0, 10]), [0, 10], [0, 9]),
        (MultiBinary(2), [0, 1], [0, 2]),
        (Box(-1.0, 1.0, (2,)), [0.0, 1.0], [0.0, 1.01]),
        (Box(-1.0, 1.0, (2,)), [0.0, -1.0], [0.0, -1.01]),
        (Box(0.0, np.inf, (1,)), [1e9], [-0.01]),
    ],
    ids=str,
)
def test_an_action_outside_the_space_is_named_by_episode_and_step(space: Space, inside: Any, outside: Any) -> None:
    with pytest.raises(InputError, match=r"'demos.npz': the action at step 1 of episode 2, .* is outside"):
        check(space, [inside], [inside, inside], [inside, outside, inside])


@pytest.mark.parametrize("direction", [-np.inf, np.inf])
def test_rounding_at_either_edge_of_a_box_is_forgiven(direction: float) -> None:
    edges = np.array([1000.0, 0.0] if direction > 0 else [0.0, -1000.0], np.float32)
    assert check(SLANTED, [np.nextafter(edges, np.float32(direction))]) == []


def test_demonstrations_of_another_environment_are_refused() -> None:
    with pytest.raises(InputError, match=r"'demos.npz': they were recorded in 'Other-v1', not in 'Tiny-v1'"):
        check(Discrete(2), [0], recorded="Other-v1")


def test_another_version_of_the_environment_only_warns() -> None:
    (warning,) = check(Discrete(2), [0], recorded="Tiny-v0")
    assert "'Tiny-v0', another version of 'Tiny-v1'" in warning


def test_demonstrations_that_name_no_environment_are_trusted() -> None:
    assert check(Discrete(2), [0]) == []


def test_observations_of_another_shape_are_refused() -> None:
    env = make("tiny_envs:SpacesEnv", 1, {"action_space": Discrete(2)})
    with pytest.raises(InputError, match=r"'observations' have shape \(3,\) a step, but 'Tiny-v1' has \(2,\)"):
        check_fit(Demonstrations.of([episode([0], observation_size=3)]), "demos.npz", env, "Tiny-v1", {})


@pytest.mark.parametrize(
    ("space", "actions", "shapes"),
    [
        (Discrete(2), [[0]], r"\(1,\) a step, but 'Tiny-v1' has \(\)"),
        (Box(-1.0, 1.0, (2,)), [0.0], r"\(\) a step, but 'Tiny-v1' has \(2,\)"),
        (Box(-1.0, 1.0, (2,)), [[0.0, 0.0, 0.0]], r"\(3,\) a step, but 'Tiny-v1' has \(2,\)"),
    ],
    ids=["a list for Discrete", "a number for Box", "a number too many"],
)
def test_actions_of_another_shape_are_refused(space: Space, actions: Any, shapes: str) -> None:
    with pytest.raises(InputError, match="'actions' have shape " + shapes):
        check(space, actions)


def moving(start: float, length: int = 3, rewards: float = 1.0, actions: Any = None) -> Episode:
    observations = start + np.arange(2.0 * (length + 1), dtype=np.float32).reshape(-1, 2)
    taken = np.arange(length) % 2 if actions is None else np.array(actions)
    return Episode(observations, taken, np.full(length, rewards), terminated=True, truncated=False)


def sentences(*episodes: Episode) -> list[str]:
    return [finding.sentence for finding in findings(Demonstrations.of(episodes))]


def test_episodes_that_differ_give_no_cause_for_complaint() -> None:
    assert sentences(moving(0.0), moving(1.0), moving(0.0, length=4)) == []


def test_an_episode_that_is_there_twice_is_named() -> None:
    (sentence,) = sentences(moving(0.0), moving(1.0), moving(0.0))
    assert sentence.startswith("episode 2 is the same as episode 0;")


def test_episodes_that_start_alike_and_go_apart_are_not_the_same() -> None:
    assert sentences(moving(0.0, actions=[0, 1, 0]), moving(0.0, actions=[0, 1, 1])) == []


def test_an_expert_that_always_does_the_same_is_suspicious() -> None:
    (sentence,) = sentences(moving(0.0, actions=[1, 1, 1]), moving(1.0, actions=[1, 1, 1]))
    assert sentence.startswith("every action is 1,")
    assert sentences(moving(0.0, actions=[1, 1, 1]), moving(1.0, actions=[0, 0, 0])) == []


def test_episodes_longer_than_the_environments_are_named() -> None:
    env = make("CartPole-v1", 1)
    length = 501
    states = np.random.default_rng(0).uniform(-0.2, 0.2, (length + 1, 4)).astype(np.float32)
    long = Episode(states, np.arange(length) % 2, np.ones(length), terminated=True, truncated=False)
    (warning,) = check_fit(Demonstrations.of([long]), "demos.npz", env, "CartPole-v1", {})
    assert "episode 0 has 501 steps, where 'CartPole-v1' ends after 500" in warning


def test_observations_outside_the_space_are_named_by_episode_and_step() -> None:
    env = make("MountainCar-v0", 1)
    states = np.tile(np.array([-0.5, 0.0], np.float32), (4, 1))
    inside = Episode(states, np.array([0, 1, 2]), np.ones(3), terminated=True, truncated=False)
    beyond = states.copy()
    beyond[3, 1] = 0.08  # the car's velocity stays below 0.07
    outside = Episode(beyond, np.array([2, 1, 0]), np.ones(3), terminated=True, truncated=False)
    assert check_fit(Demonstrations.of([inside]), "demos.npz", env, "MountainCar-v0", {}) == []
    (warning,) = check_fit(Demonstrations.of([inside, outside]), "demos.npz", env, "MountainCar-v0", {})
    assert "the observation at step 3 of episode 1 is outside" in warning


def test_an_expert_no_better_than_chance_is_named() -> None:
    random = Episodes.of([moving(0.0, rewards=1.0)])
    found = no_better_than_random(Demonstrations.of([moving(0.0, rewards=1.0)]), random)
    assert found is not None
    assert "3.0 is no better than the 3.0 of a random policy" in found.sentence
    assert no_better_than_random(Demonstrations.of([moving(0.0, rewards=1.1)]), random) is None


def test_without_rewards_nobody_knows_whether_an_expert_is_better_than_chance() -> None:
    unpaid = Episode(np.zeros((2, 2), np.float32), np.zeros(1, int), None, terminated=True, truncated=False)
    assert no_better_than_random(Demonstrations.of([unpaid]), Episodes.of([moving(0.0)])) is None


def test_episodes_that_were_cut_off_are_counted() -> None:
    env = make("MountainCar-v0", 1)
    states = np.tile(np.array([-0.5, 0.0], np.float32), (4, 1)) + 0.01 * np.arange(4, dtype=np.float32)[:, None]
    cut = Episode(
        states - np.array([0.1, 0.0], np.float32), np.array([0, 1, 2]), np.ones(3), terminated=False, truncated=True
    )
    whole = Episode(states, np.array([0, 1, 2]), np.ones(3), terminated=True, truncated=False)
    states = np.zeros((201, 2), np.float32)
    limited = Episode(states, np.arange(200) % 3, np.ones(200), terminated=False, truncated=True)
    assert check_fit(Demonstrations.of([whole, limited]), "demos.npz", env, "MountainCar-v0", {}) == []
    (warning,) = check_fit(Demonstrations.of([whole, limited, cut]), "demos.npz", env, "MountainCar-v0", {})
    assert "1 of 3 episodes were cut off" in warning
    assert "episode 2 after 3 of 200 steps" in warning


def test_other_options_of_the_environment_are_named() -> None:
    env = make("MountainCar-v0", 1)
    states = np.tile(np.array([-0.5, 0.0], np.float32), (4, 1))
    whole = Episode(states, np.array([0, 1, 2]), np.ones(3), terminated=True, truncated=False)
    made = Demonstrations.of([whole], metadata={"env_kwargs": {"goal_velocity": 0.1}})
    assert check_fit(made, "demos.npz", env, "MountainCar-v0", {"goal_velocity": 0.1}) == []
    (warning,) = check_fit(made, "demos.npz", env, "MountainCar-v0", {})
    assert """recorded with --env-kwargs '{"goal_velocity": 0.1}', not '{}'""" in warning
