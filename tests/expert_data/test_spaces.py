"""Demonstrations in an environment's own structure, made to fit."""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from gymnasium.spaces.utils import flatten

from envs.errors import InputError
from envs.make import make
from expert_data.demonstrations import Demonstrations
from expert_data.spaces import fitted, flattened

LAKE = make("FrozenLake-v1", 1)


def on_the_lake(places: list[int], actions: Any) -> Demonstrations:
    return Demonstrations.from_arrays([np.array(places)], [np.array(actions)], terminations=[True])


def test_places_become_one_hot_and_actions_leave_their_lists() -> None:
    made = fitted(on_the_lake([0, 4, 8], [[1], [1]]), LAKE)
    assert np.asarray(made.observations).argmax(-1).tolist() == [0, 4, 8]
    assert made.observations.shape == (3, 16)
    assert np.asarray(made.actions).tolist() == [1, 1]
    assert made.terminated.tolist() == [True]


def test_what_fits_stays_as_it_is() -> None:
    before = fitted(on_the_lake([0, 4, 8], [1, 1]), LAKE)
    assert fitted(before, LAKE) is before


def test_places_that_are_not_there_are_refused() -> None:
    with pytest.raises(InputError, match="none of the 16"):
        fitted(on_the_lake([0, 16], [1]), LAKE)


@pytest.mark.parametrize(
    "space",
    [
        Discrete(4, start=3),
        MultiDiscrete([2, 3], start=[1, 0]),
        MultiBinary((2, 2)),
        Box(-1.0, 1.0, (2, 3), np.float32),
        Dict({"z": Discrete(2), "a": Box(-1.0, 1.0, (2,), np.float32)}),
        Tuple([Discrete(2), Tuple([MultiBinary(2), Discrete(3)])]),
    ],
    ids=str,
)
def test_rows_are_those_of_gymnasiums_own_flattening(space: Space) -> None:
    space.seed(0)
    samples = [space.sample() for _ in range(20)]
    expected = np.stack([np.asarray(flatten(space, sample), np.float32) for sample in samples])
    np.testing.assert_array_equal(flattened(space, stacked(space, samples)), expected)


def stacked(space: Space, samples: list[Any]) -> Any:
    if isinstance(space, Dict):
        return {name: stacked(part, [each[name] for each in samples]) for name, part in space.spaces.items()}
    if isinstance(space, Tuple):
        return [stacked(part, [each[i] for each in samples]) for i, part in enumerate(space.spaces)]
    return np.stack(samples)


def test_a_missing_part_is_named() -> None:
    with pytest.raises(InputError, match="lack their part 'b'"):
        flattened(Dict({"a": Discrete(2), "b": Discrete(2)}), {"a": np.zeros(3, int)})
