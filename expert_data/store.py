"""Demonstrations in a file: plain arrays in one ``.npz``, no pickles.

| array | shape, dtype | meaning |
| --- | --- | --- |
| ``observations`` | ``(T + E, ...)`` | each episode's observations end to end, its last one included |
| ``actions`` | ``(T, ...)``, optional | as the environment takes them |
| ``rewards`` | ``(T,)``, optional | the task's own reward, for reporting only |
| ``terminations``, ``truncations`` | ``(T,)`` bool | Gymnasium's two flags after the step |
| ``episode_lengths`` | ``(E,)`` int64 | steps in each episode |
| ``episode_seeds`` | ``(E,)`` int64, optional | that the environment was reset with |
| ``metadata`` | ``()`` unicode, optional | JSON: env_id, versions, seed, source, time |
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from agents.atomic import atomic_write
from envs.errors import InputError
from expert_data import archive
from expert_data.archive import Archive
from expert_data.arrays import Arrays
from expert_data.columns import Column, in_memory
from expert_data.demonstrations import Demonstrations

NEEDED = ("observations", "terminations", "truncations", "episode_lengths")
OPTIONAL = ("actions", "rewards")
BUNDLED = Path(__file__).parent / "demos"


def save(path: Path, demonstrations: Demonstrations) -> None:
    """Write the file, whole or not at all."""
    last = demonstrations.starts + demonstrations.lengths - 1
    terminations, truncations = (np.zeros(demonstrations.num_steps, bool) for _ in range(2))
    terminations[last] = demonstrations.terminated
    truncations[last] = demonstrations.truncated
    arrays: dict[str, Column | None] = {
        "observations": demonstrations.observations,
        "actions": demonstrations.actions,
        "rewards": demonstrations.rewards,
        "terminations": terminations,
        "truncations": truncations,
        "episode_lengths": demonstrations.lengths,
        "episode_seeds": demonstrations.seeds,
        "metadata": np.array(json.dumps(dict(demonstrations.metadata))),
    }
    with atomic_write(path) as file:
        archive.write(file, {name: array for name, array in arrays.items() if array is not None})


def bundled(env_id: str) -> Path | None:
    """The demonstrations of ``env_id`` that come with the package, if there are any."""
    path = BUNDLED / f"{env_id.replace('/', '-')}.npz"
    return path if path.is_file() else None


def recognised(opened: Archive) -> bool:
    """Is it a file of this kind, even if something is missing?"""
    return {"observations", "episode_lengths"} <= set(opened.names)


def read(opened: Archive) -> Demonstrations:
    """The demonstrations in an archive.

    Raises:
        InputError: they are incomplete or contradict themselves.
    """
    missing = [name for name in NEEDED if name not in opened]
    if missing:
        raise InputError(f"they lack {', '.join(missing)}; an .npz with {', '.join(NEEDED)} is needed")
    arrays = Arrays(**{name: opened.read(name) for name in (*NEEDED, *OPTIONAL) if name in opened})
    seeds = in_memory(opened.read("episode_seeds")) if "episode_seeds" in opened else None
    if seeds is not None and seeds.dtype.kind not in "iu":
        raise InputError(f"'episode_seeds' has dtype {seeds.dtype}, where whole numbers are needed; record them again")
    return Demonstrations(**arrays.episodes(time_limit=None), seeds=seeds, metadata=_metadata(opened))


def _metadata(opened: Archive) -> dict[str, Any]:
    if "metadata" not in opened:
        return {}
    text = opened.read("metadata")
    try:
        metadata = json.loads(str(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"'metadata' is not JSON ({error}); record them again") from error
    if not isinstance(metadata, dict):
        raise InputError("'metadata' is no JSON object; record them again")
    return metadata
