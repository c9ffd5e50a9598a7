"""Running the documented commands as a user would."""

import subprocess
import sys
from pathlib import Path

TINY = ["--total-timesteps", "1024", "--ppo.batch-size", "256", "--num-envs", "4", "--eval-episodes", "3"]


def run_module(module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """``python -m module arguments`` in ``cwd``."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
