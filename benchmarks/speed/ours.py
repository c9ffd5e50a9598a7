"""Train with this library and print what it took as one line of JSON, in the words of `peer.py`.

    python -m benchmarks.speed.ours --algo gail --env CartPole-v1 --demos demos.npz --steps 500000

Seconds count training only, as for the peers: rollouts and updates, TensorFlow's compilation included, and no
evaluations. ``steady_steps_per_second`` leaves out the first round, in which TensorFlow compiles.
"""

import json
import resource
import tempfile
from dataclasses import dataclass, field
from typing import Literal

import tyro

import gail
from agents.config import PPOConfig
from gail.config import DiscriminatorConfig
from gail.task import WORKERS


@dataclass(frozen=True)
class Arguments:
    """One training."""

    algo: Literal["gail", "ppo"]
    env: str
    steps: int
    demos: str | None = None
    seed: int = 0
    num_envs: int = 8
    target_return: float | None = None
    eval_every: int = 20_000
    ppo: PPOConfig = field(default_factory=PPOConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)


def peak_rss_mib() -> float:
    """Of this process and of its workers, which have ended: no fewer than they were, each as large as the largest."""
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + WORKERS * workers) / 1024


def main() -> None:
    arguments = tyro.cli(Arguments)
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
        "num_envs": arguments.num_envs,
        "steps": summary["steps"],
        "seconds": seconds,
        "steps_per_second": summary["steps"] / seconds,
        "steady_steps_per_second": steps_per_round
        * (len(rates) - 1)
        / sum(steps_per_round / rate for rate in rates[1:]),
        "seconds_to_target": seconds if reached else None,
        "steps_to_target": summary["steps"] if reached else None,
        "final_return": final_return,
        "peak_rss_mib": peak_rss_mib(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
