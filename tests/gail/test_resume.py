"""A run that is killed and resumed ends with bit for bit what it would have come to without."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from commands import run_module
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import gail
from agents.config import PPOConfig
from gail.checkpoint import Checkpoints
from gail.experiment import resume
from gail.learner import Learner
from gail.task import Task

OPTIONS = [
    *("--env", "CartPole-v1", "--total-timesteps", "4096", "--ppo.batch-size", "256", "--num-envs", "4"),
    *("--checkpoint-every", "1024", "--eval-every", "1024", "--eval-episodes", "2", "--video-every", "0", "--quiet"),
    *("--bc-epochs", "2", "--discriminator.replay-rounds", "3", "--discriminator.spectral-norm"),
]


def metrics(run: Path) -> list[dict[str, Any]]:
    """All logged numbers but those of the clock."""
    entries = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in entry.items() if not name.startswith("time/")} for entry in entries]


def steps_in_tensorboard(run: Path) -> list[int]:
    events = EventAccumulator(str(run), size_guidance={"tensors": 0}).Reload()
    return [event.step for event in events.Tensors("train/value_loss")]


def kill_after_checkpoint(cwd: Path, run: Path) -> None:
    """Start training, and SIGKILL it a moment after it has written a checkpoint, in the middle of what follows."""
    command = [sys.executable, "-m", "gail.train", *OPTIONS, "--run-name", run.name]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(run.glob("checkpoints/ckpt-4*.index")):
        assert process.poll() is None, "training ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (run / "summary.json").exists()


def test_a_killed_and_resumed_run_equals_an_unbroken_one(tmp_path: Path):
    assert run_module("gail.train", *OPTIONS, "--run-name", "unbroken", cwd=tmp_path).returncode == 0
    unbroken, broken = tmp_path / "runs" / "unbroken", tmp_path / "runs" / "broken"

    kill_after_checkpoint(tmp_path, broken)
    resumed = run_module("gail.train", "--resume", str(broken), "--quiet", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr

    assert metrics(broken) == metrics(unbroken)
    with np.load(unbroken / "policy" / "weights.npz") as a, np.load(broken / "policy" / "weights.npz") as b:
        assert a.files == b.files
        for name in a.files:
            np.testing.assert_array_equal(a[name], b[name])
    assert steps_in_tensorboard(broken) == steps_in_tensorboard(unbroken) == list(range(256, 4096 + 1, 256))


def test_resuming_an_ended_run_changes_nothing(tiny_run):
    path, _ = tiny_run
    before = (path / "metrics.jsonl").read_bytes()
    again = run_module("gail.train", "--resume", str(path), cwd=path.parents[1])
    assert again.returncode == 0
    assert "random policy" in again.stdout
    assert (path / "metrics.jsonl").read_bytes() == before


def test_the_seconds_of_all_processes_count(tmp_path: Path):
    options = {"total_timesteps": 256, "num_envs": 4, "ppo": PPOConfig(batch_size=128), "eval_episodes": 1}
    run = gail.fit("CartPole-v1", algo="ppo", logdir=tmp_path, run_name="run", video_every=0, **options)
    (run.path / "summary.json").unlink()  # as if it had been killed at the last moment
    with Task.open(run.config) as task:
        learner = Learner(task)
        checkpoints = Checkpoints(run.checkpoints, learner)
        assert checkpoints.restore()
        assert 0.0 < float(learner.seconds.numpy()) < 1000.0
        learner.seconds.assign_add(1000.0)
        checkpoints.save()
    summary = resume(run.path, quiet=True).summary
    assert summary is not None
    assert 1000.0 < summary["seconds"] < 2000.0


def test_changed_demonstrations_are_refused(tmp_path: Path):
    demos = tmp_path / "demos.npz"
    bundled = Path(__file__).parents[2] / "expert_data" / "demos" / "CartPole-v1.npz"
    demos.write_bytes(bundled.read_bytes())
    options = [*OPTIONS, "--demos", str(demos), "--run-name", "changed"]
    assert run_module("gail.train", *options, "--target-return", "1", cwd=tmp_path).returncode == 0
    run = tmp_path / "runs" / "changed"
    (run / "summary.json").unlink()  # as if it had been killed at the last moment
    with np.load(bundled) as file:
        np.savez(demos, **{name: file[name] for name in file.files})  # the same numbers, stored otherwise
    finished = run_module("gail.train", "--resume", str(run), cwd=tmp_path)
    assert finished.returncode == 2
    assert "demos.npz" in finished.stderr
