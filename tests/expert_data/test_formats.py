"""Demonstrations that other libraries wrote."""

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, Space, Tuple
from gymnasium.spaces.utils import flatten
from refusals import refusal

from envs.errors import InputError
from expert_data import formats
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode
from expert_data.formats import minari as minari_format

minari = pytest.importorskip("minari")
EpisodeBuffer = pytest.importorskip("minari.data_collector").EpisodeBuffer

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:minari")  # of authors and links that are not named

LENGTHS = (3, 2)
OBSERVATIONS = [np.arange(12.0, dtype=np.float32).reshape(4, 3), 100 + np.arange(9.0, dtype=np.float32).reshape(3, 3)]
ACTIONS = [np.array([1, 0, 1]), np.array([0, 1])]
REWARDS = [np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])]


def assert_complete(loaded: Demonstrations) -> None:
    """All that was recorded is there."""
    assert loaded.lengths.tolist() == list(LENGTHS)
    for episode, observations, actions, rewards in zip(loaded, OBSERVATIONS, ACTIONS, REWARDS, strict=True):
        np.testing.assert_array_equal(episode.observations, observations)
        np.testing.assert_array_equal(np.asarray(episode.actions), actions)
        np.testing.assert_array_equal(np.asarray(episode.rewards), rewards)


def assert_without_last_steps(loaded: Demonstrations) -> None:
    """Where last observations are missing, so is the step that led to them."""
    assert loaded.lengths.tolist() == [2, 1]
    for episode, observations, actions, rewards in zip(loaded, OBSERVATIONS, ACTIONS, REWARDS, strict=True):
        np.testing.assert_array_equal(episode.observations, observations[:-1])
        np.testing.assert_array_equal(np.asarray(episode.actions), actions[:-1])
        np.testing.assert_array_equal(np.asarray(episode.rewards), rewards[:-1])


FLAT = {
    "obs": np.concatenate([each[:-1] for each in OBSERVATIONS]),
    "acts": np.concatenate(ACTIONS),
    "rews": np.concatenate(REWARDS),
}
ENDS = np.array([False, False, True, False, True])


# Arrays under the usual names


def test_whole_observations_and_one_flag() -> None:
    made = Demonstrations.from_arrays(
        np.concatenate(OBSERVATIONS), np.concatenate(ACTIONS), np.concatenate(REWARDS), terminations=ENDS
    )
    assert_complete(made)
    assert made.terminated.tolist() == [True, True]


def test_lists_of_an_array_for_each_episode() -> None:
    made = Demonstrations.from_arrays(OBSERVATIONS, ACTIONS, REWARDS, terminations=[True, False])
    assert_complete(made)
    assert made.terminated.tolist() == [True, False]
    assert made.truncated.tolist() == [False, True]


def test_lists_with_flags_for_each_step() -> None:
    flags = [np.array([False, False, True]), np.array([False, False])]
    assert Demonstrations.from_arrays(OBSERVATIONS, ACTIONS, terminations=flags).terminated.tolist() == [True, False]


def test_lists_of_observations_alone() -> None:
    made = Demonstrations.from_arrays(OBSERVATIONS)
    assert made.lengths.tolist() == list(LENGTHS)
    assert made.actions is None


def test_next_observations_complete_what_lacks_the_last_ones() -> None:
    following = np.concatenate([each[1:] for each in OBSERVATIONS])
    made = Demonstrations.from_arrays(
        FLAT["obs"], FLAT["acts"], FLAT["rews"], terminations=ENDS, next_observations=following
    )
    assert_complete(made)


def test_without_last_observations_the_last_step_is_left_out_but_not_how_it_ended() -> None:
    made = Demonstrations.from_arrays(FLAT["obs"], FLAT["acts"], FLAT["rews"], terminations=ENDS)
    assert_without_last_steps(made)
    assert made.terminated.tolist() == [True, True]


