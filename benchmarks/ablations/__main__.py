"""Train with one option changed at a time, and tabulate what each change does.

    python -m benchmarks.ablations --demos DEMOS --logdir LOGDIR --steps LunarLander-v3 300000 HalfCheetah-v5 1000000

DEMOS holds ENV.npz for each environment. Runs that were interrupted are resumed, and those that have ended are not run
again. ``results.json`` gets every run, ``results.md`` the table, in which 0 is a random policy and 1 is the expert.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from benchmarks.ablations.variants import VARIANTS

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Arguments:
    """What to run."""

    demos: Path
    logdir: Path
    steps: dict[str, int]
    """Of each run, by environment."""
    variants: tuple[str, ...] = tuple(VARIANTS)
    seeds: int = 3
    jobs: int = 2
    """Runs at a time, each of which steps its own environments."""
    results: Path = HERE


@dataclass(frozen=True)
class Job:
    """One run."""

    env: str
    variant: str
    seed: int


def train(arguments: Arguments, job: Job) -> dict[str, Any]:
    """One run, started, resumed or found ended; its summary and the returns of its evaluations."""
    name = f"{job.env}/{job.variant.replace(' ', '_')}-s{job.seed}"
    run = arguments.logdir / name
    options = ["--env", job.env, "--seed", str(job.seed), "--total-timesteps", str(arguments.steps[job.env])]
    options += ["--num-workers", "0", "--video-every", "0", *VARIANTS[job.variant].split()]
    if not (run / "summary.json").is_file():
        where = ["--demos", str(arguments.demos / f"{job.env}.npz"), "--logdir", str(arguments.logdir)]
        begun = (run / "config.json").is_file()
        given = ["--resume", str(run)] if begun else [*options, *where, "--run-name", name]
        subprocess.run([sys.executable, "-m", "gail.train", "--quiet", *given], check=True, stdout=subprocess.DEVNULL)
    entries = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    curve = [entry["eval/return_mean"] for entry in entries if "eval/return_mean" in entry]
    command = " ".join(["python -m gail.train --demos", f"{job.env}.npz", *options])
    print(f"{name}: {curve[-1]:,.1f}", file=sys.stderr, flush=True)
    return vars(job) | {"command": command, "curve": curve} | json.loads((run / "summary.json").read_text())


def score(result: dict[str, Any], returns: float) -> float:
    """0 for a random policy's return, 1 for the expert's."""
    random, expert = (result[who]["return_mean"] for who in ("random", "expert"))
    return (returns - random) / (expert - random)


def table(results: list[dict[str, Any]]) -> str:
    """A row a variant: at the end of the run and, in brackets, over all its evaluations; means over seeds."""
    envs = list(dict.fromkeys(result["env"] for result in results))
    rows = [f"| variant | {' | '.join(envs)} |", "| --- |" + " --- |" * len(envs)]
    for variant in dict.fromkeys(result["variant"] for result in results):
        cells = []
        for env in envs:
            runs = [result for result in results if (result["env"], result["variant"]) == (env, variant)]
            last = [score(run, run["agent"]["return_mean"]) for run in runs]
            whole = [score(run, float(np.mean(run["curve"]))) for run in runs]
            cells.append(f"{np.mean(last):.2f} ({np.mean(whole):.2f})" if runs else "")
        rows.append(f"| {variant} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    jobs = [
        Job(env, variant, seed)
        for seed in range(arguments.seeds)
        for variant in arguments.variants
        for env in arguments.steps
    ]
    results = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for result in pool.map(lambda job: train(arguments, job), jobs):
            results.append(result)
            (arguments.results / "results.json").write_text(json.dumps(results, indent=1))
            (arguments.results / "results.md").write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    main()
