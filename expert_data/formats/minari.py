"""Minari's datasets: HDF5, an episode a group, and a JSON file beside it.

They are read with h5py and not with Minari, so that every link and every dataset can be looked at before it is opened.
"""

import io
import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple
from PIL import Image

from envs.errors import InputError
from expert_data.archive import MOST_IN_MEMORY
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode
from expert_data.spaces import flattened

MAIN, METADATA = "main_data.hdf5", "metadata.json"
# Others are libraries that HDF5 would load from a path that the environment names.
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
DAMAGED = (OSError, KeyError, ValueError, TypeError, RuntimeError, UnicodeDecodeError, RecursionError)


def main_file(source: Path) -> Path | None:
    """The HDF5 file: given itself, whatever its name, its folder, or the dataset's folder above that; else None."""
    if source.is_file():
        return source.resolve() if h5py.is_hdf5(source) else None
    found = [folder / MAIN for folder in (source, source / "data") if (folder / MAIN).is_file()]
    return found[0] if found else None


def local(dataset_id: str) -> Path | None:
    """Where Minari keeps a dataset of this id, if it is there."""
    if not re.fullmatch(r"[\w-]+(/[\w-]+)*", dataset_id):
        return None
    root = Path(os.environ.get("MINARI_DATASETS_PATH") or Path.home() / ".minari" / "datasets")
    return main_file(root / dataset_id)


def files_of(main: Path) -> list[Path]:
    """The HDF5 file and the JSON file beside it, if there is one."""
    return [path for path in (main, main.with_name(METADATA)) if path.is_file()]


def read(main: Path) -> Demonstrations:
    """All episodes of a dataset.

    Args:
        main: the HDF5 file. Without the JSON file beside it, observations and actions must be plain arrays.

    Raises:
        InputError: it is damaged, or would read or run something outside of the file.
    """
    beside = main.with_name(METADATA)
    for path in (main, beside):
        if path.resolve().parent != main.parent.resolve():
            raise InputError(f"'{path.name}' is a link that leads out of the folder; files are read from it alone")
    metadata = _metadata(beside) if beside.is_file() else {}
    spaces = {
        name: _space(metadata, f"{name[:-1]}_space") if metadata else None for name in ("observations", "actions")
    }
    jpeg = bool(metadata.get("jpeg_encoding", True))
    try:
        with h5py.File(main, "r") as file:
            reader = _Reader(spaces, jpeg)
            recorded = [reader.episode(file, name) for name in _episode_names(file)]
    except DAMAGED as error:
        raise InputError(
            f"'{main.name}' is damaged or no dataset of Minari ({error}); copy or download it again"
        ) from error
    seeds = [seed for _, seed in recorded]
    return Demonstrations.of(
        [episode for episode, _ in recorded],
        seeds=None if None in seeds else np.array(seeds, np.int64),
        metadata=_described(metadata),
    )


def write(demonstrations: Demonstrations, dataset_id: str, spaces: tuple[Space, Space], env_id: str | None) -> Path:
    """A new dataset where Minari keeps its own, with every number as it is.

    Args:
        demonstrations: with actions.
        dataset_id: such as ``cartpole/expert-v0``.
        spaces: of an observation and of an action.
        env_id: of a registered environment, if it is known.

    Returns:
        The dataset's folder.

    Raises:
        InputError: Minari is not installed, or refuses.
    """
    try:
        import minari
        from minari.data_collector import EpisodeBuffer
    except ImportError as error:
        raise InputError(
            "Writing a Minari dataset needs a package that is not installed; pip install 'gail[minari]' installs it."
        ) from error
    buffers = [EpisodeBuffer(**_buffer(demonstrations, number)) for number in range(len(demonstrations))]
    try:
        with warnings.catch_warnings():  # of authors and links that nobody was asked for
            warnings.simplefilter("ignore", UserWarning)
            # Minari's default encodes frames as JPEG, which a discriminator can see.
            dataset = minari.create_dataset_from_buffers(
                dataset_id, buffers, env_id, observation_space=spaces[0], action_space=spaces[1],
                algorithm_name=str(demonstrations.metadata.get("source", "unknown")), jpeg_encoding=False,
            )  # fmt: skip
    except (ValueError, OSError, AssertionError) as error:
        raise InputError(f"Minari refuses to write '{dataset_id}' ({error}).") from error
    return Path(dataset.storage.data_path).parent


