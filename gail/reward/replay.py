"""What a discriminator remembers of the last rounds' agents."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from agents.transitions import BLOCK


@dataclass(frozen=True)
class Pieces:
    """The rows of M transitions, of which what many share is there once.

    A row is P rows of the table side by side, and its own columns behind them.
    """

    table: np.ndarray  # [R, C]
    where: np.ndarray  # int32 [M, P] rows of the table
    own: np.ndarray  # [M, A]

    @staticmethod
    def whole(rows: np.ndarray) -> "Pieces":
        """Of rows ``[M, C]`` that share nothing."""
        return Pieces(rows, np.arange(len(rows), dtype=np.int32)[:, None], rows[:, :0])

    def blocks(self) -> Iterator[np.ndarray]:
        """All rows in order, ``[B, P C + A]`` at a time."""
        for start in range(0, len(self.where), BLOCK):
            block = slice(start, start + BLOCK)
            parts = self.table[self.where[block]]
            yield np.concatenate([parts.reshape(len(parts), -1), self.own[block]], -1)


@dataclass(frozen=True)
class PiecesShape:
    """How large the `Pieces` of one round may be."""

    transitions: int  # M
    table: tuple[int, int]  # R, C
    parts: int  # P
    own: int  # A

    @staticmethod
    def whole(transitions: int, num_columns: int) -> "PiecesShape":
        """Of `Pieces.whole`."""
        return PiecesShape(transitions, (transitions, num_columns), parts=1, own=0)


class Replay(tf.Module):
    """The transitions of so many rounds, those of the newest in the place of the oldest's."""

    def __init__(self, rounds: int, shape: PiecesShape, dtype: str):
        """Empty."""
        super().__init__()
        self.rounds = rounds
        self.shape = shape
        length, columns = shape.table
        # Flat, because TensorFlow gathers from a variable as it is without a copy of all of it.
        self.table = tf.Variable(tf.zeros([rounds * length, columns], dtype), name="table")
        self.where = tf.Variable(tf.zeros([rounds * shape.transitions, shape.parts], tf.int32), name="where")
        self.own = tf.Variable(tf.zeros([rounds * shape.transitions, shape.own], dtype), name="own")
        self.counts = tf.Variable(tf.zeros([rounds], tf.int64), name="counts")  # transitions of each round
        self.rounds_seen = tf.Variable(tf.constant(0, tf.int64), name="rounds_seen")

    def remember(self, pieces: Pieces) -> None:
        """One round more."""
        place = int(self.rounds_seen) % self.rounds
        rows, numbers = place * self.shape.table[0], place * self.shape.transitions
        self.table[rows : rows + len(pieces.table)].assign(pieces.table)
        self.where[numbers : numbers + len(pieces.where)].assign(rows + pieces.where)
        self.own[numbers : numbers + len(pieces.own)].assign(pieces.own)
        self.counts[place].assign(len(pieces.where))
        self.rounds_seen.assign_add(1)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """Numbers of transitions for `rows`, int64, each of those that are remembered as likely as the others."""
        counts = self.counts.numpy()
        ends = np.cumsum(counts)
        chosen = rng.integers(0, ends[-1], shape)
        place = np.searchsorted(ends, chosen, "right")
        return chosen - (ends - counts)[place] + place * self.shape.transitions

    def rows(self, numbers: tf.Tensor) -> tf.Tensor:
        """Of transitions ``[B]``: ``[B, P C + A]``."""
        parts = tf.gather(self.table, tf.gather(self.where, numbers))
        width = self.shape.parts * self.shape.table[1]
        return tf.concat([tf.reshape(parts, [-1, width]), tf.gather(self.own, numbers)], -1)
