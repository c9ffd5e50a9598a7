"""One tiny run of the documented command, shared by all tests that look at what a run leaves behind."""

import subprocess
import sys
from pathlib import Path

import pytest

TINY = ["--total-timesteps", "1024", "--ppo.batch-size", "256", "--num-envs", "4", "--eval-episodes", "3"]


def run_module(module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """``python -m module arguments`` in ``cwd``, as a user would."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a GAIL run on CartPole and what its command printed."""
    folder = tmp_path_factory.mktemp("tiny")
    options = ["--env", "CartPole-v1", *TINY, "--video-every", "4", "--run-name", "first"]
    finished = run_module("gail.train", *options, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return folder / "runs" / "first", finished
