"""Train with nothing but ``--env`` and ``--demos``, for several seeds, and tabulate what the agents came to.

    python -m benchmarks.defaults --demos DEMOS --logdir LOGDIR --envs CartPole-v1 MountainCar-v0 Hopper-v5

DEMOS holds ENV.npz for each environment. Runs that were interrupted are resumed, and those that have ended are not run
again. ``results.json`` gets every run, ``results.md`` the table.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Arguments:
    """What to run."""

    demos: Path
    logdir: Path
    envs: tuple[str, ...]
    seeds: int = 3
    results: Path = HERE


def train(arguments: Arguments, env: str, seed: int) -> dict[str, Any]:
    """One run, started, resumed or found ended; its command and summary."""
    name = f"{env}-s{seed}"
    run = arguments.logdir / name
    options = ["--env", env, "--demos", str(arguments.demos / f"{env}.npz"), "--seed", str(seed)]
    if not (run / "summary.json").is_file():
        begun = (run / "config.json").is_file()
        where = ["--logdir", str(arguments.logdir), "--run-name", name]
        given = ["--resume", str(run)] if begun else [*options, *where]
        subprocess.run([sys.executable, "-m", "gail.train", *given], check=True)
    summary = json.loads((run / "summary.json").read_text())
    return {"command": f"python -m gail.train --env {env} --demos {env}.npz --seed {seed}", "env": env, **summary}


def table(results: list[dict[str, Any]]) -> str:
    """A row an environment: means over seeds, and each seed's mean over its episodes."""
    rows = ["| environment | steps | seconds | agent, each seed | agent | expert | random |", "| --- |" + " --- |" * 6]
    for env in dict.fromkeys(result["env"] for result in results):
        runs = [result for result in results if result["env"] == env]
        means = [run["agent"]["return_mean"] for run in runs]
        each = ", ".join(f"{mean:,.1f}" for mean in means)
        seconds = np.mean([run["seconds"] for run in runs])
        first = runs[0]
        expert, random = (f"{first[who]['return_mean']:,.1f}" for who in ("expert", "random"))
        row = (env, f"{first['steps']:,}", f"{seconds:,.0f}", each, f"**{np.mean(means):,.1f}**", expert, random)
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    results = []
    for env in arguments.envs:
        for seed in range(arguments.seeds):
            results.append(train(arguments, env, seed))
            (arguments.results / "results.json").write_text(json.dumps(results, indent=1))
            (arguments.results / "results.md").write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    main()
