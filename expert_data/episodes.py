"""Episodes and demonstrations: checked where they are made, then frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.transitions import Transitions
from envs.actions import ActionSpec
from envs.errors import InputError


@dataclass(frozen=True)
class Episode:
    """One episode of L steps.

    Raises:
        InputError: it has no step, its lengths do not agree, or a number is not finite.
    """

    observations: np.ndarray  # [L + 1, D] float32, the last one included
    actions: np.ndarray | None  # [L, ...] as the environment takes them; None where only observations were recorded
    rewards: np.ndarray  # [L] the task's own, for reporting only
    terminated: bool  # the task ended with the last step
    truncated: bool  # the recording or a time limit ended it

    def __post_init__(self) -> None:
        """Check, and make the arrays read-only."""
        length = len(self.rewards)
        if self.terminated and self.truncated:
            # Gymnasium allows both; what comes after a termination is known, whatever else ended the episode.
            object.__setattr__(self, "truncated", False)
        if length == 0:
            raise InputError("an episode has no steps; record it again")
        num_actions = length if self.actions is None else len(self.actions)
        if len(self.observations) != length + 1 or num_actions != length:
            raise InputError(
                f"an episode of {length} rewards has {len(self.observations)} observations and {num_actions} "
                f"actions, where {length + 1} and {length} are needed"
            )
        for name in ("observations", "actions", "rewards"):
            if getattr(self, name) is None:
                continue
            values = np.array(getattr(self, name))  # a copy: the caller's array stays as it is
            if not np.isfinite(values).all():
                step = int(np.argwhere(~np.isfinite(values))[0][0])
                raise InputError(f"'{name}' has a NaN or infinite value at step {step} of an episode; record it again")
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        """Steps."""
        return len(self.rewards)

    @property
    def terminations(self) -> np.ndarray:
        """``[L]`` bool: at the last step, if the task ended with it."""
        return (np.arange(len(self)) == len(self) - 1) & self.terminated

    @property
    def total_reward(self) -> float:
        """The undiscounted return, by the task's own reward."""
        return float(self.rewards.sum())


@dataclass(frozen=True)
class Episodes:
    """E episodes in one environment.

    Raises:
        InputError: there are none, or they differ in shape.
    """

    episodes: Sequence[Episode]

    def __post_init__(self) -> None:
        """Check."""
        if not self.episodes:
            raise InputError("there are no episodes; record at least one")
        if len({episode.actions is None for episode in self.episodes}) > 1:
            raise InputError("some episodes have actions and some have none; keep those of one kind")
        for name in ("observations", "actions") if self.have_actions else ("observations",):
            shapes = {getattr(episode, name).shape[1:] for episode in self.episodes}
            if len(shapes) > 1:
                raise InputError(f"'{name}' differ in shape between episodes: {sorted(shapes)}")

    def __len__(self) -> int:
        """Episodes."""
        return len(self.episodes)

    @property
    def have_actions(self) -> bool:
        """Were the expert's actions recorded?"""
        return self.episodes[0].actions is not None

    @property
    def num_steps(self) -> int:
        """Steps of all episodes together."""
        return sum(len(episode) for episode in self.episodes)

    @property
    def returns(self) -> np.ndarray:
        """``[E]`` undiscounted returns by the task's own reward."""
        return np.array([episode.total_reward for episode in self.episodes])

    @property
    def lengths(self) -> np.ndarray:
        """``[E]`` steps of each episode."""
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

    @property
    def termination_rate(self) -> float:
        """Terminations per step."""
        return sum(episode.terminated for episode in self.episodes) / self.num_steps

    def transitions(self, spec: ActionSpec) -> Transitions:
        """All steps of all episodes, one after the other, ``[num_steps]``, with actions as ``spec`` has them."""
        episodes = self.episodes
        actions = [episode.actions for episode in episodes if episode.actions is not None]
        return Transitions(
            np.concatenate([episode.observations[:-1] for episode in episodes]).astype(np.float32),
            spec.from_env(np.concatenate(actions)) if actions else None,
            np.concatenate([episode.observations[1:] for episode in episodes]).astype(np.float32),
            np.concatenate([episode.terminations for episode in episodes]),
        )


@dataclass(frozen=True)
class Demonstrations(Episodes):
    """Episodes of an expert, and where they come from."""

    metadata: Mapping[str, Any] = field(default_factory=dict)  # env_id, versions, seed, source, time

    def first(self, count: int) -> "Demonstrations":
        """The first ``count`` episodes.

        Raises:
            InputError: there are not that many.
        """
        if not 1 <= count <= len(self):
            raise InputError(
                f"--num-demos is {count}, but there are {len(self)} episodes; give a number from 1 to that."
            )
        return Demonstrations(self.episodes[:count], self.metadata)

    def after(self, count: int) -> "Demonstrations | None":
        """All episodes but the first ``count``; None if there are no others."""
        rest = self.episodes[count:]
        return Demonstrations(rest, self.metadata) if rest else None

    def subsampled(self, spec: ActionSpec, keep_one_in: int, rng: np.random.Generator) -> Transitions:
        """Every ``keep_one_in``-th step of each episode, from a random one of its first ``keep_one_in``.

        The subsampling of Ho and Ermon (2016, section 6): neighbouring steps tell much the same.

        Raises:
            InputError: fewer than two steps are left.
        """
        firsts = np.cumsum(self.lengths) - self.lengths
        kept = [
            np.arange(first + rng.integers(keep_one_in), first + length, keep_one_in)
            for first, length in zip(firsts, self.lengths, strict=True)
        ]
        chosen = self.transitions(spec).take(np.concatenate(kept))
        if len(chosen) < 2:
            raise InputError(
                f"The demonstrations are too short: {len(chosen)} of {self.num_steps} steps remain with "
                f"--subsample {keep_one_in}, and at least 2 are needed; give longer ones, or subsample less."
            )
        return chosen
