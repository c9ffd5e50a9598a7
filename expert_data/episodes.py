"""Episodes and demonstrations: checked where they are made, then frozen."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from agents.observations import ObservationSpec
from agents.transitions import Transitions
from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.columns import Column, blocks, choose, join


@dataclass(frozen=True)
class Episode:
    """One episode of L steps.

    Raises:
        InputError: it has no step, or its lengths do not agree.
    """

    observations: np.ndarray  # [L + 1, ...], the last one included
    actions: np.ndarray | None  # [L, ...] as the environment takes them; None where only observations were recorded
    rewards: np.ndarray | None  # [L] the task's own, for reporting only; None where they were not recorded
    terminated: bool  # the task ended with the last step
    truncated: bool  # the recording or a time limit ended it

    def __post_init__(self) -> None:
        """Check."""
        length = len(self)
        if length < 1:
            raise InputError("an episode has no steps; record it again")
        for name in ("actions", "rewards"):
            values = getattr(self, name)
            if values is not None and len(values) != length:
                raise InputError(
                    f"an episode of {length + 1} observations has {len(values)} {name}, where {length} are needed: "
                    "one fewer"
                )

    def __len__(self) -> int:
        """Steps."""
        return len(self.observations) - 1

    @property
    def total_reward(self) -> float:
        """The undiscounted return, by the task's own reward; NaN where that was not recorded."""
        return float("nan") if self.rewards is None else float(self.rewards.sum())