def _buffer(demonstrations: Demonstrations, number: int) -> dict[str, Any]:
    """An episode in Minari's words."""
    episode = demonstrations[number]
    at_end = np.arange(len(episode)) == len(episode) - 1
    return {
        "id": number,
        "seed": None if demonstrations.seeds is None else int(demonstrations.seeds[number]),
        "observations": episode.observations,
        "actions": episode.actions,
        "rewards": np.zeros(len(episode)) if episode.rewards is None else episode.rewards,
        "terminations": at_end & episode.terminated,
        "truncations": at_end & episode.truncated,
    }


def _metadata(path: Path) -> dict[str, Any]:
    try:
        metadata = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"'{METADATA}' is missing or damaged ({error}); copy or download it again") from error
    if not isinstance(metadata, dict):
        raise InputError(f"'{METADATA}' is no JSON object; copy or download it again")
    if metadata.get("data_format", "hdf5") != "hdf5":
        raise InputError(
            f"they are in Minari's format '{metadata['data_format']}', of which only hdf5 is known; convert them"
        )
    return metadata


def _described(metadata: dict[str, Any]) -> dict[str, Any]:
    """What this library says of demonstrations, in Minari's words."""
    described = {"source": f"Minari dataset {metadata.get('dataset_id', 'without id')}"}
    if metadata.get("algorithm_name"):
        described["source"] += f", {metadata['algorithm_name']}"
    spec = metadata.get("env_spec")
    try:
        spec = json.loads(spec) if isinstance(spec, str) else spec
    except json.JSONDecodeError:
        spec = None
    if isinstance(spec, dict) and isinstance(spec.get("id"), str):
        described["env_id"] = spec["id"]
    return described


def _space(metadata: dict[str, Any], name: str) -> Space:
    given = metadata.get(name)
    try:
        return _space_of(json.loads(given) if isinstance(given, str) else given)
    except (
        json.JSONDecodeError,
        RecursionError,
        KeyError,
        TypeError,
        ValueError,
        AssertionError,
        OverflowError,
    ) as error:
        raise InputError(f"'{name}' in '{METADATA}' is no space ({type(error).__name__}: {error})") from error


def _space_of(given: Any) -> Space:
    kind = given["type"]
    if kind == "Box":
        dtype = np.dtype(str(given["dtype"])).type
        low, high = (np.array(given[edge], dtype) for edge in ("low", "high"))
        return Box(low, high, tuple(given["shape"]), dtype)
    if kind == "Discrete":
        return Discrete(int(given["n"]), start=int(given["start"]))
    if kind == "MultiDiscrete":
        return MultiDiscrete(given["nvec"], start=given.get("start"))
    if kind == "MultiBinary":
        return MultiBinary(given["n"])
    if kind == "Dict":
        return Dict({name: _space_of(part) for name, part in given["subspaces"].items()})
    if kind == "Tuple":
        return Tuple([_space_of(part) for part in given["subspaces"]])
    raise ValueError(f"spaces of type {kind} are not supported")


def _episode_names(file: h5py.File) -> list[str]:
    names = [name for name in map(str, file) if re.fullmatch(r"episode_\d+", name)]
    if not names:
        raise InputError("the HDF5 file holds no episodes as Minari's do, in groups named episode_0 and so on")
    return sorted(names, key=lambda name: int(name.removeprefix("episode_")))


