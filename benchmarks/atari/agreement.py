"""What discriminators say of one policy's games, beside what the games say.

    python -m benchmarks.atari.agreement RUN --results benchmarks/atari/agreement-pong.json

Run it from the top of the checkout; RUN is a run from images that holds a policy, such as one with ``--algo bc``. That
policy plays, and discriminators of many kinds learn from its rollouts, all of them from the same, as they would in a
run in which it is held. Each judges the rollouts of the second half before it learns from them. Written to a file: the
correlation of the discounted returns of its rewards with those of the game's, and what share of each side it gets
right. Kinds that are there already are not tried again.
"""

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from agents.atomic import atomic_write
from agents.rollout import Rollout
from gail.algorithms import reward_model
from gail.config import DiscriminatorConfig, TrainConfig, from_json
from gail.run import Run
from gail.schedule import derived_seed, generator
from gail.task import Task

STEPS = 64  # of a rollout in each environment
AFTERMATH = 100  # steps at the end whose returns are cut short

# What differs from the first of all, which is what Atari games have by default.
KINDS: dict[str, dict[str, Any]] = {
    "changes of frames": {},
    "frames": {"images": "frames"},
    "changes, and the action": {"inputs": "state_action_next_state"},
    "changes before the action, and the action": {"inputs": "state_action"},
    "step size 1e-4": {"learning_rate": 1e-4},
    "step size 1e-2": {"learning_rate": 1e-2},
    "no gradient penalty": {"gradient_penalty": 0.0},
    "gradient penalty 10": {"gradient_penalty": 10.0},
    "spectral normalisation, no gradient penalty": {"spectral_norm": True, "gradient_penalty": 0.0},
    "instance noise 0.3": {"instance_noise": 0.3},
    "accuracy gate 0.8": {"accuracy_gate": 0.8},
    "four epochs": {"epochs": 4},
    "a replay of one round": {"replay_rounds": 1},
}


@dataclass(frozen=True)
class Arguments:
    """Whose games, and how many."""

    run: Annotated[Path, tyro.conf.Positional]
    """Folder of a run from images, whose policy plays."""
    results: Path
    """File that is written."""
    rollouts: int = 40
    """Of 64 steps in each environment; the discriminators judge those of the second half."""


def play(task: Task, run: Run, rollouts: int) -> list[Rollout]:
    """What the run's policy meets."""
    seed, actor = task.config.seed, run.policy.actor
    task.collector.restart(derived_seed(seed, "agreement"))
    return [task.collector.collect(actor, STEPS, derived_seed(seed, "agreement", i)) for i in range(rollouts)]


def judged(task: Task, config: TrainConfig, rollouts: list[Rollout]) -> dict[str, float]:
    """What one discriminator makes of them."""
    began, half = time.perf_counter(), len(rollouts) // 2
    model = reward_model(dataclasses.replace(task, config=config), lambda *_: np.empty(0))
    rewards, shares = [], []
    for index, rollout in enumerate(rollouts):
        if index >= half:
            rewards.append(np.where(rollout.valid, model.reward(rollout), 0.0))
        scalars = model.update(rollout, generator(config.seed, "agreement", index))
        shares.append([scalars[f"discriminator/accuracy_{side}"] for side in ("expert", "agent")])
    learned = discounted(np.concatenate(rewards), config.ppo.discount)
    told = discounted(np.concatenate([rollout.rewards for rollout in rollouts[half:]]), config.ppo.discount)
    expert, agent = np.mean(shares[half:], axis=0)
    return {
        "correlation": round(float(np.corrcoef(learned[:-AFTERMATH].ravel(), told[:-AFTERMATH].ravel())[0, 1]), 3),
        "accuracy_expert": round(float(expert), 3),
        "accuracy_agent": round(float(agent), 3),
        "seconds": round(time.perf_counter() - began),
    }


def discounted(rewards: np.ndarray, discount: float) -> np.ndarray:
    """Returns ``[T, N]`` of rewards ``[T, N]``, over the ends of games: a lost game is begun again."""
    returns, ahead = np.zeros_like(rewards, np.float64), np.zeros(rewards.shape[1])
    for t in reversed(range(len(rewards))):
        returns[t] = ahead = rewards[t] + discount * ahead
    return returns


def main() -> None:
    arguments = tyro.cli(Arguments)
    run = Run(arguments.run)
    asked = from_json(json.loads((run.path / "config.json").read_text())["config"])
    ppo = dataclasses.replace(asked.ppo, batch_size=STEPS * (asked.num_envs or 32))
    config = dataclasses.replace(asked, algo="gail", ppo=ppo)
    kept = json.loads(arguments.results.read_text()) if arguments.results.exists() else {}
    with Task.open(config) as task:
        rollouts = play(task, run, arguments.rollouts)
        for name, changes in KINDS.items():
            if name in kept:
                continue
            print(name, flush=True)
            discriminator: DiscriminatorConfig = dataclasses.replace(config.discriminator, **changes)
            kept[name] = judged(task, dataclasses.replace(config, discriminator=discriminator), rollouts)
            with atomic_write(arguments.results) as file:
                file.write(json.dumps(kept, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