def test_who_is_done_at_the_time_limit_was_truncated() -> None:
    made = Demonstrations.from_arrays(np.concatenate(OBSERVATIONS), FLAT["acts"], dones=ENDS, time_limit=3)
    assert made.terminated.tolist() == [False, True]
    assert made.truncated.tolist() == [True, False]


def test_what_lies_behind_the_last_flag_was_cut_off() -> None:
    flags = np.array([False, False, True, False, False])
    made = Demonstrations.from_arrays(np.concatenate(OBSERVATIONS), FLAT["acts"], terminations=flags)
    assert made.lengths.tolist() == list(LENGTHS)
    assert made.truncated.tolist() == [False, True]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "nothing says where episodes end"),
        ({"terminations": ENDS[:-1]}, "'actions' has shape"),
        ({"dones": ENDS, "truncations": ENDS[1:]}, "the flags differ in length"),
        ({"episode_lengths": [3, 3]}, "'actions' has shape"),
        ({"episode_lengths": [2, 3], "terminations": ENDS}, "episode 1 goes on after it ended at step 0"),
        ({"terminations": ENDS, "next_observations": np.zeros((5, 2))}, "'next_observations' has shape"),
        ({"terminations": ENDS * np.nan}, "must be flags"),
        ({"terminations": ENDS, "rewards": np.array(["a"] * 5)}, "'rewards' has dtype"),
        ({"terminations": ENDS, "rewards": np.array([0, np.nan, 0, 0, 0])}, "'rewards' has a NaN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_contradict_each_other_are_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Demonstrations.from_arrays(FLAT["obs"], FLAT["acts"], **fields)


@pytest.mark.parametrize(
    "names",
    [
        {"observations": "observations", "actions": "actions", "rewards": "rewards", "ends": "terminals"},
        {"observations": "obs", "actions": "acts", "rewards": "rews", "ends": "terminated"},
        {"observations": "states", "actions": "acs", "rewards": "reward", "ends": "dones"},
    ],
    ids=lambda names: names["observations"],
)
def test_an_npz_under_usual_names(tmp_path: Path, names: dict[str, str]) -> None:
    arrays = {
        "observations": np.concatenate(OBSERVATIONS),
        "actions": FLAT["acts"],
        "rewards": FLAT["rews"],
        "ends": ENDS,
    }
    np.savez(tmp_path / "any.npz", **{name: arrays[field] for field, name in names.items()})
    loaded = formats.load(tmp_path / "any.npz")
    assert_complete(loaded)
    assert loaded.terminated.tolist() == [True, True]


def test_an_npz_with_a_row_an_episode(tmp_path: Path) -> None:
    observations, actions = np.random.default_rng(0).standard_normal((4, 6, 3)), np.zeros((4, 5, 2))
    np.savez(tmp_path / "rows.npz", observations=observations, actions=actions)
    loaded = formats.load(tmp_path / "rows.npz")
    assert loaded.lengths.tolist() == [5] * 4
    np.testing.assert_allclose(loaded[2].observations, observations[2], rtol=1e-6)


def test_an_npz_of_something_else_says_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", kernel=np.zeros(3), bias=np.zeros(2))
    assert "arrays named kernel, bias" in refusal(tmp_path / "weights.npz")


# Stable-Baselines 2, whose generate_expert_traj ends in numpy.savez of these


def test_stable_baselines(tmp_path: Path) -> None:
    starts = np.array([True, False, False, True, False])
    np.savez(
        tmp_path / "sb2.npz", actions=FLAT["acts"].reshape(-1, 1), obs=FLAT["obs"], rewards=FLAT["rews"],
        episode_returns=np.array([6.0, 9.0]), episode_starts=starts,
    )  # fmt: skip
    loaded = formats.load(tmp_path / "sb2.npz", time_limit=3)
    assert loaded.actions is not None
    assert loaded.actions.shape == (
        3,
        1,
    )  # a list of one for a choice, which is taken out where the environment is known
    assert_without_last_steps(dataclasses.replace(loaded, actions=np.asarray(loaded.actions)[:, 0]))
    assert loaded.terminated.tolist() == [False, True]  # the first has all of the three steps that there can be


# imitation


class Mark:
    """Whoever unpickles this makes a folder."""

    def __init__(self, folder: Path):
        self.folder = str(folder)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (self.folder,)


def test_imitations_old_npz_without_its_pickled_infos(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    np.savez(
        tmp_path / "final.npz", obs=np.concatenate(OBSERVATIONS), acts=FLAT["acts"], rews=FLAT["rews"],
        infos=np.array([Mark(mark)] * 5), terminal=np.array([True, False]), indices=np.array([3]),
    )  # fmt: skip
    loaded = formats.load(tmp_path / "final.npz")
    assert_complete(loaded)
    assert loaded.terminated.tolist() == [True, False]
    assert not mark.exists()


def test_imitations_hugging_face_folder(tmp_path: Path) -> None:
    folder = tmp_path / "trajectories"
    write_trajectories(folder)
    loaded = formats.load(folder)
    assert_complete(loaded)
    assert loaded.terminated.tolist() == [True, False]
    assert formats.load(folder, time_limit=3).terminated.tolist() == [False, False]


def write_trajectories(folder: Path, **changes: Any) -> None:
    """As imitation.data.serialize.save does, whose infos are jsonpickle."""
    datasets = pytest.importorskip("datasets")
    infos = [['{"py/reduce": [{"py/function": "os.mkdir"}, {"py/tuple": ["executed"]}]}'] * 3, ["{}"] * 2]
    columns = {
        "obs": [each.tolist() for each in OBSERVATIONS], "acts": [each.tolist() for each in ACTIONS],
        "rews": [each.tolist() for each in REWARDS], "infos": infos, "terminal": [True, False],
    }  # fmt: skip
    datasets.Dataset.from_dict(columns | changes).save_to_disk(folder)


def test_jsonpickle_in_infos_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_trajectories(tmp_path / "trajectories")
    formats.load(tmp_path / "trajectories")
    assert not (tmp_path / "executed").exists()


def test_a_hugging_face_folder_that_names_files_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "trajectories"
    write_trajectories(folder)
    table = next(folder.glob("*.arrow"))
    table.rename(tmp_path / "outside.arrow")
    for name in ("../outside.arrow", str(tmp_path / "outside.arrow")):
        (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name}]}))
        assert "leads out of the folder" in refusal(folder)
    (folder / "inside.arrow").symlink_to(tmp_path / "outside.arrow")
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "inside.arrow"}]}))
    assert "leads out of the folder" in refusal(folder)


