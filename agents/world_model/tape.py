"""Real experience, kept as one long tape for a model to learn from."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.encoded import Encoder
from agents.observations import ObservationSpec
from agents.rollout import Rollout
from agents.transitions import BLOCK


@dataclass(frozen=True)
class Tape:
    """R rows, each an observation and what was done there.

    Row r leads to row r + 1 where ``leads[r]`` is True. Elsewhere something else begins with the next row, an episode
    or another recording, and what a model remembers must not be carried over. The action of a row is the one that was
    taken on seeing its observation.
    """

    frames: np.ndarray  # [R, *frame]
    ages: np.ndarray  # [R] int32 rows since the first that can be seen together with this one
    actions: np.ndarray  # [R, K] in the policy's form; anything where the row leads nowhere
    rewards: np.ndarray  # [R] float32: the task's own, to probe by; NaN where nobody knows
    terminations: np.ndarray  # [R] bool: the task ended with the step from this row
    leads: np.ndarray  # [R] bool

    def __len__(self) -> int:
        """R."""
        return len(self.leads)

    @staticmethod
    def of_rollout(rollout: Rollout) -> "Tape":
        """All environments of a rollout, one after another; of images with the frames that were seen before it."""
        (steps, num_envs), before = rollout.valid.shape, rollout.depth - 1
        rows = before + steps + 1

        def laid_out(values: np.ndarray) -> np.ndarray:
            """``[T or before + T + 1, N, ...]`` → ``[N rows, ...]``."""
            if len(values) == steps:
                nothing = np.zeros_like(values[:1])
                values = np.concatenate([*[nothing] * before, values, nothing])
            return values.swapaxes(0, 1).reshape(num_envs * rows, *values.shape[2:])

        leads = laid_out(rollout.valid)
        number = np.arange(len(leads)) % rows
        begins = number == 0
        begins[1:] |= ~leads[:-1] & (number[1:] > before)
        return Tape(
            laid_out(rollout.frames),
            ages(begins),
            laid_out(rollout.actions),
            laid_out(rollout.rewards),
            laid_out(rollout.terminations),
            leads,
        )

    @staticmethod
    def of_episode(frames: np.ndarray, actions: np.ndarray, rewards: np.ndarray, terminated: bool) -> "Tape":
        """Of ``[L + 1, *frame]``, ``[L, K]``, ``[L]``, and whether the task ended with the last step."""
        steps = np.arange(len(frames), dtype=np.int32)
        last = len(actions)

        def longer(values: np.ndarray) -> np.ndarray:
            return np.concatenate([values, np.zeros_like(values[:1])])

        return Tape(frames, steps, longer(actions), longer(rewards), (steps == last - 1) & terminated, steps < last)

    @staticmethod
    def joined(parts: "Sequence[Tape]") -> "Tape":
        """One after another."""
        return Tape(*(np.concatenate([getattr(part, name) for part in parts]) for name in Tape.__dataclass_fields__))

    def ahead(self, rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """The rows that ``rows`` lead to after ``steps``, int ``[...]`` each, or the last before something else."""
        numbers = np.arange(len(self))
        last = np.minimum.accumulate(np.where(self.leads, len(self) - 1, numbers)[::-1])[::-1]
        return np.minimum(rows + steps, last[rows])

    def encoded(self, encoder: Encoder) -> "Tape":
        """With latents as frames."""
        spec, rows = encoder.observations, np.arange(len(self))
        blocks = (self.seen(spec, rows[i : i + BLOCK]) for i in range(0, len(self), BLOCK))
        return dataclasses.replace(self, frames=np.concatenate([encoder(seen) for seen in blocks]))

    def seen(self, spec: ObservationSpec, rows: np.ndarray) -> np.ndarray:
        """What a policy sees at ``rows [...]``: ``[..., *spec.shape]``."""
        return self.frames[spec.rows(rows, self.ages[rows])]


def sides(shown: int, rows: int) -> list[np.ndarray]:
    """Rows of a tape that begins with ``shown`` rows of demonstrations, for `draw`: theirs and, if any, all others."""
    return [side for side in (np.arange(shown), np.arange(shown, rows)) if len(side)]


def draw(groups: Sequence[np.ndarray], shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Rows of that shape, each from one of the groups ``[R_i]``, which are all as likely, whatever their sizes."""
    which = rng.integers(0, len(groups), shape)
    return np.choose(which, [rng.choice(group, shape) for group in groups])


def ages(begins: np.ndarray) -> np.ndarray:
    """Rows since the last that begins, int32 ``[R]``; the first row begins."""
    rows = np.arange(len(begins))
    return (rows - np.maximum.accumulate(np.where(begins, rows, 0))).astype(np.int32)
