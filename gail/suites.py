"""Suites: who learns from which demonstrations, and for how long, to measure what becomes of them."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from gail.config import Algorithm, TrainConfig

PEER = "imitation 1.0.1"
EVAL_EPISODES = 50


@dataclass(frozen=True)
class Case:
    """A task, and what is shown of it."""

    env: str
    num_demos: int
    subsample: int
    total_timesteps: int | None  # None for the default
    seeds: int

    def config(self, algo: Algorithm, demos: Path, seed: int) -> TrainConfig:
        """Of a run with nothing but the case's options.

        Args:
            algo: who learns.
            demos: folder that holds the demonstrations of each environment, as ``ENV.npz``.
            seed: of the run.
        """
        return TrainConfig(
            env=self.env,
            demos=str(demos / f"{self.env}.npz"),
            num_demos=self.num_demos,
            subsample=self.subsample,
            algo=algo,
            total_timesteps=self.total_timesteps,
            seed=seed,
            eval_episodes=EVAL_EPISODES,
            video_every=0,
        )


@dataclass(frozen=True)
class Suite:
    """Every learner meets every case."""

    cases: tuple[Case, ...]
    learners: dict[str, Algorithm | None]  # by the name in the table; None for another library

    def only(self, envs: tuple[str, ...]) -> "Suite":
        """The cases of these environments, or all if none is named."""
        return dataclasses.replace(self, cases=tuple(case for case in self.cases if not envs or case.env in envs))


SUITES = {
    # Ho and Ermon 2016, table 1 and section 6: the fewest trajectories, subsampled.
    "paper": Suite(
        (
            Case("CartPole-v1", num_demos=1, subsample=10, total_timesteps=None, seeds=5),
            Case("MountainCar-v0", num_demos=1, subsample=5, total_timesteps=None, seeds=5),
            Case("Hopper-v5", num_demos=4, subsample=20, total_timesteps=None, seeds=3),
            Case("HalfCheetah-v5", num_demos=4, subsample=20, total_timesteps=None, seeds=3),
        ),
        {"BC": "bc", "GAIL": "gail"},
    ),
    "peer": Suite(
        tuple(
            Case(env, num_demos=10, subsample=1, total_timesteps=205_000, seeds=5)
            for env in ("CartPole-v1", "MountainCar-v0", "Pendulum-v1", "LunarLander-v3")
        ),
        {"BC": "bc", "GAIL": "gail", PEER: None},
    ),
}
