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
import shlex
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tensorflow as tf
import tyro

from agents.atomic import atomic_write
from agents.rollout import Rollout
from agents.transitions import Experience
from benchmarks.record import machine
from gail.config import DiscriminatorConfig, TrainConfig, from_json
from gail.reward.discriminator import Discriminator
from gail.reward.objectives import classifier
from gail.reward.pixels import PixelLogits
from gail.run import Run
from gail.schedule import derived_seed, generator, lesson_shape
from gail.task import Task

STEPS = 64  # of a rollout in each environment
AFTERMATH = 100  # steps at the end whose returns are cut short
SHIFT = 2  # pixels of images that are halved, as 4 are of 84 (Yarats et al. 2021)


class FrozenEncoder(PixelLogits):
    """Whose convolutions stay as they are drawn at first."""

    @property
    def weights(self) -> list[Any]:
        """Of the layers behind them."""
        return self.head.trainable_variables


class Shifted(PixelLogits):
    """Learns from images that are moved by some pixels, each by others, with what lies at the border repeated."""

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """See `gail.reward.logits.Logits`."""
        if training:
            stacks = tf.reshape(rows[:, : self.plane_columns], [-1, self.planes, *self.observations.frame])
            for axis, length in enumerate(self.observations.frame[:2], start=2):
                moved = tf.range(length) + tf.random.uniform(
                    tf.stack([tf.shape(rows)[0], 1]), -SHIFT, SHIFT + 1, tf.int32
                )
                stacks = tf.gather(stacks, tf.clip_by_value(moved, 0, length - 1), axis=axis, batch_dims=1)
            rows = tf.concat([tf.reshape(stacks, [-1, self.plane_columns]), rows[:, self.plane_columns :]], -1)
        return super().__call__(rows, training)


@dataclass(frozen=True)
class Kind:
    """What differs from what Atari games have by default."""

    options: dict[str, Any] = field(default_factory=dict)
    network: type[PixelLogits] = PixelLogits
    first_steps: int | None = None
    """It sees no more than so many of each demonstrated game."""


KINDS = {
    "changes of frames": Kind(),
    "frames": Kind({"images": "frames"}),
    "changes, and the action": Kind({"inputs": "state_action_next_state"}),
    "changes before the action, and the action": Kind({"inputs": "state_action"}),
    "step size 1e-4": Kind({"learning_rate": 1e-4}),
    "step size 1e-2": Kind({"learning_rate": 1e-2}),
    "no gradient penalty": Kind({"gradient_penalty": 0.0}),
    "gradient penalty 10": Kind({"gradient_penalty": 10.0}),
    "spectral normalisation, no gradient penalty": Kind({"spectral_norm": True, "gradient_penalty": 0.0}),
    "instance noise 0.3": Kind({"instance_noise": 0.3}),
    "accuracy gate 0.8": Kind({"accuracy_gate": 0.8}),
    "four epochs": Kind({"epochs": 4}),
    "a replay of one round": Kind({"replay_rounds": 1}),
    "whole images": Kind({"image_size": None}),
    "random shifts": Kind(network=Shifted),
    "convolutions at random": Kind(network=FrozenEncoder),
    "the first 300 steps of each demonstrated game": Kind(first_steps=300),
    "frames of the first 300 steps of each demonstrated game": Kind({"images": "frames"}, first_steps=300),
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


def demonstrated(task: Task, first_steps: int | None) -> Experience:
    """The first steps of each demonstrated game."""
    shown = task.source.shown
    assert shown is not None, "the run has demonstrations"
    lengths = shown.lengths if first_steps is None else np.minimum(shown.lengths, first_steps)
    numbers = [start + np.arange(length) for start, length in zip(shown.starts, lengths, strict=True)]
    return shown.steps(task.actions, np.concatenate(numbers), task.observations.depth)


def discriminator(task: Task, config: TrainConfig, kind: Kind) -> Discriminator:
    """At its beginning."""
    options: DiscriminatorConfig = dataclasses.replace(config.discriminator, **kind.options)
    config = dataclasses.replace(config, discriminator=options)
    assert task.source.shown is not None, "the run has demonstrations"
    expert, rate = demonstrated(task, kind.first_steps), task.source.shown.termination_rate
    seed = derived_seed(config.seed, "discriminator")
    tf.random.set_seed(seed)
    seen = (task.observations, task.actions, config.inputs)
    logits = kind.network(expert, *seen, options, config.network.precision, seed)
    shape = lesson_shape(config, task.collector.num_envs)
    return Discriminator(expert, rate, logits, classifier(), options, config.ppo.discount, shape)


def judged(task: Task, config: TrainConfig, kind: Kind, rollouts: list[Rollout]) -> dict[str, float]:
    """What one discriminator makes of them."""
    began, half = time.perf_counter(), len(rollouts) // 2
    model = discriminator(task, config, kind)
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
    command = f"python -m benchmarks.atari.agreement {shlex.join(sys.argv[1:])}"
    kept = {"command": command, "machine": machine(), "kinds": {}}
    if arguments.results.exists():
        kept = json.loads(arguments.results.read_text())
    with Task.open(config) as task:
        rollouts = play(task, run, arguments.rollouts)
        for name, kind in KINDS.items():
            if name in kept["kinds"]:
                continue
            print(name, flush=True)
            kept["kinds"][name] = judged(task, config, kind, rollouts)
            with atomic_write(arguments.results) as file:
                file.write(json.dumps(kept, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
