"""Collecting experience."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from agents.transitions import Transitions


@dataclass(frozen=True)
class Cursor:
    """Where the environments stand between two rollouts."""

    observations: np.ndarray  # [N, D] float32
    done: np.ndarray  # [N] bool: an episode ended here, and the next step only resets


@dataclass(frozen=True)
class Rollout:
    """T steps of N environments in NEXT_STEP autoreset mode.

    ``observations`` has a row more than the rest, so that `next_observations` is a view. The observation after a done
    step is the true last one of the episode, and the step after it is no transition at all: it carries the environment
    into its next episode. ``valid`` is False there, and every loss, trace and statistic leaves those steps out.
    """

    observations: np.ndarray  # [T + 1, N, D] float32
    actions: np.ndarray  # [T, N, K] int32 or float32, in the policy's form, not clipped
    rewards: np.ndarray  # [T, N] float32: the task's own; imitation never learns from it
    terminations: np.ndarray  # [T, N] bool
    truncations: np.ndarray  # [T, N] bool
    valid: np.ndarray  # [T, N] bool

    @staticmethod
    def side_by_side(parts: "Sequence[Rollout]") -> "Rollout":
        """Rollouts of the same T steps in different environments, as one."""
        fields = ([getattr(part, field.name) for part in parts] for field in dataclasses.fields(Rollout))
        return Rollout(*(np.concatenate(arrays, axis=1) for arrays in fields))

    @property
    def next_observations(self) -> np.ndarray:
        """``[T, N, D]``, a view."""
        return self.observations[1:]

    @property
    def transitions(self) -> Transitions:
        """``[T, N]`` of them, views; only the valid ones are transitions at all."""
        return Transitions(self.observations[:-1], self.actions, self.next_observations, self.terminations)

    @property
    def dones(self) -> np.ndarray:
        """``[T, N]``: the episode ended with this step, either way."""
        return self.terminations | self.truncations

    @property
    def end(self) -> Cursor:
        """Where the next rollout goes on."""
        return Cursor(self.observations[-1], self.dones[-1])


def reset(env: VectorEnv, seed: int) -> Cursor:
    """Start new episodes in all environments."""
    observations, _ = env.reset(seed=seed)
    return Cursor(np.array(observations, np.float32), np.zeros(env.num_envs, bool))


def collect(env: VectorEnv, actor: Actor, start: Cursor, steps: int, rng: np.random.Generator) -> Rollout:
    """Act for ``steps`` steps in every environment.

    A plain function from NumPy to NumPy: no TensorFlow, no globals, no callbacks, so that it can run anywhere.

    Args:
        env: in NEXT_STEP autoreset mode, standing at ``start``.
        actor: samples the actions.
        start: from `reset`, or the `end` of the rollout before.
        steps: T.
        rng: the only source of the actor's randomness.
    """
    shape = (steps, env.num_envs)
    observations = np.empty((steps + 1, *start.observations.shape), np.float32)
    actions = np.empty((*shape, actor.actions.num_components), actor.actions.dtype_of_components)
    rewards = np.empty(shape, np.float32)
    terminations, truncations = np.empty(shape, bool), np.empty(shape, bool)
    observations[0] = start.observations
    for t in range(steps):
        actions[t] = actor.sample(observations[t], rng)
        observations[t + 1], rewards[t], terminations[t], truncations[t], _ = env.step(actor.actions.to_env(actions[t]))
    dones = terminations | truncations
    valid = ~np.concatenate([start.done[None], dones[:-1]])
    return Rollout(observations, actions, rewards, terminations, truncations, valid)
