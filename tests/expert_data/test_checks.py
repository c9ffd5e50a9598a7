"""Do demonstrations belong to an environment?"""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space

from envs.errors import InputError
from envs.make import make
from expert_data.checks import check_fit
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode

SLANTED = Box(np.array([0.0, -1000.0], np.float32), np.array([1000.0, 0.0], np.float32))


def episode(actions: Any, observation_size: int = 2) -> Episode:
    taken = np.array(actions)
    observations = np.zeros((len(taken) + 1, observation_size), np.float32)
    return Episode(observations, taken, np.zeros(len(taken)), terminated=True, truncated=False)


def check(space: Space, *actions: Any, recorded: str | None = None, env_id: str = "Tiny-v1") -> list[str]:
    env = make("tiny_envs:SpacesEnv", 1, {"action_space": space})
    metadata = {} if recorded is None else {"env_id": recorded}
    return check_fit(
        Demonstrations.of([episode(each) for each in actions], metadata=metadata), "demos.npz", env, env_id
    )


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
    with pytest.raises(InputError, match=r"'demos.npz' were recorded in 'Other-v1', not in 'Tiny-v1'"):
        check(Discrete(2), [0], recorded="Other-v1")


def test_another_version_of_the_environment_only_warns() -> None:
    (warning,) = check(Discrete(2), [0], recorded="Tiny-v0")
    assert "'Tiny-v0', another version of 'Tiny-v1'" in warning


def test_demonstrations_that_name_no_environment_are_trusted() -> None:
    assert check(Discrete(2), [0]) == []


def test_observations_of_another_shape_are_refused() -> None:
    env = make("tiny_envs:SpacesEnv", 1, {"action_space": Discrete(2)})
    with pytest.raises(InputError, match=r"'observations' have shape \(3,\) a step, but 'Tiny-v1' has \(2,\)"):
        check_fit(Demonstrations.of([episode([0], observation_size=3)]), "demos.npz", env, "Tiny-v1")


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