@pytest.mark.parametrize("state", ["", "{", "[]", "{}", '{"_data_files": 3}', '{"_data_files": []}'])
def test_a_hugging_face_folder_with_a_damaged_state_is_refused(tmp_path: Path, state: str) -> None:
    (tmp_path / "state.json").write_text(state)
    assert "state.json" in refusal(tmp_path)


def test_a_hugging_face_table_of_something_else_is_refused(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_dict({"text": ["a", "b"]}).save_to_disk(tmp_path / "texts")
    assert "lack the columns obs, terminal" in refusal(tmp_path / "texts")


def test_trajectories_whose_rows_differ_in_length_are_refused(tmp_path: Path) -> None:
    write_trajectories(tmp_path / "ragged", obs=[[[0.0], [1.0, 2.0], [3.0], [4.0]], [[0.0]] * 3])
    assert "differ in length" in refusal(tmp_path / "ragged")


# Minari


@pytest.fixture
def minari_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    return tmp_path / "minari"


def write_minari(dataset_id: str, observation_space: Space, observations: list[Any], **options: Any) -> None:
    buffers = [
        EpisodeBuffer(
            id=number, seed=10 + number, observations=observations[number], actions=ACTIONS[number],
            rewards=REWARDS[number].tolist(), terminations=[False] * (length - 1) + [number == 0],
            truncations=[False] * (length - 1) + [number == 1],
        )
        for number, length in enumerate(LENGTHS)
    ]  # fmt: skip
    minari.create_dataset_from_buffers(
        dataset_id, buffers, observation_space=observation_space, action_space=Discrete(2), **options
    )


VECTORS = Box(-np.inf, np.inf, (3,), np.float32)


@pytest.mark.usefixtures("minari_root")
def test_minari_by_id_folder_and_file(minari_root: Path) -> None:
    write_minari("tiny/expert-v0", VECTORS, OBSERVATIONS)
    folder = minari_root / "tiny" / "expert-v0"
    renamed = folder / "data" / "anything.npz"
    shutil.copy(folder / "data" / "main_data.hdf5", renamed)
    for source in ("tiny/expert-v0", folder, folder / "data", folder / "data" / "main_data.hdf5", renamed):
        loaded = formats.load(source)
        assert_complete(loaded)
        assert loaded.terminated.tolist() == [True, False]
        assert loaded.truncated.tolist() == [False, True]
        assert np.asarray(loaded.seeds).tolist() == [10, 11]


def test_an_hdf5_file_of_minari_alone(dataset: Path, tmp_path: Path) -> None:
    shutil.copy(dataset / "main_data.hdf5", tmp_path / "alone.h5")
    assert_complete(formats.load(tmp_path / "alone.h5"))


@pytest.mark.usefixtures("minari_root")
def test_parts_of_observations_need_the_file_that_names_their_spaces(tmp_path: Path, minari_root: Path) -> None:
    space = Dict({"position": VECTORS, "goal": VECTORS})
    write_minari("tiny/parts-v0", space, [stacked(space, [space.sample() for _ in range(4)]) for _ in range(2)])
    shutil.copy(minari_root / "tiny" / "parts-v0" / "data" / "main_data.hdf5", tmp_path / "alone.h5")
    assert "'metadata.json' beside the file must tell" in refusal(tmp_path / "alone.h5")


@pytest.mark.usefixtures("minari_root")
def test_minari_tells_the_environment(minari_root: Path) -> None:
    spaces = {"observation_space": VECTORS, "action_space": Discrete(2)}
    buffer = EpisodeBuffer(
        id=0, observations=OBSERVATIONS[0], actions=ACTIONS[0], rewards=[1.0] * 3,
        terminations=[False, False, True], truncations=[False] * 3,
    )  # fmt: skip
    minari.create_dataset_from_buffers("tiny/one-v0", [buffer], "CartPole-v1", algorithm_name="PPO", **spaces)
    metadata = formats.load("tiny/one-v0").metadata
    assert metadata == {"env_id": "CartPole-v1", "source": "Minari dataset tiny/one-v0, PPO"}


@pytest.mark.usefixtures("minari_root")
@pytest.mark.parametrize(
    "space",
    [
        Discrete(5, start=2),
        Dict({"b": Box(-1.0, 1.0, (2, 2), np.float32), "a": Discrete(3)}),
        Tuple([MultiBinary(3), Dict({"x": Box(0.0, 1.0, (1,), np.float32)})]),
    ],
    ids=["Discrete", "Dict", "Tuple"],
)
def test_minaris_structured_observations_are_flattened_as_environments_are(space: Space) -> None:
    space.seed(0)
    samples = [[space.sample() for _ in range(length + 1)] for length in LENGTHS]
    write_minari("tiny/parts-v0", space, [stacked(space, each) for each in samples])
    loaded = formats.load("tiny/parts-v0")
    for episode, each in zip(loaded, samples, strict=True):
        np.testing.assert_array_equal(episode.observations, np.stack([np.asarray(flatten(space, one)) for one in each]))


def stacked(space: Space, samples: list[Any]) -> Any:
    if isinstance(space, Dict):
        return {name: stacked(part, [each[name] for each in samples]) for name, part in space.spaces.items()}
    if isinstance(space, Tuple):
        return tuple(stacked(part, [each[i] for each in samples]) for i, part in enumerate(space.spaces))
    return np.stack(samples)


FRAMES = Box(0, 255, (84, 84), np.uint8)


@pytest.mark.usefixtures("minari_root")
@pytest.mark.parametrize("jpeg", [False, True])
def test_minaris_frames(jpeg: bool) -> None:
    ramp = np.tile(np.arange(84, dtype=np.uint8), (84, 1))  # smooth, so that JPEG keeps most of it
    frames = [np.stack([ramp + shift for shift in range(length + 1)]) for length in LENGTHS]
    write_minari("tiny/frames-v0", FRAMES, frames, jpeg_encoding=jpeg)
    loaded = formats.load("tiny/frames-v0")
    assert loaded.observations.dtype == np.uint8
    for episode, each in zip(loaded, frames, strict=True):
        difference = np.abs(episode.observations.astype(int) - each)
        assert difference.max() <= (4 if jpeg else 0)


@pytest.mark.usefixtures("minari_root")
@pytest.mark.parametrize("space", [VECTORS, FRAMES], ids=["vectors", "frames"])
def test_what_is_given_to_minari_comes_back_bit_for_bit(space: Space) -> None:
    rng = np.random.default_rng(0)
    shape = (3,) if space is VECTORS else (84, 84)
    episodes = [
        Episode(rng.integers(0, 256, (length + 1, *shape)).astype(space.dtype), ACTIONS[n], REWARDS[n], n == 0, n == 1)
        for n, length in enumerate(LENGTHS)
    ]
    given = Demonstrations.of(episodes, seeds=np.array([5, 7]), metadata={"source": "me", "env_id": "CartPole-v1"})
    minari_format.write(given, "tiny/given-v0", (space, Discrete(2)), "CartPole-v1")
    for loaded in (formats.load("tiny/given-v0"), through_minari("tiny/given-v0")):
        for before, after in zip(given, loaded, strict=True):
            assert np.asarray(after.observations).dtype == before.observations.dtype
            np.testing.assert_array_equal(after.observations, before.observations)
            np.testing.assert_array_equal(np.asarray(after.actions), np.asarray(before.actions))
            np.testing.assert_array_equal(np.asarray(after.rewards), np.asarray(before.rewards))
            assert (after.terminated, after.truncated) == (before.terminated, before.truncated)


def through_minari(dataset_id: str) -> list[Episode]:
    """What Minari's own loader gives."""
    return [
        Episode(each.observations, each.actions, each.rewards, bool(each.terminations[-1]), bool(each.truncations[-1]))
        for each in minari.load_dataset(dataset_id).iterate_episodes()
    ]


@pytest.mark.usefixtures("minari_root")
def test_minari_refuses_to_write_over_a_dataset() -> None:
    given = Demonstrations.of([Episode(OBSERVATIONS[0], ACTIONS[0], REWARDS[0], True, False)])
    minari_format.write(given, "tiny/given-v0", (VECTORS, Discrete(2)), None)
    with pytest.raises(InputError, match="Minari refuses to write 'tiny/given-v0'"):
        minari_format.write(given, "tiny/given-v0", (VECTORS, Discrete(2)), None)


@pytest.fixture
def dataset(minari_root: Path) -> Path:
    """The folder of the two files of a sound dataset."""
    write_minari("tiny/expert-v0", VECTORS, OBSERVATIONS)
    return minari_root / "tiny" / "expert-v0" / "data"


@pytest.mark.parametrize("what", ["external link", "soft link", "virtual dataset", "external dataset"])
def test_what_leads_out_of_an_hdf5_file_is_refused(dataset: Path, tmp_path: Path, what: str) -> None:
    secret = tmp_path / "secret.hdf5"
    with h5py.File(secret, "w") as file:
        file["observations"] = OBSERVATIONS[0]
    (tmp_path / "raw.bin").write_bytes(OBSERVATIONS[0].tobytes())
    with h5py.File(dataset / "main_data.hdf5", "a") as file:
        group = file["episode_0"]
        assert isinstance(group, h5py.Group)
        del group["observations"]
        if what == "external link":
            group["observations"] = h5py.ExternalLink(str(secret), "/observations")
        elif what == "soft link":
            group["observations"] = h5py.SoftLink("/episode_1/observations")
        elif what == "virtual dataset":
            layout = h5py.VirtualLayout((4, 3), np.float32)
            layout[:] = h5py.VirtualSource(str(secret), "observations", (4, 3))
            group.create_virtual_dataset("observations", layout)
        else:
            group.create_dataset(
                "observations", (4, 3), np.float32, external=[(str(tmp_path / "raw.bin"), 0, h5py.h5f.UNLIMITED)]
            )
    message = refusal(dataset)
    assert "observations" in message
    assert "never" in message


def test_an_external_link_in_an_episodes_place_is_refused(dataset: Path, tmp_path: Path) -> None:
    with h5py.File(dataset / "main_data.hdf5", "a") as file:
        file["episode_2"] = h5py.ExternalLink(str(tmp_path / "secret.hdf5"), "/")
    assert "'episode_2' in '/' is a link to elsewhere" in refusal(dataset)


def test_a_small_hdf5_file_that_unpacks_to_more_than_is_allowed_is_refused(dataset: Path) -> None:
    with h5py.File(dataset / "main_data.hdf5", "a") as file:
        group = file["episode_1"]
        assert isinstance(group, h5py.Group)
        del group["observations"]
        group.create_dataset("observations", (1 << 40, 3), np.float32, chunks=(1 << 10, 3), compression="gzip")
    assert "unpack to more than 2 GiB" in refusal(dataset)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda m: m | {"observation_space": "{"}, "'observation_space' in 'metadata.json' is no space"),
        (lambda m: m | {"observation_space": '{"type": "Graph"}'}, "Graph"),
        (lambda m: {k: v for k, v in m.items() if k != "action_space"}, "'action_space'"),
        (lambda m: m | {"data_format": "arrow"}, "Minari's format 'arrow'"),
        (lambda _: [], "no JSON object"),
    ],
    ids=["no JSON", "an unknown space", "no space", "another format", "a list"],
)
def test_damaged_metadata_of_minari_is_refused(dataset: Path, change: Callable[[Any], Any], complaint: str) -> None:
    metadata = json.loads((dataset / "metadata.json").read_text())
    (dataset / "metadata.json").write_text(json.dumps(change(metadata)))
    assert complaint in refusal(dataset)


