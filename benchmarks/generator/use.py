"""The gate's line of use: what an agent that learns in a generator gains of what agents gain in the real environment.

    python -m benchmarks.generator.use --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz. Generators are those of
`benchmarks.generator.pretraining`, of ten demonstrations and 1,000 steps of random play, and their benefit is from its
``pretraining.json``. Every gate goes to ``use.json``, and those that it holds are not repeated.
"""

import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro
from scipy.stats import spearmanr

from benchmarks.generator.pretraining import ENV, FIT, GRADED, benefit, benefits, call
from benchmarks.record import Record
from gail import generate

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Arguments:
    """What is to be checked."""

    demos: Path
    seeds: int = 5
    generators: tuple[str, ...] = tuple(sorted(GRADED, key="mixture".__ne__))
    results: Path = HERE


def measure(name: str, demos: Path, seed: int) -> dict[str, Any]:
    """One generator."""
    fit = [*FIT, *GRADED[name], "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "generator")
        call(generate.main, ["fit", *fit, "--demos", str(demos), "--quiet", "--out", out])
        call(generate.main, ["check", out, "--use", "--seed", str(seed)], allowed=(0, 1))
        gate = json.loads((Path(out) / "gate.json").read_text())
    return {"generator": name, "seed": seed, "fit": " ".join(["python -m gail.generate fit", *fit]), "gate": gate}


def table(runs: list[dict[str, Any]]) -> str:
    """Means over seeds, in Markdown, and how use and benefit are correlated."""
    names = ["seeds", "lowest of the ten other scores", "use", "use of the lesser of two real agents", "benefit"]
    rows = [f"| {ENV} | {' | '.join(names)} |", "| --- " * 6 + "|"]
    lessons = json.loads((HERE / "pretraining.json").read_text())
    gains, points = benefits(lessons), []
    for name, (_, gain) in gains.items():
        found = [run["gate"]["lines"] for run in runs if run["generator"] == name and "use" in run["gate"]["lines"]]
        if not found:
            continue
        others = [min(line["score"] for key, line in lines.items() if key != "use") for lines in found]
        use, real = ([lines["use"][side] for lines in found] for side in ("value", "real"))
        points.append((statistics.mean(use), gain))
        told = " | ".join(f"{statistics.mean(values):.2f}" for values in (others, use, real))
        rows.append(f"| {name} | {len(found)} | {told} | {gain:+.2f} |")
    if len(points) < 3:
        return "\n".join(rows) + "\n"
    correlation: Any = spearmanr(points)
    told = f"Rank correlation of use and benefit: {correlation.statistic:.2f} of {len(points)} generators"
    return "\n".join(rows) + f"\n\n{told} (p = {correlation.pvalue:.2g})\n" + of_single_runs(runs, lessons)


def of_single_runs(runs: list[dict[str, Any]], lessons: list[dict[str, Any]]) -> str:
    """The same without means over seeds, beside that of the verdict."""
    told = [(run, run["gate"]["lines"]["use"]["value"]) for run in runs if "use" in run["gate"]["lines"]]
    uses = {(run["generator"], run["seed"]): use for run, use in told}
    asked = [run for run in lessons if (run["graded"], run["seed"]) in uses]
    gains = [benefit(run, lessons) for run in asked]
    sides = [uses[run["graded"], run["seed"]] for run in asked], [run["verdict"] for run in asked]
    correlations: list[Any] = [spearmanr(side, gains) for side in sides]
    use, verdict = (f"{each.statistic:.2f}" for each in correlations)
    return f"\nOf {len(asked)} single runs it is {use}, and that of verdict and benefit {verdict}.\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "use.json")
    for seed in range(arguments.seeds):
        for name in arguments.generators:
            if record.begins(generator=name, seed=seed):
                record.add(measure(name, arguments.demos / f"{ENV}.npz", seed))
                (arguments.results / "use.md").write_text(table(record.runs))
    print(table(record.runs))


if __name__ == "__main__":
    main()
