"""Trajectories in a folder of Hugging Face's ``datasets``, as `imitation` has kept them since 0.4.

The table is read with Arrow, which runs nothing; its column ``infos`` holds jsonpickle, which would, and is not read.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from envs.errors import InputError
from expert_data.arrays import Arrays

STATE = "state.json"
NEEDED = ("obs", "terminal")


def recognised(folder: Path) -> bool:
    """Does the folder look like one of them?"""
    return (folder / STATE).is_file()


def read(folder: Path, time_limit: int | None) -> dict[str, Any]:
    """The fields of `expert_data.episodes.Episodes`.

    Raises:
        InputError: the folder is damaged, leads elsewhere, or holds something else.
    """
    try:
        import pyarrow
        from pyarrow import ipc
    except ImportError as error:
        raise InputError(
            "they are a Hugging Face dataset, which needs a package that is not installed; "
            "install it with pip install 'gail[huggingface]'"
        ) from error
    tables = []
    for path in _files(folder):
        try:
            with pyarrow.OSFile(str(path)) as file, ipc.open_stream(file) as stream:
                columns = [name for name in ("obs", "acts", "rews", "terminal") if name in stream.schema.names]
                missing = [name for name in NEEDED if name not in columns]
                if missing:
                    raise InputError(f"they lack the columns {', '.join(missing)}; trajectories of imitation have them")
                table = stream.read_all().select(columns)
                table.validate(full=True)  # or a damaged file would lead Arrow astray
                tables.append(table)
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise InputError(f"'{path.name}' is damaged or cut short ({error}); copy or export them again") from error
    rows = pyarrow.concat_tables(tables)
    lists = {
        name: [_array(name, value) for value in rows[column]]
        for name, column in {"observations": "obs", "actions": "acts", "rewards": "rews"}.items()
        if column in rows.column_names
    }
    return Arrays.joined(**lists, dones=rows["terminal"].to_pylist()).episodes(time_limit)


def _files(folder: Path) -> list[Path]:
    """The tables that the folder names, all of which must lie in it."""
    try:
        names = [str(entry["filename"]) for entry in json.loads((folder / STATE).read_text())["_data_files"]]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError, KeyError, TypeError) as error:
        raise InputError(
            f"'{STATE}' is damaged ({type(error).__name__}: {error}); copy or export them again"
        ) from error
    if not names:
        raise InputError(f"'{STATE}' names no files; export them again")
    for name in names:
        path = folder / name
        if path.resolve().parent != folder.resolve():
            raise InputError(f"'{STATE}' names '{name}', which leads out of the folder; files are read from it alone")
        if not path.is_file():
            raise InputError(f"'{name}' is missing, which '{STATE}' names; copy it again")
    return [folder / name for name in names]


def _array(name: str, value: Any) -> np.ndarray:
    """A list of (lists of) numbers, all of equal length at each depth."""
    array, shape = value.values, []
    while array is not None and hasattr(array, "flatten") and hasattr(array, "value_lengths"):
        lengths = np.unique(array.value_lengths().to_numpy(zero_copy_only=False))
        if len(lengths) > 1 or array.null_count:
            raise InputError(f"the rows of '{name}' differ in length, where all must be alike; export them again")
        shape.append(len(array))
        array = array.flatten()
    if array is None or array.null_count:
        raise InputError(f"'{name}' has gaps, where there must be numbers; export them again")
    numbers = array.to_numpy(zero_copy_only=False)
    counts = [*shape, len(numbers)]  # of lists at each depth, and of numbers
    return numbers.reshape(counts[0], *(inner // max(1, outer) for outer, inner in pairwise(counts)))
