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

    def begins(self, **key: Any) -> bool:
        """Does a run with these entries begin now? It does, and standard error says so, where there is none yet."""
        if any(all(run[name] == value for name, value in key.items()) for run in self.runs):
            return False
        told = (f"{name.replace('_', ' ')} {value}" for name, value in key.items() if value is not None)
        print(", ".join(told), file=sys.stderr, flush=True)
        return True

    def add(self, run: Run) -> None:
        """Write it with the others."""
        self.runs.append(run)
        with atomic_write(self.path) as file:
            file.write(json.dumps(self.runs, indent=1).encode() + b"\n")


def machine() -> str:
    """The processor, and what of it decides how fast convolutions are, where Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    flags = told.get("flags", "").split()
    known = [name for flag, name in (("avx512f", "AVX-512"), ("avx512_bf16", "bfloat16")) if flag in flags]
    return ", ".join([f"{os.cpu_count()} cores", told.get("model name", platform.processor()), *known])
