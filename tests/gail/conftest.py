"""One tiny run of the documented command, shared by all tests that look at what a run leaves behind."""

import subprocess
from pathlib import Path

import pytest
from commands import TINY, run_module


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a GAIL run on CartPole and what its command printed."""
    folder = tmp_path_factory.mktemp("tiny")
    options = ["--env", "CartPole-v1", *TINY, "--bc-epochs", "0", "--video-every", "4", "--run-name", "first"]
    finished = run_module("gail.train", *options, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return folder / "runs" / "first", finished
