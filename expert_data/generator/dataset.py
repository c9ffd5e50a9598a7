"""The real transitions that a generator learns from, and those that it never sees."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.transitions import Transitions
from agents.world_model.tape import Tape

LEARNED, HELD_OUT, BESIDE = range(3)
MOST_APART = 5000  # transitions in each part that is not learned from
ONE_IN = 5  # of all go to each of them, where there are fewer


@dataclass(frozen=True)
class Dataset:
    """R rows of a tape. A row that leads somewhere is a transition, and belongs to one of three parts.

    The parts are drawn transition by transition, so that real ones in a generator's place are of the very distribution
    that it is judged by.
    """

    tape: Tape
    expert: np.ndarray  # [R] bool: shown by the expert, not met by chance
    part: np.ndarray  # [R] int8

    @staticmethod
    def of(tape: Tape, expert: np.ndarray, rng: np.random.Generator) -> "Dataset":
        """With parts of random transitions."""
        rows = rng.permutation(np.flatnonzero(tape.leads))
        apart = min(MOST_APART, len(rows) // ONE_IN)
        part = np.full(len(tape), LEARNED, np.int8)
        part[rows[:apart]], part[rows[apart : 2 * apart]] = HELD_OUT, BESIDE
        return Dataset(tape, expert, part)

    @cached_property
    def learned_rows(self) -> np.ndarray:
        """``[N]`` numbers of the rows whose transitions are learned from."""
        return self.rows(LEARNED)

    def rows(self, part: int) -> np.ndarray:
        """Numbers of the rows whose transitions are in a part."""
        return np.flatnonzero(self.tape.leads & (self.part == part))

    def transitions(self, rows: np.ndarray) -> Transitions:
        """Those of rows ``[...]`` that lead somewhere."""
        tape = self.tape
        return Transitions(tape.frames[rows], tape.actions[rows], tape.frames[rows + 1], tape.terminations[rows])

    @cached_property
    def learned(self) -> Transitions:
        """``[N]``."""
        return self.transitions(self.learned_rows)

    @property
    def held_out(self) -> Transitions:
        """``[M]``."""
        return self.transitions(self.rows(HELD_OUT))

    @property
    def beside(self) -> Transitions:
        """``[M]`` more that nobody has learned from, to see how real transitions do."""
        return self.transitions(self.rows(BESIDE))

    @property
    def steps_to_termination(self) -> np.ndarray:
        """``[R]``: 0 for the step that ends the task; infinite where the tape ends otherwise."""
        steps = np.full(len(self.tape), np.inf)
        for row in np.flatnonzero(self.tape.terminations & self.tape.leads):
            length = int(self.tape.ages[row]) + 1
            steps[row - length + 1 : row + 1] = np.arange(length - 1, -1, -1)
        return steps

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, by name."""
        tape = {field.name: getattr(self.tape, field.name) for field in dataclasses.fields(Tape)}
        return tape | {"expert": self.expert, "part": self.part}

    @staticmethod
    def from_arrays(arrays: Mapping[str, np.ndarray]) -> "Dataset":
        """The inverse of `arrays`.

        Raises:
            KeyError: something is missing.
        """
        tape = Tape(**{field.name: arrays[field.name] for field in dataclasses.fields(Tape)})
        return Dataset(tape, arrays["expert"], arrays["part"])
