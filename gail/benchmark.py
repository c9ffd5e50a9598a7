"""``python -m gail.benchmark``: claims, beside what they must be measured by."""

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import tyro

from gail.command import run_command
from gail.config import Control, TrainConfig, without_command

FAILED_SHARE = 0.5  # a control fails below half of what the expert's agent gained over a random policy


@dataclass(frozen=True)
class Controls(TrainConfig):
    """Train with the expert and with each control in its place, and print the returns: the controls must fail."""

    logdir: Path = Path("runs/controls")
    """Folder of the runs. Those that it holds are resumed, or only read where they have ended."""
    seeds: int = 1
    """Runs of each, by seeds that count from --seed."""
    quiet: bool = False
    """Show no progress."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    commands = {"controls": Controls}
    prog = "python -m gail.benchmark"
    return run_command(lambda: _controls(tyro.extras.subcommand_cli_from_dict(commands, prog=prog, args=arguments)))


def _controls(arguments: Controls) -> None:
    # Imported here so that --help answers at once.
    from envs.errors import InputError
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


def comparison(summaries: dict[str, list[dict[str, Any]]]) -> str:
    """A line for each who, and whether it fails.

    Args:
        summaries: of the runs with the expert, and of those with each control.
    """
    first = summaries["expert"][0]
    random, expert = (first[who]["return_mean"] for who in ("random", "expert"))
    means = {who: sum(run["agent"]["return_mean"] for run in runs) / len(runs) for who, runs in summaries.items()}
    gained = means["expert"] - random
    lines = [f"expert {expert:,.1f}, random policy {random:,.1f}; agents that were trained with"]
    for who, mean in means.items():
        each = ", ".join(f"{run['agent']['return_mean']:,.1f}" for run in summaries[who])
        verdict = ""
        if who == "expert":
            verdict = "" if gained > 0 else "no better than random: the controls show nothing"
        elif gained > 0:
            verdict = "fails, as it must" if mean - random < FAILED_SHARE * gained else "DOES NOT FAIL"
        lines.append(f"  {who:17} {mean:10,.1f}   ({each})   {verdict}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
