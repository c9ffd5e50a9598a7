"""What lessons in generated episodes are worth, beside as many gradient steps without them.

    python -m benchmarks.generator.pretraining --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz. For each seed a generator is fitted to ten
demonstrations and 1,000 steps of random play, which count, and checked. Without cloning, GAIL trains for 40,960 steps,
with an evaluation of 20 episodes every 2,048. The arms are those of `ARMS`, and with each of `GRADED`, generators of
graded quality, the verdict in the run's copy of ``gate.json`` is overwritten by 1, so that every one gives as many
lessons and a run tells what they are worth, whatever the gate says of them; these runs are given up after the rounds
that have lessons. Every run goes to ``pretraining.json``, and runs that it holds are not repeated. The commands are
called in one process, where TensorFlow is loaded once.
"""

import contextlib
import io
import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from scipy.stats import spearmanr

from agents.policy import load_policy
from benchmarks.generator import lessons
from benchmarks.record import Record
from envs.actions import ActionSpec
from envs.make import make_single
from envs.resettable import Resettable
from gail import generate
from gail.config import DiscriminatorConfig, GeneratorConfig, PPOConfig
from gail.pretraining import lessons_until

HERE = Path(__file__).parent
ENV = "CartPole-v1"
RANDOM, EXPERT = 22.7, 500.0
TARGET = RANDOM + 0.9 * (EXPERT - RANDOM)
ROUND, MOST_STEPS, RANDOM_STEPS = 2048, 40_960, 1000
RARE_AFTER = 5000  # real steps, after which the rare episodes are looked at
SHARE, ROUNDS = 0.8, 6
# Of the six rounds in which there are lessons, so many times the gradient steps.
FACTOR = 1.0 + lessons_until(ROUNDS, 1.0, GeneratorConfig(share=SHARE, pretraining_rounds=ROUNDS)) / ROUNDS
FIT = ["--env", ENV, "--num-demos", "10", "--random-steps", str(RANDOM_STEPS)]
TRAIN = [
    *("--env", ENV, "--num-demos", "10", "--bc-epochs", "0", "--num-workers", "0", "--eval-every", str(ROUND)),
    *("--total-timesteps", str(MOST_STEPS), "--video-every", "0"),
]
LESSONS = ["--generator.share", str(SHARE), "--generator.pretraining-rounds", str(ROUNDS)]
EPOCHS = [
    *("--ppo.epochs", str(round(FACTOR * PPOConfig().epochs))),
    *("--discriminator.epochs", str(round(FACTOR * DiscriminatorConfig().epochs))),
]
GAN = ["--kind", "gan", "--gan.minibatches"]
MORE_EPOCHS = "without, more epochs"
ARMS = {
    "without": [],
    "without, each rollout as often": ["--again", *LESSONS],
    MORE_EPOCHS: EPOCHS,
    "with": LESSONS,
}
GRADED = {
    "GAN": [*GAN, "2000"],
    "GAN, 300 gradient steps": [*GAN, "300"],
    "GAN, 30 gradient steps": [*GAN, "30"],
    "mixture": ["--kind", "mixture"],
    "noise": ["--kind", "noise"],
    "naive Bayes": ["--kind", "naive_bayes"],
    "world model, 1,000 gradient steps": ["--kind", "world_model", "--gan.minibatches", "1000"],
}


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    demos: Path
    seeds: int = 5
    graded_seeds: int = 5
    results: Path = HERE