class _Reader:
    """Reads episodes, and counts the bytes."""

    def __init__(self, spaces: dict[str, Space | None], jpeg: bool):
        self._spaces = spaces
        self._jpeg = jpeg
        self._bytes = 0

    def episode(self, file: h5py.File, name: str) -> tuple[Episode, int | None]:
        """An episode and the seed it began with, if that is known."""
        group = self._member(file, name)
        space = self._spaces["observations"]
        observations = self._values(group, "observations", space)
        if space is not None and not isinstance(space, Box):
            observations = flattened(space, observations)
        actions = self._values(group, "actions", self._spaces["actions"])
        ends = [self._numbers(group, flag) for flag in ("terminations", "truncations")]
        try:
            made = Episode(
                np.asarray(observations),
                np.asarray(actions),
                self._numbers(group, "rewards").astype(np.float64),
                *(bool(flags[-1]) if len(flags) else False for flags in ends),
            )
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        seed = group.attrs.get("seed")
        return made, None if seed is None else int(seed)

    def _values(self, group: h5py.Group, name: str, space: Space | None) -> Any:
        if isinstance(space, Dict):
            inner = self._member(group, name)
            return {part: self._values(inner, part, subspace) for part, subspace in space.spaces.items()}
        if isinstance(space, Tuple):
            inner = self._member(group, name)
            return [self._values(inner, f"_index_{i}", subspace) for i, subspace in enumerate(space.spaces)]
        if space is not None and self._jpeg and _is_image(space):
            return self._frames(group, name, space)
        return self._numbers(group, name)

    def _numbers(self, group: h5py.Group, name: str) -> np.ndarray:
        dataset = self._dataset(group, name)
        if dataset.dtype.kind not in "biuf":
            raise InputError(f"'{dataset.name}' has dtype {dataset.dtype}, which is no number")
        return dataset[()]

    def _frames(self, group: h5py.Group, name: str, space: Space) -> np.ndarray:
        """Minari's own default, which loses detail."""
        dataset = self._dataset(group, name)
        assert space.shape is not None, "an image has a shape"
        self._count(dataset.name, len(dataset) * int(np.prod(space.shape)))
        frames = np.empty((len(dataset), *space.shape), np.uint8)
        for i in range(len(dataset)):
            with Image.open(io.BytesIO(np.asarray(dataset[i], np.uint8).tobytes()), formats=["JPEG"]) as image:
                if image.size != (space.shape[1], space.shape[0]):
                    raise InputError(
                        f"frame {i} of '{dataset.name}' has size {image.size}, unlike its space {space.shape}"
                    )
                frames[i] = np.asarray(image).reshape(space.shape)
        return frames

    def _member(self, group: h5py.Group, name: str) -> h5py.Group:
        found = self._linked(group, name)
        if not isinstance(found, h5py.Group):
            raise InputError(f"'{group.name}' has no group '{name}'")
        return found

    def _dataset(self, group: h5py.Group, name: str) -> h5py.Dataset:
        dataset = self._linked(group, name)
        if isinstance(dataset, h5py.Group):
            raise InputError(f"'{dataset.name}' has parts, which '{METADATA}' beside the file must tell of")
        if not isinstance(dataset, h5py.Dataset):
            raise InputError(f"'{group.name}' has no dataset '{name}'")
        if dataset.is_virtual or dataset.external:
            raise InputError(
                f"'{dataset.name}' is a virtual or external dataset, whose numbers lie in files that are never opened"
            )
        properties = dataset.id.get_create_plist()
        for i in range(properties.get_nfilters()):
            if properties.get_filter(i)[0] not in FILTERS:
                raise InputError(
                    f"'{dataset.name}' needs a filter that would be loaded as a plug-in, which is never done"
                )
        if len(dataset.shape) < 1:
            raise InputError(f"'{dataset.name}' is a single number, where rows are needed")
        self._count(dataset.name, dataset.nbytes)
        return dataset

    def _linked(self, group: h5py.Group, name: str) -> Any:
        link = group.get(name, getlink=True)
        if link is not None and not isinstance(link, h5py.HardLink):
            raise InputError(f"'{name}' in '{group.name}' is a link to elsewhere, which is never followed")
        return group.get(name)

    def _count(self, name: Any, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_IN_MEMORY:
            raise InputError(f"they unpack to more than {MOST_IN_MEMORY >> 30} GiB, the last of it '{name}'")


def _is_image(space: Space) -> bool:
    """As Minari tells what it encodes: bytes from 0 to 255, and not so few that they may stand for things."""
    if not isinstance(space, Box) or space.dtype != np.uint8 or len(space.shape) not in (2, 3):
        return False
    return min(space.shape[:2]) >= 32 and bool((space.low == 0).all() and (space.high == 255).all())
