"""Demonstrations in a file: plain arrays in one ``.npz``, no pickles.

| array | shape, dtype | meaning |
| --- | --- | --- |
| ``observations`` | ``(T + E, D)`` float32 | each episode's observations end to end, its last one included |
| ``actions`` | ``(T, ...)``, optional | as the environment takes them |
| ``rewards`` | ``(T,)`` | the task's own reward, for reporting only |
| ``terminations``, ``truncations`` | ``(T,)`` bool | Gymnasium's two flags after the step |
| ``episode_lengths`` | ``(E,)`` int64 | steps in each episode |
| ``metadata`` | ``()`` unicode, optional | JSON: env_id, versions, seed, source, time |
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from agents.atomic import atomic_write
from envs.errors import InputError
from expert_data.episodes import Demonstrations, Episode

ARRAYS = ("observations", "rewards", "terminations", "truncations", "episode_lengths")  # actions may be missing
DIMENSIONS = {"observations": 2, "rewards": 1, "terminations": 1, "truncations": 1}  # actions may have any
BUNDLED = Path(__file__).parent / "demos"


def save(path: Path, demonstrations: Demonstrations) -> None:
    """Write the file, whole or not at all."""
    episodes = demonstrations.episodes
    last = np.cumsum(demonstrations.lengths) - 1
    terminations, truncations = (np.zeros(demonstrations.num_steps, bool) for _ in range(2))
    terminations[last] = [episode.terminated for episode in episodes]
    truncations[last] = [episode.truncated for episode in episodes]
    actions = [episode.actions for episode in episodes if episode.actions is not None]
    with atomic_write(path) as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            observations=np.concatenate([episode.observations for episode in episodes]),
            rewards=np.concatenate([episode.rewards for episode in episodes]),
            terminations=terminations,
            truncations=truncations,
            episode_lengths=demonstrations.lengths.astype(np.int64),
            metadata=np.array(json.dumps(dict(demonstrations.metadata))),
            **({"actions": np.concatenate(actions)} if actions else {}),
        )


def load(path: Path) -> Demonstrations:
    """Read and check a file.

    Raises:
        InputError: the file is missing, damaged, pickled, incomplete or contradicts itself; the message names the file,
            the array and the remedy.
    """
    arrays = _read(path)
    try:
        metadata = json.loads(str(arrays.pop("metadata", "{}")))
        if not isinstance(metadata, dict):
            raise InputError("'metadata' is no JSON object; record them again")
        return Demonstrations(_split(arrays), metadata)
    except InputError as error:
        raise InputError(f"Demonstrations '{path}': {error}.") from error
    except json.JSONDecodeError as error:
        raise InputError(f"Demonstrations '{path}': 'metadata' is not JSON ({error}); record them again.") from error


def bundled(env_id: str) -> Path | None:
    """The demonstrations of ``env_id`` that come with the package, if there are any."""
    path = BUNDLED / f"{env_id.replace('/', '-')}.npz"
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise InputError(f"There is no demonstration file '{path}'; check the path given to --demos.")
    name, needed = "", ", ".join(ARRAYS)
    try:
        file = np.load(path, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise InputError(f"Demonstrations '{path}' are one bare array; an .npz with {needed} is needed.")
        with file:
            missing = [name for name in ARRAYS if name not in file]
            if missing:
                raise InputError(f"Demonstrations '{path}' lack {', '.join(missing)}; an .npz with {needed} is needed.")
            arrays = {}
            for name in (*ARRAYS, "actions", "metadata"):
                if name not in file:
                    continue
                arrays[name] = file[name]
                if not isinstance(arrays[name], np.ndarray):  # NumPy hands out as bytes what has no array header
                    raise ValueError("no array header")
            return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"Demonstrations '{path}' are damaged or cut short ({error}); copy or record them again."
        ) from error
    except InputError:
        raise
    except ValueError as error:  # NumPy's word for an object array, a pickle, and a broken array header
        where = f"array '{name}' of demonstrations '{path}'" if name else f"demonstrations '{path}'"
        raise InputError(
            f"In {where} is a pickle or no array at all ({error}); pickles are never loaded, so save plain arrays."
        ) from error


def _split(arrays: dict[str, np.ndarray]) -> list[Episode]:
    lengths = arrays["episode_lengths"]
    if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer) or (lengths < 1).any():
        raise InputError("'episode_lengths' must be a list of positive whole numbers; record them again")
    steps, count = int(lengths.sum()), len(lengths)
    for name in [name for name in arrays if name != "episode_lengths"]:
        values, expected = arrays[name], steps + (count if name == "observations" else 0)
        if values.ndim != DIMENSIONS.get(name, values.ndim) or values.shape[:1] != (expected,):
            raise InputError(
                f"'{name}' has shape {values.shape}, but 'episode_lengths' say {expected} rows; record them again"
            )
        if values.dtype.kind not in "biuf":
            raise InputError(f"'{name}' has dtype {values.dtype}, which is no number; save plain numbers")
    for name in ("terminations", "truncations"):
        if not np.isin(arrays[name], (0, 1)).all():
            raise InputError(f"'{name}' must be flags, true or false; record them again")
        arrays[name] = arrays[name].astype(bool)
    ends = np.cumsum(lengths)
    bounds = zip((ends - lengths).tolist(), ends.tolist(), strict=True)
    return [_episode(arrays, start, end, index) for index, (start, end) in enumerate(bounds)]


def _episode(arrays: dict[str, Any], start: int, end: int, index: int) -> Episode:
    terminations, truncations = arrays["terminations"][start:end], arrays["truncations"][start:end]
    early = np.flatnonzero(terminations[:-1] | truncations[:-1])
    if early.size:
        raise InputError(
            f"episode {index} goes on after it ended at step {early[0]}, so that 'episode_lengths' and the flags "
            "disagree; record them again"
        )
    try:
        return Episode(
            arrays["observations"][start + index : end + index + 1].astype(np.float32),
            arrays["actions"][start:end].copy() if "actions" in arrays else None,
            arrays["rewards"][start:end].astype(np.float64),
            bool(terminations[-1]),
            bool(truncations[-1]),
        )
    except InputError as error:
        raise InputError(f"episode {index}: {error}") from error