def measure(arm: str, demos: Path, seed: int, graded: str | None) -> dict[str, Any]:
    """One run of an arm, or with lessons of a graded generator."""
    where, verdict = ["--demos", str(demos), "--quiet"], None
    options = [*([*LESSONS, "--end", str(ROUNDS)] if graded else ARMS[arm]), *TRAIN, "--seed", str(seed)]
    fit = [*FIT, *GRADED[graded or "GAN"], "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if arm == "with":
            generator = path / "generator"
            call(generate.main, ["fit", *fit, *where, "--out", str(generator)])
            call(generate.main, ["check", str(generator), "--seed", str(seed)], allowed=(0, 1))
            gate = json.loads((generator / "gate.json").read_text())
            verdict = gate["verdict"]
            if graded:
                (generator / "gate.json").write_text(json.dumps(gate | {"verdict": 1.0}))
            where += ["--generator.fitted", str(generator)]
        train = [str(path / "policies"), *options, *where, "--logdir", folder, "--run-name", "run"]
        call(lessons.main, train)
        curve = evaluations(path / "run")
        figures = {} if graded else figures_of_end(path, RANDOM_STEPS if arm == "with" else 0)
    return {
        "arm": arm,
        "graded": graded,
        "seed": seed,
        "fit": " ".join(["python -m gail.generate fit", *fit]) if arm == "with" else None,
        "command": " ".join(["python -m benchmarks.generator.lessons policies", *options]),
        "verdict": verdict,
        "curve": curve,
        **figures,
    }


def figures_of_end(path: Path, before: int) -> dict[str, Any]:
    """Of a run that has ended, and of the policy after `RARE_AFTER` steps, ``before`` of them before the run."""
    rounds = min(range(MOST_STEPS // ROUND), key=lambda rounds: abs(rounds * ROUND + before - RARE_AFTER))
    summary = json.loads((path / "run" / "summary.json").read_text())
    return {
        "seconds": summary["seconds"],
        "return_mean": summary["agent"]["return_mean"],
        "rare_steps": rounds * ROUND + before,
        "rare": rare_return(path / "policies" / str(rounds)),
        "rare_at_the_end": rare_return(path / "run" / "policy"),
    }


def steps_to_target(run: dict[str, Any]) -> int | None:
    """Real steps, those of random play before included, until an evaluation came to `TARGET`; None if none did."""
    before = RANDOM_STEPS if run["arm"] == "with" else 0
    return next((step + before for step, value in run["curve"] if value >= TARGET), None)


def rare_starts() -> np.ndarray:
    """``[50, 4]``: the pole leans by 0.6 to 0.9 of the angle that ends the task, or the cart is so far out; at rest."""
    rng = np.random.default_rng(0)
    near = rng.choice([-1.0, 1.0], 50) * rng.uniform(0.6, 0.9, 50)
    starts = np.zeros((50, 4), np.float32)
    starts[:25, 0], starts[:25, 2] = rng.uniform(-1.2, 1.2, 25), near[:25] * 0.2095  # m and rad
    starts[25:, 0], starts[25:, 2] = near[25:] * 2.4, rng.uniform(-0.05, 0.05, 25)
    return starts


def rare_return(folder: Path) -> float:
    """Mean return of a policy by its most likely actions in episodes that begin at `rare_starts`."""
    policy, env = load_policy(folder), make_single(ENV)
    simulator, returns = Resettable(env, ActionSpec.of(env.action_space)), []
    for start in rare_starts():
        episode, observation, total, done = simulator.begin(start), start, 0.0, False
        while not done:
            observation, reward, terminated, truncated, _ = episode.step(policy.act(observation))
            total, done = total + float(reward), terminated or truncated
        returns.append(total)
    simulator.close()
    return float(np.mean(returns))


def call(command: Callable[[list[str]], int], arguments: list[str], allowed: tuple[int, ...] = (0,)) -> None:
    """Run a command in this process, and end where its status is not among those allowed."""
    with contextlib.redirect_stdout(io.StringIO()):
        status = command(arguments)
    if status not in allowed:
        raise SystemExit(f"{' '.join(arguments)} ended with status {status}.")


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds with the lowest and the highest, in Markdown."""
    names = ["real steps to 90 % of the expert", "reached it", "return at the end"]
    names += ["rare episodes after 5,000 steps", "rare episodes at the end"]
    rows = [f"| {ENV} | {' | '.join(names)} |", "| --- " * 6 + "|"]
    for arm in ARMS:
        found = [run for run in runs if run["arm"] == arm and not run["graded"]]
        if found:
            steps = [steps_to_target(run) for run in found]
            cells = [
                spread([MOST_STEPS if step is None else step for step in steps], 0),
                f"{sum(step is not None for step in steps)} of {len(found)}",
                *(spread([run[name] for run in found], 1) for name in ("return_mean", "rare", "rare_at_the_end")),
            ]
            rows.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def graded_table(runs: list[dict[str, Any]]) -> str:
    """Means over seeds of the verdict and of the benefit, in Markdown, and how the two are correlated."""
    rows = ["| CartPole-v1, lessons by | seeds | verdict | benefit |", "| --- " * 4 + "|"]
    points = benefits(runs)
    for name, (verdict, gain) in points.items():
        seeds = sum(run["graded"] == name for run in runs)
        rows.append(f"| {name} | {seeds} | {verdict:.2f} | {gain:+.2f} |")
    if len(points) < 3:
        return ""
    correlation: Any = spearmanr(list(points.values()))
    told = f"Rank correlation of verdict and benefit: {correlation.statistic:.2f} of {len(points)} generators"
    return "\n".join(rows) + f"\n\n{told} (p = {correlation.pvalue:.2g})\n"


def benefits(runs: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Of each graded generator, means over seeds of the verdict and of the `benefit`."""
    points = {}
    for name in GRADED:
        found = [run for run in runs if run["graded"] == name]
        if found:
            verdict, gain = [run["verdict"] for run in found], [benefit(run, runs) for run in found]
            points[name] = statistics.mean(verdict), statistics.mean(gain)
    return points


def benefit(run: dict[str, Any], runs: list[dict[str, Any]]) -> float:
    """Of lessons: the mean evaluation in the rounds that have them less that of the same seed without.

    On the scale where a random policy has 0 and the expert 1; `RANDOM_STEPS` are on top.
    """
    without = next(other for other in runs if other["arm"] == "without" and other["seed"] == run["seed"])
    early = [statistics.mean(value for _, value in each["curve"][:ROUNDS]) for each in (run, without)]
    return (early[0] - early[1]) / (EXPERT - RANDOM)


def spread(values: list[float], digits: int) -> str:
    """Median, lowest and highest."""
    median, low, high = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"**{median}** ({low} to {high})"


def evaluations(run: Path) -> list[tuple[int, float]]:
    """Steps and mean returns."""
    entries = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [(entry["step"], entry["eval/return_mean"]) for entry in entries if "eval/return_mean" in entry]


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "pretraining.json")
    wanted = [(arm, seed, None) for seed in range(arguments.seeds) for arm in ARMS if arm != MORE_EPOCHS]
    wanted += [("with", seed, name) for seed in range(arguments.graded_seeds) for name in GRADED]
    wanted += [(MORE_EPOCHS, seed, None) for seed in range(arguments.seeds)]
    for arm, seed, graded in wanted:
        if record.begins(arm=arm, seed=seed, graded=graded):
            record.add(measure(arm, arguments.demos / f"{ENV}.npz", seed, graded))
            (arguments.results / "pretraining.md").write_text(table(record.runs))
            (arguments.results / "graded.md").write_text(graded_table(record.runs))
    print(table(record.runs) + "\n" + graded_table(record.runs))


if __name__ == "__main__":
    main()
