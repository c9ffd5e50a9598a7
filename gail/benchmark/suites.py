"""Suites: who learns from which demonstrations, and for how long, to measure what becomes of them."""

import dataclasses
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tyro

from gail.config import TrainConfig

PEER = "imitation 1.0.1"
EVAL_EPISODES = 50
# Cloning by itself, imitation by itself, and both, which are the defaults.
OURS = {"BC": "--algo bc", "GAIL without cloning": "--algo gail --bc-epochs 0", "GAIL": "--algo gail"}


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


def parsed(options: str) -> TrainConfig:
    """Options of ``gail.train`` as a configuration."""
    return tyro.cli(TrainConfig, args=shlex.split(options))


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
        tuple(
            Case(env, num_demos=10, subsample=1, total_timesteps=205_000, seeds=5)
            for env in ("CartPole-v1", "MountainCar-v0", "Pendulum-v1", "LunarLander-v3")
        ),
        {**OURS, PEER: None},
    ),
    # One option changed at a time.
    "ablations": Suite(
        (
            Case("MountainCar-v0", num_demos=10, subsample=1, total_timesteps=205_000, seeds=3),
            Case("Pendulum-v1", num_demos=10, subsample=1, total_timesteps=205_000, seeds=3),
            Case("LunarLander-v3", num_demos=10, subsample=1, total_timesteps=205_000, seeds=3),
            Case("HalfCheetah-v5", num_demos=10, subsample=1, total_timesteps=1_000_000, seeds=3),
        ),
        {
            "defaults": "",
            "no cloning": "--bc-epochs 0",
            "no cloning, no gradient penalty": "--bc-epochs 0 --discriminator.gradient-penalty 0",
            "no cloning, spectral norm for penalty": "--bc-epochs 0 --discriminator.gradient-penalty 0 "
            "--discriminator.spectral-norm",
            "no cloning, spectral norm and penalty": "--bc-epochs 0 --discriminator.spectral-norm",
            "no gradient penalty": "--discriminator.gradient-penalty 0",
            "gradient penalty 0.1": "--discriminator.gradient-penalty 0.1",
            "gradient penalty 10": "--discriminator.gradient-penalty 10",
            "discriminator learning rate 3e-4": "--discriminator.learning-rate 3e-4",
            "discriminator learning rate 3e-3": "--discriminator.learning-rate 3e-3",
            "discriminator 1 epoch": "--discriminator.epochs 1",
            "discriminator without replay": "--discriminator.replay-rounds 1",
            "discriminator of 256, 256 units": "--discriminator.hidden 256 256",
            "accuracy gate 0.8": "--discriminator.accuracy-gate 0.8",
            "label smoothing 0.1": "--discriminator.label-smoothing 0.1",
            "instance noise 0.3": "--discriminator.instance-noise 0.3",
            "reward -ln(1-D)": "--discriminator.reward minus_log_one_minus_d",
            "reward ln D": "--discriminator.reward log_d",
            "steps that do not adapt to the KL": "--ppo.target-kl 0",
            "target KL 0.003": "--ppo.target-kl 0.003",
            "target KL 0.03": "--ppo.target-kl 0.03",
            "PPO learning rate 1e-3": "--ppo.learning-rate 1e-3",
            "PPO minibatches of 256": "--ppo.minibatch-size 256",
            "PPO entropy bonus 0.01": "--ppo.entropy-coefficient 0.01",
            "initial deviation 0.2": "--network.initial-std 0.2",
            "networks of 256, 256 units": "--network.hidden 256 256",
            "gaifo": "--algo gaifo",
            "airl": "--algo airl",
            "wgail": "--algo wgail",
        },
    ),
}
