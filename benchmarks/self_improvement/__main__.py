"""What an agent comes to whose expert is half as good as one could be, with self-improvement and without.

    python -m benchmarks.self_improvement --envs CartPole-v1 Pendulum-v1 --seeds 5

Run it from the top of the checkout. For each seed PPO learns by the task's own reward until its return is halfway from
a random policy's to the best, and ten of its episodes are recorded; an expert whose recorded returns are not within 35
and 65 % of the way is passed over. GAIL imitates the others, with the defaults but for its 200,000 steps. Every run is
kept in ``results.json``, and not repeated.
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
from expert_data.formats import load

HERE = Path(__file__).parent
# Returns of a random policy and of the demonstrations that the other benchmarks imitate.
SCALES = {"CartPole-v1": (22.7, 500.0), "Pendulum-v1": (-1230.0, -148.4)}
STEPS = 200_000
ARMS: dict[str, list[str]] = {
    "without": [],
    "by task_reward": ["--self-improvement.by", "task_reward"],
    "by learned_reward": ["--self-improvement.by", "learned_reward"],
}
QUICKLY = ["--num-workers", "0", "--video-every", "0", "--quiet"]


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    envs: tuple[str, ...] = tuple(SCALES)
    seeds: int = 5
    results: Path = HERE


def record(env: str, seed: int, folder: Path) -> Path:
    """Ten episodes of an expert at half of full performance, the first of ten that comes near it."""
    random, full = SCALES[env]
    for trial in range(1000 + 10 * seed, 1010 + 10 * seed):
        run, path = folder / f"expert-{trial}", folder / f"half-{trial}.npz"
        options = ["--algo", "ppo", "--ppo.batch-size", "1024", "--eval-every", "1024", "--seed", str(trial)]
        target = ["--target-return", f"{(random + full) / 2.0:.1f}", *QUICKLY]
        _run("gail.train", ["--env", env, *options, *target, "--logdir", str(folder), "--run-name", run.name])
        _run("gail.record", ["--policy", str(run), "--episodes", "10", "--out", str(path), "--quiet"])
        share = (load(path, None).return_mean - random) / (full - random)
        if 0.35 < share < 0.65:
            return path
    raise RuntimeError(f"no expert of {env} is at half of full performance")


def measure(env: str, arm: str, demos: Path, seed: int, folder: Path) -> dict[str, Any]:
    """One run of imitation."""
    command = ["--env", env, "--total-timesteps", str(STEPS), *ARMS[arm], "--seed", str(seed), *QUICKLY]
    name = arm.replace(" ", "-")
    _run("gail.train", [*command, "--demos", str(demos), "--logdir", str(folder), "--run-name", name])
    summary = json.loads((folder / name / "summary.json").read_text())
    entries = [json.loads(line) for line in (folder / name / "metrics.jsonl").read_text().splitlines()]
    own = [entry["self_improvement/own_episodes"] for entry in entries if "self_improvement/own_episodes" in entry]
    return {
        "env": env,
        "arm": arm,
        "seed": seed,
        "command": " ".join(["python -m gail.train", *command, "--demos half.npz"]),
        "expert": summary["expert"],
        "agent": summary["agent"],
        "own_episodes": own[-1] if own else 0.0,
        "seconds": summary["seconds"],
        "curve": [(entry["step"], entry["eval/return_mean"]) for entry in entries if "eval/return_mean" in entry],
    }


def _run(module: str, arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.DEVNULL)


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds with the lowest and the highest, in Markdown."""
    rows = ["| | expert | agent | better than its expert | agent's own among the episodes imitated |"]
    rows.append("| --- " * 5 + "|")
    for env in SCALES:
        for arm in ARMS:
            found = [run for run in runs if (run["env"], run["arm"]) == (env, arm)]
            if found:
                expert, agent = ([run[who]["return_mean"] for run in found] for who in ("expert", "agent"))
                better = sum(a > e for a, e in zip(agent, expert, strict=True))
                own = statistics.median(run["own_episodes"] for run in found)
                cells = (f"{env}, {arm}", _spread(expert), f"**{_spread(agent)}**", f"{better} of {len(found)}")
                rows.append(f"| {' | '.join(cells)} | {own:.0f} |")
    return "\n".join(rows) + "\n"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.1f} ({min(values):,.1f} to {max(values):,.1f})"


def main() -> None:
    arguments = tyro.cli(Arguments)
    kept = Record(arguments.results / "results.json")
    for seed in range(arguments.seeds):
        for env in arguments.envs:
            missing = [arm for arm in ARMS if kept.begins(env=env, arm=arm, seed=seed)]
            if not missing:
                continue
            with tempfile.TemporaryDirectory() as folder:
                demos = record(env, seed, Path(folder))
                for arm in missing:
                    kept.add(measure(env, arm, demos, seed, Path(folder)))
                    (arguments.results / "results.md").write_text(table(kept.runs))
    print(table(kept.runs))


if __name__ == "__main__":
    main()
