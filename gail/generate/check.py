"""``gail.generate check``: the gate's table and picture."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agents.atomic import atomic_write
from agents.transitions import Transitions
from envs.errors import RunError
from expert_data.generator.saved import FittedGenerator
from expert_data.quality.gate import MOST, Judgement, Reality, judge, rates
from gail.command import without_chatter
from gail.generate.picture import draw
from gail.generate.reality import opened_reality
from gail.schedule import generator

PICTURE = "gate.png"


def check(folder: Path, seed: int, use: bool) -> None:
    """Judge, print, and write ``gate.json`` and ``gate.png`` beside the generator, and TensorBoard's events.

    With ``use``, what agents learn in it is judged as well.

    Raises:
        InputError: there is no generator in the folder, or it cannot be read.
        RunError: the verdict is 0, so that nothing of it will be used; what it is made of was written.
    """
    with without_chatter():
        found = FittedGenerator.load(folder)
        from gail.report.generated import GeneratorEvents
    reality = opened_reality(found.material, found.description)
    sampled = found.generator.sample(min(MOST, len(reality.held_out)), None, generator(seed, "check"))
    judgement = judge(sampled, reality, seed)
    if use:
        judgement = _with_use(judgement, found, seed)
    _print(found, judgement, reality)
    FittedGenerator.save_gate(folder, to_json(judgement, sampled, reality, seed))
    picture = draw(
        reality.held_out, sampled, found.material.rows, f"{found.description.env_id}, {found.description.kind}"
    )
    with atomic_write(folder / PICTURE) as file:
        file.write(picture)
    events = GeneratorEvents(folder)
    events.judgement(found.description.gan.minibatches, judgement)
    events.picture(found.description.gan.minibatches, picture)
    events.close()
    print(f"the table: {folder / 'gate.json'}, the picture: {folder / PICTURE}")
    if not judgement.verdict > 0.0:
        raise RunError(f"The gate fails the generator in '{folder}', of which nothing will be used.")
    print(f"train by it: python -m gail.train --env {found.description.env_id} --generator.fitted {folder}")


def _with_use(judgement: Judgement, found: FittedGenerator, seed: int) -> Judgement:
    with without_chatter():
        from gail.generate.use import options, used
    returns = used(found, options(found, seed))
    first, second = returns.real
    print(
        f"Returns of agents, by the task's own reward: {returns.generated:,.1f} of one that learned in the generator's "
        f"environment, {first:,.1f} and {second:,.1f} of two in the real one, {returns.random:,.1f} by chance."
    )
    if returns.line is None:
        print("One of those in the real one gained nothing in so few steps, so that use cannot be told.")
        return judgement
    return dataclasses.replace(judgement, lines=[*judgement.lines, returns.line])


def to_json(judgement: Judgement, sampled: Transitions, reality: Reality, seed: int) -> dict[str, Any]:
    """Plain values."""
    lines = {
        line.name: {
            "value": line.value, "real": line.real, "passes": line.level.passes, "worthless": line.level.worthless,
            "beyond_real": line.level.beyond_real, "score": line.score, "passed": line.passed,
        }
        for line in judgement.lines
    }  # fmt: skip
    return {
        "verdict": judgement.verdict,
        "failed": judgement.failed,
        "synthetic": judgement.synthetic,
        "held_out": judgement.held_out,
        "simulator": reality.truth is not None,
        "seed": seed,
        "lines": lines,
        "rates": {"real": rates(reality.held_out, reality.situations), "synthetic": rates(sampled, reality.situations)},
    }


def _print(found: FittedGenerator, judgement: Judgement, reality: Reality) -> None:
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    title = f"{found.description.kind} of {found.description.env_id}: {judgement.synthetic:,} synthetic transitions"
    table = Table(title=f"{title} beside {judgement.held_out:,} real ones that it has not seen")
    for name in ("", "synthetic", "real", "to pass", "score"):
        table.add_column(name, justify="right" if name else "left")
    for line in judgement.lines:
        level = line.level
        bound = "≤" if level.worthless > level.passes else "≥"
        asked = f"{bound} {level.passes:g}{' beyond real' if level.beyond_real else ''}"
        mark = "" if line.passed else " fails"
        table.add_row(level.means, f"{line.value:.3f}", f"{line.real:.3f}", asked, f"{line.score:.2f}{mark}")
    console.print(table)
    if judgement.held_out < MOST:
        console.print(
            f"There are fewer than {MOST:,} real transitions to judge by; with more, differences show sooner."
        )
    too_few = [line.name for line in judgement.lines if line.level.score(line.real, line.real) < 1.0]
    if too_few:
        console.print(f"Real ones in its place fail as well ({', '.join(too_few)}): there are too few to judge by.")
    if reality.truth is None:
        console.print(
            "The simulator cannot be put back to a step, so that errors are told by the most similar real one."
        )
    sentence = "every line passed" if not judgement.failed else f"failed: {', '.join(judgement.failed)}"
    console.print(f"verdict: {judgement.verdict:.2f} ({sentence})")