def test_an_hdf5_file_of_something_else_is_refused(dataset: Path) -> None:
    with h5py.File(dataset / "main_data.hdf5", "w") as file:
        file["weights"] = np.zeros(3)
    assert "holds no episodes" in refusal(dataset)


@pytest.mark.parametrize("source", ["nothing/here-v0", "../../nothing", "/nothing/at-all", "nothing.npz"])
def test_what_is_not_there_is_named(source: str, minari_root: Path) -> None:
    with pytest.raises(InputError, match="There are no demonstrations"):
        formats.load(source)


@pytest.mark.parametrize("name", ["main_data.hdf5", "metadata.json"])
def test_a_link_in_a_file_of_minaris_place_is_refused(dataset: Path, tmp_path: Path, name: str) -> None:
    (dataset / name).rename(tmp_path / name)
    (dataset / name).symlink_to(tmp_path / name)
    assert f"'{name}' is a link that leads out of the folder" in refusal(dataset)


def test_without_arrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_trajectories(tmp_path / "trajectories")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'gail[huggingface]'" in refusal(tmp_path / "trajectories")


@pytest.mark.usefixtures("minari_root")
def test_minaris_files_are_read_without_minari_and_written_only_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    write_minari("tiny/expert-v0", VECTORS, OBSERVATIONS)
    monkeypatch.setitem(sys.modules, "minari", None)
    loaded = formats.load("tiny/expert-v0")
    assert_complete(loaded)
    with pytest.raises(InputError, match=r"pip install 'gail\[minari\]'"):
        minari_format.write(loaded, "tiny/again-v0", (VECTORS, Discrete(2)), None)
