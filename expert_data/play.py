"""Whole episodes of an actor: to evaluate it, or to keep as demonstrations."""

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from expert_data.episodes import Episode

# Where an environment has no time limit: Atari's 30 minutes at 15 steps a second (Machado et al. 2018).
MAX_STEPS = 27_000


def play(env: VectorEnv, actor: Actor, seed: int, stochastic: bool) -> list[Episode]:
    """One episode in each environment, from its first observation to its end.

    One each, and not the first N to end: those would be the short ones.

    Args:
        env: N environments in NEXT_STEP autoreset mode.
        actor: chooses the actions.
        seed: of the environments and of the actor's sampling.
        stochastic: sample the actions rather than take the most likely ones.

    Returns:
        N episodes.
    """
    rng = np.random.default_rng(seed)
    observations, _ = env.reset(seed=seed)
    rows = [np.array(observations, np.float32)]
    actions, rewards, ends = [], [], []
    running = np.ones(env.num_envs, bool)
    while running.any() and len(actions) < MAX_STEPS:
        chosen = actor.sample(rows[-1], rng) if stochastic else actor.mode(rows[-1])
        actions.append(actor.actions.to_env(chosen))
        observations, reward, terminated, truncated, _ = env.step(actions[-1])
        rows.append(np.array(observations, np.float32))
        rewards.append(np.array(reward, np.float64))
        ends.append(np.stack([terminated, truncated], -1))
        running &= ~(terminated | truncated)
    record = (np.stack(rows), np.stack(actions), np.stack(rewards), np.stack(ends))
    return [_episode(*(array[:, n] for array in record)) for n in range(env.num_envs)]


def play_once(env: gymnasium.Env, actor: Actor, seed: int, stochastic: bool) -> None:
    """One episode in a single environment, by itself, so that its seed alone repeats it.

    Args:
        env: with vector observations, such as `expert_data.recording.Recorder`, which remembers it.
        actor: chooses the actions.
        seed: of the environment and of the actor's sampling.
        stochastic: sample the actions rather than take the most likely ones.
    """
    rng = np.random.default_rng(seed)
    observation, _ = env.reset(seed=seed)
    for _ in range(MAX_STEPS):
        row = np.asarray(observation, np.float32)[None]
        action = actor.actions.to_env(actor.sample(row, rng) if stochastic else actor.mode(row))[0]
        observation, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            return


def _episode(observations: np.ndarray, actions: np.ndarray, rewards: np.ndarray, ends: np.ndarray) -> Episode:
    """Cut one environment's ``[S, ...]`` record, with ``ends [S, 2]``, at the end of its first episode."""
    done = np.flatnonzero(ends.any(-1))
    length = int(done[0]) + 1 if done.size else len(ends)
    terminated = bool(ends[length - 1, 0])
    return Episode(
        observations[: length + 1].copy(), actions[:length].copy(), rewards[:length].copy(), terminated, not terminated
    )
