"""``python -m gail.train``: from demonstrations to an agent."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.errors import InputError
from gail.command import run_command
from gail.config import TrainConfig, without_command
from gail.defaults import parsed


@dataclass(frozen=True)
class Arguments(TrainConfig):
    """Train an agent from demonstrations and an environment, without a reward function."""

    logdir: Path = Path("runs")
    """Folder of all runs."""
    run_name: str | None = None
    """Folder of this run below --logdir. By default ENV/ALGO-sSEED-TIME."""
    resume: Path | None = None
    """Go on with the run in this folder, from its last checkpoint and with its own options."""
    quiet: bool = False
    """Show no progress."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    return run_command(lambda: _train(parsed(Arguments, arguments, "python -m gail.train")))


def _train(arguments: Arguments) -> None:
    # Imported here because Gymnasium and its like take time, and --help must answer at once.
    from gail.experiment import resume, start
    from gail.report.summary import print_summary

    config = without_command(arguments)
    if arguments.resume is None:
        run = start(config, arguments.logdir, arguments.run_name, arguments.quiet)
    elif config == TrainConfig() and arguments.run_name is None:
        run = resume(arguments.resume, arguments.quiet)
    else:
        raise InputError("--resume goes on with the options that the run began with; give no others but --quiet.")
    print_summary(run)


if __name__ == "__main__":
    sys.exit(main())
