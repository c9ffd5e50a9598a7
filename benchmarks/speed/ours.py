"""Train with this library and print what it took as one line of JSON, in the words of `peer.py`.

    python -m benchmarks.speed.ours --algo gail --env CartPole-v1 --demos demos.npz --steps 500000

Seconds count training only, as for the peers: rollouts and updates, TensorFlow's compilation included, and no
evaluations. ``steady_steps_per_second`` leaves out the first round, in which TensorFlow compiles.
"""

import contextlib
import json
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import tyro

import gail
from agents.config import PPOConfig
from gail.config import DiscriminatorConfig


@dataclass(frozen=True)
class Arguments:
    """One training."""

    algo: Literal["gail", "ppo"]
    env: str
    steps: int
    demos: str | None = None
    seed: int = 0
    num_envs: int | None = None
    target_return: float | None = None
    eval_every: int = 20_000
    ppo: PPOConfig = field(default_factory=PPOConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)


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
    arguments = tyro.cli(Arguments)
    memory = PeakMemory()
    memory.start()
    with tempfile.TemporaryDirectory() as logdir:
        run = gail.fit(
            env=arguments.env,
            algo=arguments.algo,
            demos=arguments.demos,
            total_timesteps=arguments.steps,
            seed=arguments.seed,
            num_envs=arguments.num_envs,
            target_return=arguments.target_return,
            eval_every=arguments.eval_every if arguments.target_return is not None else arguments.steps,
            ppo=arguments.ppo,
            discriminator=arguments.discriminator,
            bc_epochs=0,  # as the peers: without cloning
            video_every=0,
            logdir=logdir,
            quiet=False,
        )
        entries = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
        summary = run.summary or {}
    rates = [entry["time/steps_per_second"] for entry in entries if "time/steps_per_second" in entry]
    steps_per_round = summary["steps"] / len(rates)
    seconds = sum(steps_per_round / rate for rate in rates)
    final_return = [entry["eval/return_mean"] for entry in entries if "eval/return_mean" in entry][-1]
    reached = arguments.target_return is not None and final_return >= arguments.target_return
    report = {
        "library": "gail",
        "algo": arguments.algo,
        "env": arguments.env,
        "seed": arguments.seed,
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
