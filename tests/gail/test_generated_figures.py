"""Figures of generated experience in the README are those of the results."""

import json
from pathlib import Path

import pytest

from benchmarks.generator import __main__ as gates
from benchmarks.generator import few_demonstrations, pretraining, use

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "benchmarks" / "generator"
README = (CHECKOUT / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "runs", "table"),
    [
        ("pretraining", "pretraining", pretraining.table),
        ("graded", "pretraining", pretraining.graded_table),
        ("few_demonstrations", "few_demonstrations", few_demonstrations.table),
        ("use", "use", use.table),
    ],
)
def test_tables_are_those_of_the_runs(name: str, runs: str, table) -> None:
    shown = (FOLDER / f"{name}.md").read_text()
    assert shown == table(json.loads((FOLDER / f"{runs}.json").read_text()))
    assert shown in README


def test_the_gates_table_is_that_of_the_runs() -> None:
    assert (FOLDER / "results.md").read_text() == gates.table(json.loads((FOLDER / "results.json").read_text()))


def test_the_control_takes_as_many_gradient_steps_as_lessons() -> None:
    # Shares 0.8, 2/3, 8/15, 0.4, 4/15 and 2/15 are 4, 2, 1.14, 0.67, 0.36 and 0.15 lessons: 8 in six rounds.
    assert pytest.approx(14 / 6) == pretraining.FACTOR
    assert pretraining.EPOCHS == ["--ppo.epochs", "23", "--discriminator.epochs", "9"]
