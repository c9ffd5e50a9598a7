"""Seconds and peak memory of looking at, and of sampling from, files of 84 by 84 frames of three sizes.

    python -m benchmarks.scale --folder FOLDER

The largest file takes 7 GB in FOLDER. Each measurement runs in a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro
from gymnasium.spaces import Discrete

from envs.actions import ActionSpec
from expert_data import formats, store
from expert_data.checks import findings
from expert_data.demonstrations import Demonstrations

RESULTS = Path(__file__).parent / "results.json"
SIZES = (10_000, 100_000, 1_000_000)
EPISODE = 1_000  # steps
MINIBATCHES, MINIBATCH = 1_000, 256


class Numbered:
    """Frames of noise, over and over, each with its number in its first pixels: no two are the same."""

    def __init__(self, frames: np.ndarray, count: int):
        self.frames = frames
        self.shape = (count, *frames.shape[1:])
        self.dtype = frames.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        rows = self.frames[index % len(self.frames)].copy()
        rows.reshape(len(rows), -1)[:, :8] = index.astype("<u8").view(np.uint8).reshape(-1, 8)
        return rows


def make(path: Path, steps: int) -> None:
    rng = np.random.default_rng(0)
    count = steps // EPISODE
    frames: Any = Numbered(rng.integers(0, 256, (EPISODE, 84, 84), dtype=np.uint8), steps + count)
    demonstrations = Demonstrations(
        frames, rng.integers(0, 6, steps), rng.standard_normal(steps), np.full(count, EPISODE), np.ones(count, bool),
        np.zeros(count, bool), metadata={"env_id": "ALE/Pong-v5", "source": "noise"},
    )  # fmt: skip
    store.save(path, demonstrations)


def measure(what: Literal["look", "sample"], path: Path) -> None:
    """Print one JSON object: seconds and peak memory of this process."""
    started = time.perf_counter()
    demonstrations = formats.load(path)
    facts: dict[str, Any] = {
        "steps": demonstrations.num_steps,
        "episodes": len(demonstrations),
        "bytes": path.stat().st_size,
    }
    if what == "look":
        facts["findings"] = sum(1 for _ in findings(demonstrations))
        facts["return_mean"] = round(demonstrations.return_mean, 3)
    else:
        steps = demonstrations.steps(ActionSpec.of(Discrete(6)))
        rng = np.random.default_rng(0)
        total = 0.0
        for _ in range(MINIBATCHES):
            total += float(steps.take(rng.integers(0, len(steps), MINIBATCH)).next_observations.mean())
        facts["mean"] = round(total / MINIBATCHES, 2)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(facts | {"what": what, "seconds": round(seconds, 2), "peak_mib": round(peak)}))


def main(folder: Path, measured: tuple[Literal["look", "sample"], Path] | None = None) -> None:
    """Make the files that are not there, and measure."""
    if measured is not None:
        measure(*measured)
        return
    results = []
    for steps in SIZES:
        path = folder / f"frames-{steps}.npz"
        if not path.exists():
            make(path, steps)
        for what in ("look", "sample"):
            command = [sys.executable, "-m", "benchmarks.scale", "--folder", str(folder), "--measured", what, str(path)]
            finished = subprocess.run(command, capture_output=True, text=True, check=True)
            results.append(json.loads(finished.stdout))
            print(results[-1], flush=True)
    RESULTS.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    tyro.cli(main)
