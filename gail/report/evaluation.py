"""How well an actor does by the task's own reward, which training never saw."""

from collections.abc import Mapping
from typing import Any

from gymnasium.vector import VectorEnv

from agents.actor import Actor
from envs.atari import scored
from envs.make import make
from envs.registry import find_spec
from expert_data.episodes import Episodes
from expert_data.play import play

MOST_ENVS = 32  # that play at once, however many episodes are asked for


def open_env(env_id: str, env_kwargs: Mapping[str, Any], episodes: int) -> VectorEnv:
    """Environments to evaluate ``episodes`` in, apart from those of training, and paid by the task's own reward.

    Raises:
        InputError: as `envs.make.make`.
    """
    return make(env_id, min(episodes, MOST_ENVS), scored(find_spec(env_id), env_kwargs))


def evaluate(env: VectorEnv, actor: Actor, episodes: int, seed: int, stochastic: bool = False) -> Episodes:
    """Play ``episodes`` fresh episodes, as many at once as ``env`` has copies.

    Args:
        env: from `open_env`.
        actor: acts by its mode, or samples if ``stochastic``.
        episodes: E.
        seed: of the start states and of the sampling.
        stochastic: see ``actor``.
    """
    played = play(env, actor, seed, stochastic)
    while len(played) < episodes:
        played = Episodes.joined([played, play(env, actor, seed + len(played), stochastic)])
    return played.chosen(range(episodes))
