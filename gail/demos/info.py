"""A table of demonstrations."""

import sys

import numpy as np
from rich.console import Console
from rich.table import Table

from expert_data import formats
from expert_data.checks import findings
from expert_data.columns import Column
from expert_data.demonstrations import Demonstrations


def print_info(sources: tuple[str, ...]) -> None:
    """A column for each source, and below it what is wrong with them.

    Raises:
        InputError: one of them cannot be read.
    """
    loaded = {source: formats.load(source) for source in sources}
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table()
    table.add_column("")
    for source in sources:
        table.add_column(source, justify="right")
    rows = [facts(made) for made in loaded.values()]
    for name in rows[0]:
        table.add_row(name, *(row[name] for row in rows))
    console.print(table)
    for source, made in loaded.items():
        for finding in findings(made):
            console.print(f"Warning: '{source}': {finding.sentence}", markup=False)


def facts(made: Demonstrations) -> dict[str, str]:
    """What a file holds, in words."""
    return {
        "environment": str(made.metadata.get("env_id", "not said")),
        "episodes": f"{len(made):,}",
        "steps": f"{made.num_steps:,}",
        "return": "not recorded" if made.rewards is None else _spread(made.returns),
        "length": _spread(made.lengths),
        "ended by the task": f"{int(made.terminated.sum()):,}",
        "observations": _form(made.observations),
        "actions": "not recorded" if made.actions is None else _form(made.actions),
        "seeds": "not recorded" if made.seeds is None else "recorded",
        "synthetic": "yes" if made.metadata.get("synthetic") else "no",
        "source": str(made.metadata.get("source", "not said")),
        "recorded": str(made.metadata.get("time", "not said")),
    }


def _spread(values: np.ndarray) -> str:
    mean, std, low, high = values.mean(), values.std(), values.min(), values.max()
    return f"{mean:,.1f} ± {std:,.1f} ({low:,.1f} to {high:,.1f})"


def _form(column: Column) -> str:
    shape = " by ".join(map(str, column.shape[1:])) or "a number"
    return f"{shape}, {column.dtype}"
