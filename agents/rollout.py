"""Collecting experience."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from gymnasium.vector import VectorEnv

from agents.actor import Actor
from agents.observations import ObservationSpec
from agents.transitions import Transitions


@dataclass(frozen=True)
class Cursor:
    """Where the environments stand between two rollouts."""

    seen: np.ndarray  # [N, *shape] what a policy sees, see `ObservationSpec`
    done: np.ndarray  # [N] bool: an episode ended here, and the next step only resets


@dataclass(frozen=True)
class Rollout:
    """T steps of N environments in NEXT_STEP autoreset mode.

    There is an observation more than steps, so that none is kept twice. The observation after a done step is the true
    last one of the episode, and the step after it is no transition at all: it carries the environment into its next
    episode. ``valid`` is False there, and every loss, trace and statistic leaves those steps out.

    Of images every frame is kept once. What a policy saw are `rows` of them, and the k - 1 frames before the first
    observation are there for its sake.
    """

    frames: np.ndarray  # [k - 1 + T + 1, N, *frame] float32 vectors, of which k is 1, or uint8 images
    actions: np.ndarray  # [T, N, K] int32 or float32, in the policy's form, not clipped
    rewards: np.ndarray  # [T, N] float32: the task's own; imitation never learns from it
    terminations: np.ndarray  # [T, N] bool
    truncations: np.ndarray  # [T, N] bool
    valid: np.ndarray  # [T, N] bool
    life_losses: np.ndarray  # [T, N] bool: a game goes on with one life less, where that is to end a return

    @staticmethod
    def side_by_side(parts: "Sequence[Rollout]") -> "Rollout":
        """Rollouts of the same T steps in different environments, as one."""
        fields = ([getattr(part, field.name) for part in parts] for field in dataclasses.fields(Rollout))
        return Rollout(*(np.concatenate(arrays, axis=1) for arrays in fields))

    @property
    def observations(self) -> np.ndarray:
        """``[T + 1, N, *frame]``: what the environments gave, a view."""
        return self.frames[self.depth - 1 :]

    @property
    def depth(self) -> int:
        """k, frames that the policy saw at once."""
        return len(self.frames) - len(self.actions)

    @property
    def spec(self) -> ObservationSpec:
        """What the policy saw."""
        return ObservationSpec(self.frames.shape[2:], self.depth)

    @property
    def table(self) -> np.ndarray:
        """``[R, *frame]``: all frames in one row, a view."""
        return self.frames.reshape(-1, *self.frames.shape[2:])

    @cached_property
    def rows(self) -> np.ndarray:
        """Where what was seen lies in the `table`: int32 ``[T + 1, N]``, of images ``[T + 1, N, k]``."""
        count, num_envs = self.valid.shape
        newest = np.arange((self.depth - 1) * num_envs, len(self.table), dtype=np.int32).reshape(count + 1, num_envs)
        ages = np.full(newest.shape, self.depth - 1, np.int32)  # the frames before the first are what was seen
        for t, valid in enumerate(self.valid):
            ages[t + 1] = np.where(valid, ages[t] + 1, 0)
        return self.spec.rows(newest, ages, stride=num_envs)

    @property
    def steps(self) -> "RolloutSteps":
        """Those that are transitions."""
        return RolloutSteps(self, np.flatnonzero(self.valid))

    @property
    def dones(self) -> np.ndarray:
        """``[T, N]``: the episode ended with this step, either way."""
        return self.terminations | self.truncations

    @property
    def end(self) -> Cursor:
        """Where the next rollout goes on."""
        return Cursor(self.table[self.rows[-1]], self.dones[-1])


@dataclass(frozen=True)
class RolloutSteps:
    """Some steps of a rollout, put together when they are taken; see `agents.transitions.Experience`."""

    rollout: Rollout
    numbers: np.ndarray  # int64 [M] counted along T, then N

    @property
    def actions(self) -> np.ndarray:
        """See `agents.transitions.Experience`."""
        return self.rollout.actions.reshape(-1, self.rollout.actions.shape[-1])[self.numbers]

    def __len__(self) -> int:
        """M."""
        return len(self.numbers)

    def take(self, index: np.ndarray) -> Transitions:
        """See `agents.transitions.Experience`."""
        rollout, numbers = self.rollout, self.numbers[index]
        rows = rollout.rows.reshape(-1, *rollout.rows.shape[2:])
        after = rows[numbers + rollout.valid.shape[1]]
        newest = after[..., -1] if rollout.spec.is_image else after
        observations, next_observations = rollout.spec.pairs(rollout.table, rows[numbers], newest)
        return Transitions(
            observations,
            rollout.actions.reshape(-1, rollout.actions.shape[-1])[numbers],
            next_observations,
            rollout.terminations.ravel()[numbers],
        )


def reset(env: VectorEnv, seed: int, depth: int = 1) -> Cursor:
    """Start new episodes in all environments, of which a policy sees ``depth`` frames at once."""
    frames, _ = env.reset(seed=seed)
    spec = ObservationSpec.of(frames.shape[1:], depth)
    return Cursor(spec.first(frames), np.zeros(env.num_envs, bool))


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
    frame = env.single_observation_space.shape or ()
    seen = start.seen
    spec = ObservationSpec.of(frame, seen.shape[1])
    frames = np.empty((spec.depth + steps, env.num_envs, *frame), spec.dtype)
    actions = np.empty((*shape, actor.actions.num_components), actor.actions.dtype_of_components)
    rewards = np.empty(shape, np.float32)
    terminations, truncations, life_losses = np.empty(shape, bool), np.empty(shape, bool), np.zeros(shape, bool)
    frames[: spec.depth] = seen.swapaxes(0, 1) if spec.is_image else seen
    done = start.done
    for t in range(steps):
        actions[t] = actor.sample(seen, rng)
        step = env.step(actor.actions.to_env(actions[t]))
        frames[spec.depth + t], rewards[t], terminations[t], truncations[t], info = step
        if "life_lost" in info:
            life_losses[t] = info["life_lost"]
        seen = spec.next(seen, frames[spec.depth + t], done)
        done = terminations[t] | truncations[t]
    dones = terminations | truncations
    valid = ~np.concatenate([start.done[None], dones[:-1]])
    return Rollout(frames, actions, rewards, terminations, truncations, valid, life_losses)
