"""What the benchmarks have in common: a record of runs, and what machine made it."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from agents.atomic import atomic_write

Run = dict[str, Any]


class Record:
    """The runs of a benchmark, in a JSON file that grows with each of them; what it holds is not run again.

    Args:
        path: the file. It need not be there.
    """

    def __init__(self, path: Path):
        self.path = path
        self.runs: list[Run] = json.loads(path.read_text()) if path.is_file() else []

    def lacks(self, **key: Any) -> bool:
        """Is there no run yet with these entries? If there is none, say that it begins."""
        missing = not any(all(run[name] == value for name, value in key.items()) for run in self.runs)
        if missing:
            told = (f"{name.replace('_', ' ')} {value}" for name, value in key.items() if value is not None)
            print(", ".join(told), file=sys.stderr, flush=True)
        return missing

    def add(self, run: Run) -> None:
        """Write it with the others."""
        self.runs.append(run)
        with atomic_write(self.path) as file:
            file.write(json.dumps(self.runs, indent=1).encode() + b"\n")


def machine() -> str:
    """The processor, where Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {models[0] if models else platform.processor()}"
