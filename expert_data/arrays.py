"""From arrays as other programs keep them to episodes, end to end."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from envs.errors import InputError
from expert_data.columns import Column, choose, in_memory

NUMBERS = "biuf"  # NumPy's kinds
FLAGS = ("terminations", "truncations", "dones")


@dataclass(frozen=True)
class Arrays:
    """What was recorded of T steps in E episodes, end to end; None is what was not."""

    observations: Column  # [T + E, ...] with the last one of each episode, or [T, ...] without
    actions: Column | None = None  # [T, ...]
    rewards: Column | None = None  # [T]
    terminations: Column | None = None  # [T] the task ended with this step
    truncations: Column | None = None  # [T] a time limit or the recording ended the episode
    dones: Column | None = None  # [T] one or the other
    episode_lengths: Column | None = None  # [E] steps
    next_observations: Column | None = None  # [T, ...]

    @staticmethod
    def joined(**lists: Any) -> "Arrays":
        """Of lists with an array for each episode; flags may be a boolean for each instead.

        Raises:
            InputError: they are not as many, or cannot be joined.
        """
        given = {name: list(values) for name, values in lists.items() if values is not None}
        counts = {name: len(values) for name, values in given.items()}
        if len(set(counts.values())) > 1:
            raise InputError(
                f"the lists differ in their numbers of episodes: {counts}; give one array for each episode"
            )
        steps = [len(values) for values in given.get("actions", given["observations"])]
        if "actions" not in given and "next_observations" not in given:
            steps = [count - 1 for count in steps]
        for name in FLAGS:
            if name in given and not any(np.ndim(flag) for flag in given[name]):
                given[name] = [np.arange(count) == count - 1 if flag else np.zeros(count, bool)
                               for flag, count in zip(given[name], steps, strict=True)]  # fmt: skip
        try:
            columns = {name: np.concatenate([np.asarray(array) for array in arrays]) for name, arrays in given.items()}
        except ValueError as error:
            raise InputError(f"the episodes' arrays cannot be joined ({error}); give arrays of one shape") from error
        return Arrays(**columns, episode_lengths=np.array(steps))

    def episodes(self, time_limit: int | None) -> dict[str, Any]:
        """The fields of `expert_data.episodes.Episodes`.

        Args:
            time_limit: of the environment, in steps: who is done after as many was truncated, and who is done earlier
                has terminated. Without one, being done counts as termination.

        Raises:
            InputError: the arrays contradict each other or hold no numbers.
        """
        self._require_numbers()
        given = {name: getattr(self, name) for name in FLAGS}
        flags = {name: _flags(name, column) for name, column in given.items() if column is not None}
        lengths = self._lengths(list(flags.values()))
        _require_ends_alone(flags, lengths)
        return self._with_last_observations(lengths) | _how_ended(flags, lengths, time_limit)

    def _require_numbers(self) -> None:
        for each in dataclasses.fields(self):
            column = getattr(self, each.name)
            if column is None:
                continue
            if column.dtype.kind not in NUMBERS:
                raise InputError(f"'{each.name}' has dtype {column.dtype}, which is no number; save plain numbers")
            if not column.shape:
                raise InputError(f"'{each.name}' has shape (), where rows are needed; record them again")

    def _lengths(self, flags: list[np.ndarray]) -> np.ndarray:
        """``[E]``: as given, or else from one end to the next; what lies behind the last end is an episode too."""
        if self.episode_lengths is not None:
            lengths = in_memory(self.episode_lengths)
            if lengths.ndim != 1 or not ((lengths >= 1) & (lengths == np.floor(lengths))).all():
                raise InputError("'episode_lengths' must be a list of positive whole numbers; record them again")
            return lengths.astype(np.int64)
        if not flags:
            raise InputError("nothing says where episodes end; give their lengths, or flags")
        steps = len(flags[0])
        if steps == 0 or any(len(flag) != steps for flag in flags):
            raise InputError("the flags differ in length or are empty; record them again")
        ends = np.flatnonzero(np.logical_or.reduce(flags)) + 1
        if not ends.size or ends[-1] != steps:
            ends = np.append(ends, steps)
        return np.diff(ends, prepend=0)

    def _with_last_observations(self, lengths: np.ndarray) -> dict[str, Any]:
        """Observations with one more than steps in each episode, and what else has a row a step."""
        steps, count = int(lengths.sum()), len(lengths)
        for name in ("actions", "rewards", "next_observations"):
            column = getattr(self, name)
            if column is not None and len(column) != steps:
                raise InputError(
                    f"'{name}' has shape {column.shape}, but 'episode_lengths' say {steps} rows; record them again"
                )
        observations, actions, rewards = self.observations, self.actions, self.rewards
        if len(observations) == steps:
            if self.next_observations is not None:
                observations = _inserted(observations, self.next_observations, lengths)
            else:
                # Nobody knows where the last step led.
                kept = ~np.isin(np.arange(steps), np.cumsum(lengths) - 1)
                if (lengths < 2).any():
                    raise InputError(
                        f"episode {int(np.argmin(lengths))} has one step and no last observation, which leaves "
                        "nothing to learn from; give next_observations"
                    )
                rows = np.flatnonzero(kept)
                actions, rewards = (None if column is None else choose(column, rows) for column in (actions, rewards))
                lengths = lengths - 1
        elif len(observations) != steps + count:
            raise InputError(
                f"'observations' has shape {observations.shape}, but 'episode_lengths' say {steps + count} rows, "
                f"or {steps} without the last ones; record them again"
            )
        if isinstance(observations, np.ndarray) and observations.dtype.kind == "f":
            with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
                observations = observations.astype(np.float32)
        if rewards is not None:
            if len(rewards.shape) != 1:
                raise InputError(f"'rewards' has shape {rewards.shape}, where one number a step is needed")
            rewards = in_memory(rewards).astype(np.float64)
        return {"observations": observations, "actions": actions, "rewards": rewards, "lengths": lengths}


def _flags(name: str, column: Column) -> np.ndarray:
    values = in_memory(column)
    if values.ndim != 1 or not np.isin(values, (0, 1)).all():
        raise InputError(
            f"'{name}' of shape {values.shape} must be flags, one a step, true or false; record them again"
        )
    return values.astype(bool)


def _require_ends_alone(flags: dict[str, np.ndarray], lengths: np.ndarray) -> None:
    """Refuse flags that do not belong to steps, or to others than the last of each episode."""
    steps, last = int(lengths.sum()), np.cumsum(lengths) - 1
    for name, flag in flags.items():
        if len(flag) != steps:
            raise InputError(
                f"'{name}' has shape {flag.shape}, but 'episode_lengths' say {steps} rows; record them again"
            )
        early = np.setdiff1d(np.flatnonzero(flag), last)
        if early.size:
            episode = int(np.searchsorted(last, early[0]))
            step = early[0] - (last[episode] - lengths[episode] + 1)
            raise InputError(
                f"episode {episode} goes on after it ended at step {step}, so that lengths and flags disagree; "
                "record them again"
            )


def _how_ended(flags: dict[str, np.ndarray], lengths: np.ndarray, time_limit: int | None) -> dict[str, np.ndarray]:
    """``terminated`` and ``truncated [E]``. Whatever nobody ended was cut off by the recording."""
    last, nowhere = np.cumsum(lengths) - 1, np.zeros(int(lengths.sum()), bool)
    terminated, truncated, done = (flags.get(name, nowhere)[last] for name in ("terminations", "truncations", "dones"))
    at_limit = lengths >= time_limit if time_limit is not None else np.zeros(len(lengths), bool)
    terminated = terminated | (done & ~truncated & ~at_limit)
    return {"terminated": terminated, "truncated": truncated | ~terminated}


def _inserted(observations: Column, next_observations: Column, lengths: np.ndarray) -> np.ndarray:
    """``[T, ...]`` and the observations behind each step → ``[T + E, ...]``."""
    if next_observations.shape != observations.shape:
        raise InputError(
            f"'next_observations' has shape {next_observations.shape}, but 'observations' {observations.shape}; "
            "record them again"
        )
    last = np.cumsum(lengths) - 1
    return np.insert(in_memory(observations), last + 1, next_observations[last], axis=0)
