"""The command ``python -m gail.generate``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from envs.errors import InputError
from expert_data.generator.config import GANConfig, Kind
from gail.command import run_command

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]


@dataclass(frozen=True)
class Fit:
    """Fit a generator to random play and demonstrations."""

    env: Annotated[str, tyro.conf.arg(aliases=["--env-id"])]
    """Gymnasium id, or module:ID, or module:Class."""
    out: Path
    """Folder to make."""
    env_kwargs: Annotated[str, tyro.conf.arg(metavar="JSON")] = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object."""
    demos: str | None = None
    """Demonstration file; without one, those that come with the package."""
    num_demos: int | None = None
    """Use only the first N episodes of the file."""
    subsample: int = 1
    """Keep one transition in N of the demonstrations: with the same seed, those that gail.train --subsample N shows."""
    only_demos: bool = False
    """Learn from the demonstrations alone: a generator of what the expert does."""
    random_steps: int = 10_000
    """Steps of random play."""
    policy: Path | None = None
    """Folder of a run, whose policy plays as well."""
    policy_steps: int = 10_000
    """Steps of --policy."""
    kind: Kind = "gan"
    """gan: the transition GAN; world_model: autoencoder and latent dynamics; mixture: of Gaussians; noise: real
    transitions with noise; naive_bayes: each number by itself."""
    situation: str | None = None
    """What a part of the transitions can be asked for by: near_termination, rare_action, high_expert_density,
    low_expert_density, or module:function, from transitions to a boolean each. By default near_termination, and
    rare_action where nothing terminates."""
    seed: int = 0
    """Of everything random."""
    quiet: bool = False
    """Show no progress."""
    gan: GANConfig = field(default_factory=GANConfig)


@dataclass(frozen=True)
class Check:
    """Hold a generator against real transitions that it has not seen, and leave a table and a picture in its folder.

    The exit status is 0 where it may be used, by however little, 1 where the verdict is 0, and 2 for bad input.
    """

    folder: Folder
    """Folder that `fit` made."""
    seed: int = 0
    """Of the samples, and of everything random in the measures."""
    use: bool = False
    """Let an agent learn in the generator's environment, and two in the real one, as a line more of the gate: a minute
    or so."""


@dataclass(frozen=True)
class Sample:
    """Write generated transitions as a demonstration file, each an episode of one step."""

    folder: Folder
    """Folder that `fit` made."""
    out: Path
    """Demonstration file to write."""
    count: int = 5000
    """Transitions."""
    rate: float | None = None
    """Share of them that is in the situation that the generator was fitted with. By default as in real play."""
    seed: int = 0
    """Of the samples."""


COMMANDS = {"fit": Fit, "check": Check, "sample": Sample}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    prog = "python -m gail.generate"
    return run_command(lambda: _run(tyro.extras.subcommand_cli_from_dict(COMMANDS, prog=prog, args=arguments)))


def _run(arguments: Any) -> None:
    {Fit: _fit, Check: _check, Sample: _sample}[type(arguments)](arguments)


def _fit(arguments: Fit) -> None:
    _refuse(arguments, at_least_one=("num_demos", "subsample"), not_negative=("random_steps", "policy_steps", "seed"))
    for name, value in vars(arguments.gan).items():
        smallest = min(value) if isinstance(value, tuple) else value
        if not smallest >= (1 if isinstance(smallest, int) else 0):
            raise InputError(f"--gan.{name.replace('_', '-')} is {value}; it must be larger.")
    if arguments.out.exists():
        raise InputError(f"'{arguments.out}' exists; give another --out.")
    from gail.generate.fit import fit

    fit(arguments)


def _check(arguments: Check) -> None:
    from gail.generate.check import check

    check(arguments.folder, arguments.seed, arguments.use)


def _sample(arguments: Sample) -> None:
    _refuse(arguments, at_least_one=("count",), not_negative=("seed",))
    if arguments.rate is not None and not 0.0 <= arguments.rate <= 1.0:
        raise InputError(f"--rate is {arguments.rate}; it must lie between 0 and 1.")
    if arguments.out.exists():
        raise InputError(f"'{arguments.out}' exists; give another --out.")
    from gail.generate.sample import sample

    sample(arguments)


def _refuse(arguments: Any, at_least_one: tuple[str, ...], not_negative: tuple[str, ...]) -> None:
    for names, least in ((at_least_one, 1), (not_negative, 0)):
        for name in names:
            value = getattr(arguments, name)
            if value is not None and value < least:
                raise InputError(f"--{name.replace('_', '-')} is {value}; it must be {least} or more.")
