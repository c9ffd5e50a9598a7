"""Whatever is demonstrated is read back as it was written."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from expert_data import archive, formats, store
from expert_data.columns import BLOCK_BYTES, FileColumn
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode

SHAPES = npst.array_shapes(min_dims=1, max_dims=3, max_side=4)
FLOATS = st.floats(-1e6, 1e6, width=32)

ACTION_SPACES: st.SearchStrategy[Space] = st.one_of(
    st.builds(Discrete, st.integers(1, 9), start=st.integers(-5, 5)),
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(MultiDiscrete),
    SHAPES.map(MultiBinary),
    SHAPES.map(lambda shape: Box(-2.0, 3.0, shape, np.float32)),
    SHAPES.map(lambda shape: Box(-2.0, 3.0, shape, np.float64)),
)
OBSERVATIONS = st.sampled_from([np.float32, np.uint8, np.int64])


@st.composite
def demonstrations(draw: st.DrawFn) -> Demonstrations:
    """Of any supported space, with and without actions, rewards and seeds."""
    space, shape, dtype = draw(ACTION_SPACES), draw(SHAPES), draw(OBSERVATIONS)
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    with_actions, with_rewards, with_seeds = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    elements = FLOATS if dtype is np.float32 else None
    space.seed(draw(st.integers(0, 1000)))
    episodes = [
        Episode(
            draw(npst.arrays(dtype, (length + 1, *shape), elements=elements)),
            np.stack([space.sample() for _ in range(length)]) if with_actions else None,
            draw(npst.arrays(np.float64, length, elements=FLOATS)) if with_rewards else None,
            terminated := draw(st.booleans()),
            not terminated,
        )
        for length in lengths
    ]
    seeds = np.array(draw(st.lists(st.integers(0, 2**40), min_size=len(lengths), max_size=len(lengths))))
    text = st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.none()), max_size=3)
    return Demonstrations.of(episodes, seeds=seeds if with_seeds else None, metadata=draw(text))


def assert_equal(one: Any, other: Any) -> None:
    if one is None or other is None:
        assert one is other
        return
    np.testing.assert_array_equal(one, other)
    assert one.dtype == other.dtype


@settings(deadline=None, max_examples=60)
@given(demonstrations(), st.booleans())
def test_what_is_read_is_what_was_written(made: Demonstrations, large: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "LARGE", 0 if large else archive.LARGE)
        path = Path(folder) / "demos.npz"
        store.save(path, made)
        loaded = formats.load(path)
        assert isinstance(loaded.observations, FileColumn) == large
        assert loaded.metadata == made.metadata
        for name in ("lengths", "terminated", "truncated", "seeds"):
            assert_equal(getattr(loaded, name), getattr(made, name))
        for one, other in zip(loaded, made, strict=True):
            for name in ("observations", "actions", "rewards"):
                assert_equal(getattr(one, name), getattr(other, name))


@settings(deadline=None, max_examples=60)
@given(demonstrations(), st.data())
def test_what_is_chosen_is_chosen_from_memory_and_file_alike(made: Demonstrations, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(0, len(made) - 1), min_size=1, max_size=5))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "LARGE", 0)
        path = Path(folder) / "demos.npz"
        store.save(path, made)
        loaded = Demonstrations.merged([formats.load(path), formats.load(path)])
        assert len(loaded) == 2 * len(made)
        store.save(path, loaded.chosen([len(made) + number for number in numbers]))  # over the file that it reads from
        for one, number in zip(formats.load(path), numbers, strict=True):
            assert_equal(one.observations, made[number].observations)
            assert_equal(one.actions, made[number].actions)


def test_columns_larger_than_a_block_are_written_whole(tmp_path: Path) -> None:
    rows = BLOCK_BYTES // 1000 * 2 + 3  # two blocks and a little
    frames = np.random.default_rng(0).integers(0, 256, (rows, 1000), dtype=np.uint8)
    made = Demonstrations.of([Episode(frames, None, None, True, False)])
    store.save(tmp_path / "demos.npz", made)
    np.testing.assert_array_equal(formats.load(tmp_path / "demos.npz")[0].observations, frames)
