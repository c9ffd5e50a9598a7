"""What the gate says of every generator, beside real transitions in its place.

    python -m benchmarks.generator --demos DEMOS

Run it from the top of the checkout; DEMOS holds ENV.npz for each environment. Each generator is fitted to all
demonstrations of the file and 10,000 steps of random play, and checked, five times. Every table goes to
``results.json``, medians to ``results.md``. Fits that the first holds are not repeated.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from benchmarks.record import Record
from expert_data.generator.config import Kind
from expert_data.quality.levels import LEVELS

HERE = Path(__file__).parent
LINES = [name for name in LEVELS if name != "use"]
KINDS: tuple[Kind, ...] = ("gan", "mixture", "noise", "naive_bayes", "world_model")  # in turn, the slowest last
ENVS = ("CartPole-v1", "Pendulum-v1", "Hopper-v5")


@dataclass(frozen=True)
class Arguments:
    """What is to be checked."""

    demos: Path
    seeds: int = 5
    envs: tuple[str, ...] = ENVS
    results: Path = HERE


def measure(env: str, kind: str, demos: Path, seed: int) -> dict[str, Any]:
    """One generator."""
    fit = ["fit", "--env", env, "--kind", kind, "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "generator")
        _run([*fit, "--demos", str(demos), "--quiet", "--out", out])
        _run(["check", out, "--seed", str(seed)], allowed=(0, 1))
        gate = json.loads((Path(out) / "gate.json").read_text())
    return {
        "env": env,
        "kind": kind,
        "seed": seed,
        "command": " ".join(["python -m gail.generate", *fit]),
        "gate": gate,
    }


def _run(arguments: list[str], allowed: tuple[int, ...] = (0,)) -> None:
    command = [sys.executable, "-m", "gail.generate", *arguments]
    status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    if status not in allowed:
        raise SystemExit(f"{' '.join(command)} ended with status {status}.")


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds with the lowest and the highest, in Markdown."""
    names = ["verdict", *LINES]
    rows = [f"| | seeds | {' | '.join(names)} |", "| --- | --- |" + " --- |" * len(names)]
    for env in ENVS:
        found = [run for run in runs if run["env"] == env]
        if not found:
            continue
        for kind in KINDS:
            mine = [run["gate"] for run in found if run["kind"] == kind]
            if mine:
                verdicts = _spread([gate["verdict"] for gate in mine], bold=False)
                cells = [_cell([gate["lines"][name] for gate in mine]) for name in LINES]
                rows.append(f"| {env}, {kind} | {len(mine)} | {verdicts} | {' | '.join(cells)} |")
        real = [_spread([run["gate"]["lines"][name]["real"] for run in found], bold=False) for name in LINES]
        rows.append(f"| {env}, real | {len(found)} | | {' | '.join(real)} |")
    return "\n".join(rows) + "\n"


def _cell(lines: list[dict[str, Any]]) -> str:
    """Bold where it passed with most seeds."""
    passed = float(np.mean([line["passed"] for line in lines])) > 0.5
    return _spread([line["value"] for line in lines], bold=passed)


def _spread(values: list[float], bold: bool) -> str:
    median = f"{np.median(values):.2f}"
    return f"{f'**{median}**' if bold else median} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "results.json")
    for kind in KINDS:
        for seed in range(arguments.seeds):
            for env in arguments.envs:
                if record.begins(env=env, kind=kind, seed=seed):
                    record.add(measure(env, kind, arguments.demos / f"{env}.npz", seed))
                    (arguments.results / "results.md").write_text(table(record.runs))
    print(table(record.runs))


if __name__ == "__main__":
    main()
