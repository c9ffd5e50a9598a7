"""Figures of self-improving imitation in the README are those of the results."""

import json
from pathlib import Path

from benchmarks.self_improvement.__main__ import table

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "benchmarks" / "self_improvement"


def test_the_table_is_that_of_the_runs() -> None:
    shown = (FOLDER / "results.md").read_text()
    assert shown == table(json.loads((FOLDER / "results.json").read_text()))
    assert shown in (CHECKOUT / "README.md").read_text()
