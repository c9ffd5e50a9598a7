"""How many real steps imitation takes in dreams, and how many without.

    python -m benchmarks.dream --demos DEMOS

Run it from the top of the checkout; DEMOS holds ENV.npz of each environment. Each learner trains, without cloning,
until an evaluation of 20 episodes comes to 95 % of the expert, where 0 % is a random policy, or its steps are used up.
Steps of random play, which the autoencoder learns from, count. Results go to ``results.json`` (every run), and the
medians to ``results.md``. Runs that the first holds are not repeated.
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

from benchmarks.record import Record
from gail.config import DreamConfig

HERE = Path(__file__).parent
ENOUGH = 0.95
# Evaluated after every round, so that the steps are known to a round.
LEARNERS = {
    "GAIL": ["--eval-every", "2048"],
    "GAIL in dreams": ["--dream", "--eval-every", "256"],
}
MOST_STEPS = {"GAIL": 409_600, "GAIL in dreams": 15_360}
RANDOM_STEPS = {"GAIL": 0, "GAIL in dreams": DreamConfig().real_steps}
ENVS = ("CartPole-v1", "Pendulum-v1", "MountainCar-v0")


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    demos: Path
    seeds: int = 5
    envs: tuple[str, ...] = ENVS
    results: Path = HERE


def bounds(demos: Path, env: str) -> tuple[float, float]:
    """Returns of a random policy and of the expert."""
    command = [sys.executable, "-m", "gail.train", "--env", env, "--algo", "bc", "--bc-epochs", "0", "--quiet"]
    with tempfile.TemporaryDirectory() as logdir:
        subprocess.run(
            [*command, "--demos", str(demos), "--num-demos", "10", "--eval-episodes", "50", "--video-every", "0",
             "--logdir", logdir, "--run-name", "run"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        summary = json.loads((Path(logdir) / "run" / "summary.json").read_text())
    return summary["random"]["return_mean"], summary["expert"]["return_mean"]


def measure(learner: str, env: str, demos: Path, seed: int, target: float) -> dict[str, Any]:
    """One run."""
    options = [
        *("--env", env, "--num-demos", "10", "--seed", str(seed), "--bc-epochs", "0", "--num-workers", "0"),
        *("--total-timesteps", str(MOST_STEPS[learner]), "--video-every", "0", "--target-return", f"{target:.1f}"),
        *LEARNERS[learner],
    ]
    with tempfile.TemporaryDirectory() as logdir:
        where = ["--demos", str(demos), "--logdir", logdir, "--run-name", "run", "--quiet"]
        subprocess.run([sys.executable, "-m", "gail.train", *options, *where], check=True, stdout=subprocess.DEVNULL)
        path = Path(logdir) / "run"
        summary = json.loads((path / "summary.json").read_text())
        entries = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    curve = [(entry["step"], entry["eval/return_mean"]) for entry in entries if "eval/return_mean" in entry]
    return {
        "env": env,
        "learner": learner,
        "seed": seed,
        "command": " ".join(["python -m gail.train", *options]),
        "target": target,
        "reached": curve[-1][1] >= target,
        "steps": summary["steps"] + RANDOM_STEPS[learner],
        "seconds": summary["seconds"],
        "return_mean": summary["agent"]["return_mean"],
        "curve": curve,
    }


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds, in Markdown."""
    rows = [
        "| | real steps to 95 % of the expert | seconds | return then | reached it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for env in ENVS:
        for learner in LEARNERS:
            found = [run for run in runs if (run["env"], run["learner"]) == (env, learner)]
            if found:
                steps, seconds, returns = (
                    statistics.median(run[name] for run in found) for name in ("steps", "seconds", "return_mean")
                )
                most = max(run["steps"] for run in found)
                reached = f"{sum(run['reached'] for run in found)} of {len(found)}"
                figures = f"**{steps:,.0f}** (at most {most:,}) | {seconds:,.0f} | {returns:,.1f} | {reached}"
                rows.append(f"| {env}, {learner} | {figures} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "results.json")
    for env in arguments.envs:
        demos = arguments.demos / f"{env}.npz"
        random, expert = bounds(demos, env)
        target = random + ENOUGH * (expert - random)
        for seed in range(arguments.seeds):
            for learner in LEARNERS:
                if record.begins(env=env, learner=learner, seed=seed):
                    record.add(measure(learner, env, demos, seed, target))
                    (arguments.results / "results.md").write_text(table(record.runs))
    print(table(record.runs))


if __name__ == "__main__":
    main()
