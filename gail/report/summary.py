"""What a run came to, beside what it is measured by."""

import dataclasses
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episodes
from gail.report.diagnosis import Diagnosis
from gail.run import Run

WHO = {"agent": "agent", "expert": "expert (the demonstrations)", "random": "random policy"}


def summarize(
    steps: int,
    seconds: float,
    agent: Episodes,
    random: Episodes,
    demonstrations: Demonstrations | None,
    diagnosis: Diagnosis | None,
    findings: list[str],
) -> dict[str, Any]:
    """Plain values for ``summary.json``.

    Args:
        steps: environment steps taken.
        seconds: that this process took for them, evaluations included.
        agent: fresh episodes of the trained policy.
        random: episodes from the same start states, by random actions.
        demonstrations: the expert's, with the returns of their recording.
        diagnosis: of the agent's episodes beside the expert's.
        findings: what else there is to say, each a sentence.
    """
    summary: dict[str, Any] = {"steps": steps, "seconds": seconds, "agent": _figures(agent)}
    if demonstrations is not None:
        summary["expert"] = _figures(demonstrations)
    if diagnosis is not None:
        summary["diagnosis"] = dataclasses.asdict(diagnosis)
        findings = diagnosis.findings + findings
    return summary | {"findings": findings, "random": _figures(random)}


def print_summary(run: Run) -> None:
    """A table of the returns, the run's folder, and what to do next."""
    summary = run.summary
    assert summary is not None, "the run has ended"
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table(title=f"{run.config.env} after {summary['steps']:,} steps in {summary['seconds']:.0f} seconds")
    for column in ("", "return", "episode length", "episodes"):
        table.add_column(column, justify="left" if not column else "right")
    for who, label in WHO.items():
        if who in summary:
            row = summary[who]
            mean, std = row["return_mean"], row["return_std"]
            spread = "not recorded" if mean is None else f"{mean:,.1f} ± {std:,.1f}"
            table.add_row(label, spread, f"{row['length_mean']:,.1f}", str(row["episodes"]))
    console.print(table)
    for finding in summary.get("findings", []):
        console.print(finding, markup=False)
    console.print(f"run folder:  {run.path}", markup=False)
    console.print(f"look at it:  tensorboard --logdir {run.path}", markup=False)
    console.print(f"try again:   python -m gail.evaluate {run.path} --episodes 20", markup=False)


def _figures(episodes: Episodes) -> dict[str, Any]:
    recorded = episodes.rewards is not None
    return {
        "episodes": len(episodes),
        "return_mean": episodes.return_mean if recorded else None,  # JSON knows no NaN
        "return_std": episodes.return_std if recorded else None,
        "length_mean": episodes.length_mean,
    }
