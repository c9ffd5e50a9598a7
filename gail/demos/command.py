"""The command ``python -m gail.demos``."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from envs.errors import InputError
from gail.command import run_command
from gail.config import TrainConfig

if TYPE_CHECKING:
    from expert_data.demonstrations import Demonstrations

Source = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="PATH")]
Sources = Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PATH")]
Kwargs = Annotated[str, tyro.conf.arg(metavar="JSON")]


@dataclass(frozen=True)
class Import:
    """Convert demonstrations of another library to this one's file."""

    source: Source
    """A file, a folder, or the id of a Minari dataset; the format is told by what is there."""
    out: Path
    """File to write."""
    env: str | None = None
    """Gymnasium id that they were recorded in, where they do not say. Its time limit tells who was truncated, where
    they only say who was done."""


@dataclass(frozen=True)
class Export:
    """Write demonstrations for other libraries, with every number as it is."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    to: Literal["minari", "npz"]
    """minari: a dataset where Minari keeps its own; npz: plain arrays in a file that NumPy reads."""
    out: str
    """Id of the Minari dataset, such as cartpole/expert-v0, or the file to write."""
    env: str | None = None
    """Gymnasium id, where they do not say."""


@dataclass(frozen=True)
class Info:
    """A table of what files hold, and what is wrong with them."""

    sources: Sources
    """Files, folders, or ids of Minari datasets."""


@dataclass(frozen=True)
class Check:
    """Look for everything that is wrong with demonstrations of an environment; exit status 2 if they cannot be used."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    env: str
    """Gymnasium id, or module:ID, or module:Class."""
    env_kwargs: Kwargs = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object."""


@dataclass(frozen=True)
class Plot:
    """Draw returns, lengths, actions and states."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    out: Path | None = None
    """PNG to write."""
    logdir: Path | None = None
    """Folder of TensorBoard events to write, in the place of a file or beside it."""


@dataclass(frozen=True)
class Replay:
    """Take the recorded actions again, from the recorded seeds, and report where observations depart."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    env: str | None = None
    """Gymnasium id, where they do not say."""
    env_kwargs: Kwargs = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object."""
    gif: Path | None = None
    """Write the first episode to this file, as an animated GIF."""


@dataclass(frozen=True)
class Render:
    """The same episodes as pictures: the recorded actions again, from the recorded seeds."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    pixels: int
    """Gray pictures of so many rows and columns, as with --pixels of gail.train."""
    out: Path
    """File to write."""
    env: str | None = None
    """Gymnasium id, module:ID or module:Class; by default the one that was recorded."""
    env_kwargs: Annotated[str, tyro.conf.arg(metavar="JSON")] = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object, beside those that were recorded."""


@dataclass(frozen=True)
class Merge:
    """All episodes of several files in one."""

    sources: Sources
    """Files, folders, or ids of Minari datasets."""
    out: Path
    """File to write."""