@dataclass(frozen=True)
class Episodes:
    """E episodes of T steps in all, end to end. The large arrays may lie in a file, see `Column`.

    Raises:
        InputError: there are none, or the arrays contradict each other.
    """

    observations: Column  # [T + E, ...] each episode's, its last one included
    actions: Column | None  # [T, ...] as the environment takes them; None where only observations were recorded
    rewards: np.ndarray | None  # [T] the task's own, for reporting only; None where they were not recorded
    lengths: np.ndarray  # [E] int64 steps
    terminated: np.ndarray  # [E] bool: the task ended with the last step
    truncated: np.ndarray  # [E] bool: the recording or a time limit ended it
    seeds: np.ndarray | None = None  # [E] int64 that the environment was reset with; None where nobody knows

    def __post_init__(self) -> None:
        """Check, and make what is in memory read-only."""
        if not len(self.lengths):
            raise InputError("there are no episodes; record at least one")
        # Gymnasium allows both; what comes after a termination is known, whatever else ended the episode.
        object.__setattr__(self, "truncated", self.truncated & ~self.terminated)
        steps = self.num_steps
        for name, rows in (("observations", steps + len(self)), ("actions", steps), ("rewards", steps)):
            column = getattr(self, name)
            if column is not None and column.shape[0] != rows:
                raise InputError(
                    f"'{name}' has shape {column.shape}, but 'episode_lengths' say {rows} rows; record them again"
                )
        for name in ("terminated", "truncated", "seeds"):
            values = getattr(self, name)
            if values is not None and values.shape != (len(self),):
                raise InputError(f"'{name}' has shape {values.shape}, where there are {len(self)} episodes")
        for each in dataclasses.fields(Episodes):
            values = getattr(self, each.name)
            if isinstance(values, np.ndarray):
                values = values.view()
                values.flags.writeable = False
                object.__setattr__(self, each.name, values)

    @classmethod
    def of(cls, episodes: Iterable[Episode], **fields: Any) -> Self:
        """Made of whole episodes.

        Args:
            episodes: E of them.
            fields: further fields of a subclass.

        Raises:
            InputError: there are none, or they differ in what they have or in shape.
        """
        episodes = list(episodes)
        if not episodes:
            raise InputError("there are no episodes; record at least one")
        joined: dict[str, np.ndarray | None] = {}
        for name in ("observations", "actions", "rewards"):
            arrays = [getattr(episode, name) for episode in episodes]
            there = [array for array in arrays if array is not None]
            if there and len(there) < len(arrays):
                raise InputError(f"some episodes have {name} and some have none; keep those of one kind")
            shapes = {array.shape[1:] for array in there}
            if len(shapes) > 1:
                raise InputError(f"'{name}' differ in shape between episodes: {sorted(shapes)}")
            joined[name] = np.concatenate(there) if there else None
        observations = joined["observations"]
        assert observations is not None, "every episode has them"
        return cls(
            observations,
            joined["actions"],
            joined["rewards"],
            np.array([len(episode) for episode in episodes], np.int64),
            np.array([episode.terminated for episode in episodes], bool),
            np.array([episode.truncated for episode in episodes], bool),
            **fields,
        )

    @classmethod
    def joined(cls, parts: "Sequence[Episodes]") -> Self:
        """All episodes of all parts, in order.

        Raises:
            InputError: they differ in shape or in what was recorded.
        """
        joined: dict[str, Column | None] = {}
        for name in ("observations", "actions", "rewards", "seeds"):
            columns = [getattr(part, name) for part in parts]
            there = [column for column in columns if column is not None]
            if there and len(there) < len(columns) and name in ("observations", "actions"):
                raise InputError(f"some have {name} and some have none; merge those of one kind")
            rows = {(column.shape[1:], column.dtype.kind) for column in there}
            if len(rows) > 1:
                raise InputError(f"their {name} differ in shape or type; merge those of one kind")
            joined[name] = join(there) if there and len(there) == len(columns) else None
        arrays = {name: [getattr(part, name) for part in parts] for name in ("lengths", "terminated", "truncated")}
        fields: dict[str, Any] = joined | {name: np.concatenate(each) for name, each in arrays.items()}
        return cls(**fields)

    def __len__(self) -> int:
        """Episodes."""
        return len(self.lengths)

    def __getitem__(self, number: int) -> Episode:
        """One of them, read into memory."""
        start, length = int(self.starts[number]), int(self.lengths[number])
        steps = np.arange(start, start + length)
        first = start + number
        return Episode(
            self.observations[np.arange(first, first + length + 1)],
            None if self.actions is None else self.actions[steps],
            None if self.rewards is None else self.rewards[steps],
            bool(self.terminated[number]),
            bool(self.truncated[number]),
        )

    def __iter__(self) -> Iterator[Episode]:
        """One after another."""
        return (self[number] for number in range(len(self)))

    def chosen(self, numbers: Sequence[int] | np.ndarray) -> Self:
        """The episodes of these numbers, in this order."""
        picked = np.asarray(numbers, np.int64)
        spans = [(int(self.starts[number]), int(self.lengths[number])) for number in picked]
        steps = np.concatenate([np.arange(start, start + length) for start, length in spans])
        states = np.concatenate(
            [np.arange(start + n, start + n + length + 1) for n, (start, length) in zip(picked, spans, strict=True)]
        )
        return dataclasses.replace(
            self,
            observations=choose(self.observations, states),
            actions=None if self.actions is None else choose(self.actions, steps),
            rewards=None if self.rewards is None else self.rewards[steps],
            lengths=self.lengths[picked],
            terminated=self.terminated[picked],
            truncated=self.truncated[picked],
            seeds=None if self.seeds is None else self.seeds[picked],
        )

    @property
    def starts(self) -> np.ndarray:
        """``[E]``: each episode's first step among all steps."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def num_steps(self) -> int:
        """T."""
        return int(self.lengths.sum())

    @property
    def returns(self) -> np.ndarray:
        """``[E]`` undiscounted, by the task's own reward; NaN where that was not recorded."""
        if self.rewards is None:
            return np.full(len(self), np.nan)
        return np.add.reduceat(self.rewards, self.starts, dtype=np.float64)

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
        return int(self.terminated.sum()) / self.num_steps

    def require_finite(self) -> None:
        """Look at every number.

        Raises:
            InputError: one is NaN or infinite; the message names array, episode and step.
        """
        for name in ("observations", "actions", "rewards"):
            column = getattr(self, name)
            if column is None or column.dtype.kind != "f":
                continue
            first = 0
            for block in blocks(column):
                bad = np.flatnonzero(~np.isfinite(block.reshape(len(block), -1)).all(-1))
                if bad.size:
                    episode, step = self.place(first + int(bad[0]), last_included=name == "observations")
                    raise InputError(
                        f"'{name}' has a NaN or infinite value at step {step} of episode {episode}; record it again"
                    )
                first += len(block)

    def place(self, row: int, last_included: bool) -> tuple[int, int]:
        """The episode that a row belongs to, and the row's number in it.

        Args:
            row: among all observations or among all steps.
            last_included: it is among the observations, of which each episode has one more than steps.
        """
        starts = self.starts + last_included * np.arange(len(self))
        episode = int(np.searchsorted(starts, row, side="right")) - 1
        return episode, row - int(starts[episode])

    def steps(self, spec: ActionSpec, numbers: np.ndarray | None = None, depth: int = 1) -> "Steps":
        """Steps as a learner takes them.

        Args:
            spec: of the environment's actions.
            numbers: int64 ``[M]`` which of all steps; by default all of them, in order.
            depth: of images, frames that are seen at once, see `agents.observations.ObservationSpec`.
        """
        numbers = np.arange(self.num_steps) if numbers is None else numbers
        terminations = np.zeros(self.num_steps, bool)
        terminations[self.starts + self.lengths - 1] = self.terminated
        episodes = np.searchsorted(self.starts, numbers, side="right") - 1
        seen = ObservationSpec.of(self.observations.shape[1:], depth)
        actions = None if self.actions is None else spec.from_env(self.actions[numbers])
        ages = numbers - self.starts[episodes]
        return Steps(self.observations, seen, numbers + episodes, ages, actions, terminations[numbers])


@dataclass(frozen=True)
class Steps:
    """M steps of episodes, whose observations are read when they are taken; see `agents.transitions.Experience`."""

    observations: Column  # of whole episodes
    spec: ObservationSpec  # what is seen of them
    states: np.ndarray  # int64 [M] the row of each step's observation, before the row of the next one
    ages: np.ndarray  # int64 [M] steps of the episode before this one
    actions: np.ndarray | None  # [M, K] in the policy's form; None where only observations were recorded
    terminations: np.ndarray  # [M] bool

    def __len__(self) -> int:
        """M."""
        return len(self.states)

    def take(self, index: np.ndarray) -> Transitions:
        """See `agents.transitions.Experience`."""
        states = self.states[index]
        seen = self.spec.rows(states, self.ages[index])
        pair = self.spec.pairs(self.observations, seen, states + 1)
        observations, next_observations = (each.astype(self.spec.dtype, copy=False) for each in pair)
        actions = None if self.actions is None else self.actions[index]
        return Transitions(observations, actions, next_observations, self.terminations[index])
