"""What is told of generated experience is what was measured."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.generator import __main__ as gates
from benchmarks.generator import few_demonstrations, pretraining, told_apart, use

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "benchmarks" / "generator"
RANKED = ("graded.md", "use.md")
README = (FOLDER / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "runs", "table"),
    [
        ("results", "results", gates.table),
        ("pretraining", "pretraining", pretraining.table),
        ("graded", "pretraining", pretraining.graded_table),
        ("few_demonstrations", "few_demonstrations", few_demonstrations.table),
        ("use", "use", use.table),
        ("told_apart", "told_apart", told_apart.table),
    ],
)
def test_tables_are_those_of_the_runs(name: str, runs: str, table) -> None:
    shown = (FOLDER / f"{name}.md").read_text()
    assert shown == table(json.loads((FOLDER / f"{runs}.json").read_text()))
    assert shown in README


def test_what_the_library_tells_of_them_is_what_was_measured() -> None:
    told = " ".join((CHECKOUT / "README.md").read_text().split())
    assert " ".join((FOLDER / "pretraining.md").read_text().split()) in told
    correlations = [re.search(r"Rank correlation .*: (\S+) of", (FOLDER / name).read_text()) for name in RANKED]
    graded, use = (found[1] for found in correlations if found)
    assert f"rank correlation of the verdict {graded}, p = " in told
    assert f"tells it beforehand ({use}, p = " in told


def test_the_control_takes_as_many_gradient_steps_as_lessons() -> None:
    # Shares 0.8, 2/3, 8/15, 0.4, 4/15 and 2/15 are 4, 2, 1.14, 0.67, 0.36 and 0.15 lessons: 8 in six rounds.
    assert pytest.approx(14 / 6) == pretraining.FACTOR
    assert pretraining.EPOCHS == ["--ppo.epochs", "23", "--discriminator.epochs", "9"]
