"""How many real steps imitation takes with lessons in generated episodes, and how many without.

    python -m benchmarks.generator.pretraining --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz. For each seed a GAN is fitted to ten demonstrations
and 1,000 steps of random play, which count, and checked. Without cloning, GAIL trains until an evaluation of 20
episodes, every 2,048 steps, comes to 90 % of the expert's 500, where a random policy's 22.7 is 0 %, or 40,960 steps
are used up. Every run goes to ``pretraining.json``, and runs that it holds are not repeated.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

HERE = Path(__file__).parent
ENV = "CartPole-v1"
TARGET = 22.7 + 0.9 * (500.0 - 22.7)
RANDOM_STEPS = 1000
FIT = ["--env", ENV, "--num-demos", "10", "--random-steps", str(RANDOM_STEPS), "--gan.minibatches", "2000"]
TRAIN = [
    *("--env", ENV, "--num-demos", "10", "--bc-epochs", "0", "--num-workers", "0", "--eval-every", "2048"),
    *("--target-return", f"{TARGET:.1f}", "--total-timesteps", "40960", "--video-every", "0"),
]
LESSONS = ["--generator.share", "0.8", "--generator.pretraining-rounds", "6"]
ARMS = ("without", "with")


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    demos: Path
    seeds: int = 5
    results: Path = HERE


def measure(arm: str, demos: Path, seed: int) -> dict[str, Any]:
    """One run."""
    where, verdict = ["--demos", str(demos), "--quiet"], None
    options = [*TRAIN, "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if arm == "with":
            generator = str(path / "generator")
            fit = [*FIT, "--seed", str(seed), *where, "--out", generator]
            for command in (["fit", *fit], ["check", generator, "--seed", str(seed)]):
                _run("gail.generate", command)
            verdict = json.loads((path / "generator" / "gate.json").read_text())["verdict"]
            options += LESSONS
            where += ["--generator.fitted", generator]
        _run("gail.train", [*options, *where, "--logdir", folder, "--run-name", "run"])
        summary = json.loads((path / "run" / "summary.json").read_text())
        entries = [json.loads(line) for line in (path / "run" / "metrics.jsonl").read_text().splitlines()]
    curve = [(entry["step"], entry["eval/return_mean"]) for entry in entries if "eval/return_mean" in entry]
    return {
        "arm": arm,
        "seed": seed,
        "fit": None if arm == "without" else " ".join(["python -m gail.generate fit", *FIT, "--seed", str(seed)]),
        "command": " ".join(["python -m gail.train", *options]),
        "verdict": verdict,
        "reached": curve[-1][1] >= TARGET,
        "steps": summary["steps"] + (RANDOM_STEPS if arm == "with" else 0),
        "seconds": summary["seconds"],
        "return_mean": summary["agent"]["return_mean"],
        "curve": curve,
    }


def _run(module: str, arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.DEVNULL)


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds, in Markdown."""
    rows = ["| | real steps to 90 % of the expert | seconds | return then | reached it |", "| --- " * 5 + "|"]
    for arm in ARMS:
        found = [run for run in runs if run["arm"] == arm]
        if found:
            steps = [run["steps"] for run in found]
            seconds, returns = (statistics.median(run[name] for run in found) for name in ("seconds", "return_mean"))
            reached = f"{sum(run['reached'] for run in found)} of {len(found)}"
            spread = f"**{statistics.median(steps):,.0f}** ({min(steps):,} to {max(steps):,})"
            rows.append(f"| {ENV}, {arm} generated episodes | {spread} | {seconds:,.0f} | {returns:,.1f} | {reached} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    path = arguments.results / "pretraining.json"
    runs: list[dict[str, Any]] = json.loads(path.read_text()) if path.is_file() else []
    for seed in range(arguments.seeds):
        for arm in ARMS:
            if any((run["arm"], run["seed"]) == (arm, seed) for run in runs):
                continue
            print(f"{arm}, seed {seed}", file=sys.stderr, flush=True)
            runs.append(measure(arm, arguments.demos / f"{ENV}.npz", seed))
            path.write_text(json.dumps(runs, indent=1))
            (arguments.results / "pretraining.md").write_text(table(runs))
    print(table(runs))


if __name__ == "__main__":
    main()
