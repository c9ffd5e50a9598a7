"""Damages demonstrations of every format at random, and looks whether anything but a clear error comes of it.

    python tests/expert_data/fuzz.py --minutes 10

A case is a format and a seed, so that whatever was found can be repeated; those that found something are kept in
``test_fuzz.py``.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np
import tyro

from envs.errors import InputError
from expert_data import archive, formats, store
from expert_data.demonstrations import Demonstrations

SECONDS = 30  # in which a file must be read or refused
CASES_PER_PROCESS = 200


def demonstrations() -> Demonstrations:
    rng = np.random.default_rng(0)
    lengths = [5, 3, 8]
    return Demonstrations.from_arrays(
        [rng.standard_normal((length + 1, 3)).astype(np.float32) for length in lengths],
        [rng.integers(0, 2, length) for length in lengths],
        [rng.standard_normal(length) for length in lengths],
        terminations=[True, False, True],
        metadata={"env_id": "Tiny-v0", "source": "a fuzzer"},
    )


def write_ours(path: Path) -> None:
    store.save(path, demonstrations())


def write_foreign(path: Path) -> None:
    made = demonstrations()
    observations, actions, rewards = (np.asarray(each) for each in (made.observations, made.actions, made.rewards))
    terminal, indices = np.array([True, False, True]), np.array([5, 8])
    with path.open("wb") as file:
        np.savez_compressed(file, obs=observations, acts=actions, rews=rewards, terminal=terminal, indices=indices)


def write_hugging_face(path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    made = list(demonstrations())
    columns = {
        "obs": [each.observations.tolist() for each in made],
        "acts": [np.asarray(each.actions).tolist() for each in made],
        "rews": [np.asarray(each.rewards).tolist() for each in made],
        "terminal": [each.terminated for each in made],
    }
    datasets.Dataset.from_dict(columns).save_to_disk(path)


def write_minari(path: Path) -> None:
    import json

    import h5py

    (path / "data").mkdir(parents=True)
    with h5py.File(path / "data" / "main_data.hdf5", "w") as file:
        for number, episode in enumerate(demonstrations()):
            group = file.create_group(f"episode_{number}")
            ends = np.arange(len(episode)) == len(episode) - 1
            for name, values in {
                "observations": episode.observations, "actions": episode.actions, "rewards": episode.rewards,
                "terminations": ends & episode.terminated, "truncations": ends & episode.truncated,
            }.items():  # fmt: skip
                group.create_dataset(name, data=values, chunks=True)
            group.attrs["seed"] = number
    spaces = {
        "observation_space": {"type": "Box", "dtype": "float32", "shape": [3], "low": [-9.0] * 3, "high": [9.0] * 3},
        "action_space": {"type": "Discrete", "dtype": "int64", "start": 0, "n": 2},
    }
    metadata = {"data_format": "hdf5", "jpeg_encoding": False} | {k: json.dumps(v) for k, v in spaces.items()}
    (path / "data" / "metadata.json").write_text(json.dumps(metadata))


WRITERS = {
    "ours": write_ours, "large": write_ours, "foreign": write_foreign, "hugging face": write_hugging_face,
    "minari": write_minari,
}  # fmt: skip


def prepare(folder: Path) -> None:
    """A sound sample of each format."""
    for name, write in WRITERS.items():
        archive.LARGE = 16 if name == "large" else 64 << 20
        write(folder / name)


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut out, doubled or cut off."""
    data = bytearray(content)
    kind = rng.integers(5)
    at = int(rng.integers(max(1, len(data))))
    if kind == 0:
        return bytes(data[:at])
    if kind == 1:
        for place in rng.integers(0, len(data), rng.integers(1, 20)):
            data[place] = rng.integers(256)
    elif kind == 2:
        for place in rng.integers(0, len(data), rng.integers(1, 4)):
            data[place] ^= 1 << rng.integers(8)
    elif kind == 3:
        size = int(rng.integers(1, 64))
        data[at : at + size] = bytes(rng.integers(0, 256, size, dtype=np.uint8)) if rng.integers(2) else b"\xff" * size
    else:
        size = int(rng.integers(1, 200))
        data[at:at] = data[at : at + size] if rng.integers(2) else b"\0" * size
    return bytes(data)


def attempt(samples: Path, name: str, seed: int) -> str | None:
    """Damage a sample and load it; what went wrong, or None if it loaded or was refused in one sentence."""
    rng = np.random.default_rng(seed)
    archive.LARGE = 16 if name == "large" else 64 << 20
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sample"
        if (samples / name).is_dir():
            shutil.copytree(samples / name, copy)
            files = sorted(each for each in copy.rglob("*") if each.is_file() and each.name != "dataset_info.json")
            file = files[rng.integers(len(files))]
        else:
            shutil.copy(samples / name, copy)
            file = copy
        file.write_bytes(damage(file.read_bytes(), rng))
        try:
            loaded = formats.load(copy)
            for episode in loaded:
                assert len(episode) > 0
        except InputError as error:
            return None if str(error).isprintable() else f"an error that steers the terminal: {str(error)!r}"
        except EOFError:  # of rows that a damaged file does not have, when they are read
            return None if name == "large" else traceback.format_exc()
        except Exception:
            return traceback.format_exc()
    return None


def attempts(samples: Path, name: str, first: int, count: int, found: multiprocessing.Queue) -> None:
    """In a process of their own, because a library that crashes takes it down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for seed in range(first, first + count):
        found.put((name, seed, "crashed or took too long"))
        signal.alarm(SECONDS)
        complaint = attempt(samples, name, seed)
        signal.alarm(0)
        found.put((name, seed, complaint))


def main(minutes: float = 10.0, first_seed: int = 0) -> None:
    """Print every case that found something, and exit with status 1 if there is any."""
    started, number, bad = time.monotonic(), first_seed, []
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        while time.monotonic() - started < 60.0 * minutes:
            for name in WRITERS:
                queue: multiprocessing.Queue = multiprocessing.Queue()
                process = multiprocessing.Process(
                    target=attempts, args=(Path(folder), name, number, CASES_PER_PROCESS, queue)
                )
                process.start()
                results: dict[tuple[str, int], str | None] = {}
                while process.is_alive() or not queue.empty():
                    while not queue.empty():
                        *case, complaint = queue.get()
                        results[case[0], case[1]] = complaint
                    time.sleep(0.01)
                for case, complaint in results.items():
                    if complaint is not None:
                        bad.append(case)
                        print(f"{case}: {complaint}", flush=True)
            number += CASES_PER_PROCESS
    total = (number - first_seed) * len(WRITERS)
    print(f"{total:,} damaged files in {time.monotonic() - started:.0f} seconds: {len(bad)} without a clear error")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    tyro.cli(main)
