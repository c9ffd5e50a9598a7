"""By which columns a classifier tells Hopper's GAN from real steps.

    python -m benchmarks.generator.told_apart --demos DEMOS

Run it from the top of the checkout; DEMOS holds Hopper-v5.npz. A GAN is fitted and sampled as for the gate's table,
and judged by the gate's own classifier, which sees every column; where the step was taken and its action alone, and
with them one column of what came of it; and every column again, of which one is as the simulator makes it, put back to
where the step was taken. Every seed goes to ``told_apart.json``, and the medians to ``told_apart.md``. Seeds that the
first holds are not repeated.
"""

import dataclasses
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from threadpoolctl import threadpool_limits

from benchmarks.record import Record
from expert_data.generator.saved import FittedGenerator
from expert_data.quality.gate import BLUR, MOST
from expert_data.quality.two_sample import classifier_accuracy
from gail.generate.reality import opened_reality
from gail.schedule import generator

HERE = Path(__file__).parent
ENV = "Hopper-v5"
# Of observations, in their order (https://gymnasium.farama.org/environments/mujoco/hopper).
NAMES = (
    "height", "torso angle", "thigh angle", "leg angle", "foot angle", "speed forward", "speed upward",
    "torso angular speed", "thigh angular speed", "leg angular speed", "foot angular speed",
)  # fmt: skip


@dataclass(frozen=True)
class Arguments:
    """What is to be looked at."""

    demos: Path
    seeds: int = 5
    results: Path = HERE


def measure(demos: Path, seed: int) -> dict[str, Any]:
    """One GAN."""
    fit = ["fit", "--env", ENV, "--kind", "gan", "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "generator"
        command = [sys.executable, "-m", "gail.generate", *fit, "--demos", str(demos), "--quiet", "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = FittedGenerator.load(out)
    reality = opened_reality(found.material, found.description)
    count = min(MOST, len(reality.held_out))
    sampled = found.generator.sample(count, None, generator(seed, "check"))
    assert reality.truth is not None, "MuJoCo can be put back"
    assert sampled.actions is not None, "the rows have them"
    after = reality.truth(sampled.observations, sampled.actions).astype(np.float32)
    real, made, true = (
        reality.rows(steps)
        for steps in (reality.held_out, sampled, dataclasses.replace(sampled, next_observations=after))
    )
    inputs, rng = reality.rows.num_inputs, np.random.default_rng(seed)
    real_noise, noise = (BLUR * rng.standard_normal(rows.shape) for rows in (real, made))  # as the gate has it

    def accuracy(rows: np.ndarray, columns: slice | list[int] = slice(None)) -> float:
        with threadpool_limits(1):
            return round(classifier_accuracy((real + real_noise)[:, columns], (rows + noise)[:, columns], seed), 3)

    columns = {}
    for k, name in enumerate(NAMES):
        repaired = made.copy()
        repaired[:, inputs + k] = true[:, inputs + k]
        columns[name] = {
            "alone": accuracy(made, [*range(inputs), inputs + k]),
            "repaired": accuracy(repaired),
            "error": round(float(np.sqrt(np.mean((made - true)[:, inputs + k] ** 2))), 3),
        }
    return {
        "seed": seed,
        "command": " ".join(["python -m gail.generate", *fit]),
        "before_the_step": accuracy(made, [*range(inputs)]),
        "all": accuracy(made),
        "all_repaired": accuracy(np.concatenate([true[:, :-1], made[:, -1:]], -1)),
        "columns": columns,
    }


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds, in Markdown, the columns that are told apart best first."""
    rows = ["| what changes | seen alone | all seen, this one true | error, in deviations |", "| --- " * 4 + "|"]
    medians = {
        name: [float(np.median([run["columns"][name][key] for run in runs])) for key in ("alone", "repaired", "error")]
        for name in NAMES
    }
    for name, values in sorted(medians.items(), key=lambda item: -item[1][0]):
        rows.append(f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |")
    seen, repaired, before = (
        float(np.median([run[key] for run in runs])) for key in ("all", "all_repaired", "before_the_step")
    )
    rows.append(f"| all of them | {seen:.2f} | {repaired:.2f} | |")
    rows.append(f"| nothing, only where the step was taken | {before:.2f} | | |")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "told_apart.json")
    for seed in range(arguments.seeds):
        if record.begins(seed=seed):
            record.add(measure(arguments.demos / f"{ENV}.npz", seed))
            (arguments.results / "told_apart.md").write_text(table(record.runs))
    print(table(record.runs))


if __name__ == "__main__":
    main()
