"""One demonstration subsampled 1 in 20: GAIL with and without synthetic expert data.

    python -m benchmarks.generator.few_demonstrations --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz. Of one demonstration of 500 steps 25 transitions are
shown. A generator is fitted to the very same, and checked; GAIL with its defaults, cloning included, learns from them
and, with a generator, from 100 synthetic ones besides. What the gate says is written down and then overwritten by a
verdict of 1, so that a run tells what the synthetic ones are worth: one whose verdict is 0 would have been the run
without. Every run goes to ``few_demonstrations.json``, and runs that it holds are not repeated.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from benchmarks.generator.pretraining import ENV, ROUND, TARGET, call, evaluations, spread
from benchmarks.record import Record
from gail import generate, train

HERE = Path(__file__).parent
MOST_STEPS = 20_480
SHOWN = ["--env", ENV, "--num-demos", "1", "--subsample", "20"]
TRAIN = [
    *("--num-workers", "0", "--eval-every", str(ROUND), "--total-timesteps", str(MOST_STEPS), "--video-every", "0"),
]
ARMS = {"without": None, "noise": "noise", "mixture": "mixture"}


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    demos: Path
    seeds: int = 5
    results: Path = HERE


def measure(arm: str, demos: Path, seed: int) -> dict[str, Any]:
    """One run."""
    where, gate = ["--demos", str(demos), "--quiet"], None
    options, fit = [*SHOWN, *TRAIN, "--seed", str(seed)], None
    with tempfile.TemporaryDirectory() as folder:
        generator = Path(folder) / "generator"
        if ARMS[arm]:
            fit = [*SHOWN, "--only-demos", "--kind", ARMS[arm], "--seed", str(seed)]
            call(generate.main, ["fit", *fit, *where, "--out", str(generator)])
            call(generate.main, ["check", str(generator), "--seed", str(seed)], allowed=(0, 1))
            gate = json.loads((generator / "gate.json").read_text())
            (generator / "gate.json").write_text(json.dumps(gate | {"verdict": 1.0}))
            options += ["--generator.expert-share", "0.8"]
            where += ["--generator.expert", str(generator)]
        call(train.main, [*options, *where, "--logdir", folder, "--run-name", "run"])
        summary = json.loads((Path(folder) / "run" / "summary.json").read_text())
        curve = evaluations(Path(folder) / "run")
    return {
        "arm": arm,
        "seed": seed,
        "fit": None if fit is None else " ".join(["python -m gail.generate fit", *fit]),
        "command": " ".join(["python -m gail.train", *options]),
        "gate": gate,
        "return_mean": summary["agent"]["return_mean"],
        "curve": curve,
    }


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds with the lowest and the highest, in Markdown."""
    names = ["verdict", "lines failed by real ones, too", "first evaluation", "steps to 90 % of the expert"]
    rows = [f"| {ENV}, 25 transitions | {' | '.join([*names, 'reached it', 'return at the end'])} |"]
    rows += ["| --- " * 7 + "|"]
    for arm in ARMS:
        found = [run for run in runs if run["arm"] == arm]
        if not found:
            continue
        gates = [run["gate"] for run in found if run["gate"]]
        steps = [next((step for step, value in run["curve"] if value >= TARGET), None) for run in found]
        cells = [
            spread([gate["verdict"] for gate in gates], 2) if gates else "",
            spread([failed_by_real(gate) for gate in gates], 0) if gates else "",
            spread([run["curve"][0][1] for run in found], 1),
            spread([MOST_STEPS if step is None else step for step in steps], 0),
            f"{sum(step is not None for step in steps)} of {len(found)}",
            spread([run["return_mean"] for run in found], 1),
        ]
        rows.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def failed_by_real(gate: dict[str, Any]) -> int:
    """Lines of the gate that real transitions in the generator's place do not pass either."""
    count = 0
    for line in gate["lines"].values():
        value = 0.0 if line["beyond_real"] else line["real"]
        sign = 1.0 if line["worthless"] > line["passes"] else -1.0
        count += sign * value > sign * line["passes"]
    return count


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "few_demonstrations.json")
    for seed in range(arguments.seeds):
        for arm in ARMS:
            if record.begins(arm=arm, seed=seed):
                record.add(measure(arm, arguments.demos / f"{ENV}.npz", seed))
                (arguments.results / "few_demonstrations.md").write_text(table(record.runs))
    print(table(record.runs))


if __name__ == "__main__":
    main()