@dataclass(frozen=True)
class Split:
    """The first episodes in one file, the others in another."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    first: int
    """Episodes in the first file."""
    out: Path
    """The first file."""
    rest: Path
    """The other file."""


@dataclass(frozen=True)
class Filter:
    """Only some episodes."""

    source: Source
    """A file, a folder, or the id of a Minari dataset."""
    out: Path
    """File to write."""
    min_return: float | None = None
    """Leave out those whose return is less."""
    min_length: int = 1
    """Leave out those that have fewer steps."""
    best: int | None = None
    """Of what is left, only so many, by their returns."""
    unique: bool = False
    """Leave out those that are the same as one before."""


COMMANDS = {
    "import": Import, "export": Export, "info": Info, "check": Check, "plot": Plot, "replay": Replay,
    "render": Render, "merge": Merge, "split": Split, "filter": Filter,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    prog = "python -m gail.demos"
    return run_command(lambda: _run(tyro.extras.subcommand_cli_from_dict(COMMANDS, prog=prog, args=arguments)))


def _run(arguments: Any) -> None:
    runners = {
        Import: _import, Export: _export, Info: _info, Check: _check, Plot: _plot, Replay: _replay,
        Render: _render, Merge: _merge, Split: _split, Filter: _filter,
    }  # fmt: skip
    runners[type(arguments)](arguments)


def _import(arguments: Import) -> None:
    import dataclasses

    from envs.registry import find_spec
    from expert_data import formats

    limit = None if arguments.env is None else find_spec(arguments.env).max_episode_steps
    _require_new(arguments.out)
    made = formats.load(arguments.source, limit)
    if arguments.env is not None:
        made = dataclasses.replace(made, metadata=dict(made.metadata) | {"env_id": arguments.env})
    elif "env_id" not in made.metadata:
        print(
            f"Warning: '{arguments.source}' names no environment; with --env its time limit would tell who was "
            "truncated, and every training would compare it with its own.",
            file=sys.stderr,
        )
    _save(arguments.out, made)


def _export(arguments: Export) -> None:
    from expert_data import formats
    from expert_data.formats import minari

    made = formats.load(arguments.source)
    if arguments.to == "npz":
        _require_new(Path(arguments.out))
        _save(Path(arguments.out), made)
        return
    env_id = arguments.env or made.metadata.get("env_id")
    if env_id is None:
        raise InputError(f"Minari wants to know the spaces, and '{arguments.source}' names no environment; give --env.")
    if made.actions is None:
        raise InputError(f"'{arguments.source}' has no actions, without which Minari keeps nothing.")
    if made.rewards is None:
        print(f"Warning: '{arguments.source}' has no rewards; Minari wants some, and gets zeros.", file=sys.stderr)
    folder = minari.write(made, arguments.out, _spaces(str(env_id), made, arguments.source), str(env_id))
    print(f"{folder}: {_figures(made)}")
    print(f"load it: minari.load_dataset('{arguments.out}')")


def _info(arguments: Info) -> None:
    from gail.demos.info import print_info

    if not arguments.sources:
        raise InputError("Name one file or more.")
    print_info(arguments.sources)


def _check(arguments: Check) -> None:
    from gail.demos.check import check

    kwargs = TrainConfig(env_kwargs=arguments.env_kwargs).env_arguments
    check(arguments.source, arguments.env, kwargs)


def _plot(arguments: Plot) -> None:
    from expert_data import formats
    from gail.demos.plot import plot

    if arguments.out is None and arguments.logdir is None:
        raise InputError("Give a file with --out, or a folder of TensorBoard events with --logdir, or both.")
    plot(formats.load(arguments.source), arguments.source, arguments.out, arguments.logdir)


def _replay(arguments: Replay) -> None:
    from gail.demos.replay import replay

    kwargs = TrainConfig(env_kwargs=arguments.env_kwargs).env_arguments
    replay(arguments.source, arguments.env, kwargs, arguments.gif)


def _render(arguments: Render) -> None:
    from gail.demos.render import render

    kwargs = TrainConfig(env_kwargs=arguments.env_kwargs, pixels=arguments.pixels).env_arguments
    _require_new(arguments.out)
    render(arguments.source, arguments.env, kwargs, arguments.out)


def _merge(arguments: Merge) -> None:
    from expert_data import formats
    from expert_data.demonstrations import Demonstrations

    if len(arguments.sources) < 2:
        raise InputError("Name two files or more.")
    _require_new(arguments.out)
    try:
        made = Demonstrations.merged([formats.load(source) for source in arguments.sources])
    except InputError as error:
        raise InputError(f"{_sentence(error)} ({', '.join(arguments.sources)}).") from error
    _save(arguments.out, made)


def _split(arguments: Split) -> None:
    from expert_data import formats

    made = formats.load(arguments.source)
    if not 1 <= arguments.first < len(made):
        raise InputError(
            f"--first is {arguments.first}, but there are {len(made)} episodes; give fewer, and 1 at least."
        )
    rest = made.after(arguments.first)
    assert rest is not None, "there are more"
    _require_new(arguments.out)
    _require_new(arguments.rest)
    _save(arguments.out, made.first(arguments.first))
    _save(arguments.rest, rest)


def _filter(arguments: Filter) -> None:
    import numpy as np

    from expert_data import formats
    from expert_data.checks import duplicates

    _require_new(arguments.out)
    made = formats.load(arguments.source)
    kept = made.lengths >= arguments.min_length
    if arguments.min_return is not None or arguments.best is not None:
        if made.rewards is None:
            raise InputError(f"'{arguments.source}' has no rewards, by which returns could be told.")
        kept &= made.returns >= (-np.inf if arguments.min_return is None else arguments.min_return)
    if arguments.unique:
        kept[[second for _, second in duplicates(made)]] = False
    numbers = np.flatnonzero(kept)
    if arguments.best is not None:
        best = np.argsort(-made.returns[numbers], kind="stable")[: max(0, arguments.best)]
        numbers = np.sort(numbers[best])
    if not numbers.size:
        raise InputError(f"None of the {len(made)} episodes of '{arguments.source}' is left; ask for less.")
    _save(arguments.out, made.chosen(numbers))


def _spaces(env_id: str, made: "Demonstrations", source: str) -> tuple[Any, Any]:
    """Of an observation and of an action, after a look whether they fit."""
    from envs.make import make
    from expert_data.checks import check_fit

    env = make(env_id)
    try:
        for warning in check_fit(made, source, env, env_id, {}):
            print(f"Warning: {warning}", file=sys.stderr)
        return env.single_observation_space, env.single_action_space
    finally:
        env.close()


def _require_new(path: Path) -> None:
    if path.exists():
        raise InputError(f"'{path}' exists; give another name.")


def _save(path: Path, made: "Demonstrations") -> None:
    from expert_data import store

    store.save(path, made)
    print(f"{path}: {_figures(made)}")


def _figures(made: "Demonstrations") -> str:
    returns = "" if made.rewards is None else f", return {made.return_mean:,.1f} ± {made.return_std:,.1f}"
    return f"{len(made)} episodes, {made.num_steps:,} steps{returns}"


def _sentence(error: InputError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:].rstrip(".")
