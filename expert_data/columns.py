"""Arrays that may be larger than memory: rows are read, or unpacked, when they are asked for."""

import os
import weakref
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

BLOCK_BYTES = 8 << 20  # read at once where all rows are wanted one after another


class FileColumn:
    """Rows that lie one after another in a file, of which no more is in memory than was asked for.

    They are read and not mapped, so that the memory of a process that has looked at all of them stays small.
    """

    def __init__(self, path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype):
        """Open the file.

        Args:
            path: a file, which may be replaced but must not be written to while this is in use.
            offset: of the first row, in bytes.
            shape: of all rows.
            dtype: of a number, in C order.
        """
        self.shape = shape
        self.dtype = dtype
        self._offset = offset
        self._row_bytes = dtype.itemsize * int(np.prod(shape[1:], dtype=np.int64))
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def __len__(self) -> int:
        """Rows."""
        return self.shape[0]

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """The rows of these numbers, in any arrangement ``[...]``.

        Raises:
            IndexError: there is no such row.
            EOFError: the file has become shorter.
        """
        numbers = np.asarray(index)
        flat = numbers.ravel()
        if flat.size and not (flat.min() >= 0 and flat.max() < len(self)):
            raise IndexError(f"rows {flat.min()} to {flat.max()} of {len(self)}")
        rows = np.empty((flat.size, *self.shape[1:]), self.dtype)
        # Neighbours are read together.
        starts = np.flatnonzero(np.diff(flat, prepend=-2) != 1) if rows.nbytes else []
        for start, stop in zip(starts, [*starts[1:], flat.size], strict=True):
            self._read(rows[start:stop], int(flat[start]))
        return rows.reshape((*numbers.shape, *self.shape[1:]))

    def _read(self, rows: np.ndarray, first: int) -> None:
        view, offset = rows.data.cast("B"), self._offset + first * self._row_bytes
        while view:
            count = os.preadv(self._descriptor, [view], offset)
            if count == 0:
                raise EOFError("the file has become shorter")
            view, offset = view[count:], offset + count


class PackedFrames:
    """Images as a column that grows, compressed one by one: a frame of a game takes a few hundred bytes."""

    def __init__(self, frame: tuple[int, ...]):
        """Of uint8 images of this shape; there are none yet."""
        self.dtype = np.dtype(np.uint8)
        self._frame = frame
        self._packed: list[bytes] = []

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all rows."""
        return (len(self), *self._frame)

    def __len__(self) -> int:
        """Rows."""
        return len(self._packed)

    def append(self, frame: np.ndarray) -> None:
        """One more at the end."""
        self._packed.append(zlib.compress(frame.tobytes(), level=1))

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """The rows of these numbers, in any arrangement ``[...]``."""
        numbers, place = np.unique(np.asarray(index), return_inverse=True)
        rows = np.empty((len(numbers), *self._frame), np.uint8)
        for row, number in zip(rows, numbers, strict=True):
            row[...] = np.frombuffer(zlib.decompress(self._packed[number]), np.uint8).reshape(self._frame)
        return rows[place].reshape((*np.shape(index), *self._frame))


class Joined:
    """Columns one after another, as a column."""

    def __init__(self, parts: "Sequence[Column]"):
        """Of one or more, whose rows have one shape and type."""
        # The parts of parts, so that what is joined again and again does not become deeper.
        self.parts = [each for part in parts for each in (part.parts if isinstance(part, Joined) else [part])]
        self.starts = np.cumsum([0, *(len(part) for part in self.parts)])
        self.shape: tuple[int, ...] = (int(self.starts[-1]), *self.parts[0].shape[1:])
        self.dtype = self.parts[0].dtype

    def __len__(self) -> int:
        """Rows."""
        return self.shape[0]

    def chosen(self, rows: np.ndarray) -> "Column":
        """The rows of these rising numbers ``[R]``, 1 or more; parts of which none is chosen can be forgotten."""
        borders = np.searchsorted(rows, self.starts)
        spans = zip(self.parts, self.starts, borders, borders[1:], strict=False)
        return join([choose(part, rows[first:stop] - start) for part, start, first, stop in spans if first < stop])

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """The rows of these numbers, in any arrangement ``[...]``."""
        flat = np.asarray(index).ravel()
        rows = np.empty((flat.size, *self.shape[1:]), self.dtype)
        for part, start in zip(self.parts, self.starts, strict=False):
            here = (flat >= start) & (flat < start + len(part))
            if here.any():
                rows[here] = part[flat[here] - start]
        return rows.reshape((*np.shape(index), *self.shape[1:]))


class ChosenRows:
    """Some rows of a column, in any order, as a column."""

    def __init__(self, column: FileColumn | PackedFrames | Joined, rows: np.ndarray):
        """Without reading any.

        Args:
            column: the whole.
            rows: int64 ``[R]``, their numbers there.
        """
        self.column = column
        self.rows = rows
        self.shape: tuple[int, ...] = (len(rows), *column.shape[1:])
        self.dtype = column.dtype

    def __len__(self) -> int:
        """Rows."""
        return len(self.rows)

    def __getitem__(self, index: np.ndarray) -> np.ndarray:
        """The rows of these numbers, in any arrangement ``[...]``."""
        return self.column[self.rows[index]]


Column = np.ndarray | FileColumn | PackedFrames | Joined | ChosenRows


def join(columns: Sequence[Column]) -> Column:
    """One after another: at once if all are in memory."""
    arrays = [column for column in columns if isinstance(column, np.ndarray)]
    return np.concatenate(arrays) if len(arrays) == len(columns) else Joined(columns)


def choose(column: Column, rows: np.ndarray) -> Column:
    """The rows of these numbers ``[R]``: at once of an array in memory, and when they are asked for of any other."""
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, ChosenRows):
        return ChosenRows(column.column, column.rows[rows])
    if isinstance(column, Joined) and len(rows) and (np.diff(rows) > 0).all():
        return column.chosen(rows)
    return ChosenRows(column, rows)


def in_memory(column: Column) -> np.ndarray:
    """All rows at once."""
    return column if isinstance(column, np.ndarray) else column[np.arange(len(column))]


def blocks(column: Column) -> Iterator[np.ndarray]:
    """All rows in order, a few megabytes at a time."""
    row_bytes = max(1, column.dtype.itemsize * int(np.prod(column.shape[1:], dtype=np.int64)))
    size = max(1, BLOCK_BYTES // row_bytes)
    for start in range(0, len(column), size):
        yield column[np.arange(start, min(start + size, len(column)))]
