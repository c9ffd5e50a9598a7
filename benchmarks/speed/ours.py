"""Train with this library and print what it took as one line of JSON, in the words of `peer.py`.

    python -m benchmarks.speed.ours --algo gail --env CartPole-v1 --demos demos.npz --total-timesteps 500000

The options are those of ``gail.train``; nothing is cloned and nothing filmed. Seconds count training only, as for the
peers: rollouts and updates, TensorFlow's compilation included, and no evaluations. ``steady_steps_per_second`` leaves
out the first round, in which TensorFlow compiles.
"""

import contextlib
import dataclasses
import json
import tempfile
import threading
import time
from pathlib import Path

from gail.config import TrainConfig
from gail.defaults import parsed
from gail.experiment import start


class PeakMemory(threading.Thread):
    """Samples the resident memory of this process and its workers together; ``mib`` is the largest sum seen.

    Proportional set sizes, so that pages which they share count once (Linux only).
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mib = 0.0

    def run(self) -> None:
        while True:
            self.mib = max(self.mib, sum(pss_mib(process) for process in ["self", *children()]))
            time.sleep(0.2)


def children() -> list[str]:
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has just ended
            found += (task / "children").read_text().split()
    return found


def pss_mib(process: str) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    asked = parsed(TrainConfig, None)
    # As the peers: without cloning, evaluated only where the return decides when to stop, in episodes that go on until
    # they end.
    config = dataclasses.replace(
        asked,
        bc_epochs=0,
        video_every=0,
        eval_every=asked.eval_every or asked.total_timesteps,
        checkpoint_every=asked.total_timesteps,
    )
    memory = PeakMemory()
    memory.start()
    with tempfile.TemporaryDirectory() as logdir:
        run = start(config, Path(logdir), None, quiet=False)
        entries = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
        summary = run.summary or {}
    rates = [entry["time/steps_per_second"] for entry in entries if "time/steps_per_second" in entry]
    steps_per_round = summary["steps"] / len(rates)
    seconds = sum(steps_per_round / rate for rate in rates)
    final_return = [entry["eval/return_mean"] for entry in entries if "eval/return_mean" in entry][-1]
    reached = config.target_return is not None and final_return >= config.target_return
    report = {
        "library": "gail",
        "algo": config.algo,
        "env": config.env,
        "seed": config.seed,
        "steps": summary["steps"],
        "seconds": seconds,
        "steps_per_second": summary["steps"] / seconds,
        "steady_steps_per_second": steps_per_round
        * (len(rates) - 1)
        / sum(steps_per_round / rate for rate in rates[1:]),
        "seconds_to_target": seconds if reached else None,
        "steps_to_target": summary["steps"] if reached else None,
        "final_return": final_return,
        "peak_rss_mib": memory.mib,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
