"""Between what a policy gives and what an environment takes."""

import json

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple

from envs.actions import ActionSpec
from envs.errors import InputError

LARGEST = float(np.finfo(np.float32).max)
SPACES: dict[str, Space] = {
    "discrete": Discrete(3),
    "discrete from 5": Discrete(3, start=5),
    "discrete from -1": Discrete(3, start=-1),
    "multi-discrete": MultiDiscrete([2, 3]),
    "multi-discrete from 10 and -20": MultiDiscrete([2, 3], start=[10, -20]),
    "multi-discrete table": MultiDiscrete(np.array([[2, 3], [4, 5]])),
    "multi-binary": MultiBinary(3),
    "multi-binary table": MultiBinary((2, 2)),
    "box": Box(np.array([0.0, -2.0], np.float32), np.array([10.0, 2.0], np.float32)),
    "box table": Box(-3.0, 1.0, (2, 2), np.float32),
    "box of one tenth": Box(-0.1, 0.1, (2,), np.float32),
    "box float64": Box(-0.1, 0.1, (2,), np.float64),
    "unbounded box": Box(-np.inf, np.inf, (2,), np.float32),
    "half-bounded box": Box(0.0, np.inf, (2,), np.float32),
    "largest-float box": Box(-LARGEST, LARGEST, (2,), np.float32),
    "mixed box": Box(np.array([0.0, -np.inf, 1.0], np.float32), np.array([10.0, np.inf, np.inf], np.float32)),
}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())


def test_discrete_counts_from_its_start() -> None:
    spec = ActionSpec.of(Discrete(3, start=5))
    assert (spec.kind, spec.num_components, spec.num_parameters) == ("categorical", 1, 3)
    taken = spec.to_env(np.array([[0], [2]], np.int32))
    assert taken.tolist() == [5, 7]
    assert taken.dtype == np.int64
    given = spec.from_env(np.array([7, 5]))
    assert given.tolist() == [[2], [0]]
    assert given.dtype == np.int32
    assert spec.features(given).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_every_component_of_multi_discrete_counts_from_its_own_start() -> None:
    spec = ActionSpec.of(MultiDiscrete([2, 3], start=[10, -20]))
    assert (spec.kind, spec.num_components, spec.num_parameters) == ("categorical", 2, 5)
    assert spec.to_env(np.array([[0, 0], [1, 2]], np.int32)).tolist() == [[10, -20], [11, -18]]
    assert spec.from_env(np.array([[11, -19]])).tolist() == [[1, 1]]
    # One-hot of 1 among 2, then one-hot of 2 among 3.
    assert spec.features(np.array([[1, 2]], np.int32)).tolist() == [[0.0, 1.0, 0.0, 0.0, 1.0]]


def test_tables_of_actions_are_rows_of_components() -> None:
    spec = ActionSpec.of(MultiDiscrete(np.array([[2, 3], [4, 5]])))
    assert spec.sizes == (2, 3, 4, 5)
    assert spec.to_env(np.array([[1, 2, 3, 4]], np.int32)).tolist() == [[[1, 2], [3, 4]]]
    assert spec.from_env(np.array([[[1, 2], [3, 4]]])).tolist() == [[1, 2, 3, 4]]


def test_bits_stay_bits() -> None:
    spec = ActionSpec.of(MultiBinary((2, 2)))
    assert (spec.kind, spec.num_components, spec.num_parameters) == ("bernoulli", 4, 4)
    taken = spec.to_env(np.array([[1, 0, 0, 1]], np.int32))
    assert taken.tolist() == [[[1, 0], [0, 1]]]
    assert taken.dtype == np.int8
    assert spec.from_env(taken).tolist() == [[1, 0, 0, 1]]
    assert spec.features(np.array([[1, 0, 0, 1]], np.int32)).tolist() == [[1.0, 0.0, 0.0, 1.0]]


def test_bounded_numbers_are_minus_one_at_the_lower_and_one_at_the_upper_bound() -> None:
    spec = ActionSpec.of(SPACES["box"])  # from 0 to 10, and from -2 to 2
    assert (spec.kind, spec.num_components, spec.num_parameters) == ("gaussian", 2, 2)
    taken = spec.to_env(np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0], [0.5, -0.5]], np.float32))
    # Half way up from the centre: 5 + 0.5 * 5 = 7.5, and 0 - 0.5 * 2 = -1.
    assert taken.tolist() == [[0.0, -2.0], [5.0, 0.0], [10.0, 2.0], [7.5, -1.0]]
    assert taken.dtype == np.float32
    # (2.5 - 5) / 5 = -0.5, and (1 - 0) / 2 = 0.5.
    assert spec.from_env(np.array([[2.5, 1.0]], np.float32)).tolist() == [[-0.5, 0.5]]
    assert spec.features(np.array([[-0.5, 3.0]], np.float32)).tolist() == [[-0.5, 3.0]]


def test_bounded_numbers_are_clipped_only_at_the_edge_of_the_space() -> None:
    spec = ActionSpec.of(SPACES["box"])
    given = np.array([[0.996, -0.996], [7.0, -7.0]], np.float32)
    np.testing.assert_allclose(spec.to_env(given), [[9.98, -1.992], [10.0, -2.0]], rtol=1e-6)
    np.testing.assert_array_equal(spec.executed(given), np.array([[0.996, -0.996], [1.0, -1.0]], np.float32))


@pytest.mark.parametrize("name", ["unbounded box", "largest-float box"])
def test_numbers_without_bounds_pass_unchanged(name: str) -> None:
    spec = ActionSpec.of(SPACES[name])
    given = np.array([[2.5, -1e6]], np.float32)
    np.testing.assert_array_equal(spec.to_env(given), given)
    np.testing.assert_array_equal(spec.from_env(given), given)
    np.testing.assert_array_equal(spec.executed(given), given)


