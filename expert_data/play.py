"""Whole episodes of an actor: to evaluate it, or to keep as demonstrations."""

from collections.abc import Sequence

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from agents.observations import ObservationSpec
from expert_data.columns import PackedFrames, join
from expert_data.episodes import Episodes

# Where an environment has no time limit: Atari's 30 minutes at 15 steps a second (Machado et al. 2018).
MAX_STEPS = 27_000
# Who sees what was seen before, is paid nothing and always does the same, goes round in circles for ever: in a game
# that nobody starts, or where a ball meets nothing any more.
STUCK = 1000  # steps, more than a minute of Atari


def play(env: VectorEnv, actor: Actor, seed: int, stochastic: bool) -> Episodes:
    """One episode in each environment, from its first observation to its end.

    One each, and not the first N to end: those would be the short ones.

    Args:
        env: N environments in NEXT_STEP autoreset mode.
        actor: chooses the actions.
        seed: of the environments and of the actor's sampling.
        stochastic: sample the actions rather than take the most likely ones.

    Returns:
        N episodes. By the most likely actions they are cut where for `STUCK` steps nothing was new and nothing paid.
    """
    rng = np.random.default_rng(seed)
    spec = ObservationSpec.of(env.single_observation_space.shape or (), actor.depth)
    frames = np.array(env.reset(seed=seed)[0], spec.dtype)
    seen = spec.first(frames)
    columns = [_column(spec) for _ in range(env.num_envs)]
    actions, rewards, ends = [], [], []
    running, done = np.ones(env.num_envs, bool), np.zeros(env.num_envs, bool)
    idle = np.zeros(env.num_envs, np.int64)  # steps since anything was new or paid
    known = [{hash(row.tobytes())} for row in seen]  # what was seen since anything was paid
    for n, column in enumerate(columns):
        column.append(frames[n])
    while running.any() and len(actions) < MAX_STEPS:
        chosen = actor.sample(seen, rng) if stochastic else actor.mode(seen)
        actions.append(actor.actions.to_env(chosen))
        frames, reward, terminated, truncated, _ = env.step(actions[-1])
        frames = np.array(frames, spec.dtype)
        seen = spec.next(seen, frames, done)
        for n in np.flatnonzero(running):
            columns[n].append(frames[n])
            if reward[n] != 0.0:
                known[n].clear()
            scene = hash(seen[n].tobytes())
            idle[n] = idle[n] + 1 if scene in known[n] else 0
            known[n].add(scene)
        done = terminated | truncated
        rewards.append(np.array(reward, np.float64))
        ends.append(np.stack([terminated, truncated], -1))
        running &= ~done & (stochastic | (idle < STUCK))
    return _episodes(spec, columns, np.stack(actions), np.stack(rewards), np.stack(ends))


def play_once(env: gymnasium.Env, actor: Actor, seed: int, stochastic: bool) -> None:
    """One episode in a single environment, by itself, so that its seed alone repeats it.

    Args:
        env: with vector observations, such as `expert_data.recording.Recorder`, which remembers it.
        actor: chooses the actions.
        seed: of the environment and of the actor's sampling.
        stochastic: sample the actions rather than take the most likely ones.
    """
    rng = np.random.default_rng(seed)
    spec = ObservationSpec.of(env.observation_space.shape or (), actor.depth)
    frame, _ = env.reset(seed=seed)
    seen = spec.first(np.asarray(frame)[None])
    for _ in range(MAX_STEPS):
        action = actor.actions.to_env(actor.sample(seen, rng) if stochastic else actor.mode(seen))[0]
        frame, _, terminated, truncated, _ = env.step(action)
        seen = spec.next(seen, np.asarray(frame, spec.dtype)[None], np.zeros(1, bool))
        if terminated or truncated:
            return


def _column(spec: ObservationSpec) -> list[np.ndarray] | PackedFrames:
    """To keep an episode's observations in: games are long, and evaluations play many at once."""
    return PackedFrames(spec.frame) if spec.is_image else []


def _episodes(
    spec: ObservationSpec,
    columns: Sequence[list[np.ndarray] | PackedFrames],
    actions: np.ndarray,
    rewards: np.ndarray,
    ends: np.ndarray,
) -> Episodes:
    """Cut what was recorded, ``[S, N, ...]`` with ``ends [S, N, 2]``, at the end of each first episode."""
    lengths = np.array([len(column) - 1 for column in columns], np.int64)
    within = [(slice(0, length), n) for n, length in enumerate(lengths)]
    terminated = ends[lengths - 1, np.arange(len(columns)), 0]
    observations = [column if isinstance(column, PackedFrames) else np.stack(column) for column in columns]
    return Episodes(
        join(observations),
        np.concatenate([actions[part] for part in within]),
        np.concatenate([rewards[part] for part in within]),
        lengths,
        terminated,
        ~terminated,
    )
