"""Demonstrations on disk."""

import dataclasses
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space
from refusals import refusal

from envs.actions import ActionSpec
from expert_data import archive, formats, store
from expert_data.columns import FileColumn
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode

Arrays = dict[str, np.ndarray]
SPACES: list[Space] = [
    Discrete(3, start=5),
    MultiDiscrete([2, 3]),
    MultiBinary((2, 2)),
    Box(-1.0, 1.0, (2,), np.float32),
    Box(-1.0, 1.0, (2, 2), np.float64),
]


def demonstrations(space: Space | None = None) -> Demonstrations:
    """Two episodes: three steps to a termination, and two to a truncation."""
    space = space or Discrete(2)
    space.seed(0)
    rng = np.random.default_rng(0)
    episodes = [
        Episode(
            rng.standard_normal((length + 1, 3)).astype(np.float32),
            np.stack([space.sample() for _ in range(length)]),
            rng.standard_normal(length),
            terminated=length == 3,
            truncated=length == 2,
        )
        for length in (3, 2)
    ]
    return Demonstrations.of(episodes, metadata={"env_id": "Tiny-v0", "seed": 7})


def arrays_of(path: Path) -> Arrays:
    with np.load(path) as file:
        return dict(file)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sound file."""
    path = tmp_path / "demos.npz"
    store.save(path, demonstrations())
    return path


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, space: Space) -> None:
    saved = demonstrations(space)
    store.save(tmp_path / "demos.npz", saved)
    loaded = formats.load(tmp_path / "demos.npz")
    assert len(loaded) == 2
    for before, after in zip(saved, loaded, strict=True):
        for name in ("observations", "actions", "rewards"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
            assert getattr(after, name).dtype == getattr(before, name).dtype
        assert (after.terminated, after.truncated) == (before.terminated, before.truncated)
    assert loaded.metadata == {"env_id": "Tiny-v0", "seed": 7}


def test_the_arrays_in_the_file_are_those_that_its_description_promises(path: Path) -> None:
    arrays = arrays_of(path)
    shapes = {name: (array.shape, array.dtype.name) for name, array in arrays.items() if name != "metadata"}
    assert shapes == {
        "observations": ((7, 3), "float32"),  # three steps and two, and a last one each
        "actions": ((5,), "int64"),
        "rewards": ((5,), "float64"),
        "terminations": ((5,), "bool"),
        "truncations": ((5,), "bool"),
        "episode_lengths": ((2,), "int64"),
    }
    assert arrays["episode_lengths"].tolist() == [3, 2]
    assert arrays["terminations"].tolist() == [False, False, True, False, False]
    assert arrays["truncations"].tolist() == [False, False, False, False, True]
    np.testing.assert_array_equal(arrays["observations"][4:], demonstrations()[1].observations)


def test_actions_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "watched.npz"
    watched = [dataclasses.replace(episode, actions=None) for episode in demonstrations()]
    store.save(path, Demonstrations.of(watched))
    assert "actions" not in arrays_of(path)
    loaded = formats.load(path)
    assert loaded.actions is None
    assert [len(episode) for episode in loaded] == [3, 2]


def test_metadata_may_be_missing(path: Path) -> None:
    arrays = arrays_of(path)
    del arrays["metadata"]
    np.savez(path, allow_pickle=False, **arrays)
    assert formats.load(path).metadata == {}


def test_other_arrays_are_not_even_read(path: Path) -> None:
    np.savez(path, allow_pickle=True, **arrays_of(path), more=np.array([object()]))
    assert len(formats.load(path)) == 2


def test_numbers_of_other_precision_are_taken(path: Path) -> None:
    arrays = arrays_of(path)
    narrow = {"observations": np.float64, "rewards": np.float32, "actions": np.uint8, "episode_lengths": np.int32}
    np.savez(path, allow_pickle=False, **arrays | {name: arrays[name].astype(dtype) for name, dtype in narrow.items()})
    episode = formats.load(path)[0]
    assert episode.observations.dtype == np.float32
    np.testing.assert_array_equal(episode.actions, demonstrations()[0].actions)


def test_flags_may_be_zeros_and_ones(path: Path) -> None:
    arrays = arrays_of(path)
    flags = {name: arrays[name].astype(np.uint8) for name in ("terminations", "truncations")}
    np.savez(path, allow_pickle=False, **arrays | flags)
    assert [episode.terminated for episode in formats.load(path)] == [True, False]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "There are no demonstrations" in refusal(tmp_path / "nothing.npz")
    assert "the folder holds nothing that is known" in refusal(tmp_path)


def test_a_file_cut_short_anywhere_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for size in {0, 1, 3, 4, 6, 30, *range(50, len(content), 61), len(content) - 23, len(content) - 1}:
        path.write_bytes(content[:size])
        assert "damaged" in (message := refusal(path)) or "no array at all" in message, (size, message)


def test_a_damaged_array_is_refused(path: Path) -> None:
    np.savez(path, allow_pickle=False, **arrays_of(path))  # not compressed, so that the numbers can be found
    content = path.read_bytes()
    number = demonstrations()[0].observations[1].tobytes()
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, number[::-1]))
    assert "damaged" in refusal(path)


def test_an_encrypted_file_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # of local and central headers, and their flags
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 1)
    path.write_bytes(content)
    refusal(path)


def test_a_bare_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demos.npy"
    np.save(path, np.zeros(3))
    assert "one bare array" in refusal(path)


def test_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demos.csv"
    path.write_text("observation,action\n0.5,1\n" * 50)
    refusal(path)


@pytest.mark.parametrize("name", ["terminations", "truncations"])
def test_a_missing_array_is_named(path: Path, name: str) -> None:
    arrays = arrays_of(path)
    del arrays[name]
    np.savez(path, allow_pickle=False, **arrays)
    assert f"lack {name};" in refusal(path)


def test_without_observations_the_message_names_what_there_is(path: Path) -> None:
    arrays = arrays_of(path)
    del arrays["observations"]
    np.savez(path, allow_pickle=False, **arrays)
    assert "arrays named rewards, " in refusal(path) or "actions, rewards" in refusal(path)


def test_where_lengths_are_missing_the_flags_tell_them(path: Path) -> None:
    arrays = arrays_of(path)
    del arrays["episode_lengths"]
    np.savez(path, allow_pickle=False, **arrays)
    assert formats.load(path).lengths.tolist() == [3, 2]


def test_rewards_may_be_missing(path: Path) -> None:
    arrays = arrays_of(path)
    del arrays["rewards"]
    np.savez(path, allow_pickle=False, **arrays)
    loaded = formats.load(path)
    assert loaded.rewards is None
    assert np.isnan(loaded.return_mean)
    store.save(path, loaded)
    assert formats.load(path).rewards is None


def test_large_arrays_stay_in_the_file_and_are_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGE", 20)  # bytes
    store.save(path, demonstrations())
    loaded = formats.load(path)
    assert isinstance(loaded.observations, FileColumn)
    assert loaded.metadata == {"env_id": "Tiny-v0", "seed": 7}
    for before, after in zip(demonstrations(), loaded, strict=True):
        np.testing.assert_array_equal(after.observations, before.observations)
        np.testing.assert_array_equal(after.actions, before.actions)
    last = loaded.after(1)
    assert last is not None
    np.testing.assert_array_equal(last[0].observations, demonstrations()[1].observations)
    steps = loaded.steps(ActionSpec.of(Discrete(2)))
    np.testing.assert_array_equal(steps.take(np.array([3])).observations, demonstrations()[1].observations[:1])
    np.testing.assert_array_equal(steps.take(np.array([3])).next_observations, demonstrations()[1].observations[1:2])


def test_numpy_reads_large_files_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGE", 20)
    before = arrays_of(path)
    store.save(path, demonstrations())
    for name, array in arrays_of(path).items():
        np.testing.assert_array_equal(array, before[name])


def test_a_small_file_that_unpacks_to_more_than_is_allowed_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_IN_MEMORY", 1 << 20)
    np.savez_compressed(path, allow_pickle=False, **arrays_of(path) | {"observations": np.zeros((7, 300_000))})
    assert path.stat().st_size < 100_000
    assert "unpack to more than" in refusal(path)


def test_an_array_that_announces_more_than_it_has_is_refused(path: Path) -> None:
    arrays = arrays_of(path)
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            data = content.getvalue()
            if name == "observations":
                data = data.replace(b"(7, 3)", b"(9, 3)")
            file.writestr(f"{name}.npy", data)
    assert "'observations'" in refusal(path)


class Payload:
    """Whoever unpickles this makes a folder."""

    def __init__(self, mark: Path):
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (self.mark,)


@pytest.mark.parametrize("name", [*store.NEEDED, "metadata"])
def test_an_array_of_objects_is_named_and_never_unpickled(path: Path, tmp_path: Path, name: str) -> None:
    mark = tmp_path / "executed"
    evil = np.array([Payload(mark)] * 5, dtype=object)
    np.savez(path, allow_pickle=True, **arrays_of(path) | {name: evil})
    message = refusal(path)
    assert f"'{name}'" in message or f"array '{name}'" in message
    assert "pickle" in message
    assert not mark.exists()


def test_a_bare_pickle_is_never_unpickled(tmp_path: Path) -> None:
    path, mark = tmp_path / "demos.pkl", tmp_path / "executed"
    path.write_bytes(pickle.dumps(Payload(mark)))
    assert "pickle" in refusal(path)
    assert not mark.exists()


def test_a_pickle_in_the_place_of_an_array_is_never_unpickled(path: Path, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    arrays = arrays_of(path)
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            evil = pickle.dumps(Payload(mark))
            file.writestr(f"{name}.npy", evil if name == "actions" else content.getvalue())
    assert "actions" in refusal(path)
    assert not mark.exists()


BAD: dict[str, tuple[str, str, Callable[[np.ndarray], Any]]] = {
    "observations one short": ("observations", "(6, 3)", lambda a: a[:-1]),
    "observations one long": ("observations", "(8, 3)", lambda a: np.concatenate([a, a[:1]])),
    "actions one short": ("actions", "(4,)", lambda a: a[:-1]),
    "rewards one short": ("rewards", "(4,)", lambda a: a[:-1]),
    "terminations one short": ("terminations", "(4,)", lambda a: a[:-1]),
    "truncations one short": ("truncations", "(4,)", lambda a: a[:-1]),
    "a single number": ("rewards", "()", lambda a: np.float64(1.0)),
    "lengths that add up to more": ("terminations", "6 rows", lambda a: a),
    "length zero": ("episode_lengths", "positive", lambda a: np.array([3, 0, 2])),
    "length negative": ("episode_lengths", "positive", lambda a: np.array([6, -1])),
    "lengths with fractions": ("episode_lengths", "whole", lambda a: np.array([3.5, 1.5])),
    "lengths in a table": ("episode_lengths", "list", lambda a: np.array([[3, 2]])),
    "length of one number": ("episode_lengths", "()", lambda a: np.array(5)),
    "observations of text": ("observations", "<U", lambda a: a.astype(str)),
    "actions of text": ("actions", "<U", lambda a: a.astype(str)),
    "rewards of complex numbers": ("rewards", "complex", lambda a: a.astype(complex)),
    "rewards of dates": ("rewards", "datetime", lambda a: np.zeros(5, "datetime64[s]")),
    "flags with fractions": ("terminations", "must be flags", lambda a: a / 2),
    "two flags a step": ("terminations", "(5, 2)", lambda a: np.stack([a, a], -1)),
    "two rewards a step": ("rewards", "(5, 2)", lambda a: np.stack([a, a], -1)),
    "NaN in observations": ("observations", "episode 1", lambda a: np.where(np.arange(7)[:, None] == 5, np.nan, a)),
    "infinite rewards": ("rewards", "episode 0", lambda a: a * np.inf),
    "NaN in actions": ("actions", "episode 0", lambda a: a * np.nan),
}


@pytest.mark.parametrize(("name", "detail", "spoil"), BAD.values(), ids=BAD.keys())
@pytest.mark.filterwarnings("ignore:invalid value")
def test_arrays_that_cannot_be_are_refused(path: Path, name: str, detail: str, spoil: Callable) -> None:
    arrays = arrays_of(path)
    changes = {name: spoil(arrays[name])}
    if detail == "6 rows":
        changes = {"episode_lengths": np.array([3, 3])}  # one step more than there is
    np.savez(path, allow_pickle=False, **arrays | changes)
    message = refusal(path)
    assert f"'{name}'" in message
    assert detail in message


@pytest.mark.parametrize("name", ["terminations", "truncations"])
def test_an_episode_that_goes_on_after_its_end_is_refused(path: Path, name: str) -> None:
    flags = np.array([False, False, True, True, True])  # the second has two steps, and ends after one
    np.savez(path, allow_pickle=False, **arrays_of(path) | {name: flags})
    assert "episode 1 goes on after it ended at step 0" in refusal(path)


@pytest.mark.parametrize("text", ["{", "", "env_id: Tiny-v0"])
def test_metadata_that_is_no_json_is_refused(path: Path, text: str) -> None:
    np.savez(path, allow_pickle=False, **arrays_of(path) | {"metadata": np.array(text)})
    assert "'metadata' is not JSON" in refusal(path)


@pytest.mark.parametrize("value", [None, 3, "Tiny-v0", ["Tiny-v0"]])
def test_metadata_that_is_no_object_is_refused(path: Path, value: Any) -> None:
    np.savez(path, allow_pickle=False, **arrays_of(path) | {"metadata": np.array(json.dumps(value))})
    assert "'metadata'" in refusal(path)


def test_no_episodes_at_all_are_refused(path: Path) -> None:
    empty = {name: array[:0] for name, array in arrays_of(path).items() if name != "metadata"}
    np.savez(path, allow_pickle=False, **empty)
    assert "no episodes" in refusal(path)


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(TypeError):
        store.save(path, Demonstrations.of(demonstrations(), metadata={"env_id": object()}))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_save_replaces_the_file_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "demos.npz"
    store.save(path, demonstrations())
    store.save(path, demonstrations().first(1))
    assert len(formats.load(path)) == 1
    assert list(path.parent.iterdir()) == [path]


def test_bundled_demonstrations_are_found_by_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUNDLED", tmp_path)
    store.save(tmp_path / "Tiny-v0.npz", demonstrations())
    store.save(tmp_path / "space-Tiny-v0.npz", demonstrations())
    assert store.bundled("Tiny-v0") == tmp_path / "Tiny-v0.npz"
    assert store.bundled("space/Tiny-v0") == tmp_path / "space-Tiny-v0.npz"
    assert store.bundled("Tiny-v1") is None


def test_all_bundled_demonstrations_can_be_loaded() -> None:
    for path in store.BUNDLED.glob("*.npz"):
        assert formats.load(path).num_steps > 0
