"""Print where the time of a round goes, in milliseconds.

    python -m benchmarks.speed.parts --env Hopper-v5 --demos hopper.npz

Medians over the rounds of one run, after the first two; compilation is of the whole run.
"""

import functools
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tyro

import gail
from agents.collector import LocalCollector, WorkerCollector
from agents.config import NetworkConfig
from agents.ppo import PPO
from gail.learner import Learner
from gail.report.metrics import Metrics
from gail.reward.discriminator import Discriminator

PARTS: dict[str, list[tuple[Any, str]]] = {
    "compilation": [(Learner, "compile")],
    "rollout": [(LocalCollector, "collect"), (WorkerCollector, "collect")],
    "discriminator": [(Discriminator, "update"), (Discriminator, "reward")],
    "predictions": [(PPO, "predict")],
    "ppo": [(PPO, "update")],
    "observation statistics": [(Learner, "observe")],
    "report": [(Metrics, "round")],
}


@dataclass(frozen=True)
class Arguments:
    """One training."""

    env: str
    demos: str
    steps: int = 200_000
    image_size: int | None = None
    """See `agents.config.NetworkConfig`."""


def main() -> None:
    arguments = tyro.cli(Arguments)
    seconds: dict[str, list[float]] = defaultdict(list)
    for methods in PARTS.values():
        for owner, name in methods:
            setattr(owner, name, timed(getattr(owner, name), seconds[f"{owner.__name__}.{name}"]))
    with tempfile.TemporaryDirectory() as logdir:
        gail.fit(
            arguments.env,
            demos=arguments.demos,
            total_timesteps=arguments.steps,
            eval_every=arguments.steps,
            eval_episodes=1,
            bc_epochs=0,
            video_every=0,
            network=NetworkConfig(image_size=arguments.image_size),
            logdir=logdir,
        )
    report = {}
    for part, methods in PARTS.items():
        calls = [seconds[f"{owner.__name__}.{name}"] for owner, name in methods]
        report[part] = round(1000 * sum(statistics.median(each[2:] or each) for each in calls if each), 1)
    print(json.dumps(report))


def timed(method: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    """``method``, which notes how long each of its calls takes."""

    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - started)

    return wrapper


if __name__ == "__main__":
    main()
