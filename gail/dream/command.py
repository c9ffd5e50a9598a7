"""The command ``python -m gail.dream``."""

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents.config import WorldModelConfig
from envs.errors import InputError
from gail.command import run_command, without_chatter
from gail.config import DreamConfig
from gail.config_check import check
from gail.defaults import defaults_of

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
Folders = Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]


@dataclass(frozen=True)
class Fit:
    """Fit a model of an environment to demonstrations and random play."""

    env: Annotated[str, tyro.conf.arg(aliases=["--env-id"])] = ""
    """Gymnasium id, or module:ID, or module:Class."""
    env_kwargs: Annotated[str, tyro.conf.arg(metavar="JSON")] = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object."""
    pixels: int | None = None
    """Observe gray pictures of so many rows and columns: the environment's own images, or what it renders."""
    demos: str | None = None
    """Demonstrations; without, those that come with the package, or random play alone."""
    num_demos: int | None = None
    """Use only the first N episodes of the file."""
    steps: int = 2048
    """Steps of random play."""
    minibatches: int = DreamConfig().first_minibatches
    """Gradient steps of the autoencoder, and of the dynamics."""
    seed: int = 0
    """Of everything random."""
    world_model: WorldModelConfig = field(default_factory=WorldModelConfig)
    logdir: Path = Path("runs")
    """Folder of all runs."""
    run_name: str | None = None
    """Folder of this one below --logdir. By default ENV/dream-sSEED-TIME."""


@dataclass(frozen=True)
class Report:
    """Write what models are worth, in figures and in pictures, to the folder report/ of each."""

    runs: Folders
    """Folders that fit made, or runs of gail.train with --dream or --latents."""
    steps: int = 2000
    """Fresh real steps to judge by, of the run's policy and of chance, each."""
    seed: int = 0
    """Of these steps."""


@dataclass(frozen=True)
class Play:
    """Steer a dream with the keys, in a window."""

    run: Folder
    """A folder that fit made, or a run of gail.train with --dream."""
    keys: Annotated[str | None, tyro.conf.arg(metavar="JSON")] = None
    """An action for each key or combination, such as '{"left": 0, "right": 1, "": 0}', see gail.record."""
    mouse: bool = False
    """For actions of one or two numbers: the mouse's place in the window decides them."""
    temperature: float | None = None
    """Of the dream. By default that of the run."""
    fps: float | None = None
    """Steps a second. By default the environment's own, but 30 at most."""
    zoom: float | None = None
    """How much larger the picture is than it was. By default so that it is easy to see."""
    seed: int = 0
    """Of the first episode's beginning, which is real, and of all that is dreamt after it."""


PROG = "python -m gail.dream"
COMMANDS = {"fit": Fit, "report": Report, "play": Play}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    return run_command(lambda: _run(_parsed(sys.argv[1:] if arguments is None else arguments)))


def _parsed(arguments: Sequence[str]) -> Any:
    """The command line; what is to be fitted is read once more, with the defaults of what its environment shows."""
    given = tyro.extras.subcommand_cli_from_dict(COMMANDS, prog=PROG, args=arguments)
    if not isinstance(given, Fit):
        return given
    defaults = defaults_of(given.env, given.env_kwargs, given.pixels, dream=True)
    return tyro.cli(Fit, prog=f"{PROG} fit", args=arguments[1:], default=Fit(world_model=defaults.world_model))


def _run(arguments: Any) -> None:
    runners = {Fit: _fit, Report: _report, Play: _play}
    runners[type(arguments)](arguments)


def _fit(arguments: Fit) -> None:
    if arguments.steps < 1 or arguments.minibatches < 1:
        raise InputError(f"--steps {arguments.steps} and --minibatches {arguments.minibatches} must be 1 or more.")
    config = dataclasses.replace(
        defaults_of(arguments.env, arguments.env_kwargs, arguments.pixels, dream=True),
        demos=arguments.demos, num_demos=arguments.num_demos, seed=arguments.seed, num_workers=0, dream=True,
        world_model=arguments.world_model,
        dreaming=DreamConfig(random_steps=arguments.steps, first_minibatches=arguments.minibatches),
    )  # fmt: skip
    check(config)
    with without_chatter():
        from gail.dream.fit import fit
        from gail.session import start_tensorflow

        start_tensorflow()

    path = fit(config, arguments.logdir, arguments.run_name)
    print(f"model folder:  {path}")
    print(f"look at it:    python -m gail.dream report {path}")
    print(f"steer it:      python -m gail.dream play {path}")


def _report(arguments: Report) -> None:
    if not arguments.runs:
        raise InputError("Name one folder or more.")
    if arguments.steps < 1 or arguments.seed < 0:
        raise InputError(f"--steps {arguments.steps} must be 1 or more, and --seed {arguments.seed} 0 or more.")
    with without_chatter():
        from gail.dream.report import report
        from gail.session import start_tensorflow

        start_tensorflow()

    for run in arguments.runs:
        print(f"{run}:")
        for line in report(run, arguments.steps, arguments.seed):
            print(f"  {line}")


def _play(arguments: Play) -> None:
    for name in ("fps", "zoom"):
        value = getattr(arguments, name)
        if value is not None and not value > 0:
            raise InputError(f"--{name} is {value}; it must be above 0.")
    if arguments.temperature is not None and not arguments.temperature >= 0:
        raise InputError(f"--temperature is {arguments.temperature}; it must be 0 or more.")
    with without_chatter():
        from gail.dream.play import play
        from gail.session import start_tensorflow

        start_tensorflow()

    play(arguments)
