"""Suites: who learns from which demonstrations, and for how long, to measure what becomes of them."""

import dataclasses
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gail.config import TrainConfig
from gail.defaults import parsed

PEER = "imitation 1.0.1"
EVAL_EPISODES = 50
# Cloning by itself, imitation by itself, and both, which are the defaults.
OURS = {"BC": "--algo bc", "GAIL without cloning": "--algo gail --bc-epochs 0", "GAIL": "--algo gail"}
# None but the first may learn the task.
CONTROLS = {
    "GAIL": "",
    "constant-action expert": "--control constant_action",
    "shuffled-action expert": "--control shuffled_actions",
    "no expert": "--control no_expert",
}
# One option of the defaults changed at a time.
WITH_CLONING = {
    "defaults": "",
    "10 epochs of cloning": "--bc-epochs 10",
    "cloned policy not held": "--hold-rounds 0",
    "initial deviation 0.2": "--network.initial-std 0.2",
}
# Where cloning alone does well every option does, so that most are judged by GAIL alone.
ALONE = {
    "defaults": "",
    "no gradient penalty": "--discriminator.gradient-penalty 0",
    "gradient penalty 0.1": "--discriminator.gradient-penalty 0.1",
    "gradient penalty 10": "--discriminator.gradient-penalty 10",
    "spectral norm for penalty": "--discriminator.gradient-penalty 0 --discriminator.spectral-norm",
    "spectral norm and penalty": "--discriminator.spectral-norm",
    "instance noise 0.3": "--discriminator.instance-noise 0.3",
    "label smoothing 0.1": "--discriminator.label-smoothing 0.1",
    "accuracy gate 0.8": "--discriminator.accuracy-gate 0.8",
    "discriminator learning rate 3e-4": "--discriminator.learning-rate 3e-4",
    "discriminator learning rate 3e-3": "--discriminator.learning-rate 3e-3",
    "discriminator minibatch of 64": "--discriminator.minibatch-size 64",
    "discriminator minibatch of 1024": "--discriminator.minibatch-size 1024",
    "discriminator 1 epoch": "--discriminator.epochs 1",
    "discriminator without replay": "--discriminator.replay-rounds 1",
    "discriminator of 256, 256 units": "--discriminator.hidden 256 256",
    "reward -ln(1-D)": "--discriminator.reward minus_log_one_minus_d",
    "reward ln D": "--discriminator.reward log_d",
    "steps that do not adapt to the KL": "--ppo.target-kl 0",
    "target KL 0.01": "--ppo.target-kl 0.01",
    "target KL 0.04": "--ppo.target-kl 0.04",
    "PPO learning rate 1e-3": "--ppo.learning-rate 1e-3",
    "PPO lambda 0.95": "--ppo.gae-lambda 0.95",
    "PPO discount 0.97": "--ppo.discount 0.97",
    "PPO with any deviation": "--ppo.min-std 1e-6",
    "networks of 256, 256 units": "--network.hidden 256 256",
}


@dataclass(frozen=True)
class Case:
    """A task, and what is shown of it."""

    env: str
    num_demos: int
    subsample: int
    total_timesteps: int | None  # None for the default
    seeds: int

    def options(self, demos: Path, seed: int) -> str:
        """Of ``gail.train``, with the demonstrations ``ENV.npz`` in the folder ``demos``."""
        length = "" if self.total_timesteps is None else f" --total-timesteps {self.total_timesteps}"
        return (
            f"--env {self.env} --demos {shlex.quote(str(demos / self.env))}.npz --num-demos {self.num_demos} "
            f"--subsample {self.subsample} --seed {seed}{length} --eval-episodes {EVAL_EPISODES} --video-every 0"
        )


@dataclass(frozen=True)
class Suite:
    """Every learner meets every case."""

    cases: tuple[Case, ...]
    learners: Mapping[str, str | None]  # by name, further options of ``gail.train``; None for another library

    def only(self, envs: tuple[str, ...]) -> "Suite":
        """The cases of these environments, or all if none is named."""
        return dataclasses.replace(self, cases=tuple(case for case in self.cases if not envs or case.env in envs))


def configuration(options: str) -> TrainConfig:
    """Of options of ``gail.train``."""
    return parsed(TrainConfig, shlex.split(options))


def _ten_demonstrations(seeds: int) -> tuple[Case, ...]:
    envs = ("CartPole-v1", "MountainCar-v0", "Pendulum-v1", "LunarLander-v3")
    return tuple(Case(env, num_demos=10, subsample=1, total_timesteps=205_000, seeds=seeds) for env in envs)


SUITES = {
    # Ho and Ermon 2016, table 1 and section 6: the fewest trajectories, subsampled.
    "paper": Suite(
        (
            Case("CartPole-v1", num_demos=1, subsample=10, total_timesteps=None, seeds=5),
            Case("MountainCar-v0", num_demos=1, subsample=5, total_timesteps=None, seeds=5),
            Case("Hopper-v5", num_demos=4, subsample=20, total_timesteps=None, seeds=3),
            Case("HalfCheetah-v5", num_demos=4, subsample=20, total_timesteps=None, seeds=3),
        ),
        OURS,
    ),
    "peer": Suite(
        _ten_demonstrations(seeds=5),
        {**OURS, PEER: None},
    ),
    # Tasks that no default was chosen by, and experts made by this library: python -m gail.record --train-expert.
    "unseen": Suite(
        (
            Case("Acrobot-v1", num_demos=10, subsample=1, total_timesteps=205_000, seeds=3),
            Case("BipedalWalker-v3", num_demos=10, subsample=1, total_timesteps=500_000, seeds=3),
            *(
                Case(env, num_demos=4, subsample=20, total_timesteps=1_000_000, seeds=3)
                for env in ("Walker2d-v5", "Ant-v5")
            ),
        ),
        OURS,
    ),
    "controls": Suite(
        (
            *_ten_demonstrations(seeds=5),
            Case("Hopper-v5", num_demos=10, subsample=1, total_timesteps=500_000, seeds=3),
        ),
        CONTROLS,
    ),
    "ablations": Suite(
        (
            *_ten_demonstrations(seeds=3)[1:],  # without CartPole, which GAIL alone balances anyway
            Case("HalfCheetah-v5", num_demos=4, subsample=20, total_timesteps=500_000, seeds=3),
        ),
        {
            # Each run in one process, so that each core can have its own.
            what: f"--num-workers 0 {option}"
            for what, option in {
                **WITH_CLONING,
                **{f"alone: {what}": f"--bc-epochs 0 {option}" for what, option in ALONE.items()},
                **{f"alone: {algo}": f"--bc-epochs 0 --algo {algo}" for algo in ("gaifo", "airl", "wgail")},
            }.items()
        },
    ),
}
