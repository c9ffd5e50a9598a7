"""How well an actor does by the task's own reward, which training never saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from envs.make import make
from expert_data.episodes import Episode
from expert_data.record import play

MOST_ENVS = 32  # that play at once, however many episodes are asked for


@dataclass(frozen=True)
class Evaluation:
    """E fresh episodes."""

    episodes: list[Episode]

    @property
    def returns(self) -> np.ndarray:
        """``[E]``, undiscounted."""
        return np.array([episode.total_reward for episode in self.episodes])

    @property
    def lengths(self) -> np.ndarray:
        """``[E]``, in steps."""
        return np.array([len(episode) for episode in self.episodes])

    @property
    def return_mean(self) -> float:
        """Over the episodes."""
        return float(self.returns.mean())

    @property
    def return_std(self) -> float:
        """Over the episodes, population form."""
        return float(self.returns.std())

    @property
    def length_mean(self) -> float:
        """Over the episodes, in steps."""
        return float(self.lengths.mean())


def open_env(env_id: str, env_kwargs: Mapping[str, Any], episodes: int) -> VectorEnv:
    """Environments to evaluate in, apart from those of training."""
    return make(env_id, min(episodes, MOST_ENVS), env_kwargs)


def evaluate(env: VectorEnv, actor: Actor, episodes: int, seed: int, stochastic: bool = False) -> Evaluation:
    """Play ``episodes`` fresh episodes, as many at once as ``env`` has copies.

    Args:
        env: from `open_env`.
        actor: acts by its mode, or samples if ``stochastic``.
        episodes: E.
        seed: of the start states and of the sampling.
        stochastic: see ``actor``.
    """
    played = []
    while len(played) < episodes:
        played += play(env, actor, seed + len(played), stochastic)
    return Evaluation(played[:episodes])
