"""How well an actor does by the task's own reward, which training never saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from envs.make import make
from expert_data.record import play

MOST_ENVS = 32  # that play at once, however many episodes are asked for


@dataclass(frozen=True)
class Evaluation:
    """Undiscounted returns and lengths of E episodes."""

    returns: np.ndarray  # [E]
    lengths: np.ndarray  # [E] steps

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
    kept = played[:episodes]
    return Evaluation(np.array([e.total_reward for e in kept]), np.array([len(e) for e in kept]))