def test_numbers_with_one_bound_are_clipped_there_and_not_scaled() -> None:
    spec = ActionSpec.of(SPACES["half-bounded box"])  # from 0 up
    given = np.array([[-3.0, 7.0]], np.float32)
    assert spec.to_env(given).tolist() == [[0.0, 7.0]]
    assert spec.executed(given).tolist() == [[0.0, 7.0]]
    assert spec.from_env(np.array([[0.5, 7.0]], np.float32)).tolist() == [[0.5, 7.0]]


def test_every_number_has_its_own_bounds() -> None:
    spec = ActionSpec.of(SPACES["mixed box"])  # from 0 to 10, anything, from 1 up
    given = np.array([[-0.5, -0.5, -0.5]], np.float32)
    assert spec.to_env(given).tolist() == [[2.5, -0.5, 1.0]]
    assert spec.executed(given).tolist() == [[-0.5, -0.5, 1.0]]


def test_a_number_whose_bounds_coincide_is_that_number_and_stays_finite() -> None:
    spec = ActionSpec.of(Box(np.array([3.0, 0.0], np.float32), np.array([3.0, 10.0], np.float32)))
    assert spec.to_env(np.array([[0.7, 0.0]], np.float32)).tolist() == [[3.0, 5.0]]
    assert np.isfinite(spec.from_env(np.array([[3.0, 5.0]], np.float32))).all()
    assert np.isfinite(spec.executed(np.array([[0.7, 0.0]], np.float32))).all()


@each_space
def test_what_the_environment_executed_is_what_it_was_given(space: Space) -> None:
    spec = ActionSpec.of(space)
    given = spec.sample(np.random.default_rng(0), 50)
    if spec.kind == "gaussian":
        given *= 3.0  # beyond the edges too
    executed = spec.executed(given)
    assert executed.dtype == given.dtype
    np.testing.assert_allclose(spec.to_env(executed), spec.to_env(given), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(spec.from_env(spec.to_env(given)), executed, rtol=1e-6, atol=1e-6)


@each_space
def test_actions_of_the_environment_survive_the_round_trip(space: Space) -> None:
    spec = ActionSpec.of(space)
    space.seed(0)
    taken = np.stack([space.sample() for _ in range(50)])
    given = spec.from_env(taken)
    assert given.shape == (50, spec.num_components)
    back = spec.to_env(given)
    assert (back.shape, back.dtype) == (taken.shape, taken.dtype)
    np.testing.assert_allclose(back, taken, rtol=1e-6, atol=1e-6)


@each_space
def test_whatever_a_policy_gives_lands_inside_the_space(space: Space) -> None:
    spec = ActionSpec.of(space)
    sampled = spec.sample(np.random.default_rng(0), 200)
    assert sampled.shape == (200, spec.num_components)
    assert sampled.dtype == spec.dtype_of_components
    if spec.kind == "gaussian":
        sampled = np.concatenate([sampled, sampled * 100.0])
    for action in spec.to_env(sampled):
        assert space.contains(action[()]), f"{action} is outside {space}"


def test_random_actions_reach_every_category_and_both_ends_of_a_range() -> None:
    rng = np.random.default_rng(0)
    assert np.unique(ActionSpec.of(Discrete(3)).sample(rng, 100)).tolist() == [0, 1, 2]
    multi = ActionSpec.of(MultiDiscrete([2, 3])).sample(rng, 100)
    assert [np.unique(multi[:, k]).tolist() for k in range(2)] == [[0, 1], [0, 1, 2]]
    assert np.unique(ActionSpec.of(MultiBinary(2)).sample(rng, 100)).tolist() == [0, 1]
    numbers = ActionSpec.of(SPACES["mixed box"]).sample(rng, 1000)
    # The first is uniform between its bounds; the others have no range, and are standard normal.
    assert -1.0 <= numbers[:, 0].min() < -0.98
    assert 0.98 < numbers[:, 0].max() <= 1.0
    # Standard error of the standard deviation of 1000 normal numbers: 1 / sqrt(2000) = 0.022, times 4.
    np.testing.assert_allclose(numbers[:, 1:].std(0), 1.0, atol=0.09)


@each_space
def test_leading_dimensions_are_kept(space: Space) -> None:
    spec = ActionSpec.of(space)
    flat = spec.sample(np.random.default_rng(0), 6)
    given = flat.reshape(2, 3, -1)
    assert spec.to_env(given).shape == (2, 3, *spec.shape)
    np.testing.assert_array_equal(spec.to_env(given).reshape(6, *spec.shape), spec.to_env(flat))
    np.testing.assert_array_equal(spec.from_env(spec.to_env(given)).reshape(6, -1), spec.from_env(spec.to_env(flat)))
    assert spec.features(given).shape == (2, 3, spec.num_parameters)
    np.testing.assert_array_equal(spec.features(given).reshape(6, -1), spec.features(flat))
    assert spec.features(given).dtype == np.float32


@each_space
def test_a_specification_survives_json(space: Space) -> None:
    spec = ActionSpec.of(space)
    assert ActionSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    "space",
    [Text(3), Dict({"a": Discrete(2)}), Tuple((Discrete(2),)), Box(0, 255, (2,), np.uint8)],
    ids=["text", "dict", "tuple", "whole-number box"],
)
def test_other_spaces_are_refused_by_name(space: Space) -> None:
    with pytest.raises(InputError, match="not supported") as caught:
        ActionSpec.of(space)
    assert str(space) in str(caught.value)
