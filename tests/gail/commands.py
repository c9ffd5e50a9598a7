"""Running the documented commands as a user would."""

import shutil
import subprocess
import sys
from pathlib import Path

TINY = ["--total-timesteps", "1024", "--ppo.batch-size", "256", "--num-envs", "4", "--eval-episodes", "3"]


def run_module(module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """``python -m module arguments`` in ``cwd``."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def gone_back(run: Path, where: Path, last: int, rounds: int) -> Path:
    """A copy of an ended run as a kill would have left it: its checkpoint after ``last`` rounds was never written."""
    shutil.copytree(run, where)
    (where / "summary.json").unlink()
    folder = where / "checkpoints"
    for file in folder.glob(f"ckpt-{last}*"):
        file.unlink()
    lines = (folder / "checkpoint").read_text().replace(f"ckpt-{last}", f"ckpt-{rounds}", 1).splitlines()
    kept = [line for line in lines if f"ckpt-{last}" not in line and "timestamps" not in line]
    (folder / "checkpoint").write_text("\n".join(kept))
    return where
