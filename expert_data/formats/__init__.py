"""Demonstrations from wherever they are. A format is told by what is there, never by its name."""

from pathlib import Path

from envs.errors import InputError
from expert_data import store
from expert_data.archive import Archive
from expert_data.demonstrations import Demonstrations
from expert_data.formats import huggingface, minari, npz

KNOWN = "an .npz, a folder, file or id of Minari, or a folder of Hugging Face's datasets"


def load(source: str | Path, time_limit: int | None = None) -> Demonstrations:
    """Read and check demonstrations.

    Args:
        source: a file, a folder, or the id of a Minari dataset.
        time_limit: of their environment, in steps, for formats that only say that an episode is done: who is done after
            as many was truncated.

    Raises:
        InputError: there are none, or they cannot be read or trusted; the message names the source and the remedy.
    """
    path = Path(source)
    if not path.exists():
        found = minari.local(str(source))
        if found is None:
            raise InputError(f"There are no demonstrations '{source}'; give {KNOWN}.")
        path = found
    try:
        demonstrations = _read(path, time_limit)
        demonstrations.require_finite()
    except InputError as error:
        raise InputError(f"Demonstrations '{source}': {_printable(str(error))}.") from error
    return demonstrations


def _printable(text: str) -> str:
    """``text``, in which a file's own names must not break the line, or steer the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _read(path: Path, time_limit: int | None) -> Demonstrations:
    main = minari.main_file(path)
    if main is not None:
        return minari.read(main)
    if path.is_dir():
        if huggingface.recognised(path):
            fields = huggingface.read(path, time_limit)
            return Demonstrations(**fields, metadata={"source": "a Hugging Face dataset of trajectories"})
        raise InputError(f"the folder holds nothing that is known; give {KNOWN}")
    with Archive(path) as opened:
        if store.recognised(opened):
            return store.read(opened)
        return Demonstrations(**npz.read(opened, time_limit), metadata={"source": "arrays of another library"})


def files_of(source: str | Path) -> list[Path]:
    """All files that ``source`` consists of, in order of their names."""
    path = Path(source)
    main = minari.main_file(path) if path.exists() else minari.local(str(source))
    if main is not None:
        return minari.files_of(main)
    return [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
