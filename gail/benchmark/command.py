"""The command ``python -m gail.benchmark``."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import tyro

from gail.command import run_command
from gail.config import Control, TrainConfig, without_command


@dataclass(frozen=True)
class Controls(TrainConfig):
    """Train with the expert and with each control in its place, and print the returns: the controls must fail."""

    logdir: Path = Path("runs/controls")
    """Folder of the runs. Those that it holds are resumed, or only read where they have ended."""
    seeds: int = 1
    """Runs of each, by seeds that count from --seed."""
    quiet: bool = False
    """Show no progress."""


@dataclass(frozen=True)
class Quality:
    """Train a suite of agents and tabulate what they come to. What has a result is not run again."""

    suite: Literal["paper", "peer", "unseen", "controls", "ablations"]
    """paper: the GAIL paper's protocol; peer: the same demonstrations through another library; unseen: tasks that no
    default was chosen by; controls: those who know nothing in the expert's place; ablations: one option changed at a
    time."""
    demos: Path
    """Folder that holds the demonstrations of each environment, as ENV.npz."""
    envs: tuple[str, ...] = ()
    """Only these environments of the suite."""
    seeds: int | None = None
    """Runs of each agent, in place of the suite's number."""
    peers: Path | None = None
    """Folder of the other library's environment, made by benchmarks/peers/make.sh."""
    logdir: Path = Path("runs/quality")
    """Folder of the runs."""
    results: Path = Path("benchmarks/quality")
    """Folder of SUITE.json (every run), SUITE.md (the table) and SUITE.png (the plot). Runs that the first holds count
    as done: choose another folder to repeat them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    commands = {"controls": Controls, "quality": Quality}
    prog = "python -m gail.benchmark"
    return run_command(lambda: _run(tyro.extras.subcommand_cli_from_dict(commands, prog=prog, args=arguments)))


def _run(arguments: Controls | Quality) -> None:
    if isinstance(arguments, Controls):
        _controls(arguments)
    else:
        _quality(arguments)


def _controls(arguments: Controls) -> None:
    # Imported here so that --help answers at once.
    from envs.errors import InputError
    from gail.benchmark.comparison import comparison
    from gail.experiment import complete
    from gail.run import folder_name

    if arguments.control is not None or arguments.algo in ("ppo", "bc") or arguments.seeds < 1:
        raise InputError("controls need an --algo that imitates, no --control of their own, and --seeds of 1 or more.")
    config = without_command(arguments)
    summaries: dict[str, list[dict[str, Any]]] = {}
    for control in (None, *get_args(Control)):
        who = control or "expert"
        for seed in range(config.seed, config.seed + arguments.seeds):
            chosen = dataclasses.replace(config, control=control, seed=seed)
            name = f"{folder_name(config.env)}/{config.algo}-{who}-s{seed}"
            run = complete(chosen, arguments.logdir, name, arguments.quiet)
            summaries.setdefault(who, []).append(run.summary or {})
    print(comparison(summaries))


def _quality(arguments: Quality) -> None:
    # Imported here so that --help answers at once.
    from agents.atomic import atomic_write
    from envs.errors import InputError
    from gail.benchmark.jobs import recorded, results, run_suite
    from gail.benchmark.report import plot, table
    from gail.benchmark.suites import SUITES

    whole = SUITES[arguments.suite]
    unknown = set(arguments.envs) - {case.env for case in whole.cases}
    if unknown or (arguments.seeds is not None and arguments.seeds < 1):
        known = ", ".join(case.env for case in whole.cases)
        raise InputError(f"--seeds must be 1 or more, and --envs some of {known}.")
    logdir = arguments.logdir / arguments.suite
    path = arguments.results / arguments.suite
    earlier = recorded(path.with_suffix(".json"))
    part = whole.only(arguments.envs)
    for _ in run_suite(part, arguments.seeds, arguments.demos, logdir, arguments.peers, earlier):
        # Of the whole suite, so that it can be run a part at a time.
        found = results(whole, arguments.seeds, logdir, earlier)
        with atomic_write(path.with_suffix(".json")) as file:
            file.write(json.dumps(found, indent=1).encode())
        with atomic_write(path.with_suffix(".md")) as file:
            file.write(table(found).encode())
        with atomic_write(path.with_suffix(".png")) as file:
            plot(found, file)
    print(table(results(whole, arguments.seeds, logdir, earlier)))
