"""Arrays in an ``.npz``: written a block at a time, and read without trusting what is in it.

What is compressed is read into memory, up to a limit that a small file cannot talk its way past. What is not compressed
stays in the file, see `FileColumn`. Nothing is ever unpickled.
"""

import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from envs.errors import InputError
from expert_data.columns import Column, FileColumn, blocks

MOST_IN_MEMORY = 2 << 30  # bytes, of the compressed arrays of a file
LARGE = 64 << 20  # bytes of an array that is left in the file, and of all arrays of a file that is not compressed
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip knows: equal arrays give equal files
LOCAL_HEADER = struct.Struct("<4s22xHH")  # of a zip's member: signature, lengths of its name and of what follows it
# What zipfile and zlib know. A name that is no text gives a UnicodeDecodeError.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, UnicodeDecodeError, EOFError, OSError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


class Archive:
    """The arrays of an ``.npz`` file, each of which is looked at before it is read.

    A context manager. What it raises speaks of "they", the demonstrations, and leaves naming the file to the caller.
    """

    def __init__(self, path: Path):
        """Open the file.

        Raises:
            InputError: it is no zip, or it is damaged.
        """
        self.path = path
        self._in_memory = 0
        try:
            with path.open("rb") as file:
                start = file.read(6)
            if start == b"\x93NUMPY":
                raise InputError("they are one bare array, where an .npz of several is needed")
            if start[:1] == b"\x80" or start[:2] in (b"(d", b"(l", b"cc"):
                raise InputError(
                    "they are a pickle, and pickles are never loaded, because they may run anything; save plain arrays"
                )
            if start[:2] != b"PK":
                raise InputError(
                    "they are damaged, or neither an .npz nor any other file that is known; save plain arrays"
                )
            self._zip = zipfile.ZipFile(path)
        except DAMAGED as error:
            raise damaged(error) from error
        self._members = {info.filename.removesuffix(".npy"): info for info in self._zip.infolist()}

    def __enter__(self) -> "Archive":
        """The open file."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it; the columns that it gave stay readable."""
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """Of its arrays."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        """Is there an array of this name?"""
        return name in self._members

    def read(self, name: str) -> Column:
        """One array.

        Raises:
            InputError: it is damaged, holds Python objects, or is too large.
        """
        info = self._members[name]
        try:
            with self._zip.open(info) as member:
                shape, fortran_order, dtype = _header(member)
                header_bytes = member.tell()
                size = math.prod(shape) * dtype.itemsize
                if dtype.hasobject:
                    raise InputError(
                        f"array '{name}' is a pickle of Python objects, which is never loaded; save plain arrays"
                    )
                if size + header_bytes != info.file_size:
                    raise ValueError(f"'{name}' has {info.file_size} bytes where {size + header_bytes} are announced")
                if shape and info.compress_type == zipfile.ZIP_STORED and size > LARGE and not fortran_order:
                    return FileColumn(self.path, self._data_offset(info) + header_bytes, shape, dtype)
                self._in_memory += size
                if self._in_memory > MOST_IN_MEMORY:
                    raise InputError(
                        f"they unpack to more than {MOST_IN_MEMORY >> 30} GiB; save large arrays with numpy.savez, "
                        "uncompressed, and they will be read a piece at a time"
                    )
                flat = np.frombuffer(bytearray(_exactly(member, size)), dtype)
                return flat.reshape(shape, order="F" if fortran_order else "C")
        except DAMAGED as error:
            raise damaged(error) from error
        except ValueError as error:
            raise InputError(f"array '{name}' is damaged or no array at all ({error}); save plain arrays") from error

    def _data_offset(self, info: zipfile.ZipInfo) -> int:
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            _, name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
        return info.header_offset + LOCAL_HEADER.size + name_length + extra_length


def write(file: IO[bytes], arrays: Mapping[str, Column]) -> None:
    """An ``.npz`` of these arrays, of which no more than a block is in memory at once.

    Small ones are compressed; large ones are not, so that their rows can be read one by one.
    """
    large = sum(math.prod(array.shape) * array.dtype.itemsize for array in arrays.values()) > LARGE
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if large else zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            info.compress_type = archive.compression
            with archive.open(info, "w", force_zip64=True) as member:
                descr = np.lib.format.dtype_to_descr(array.dtype)
                header = {"descr": descr, "fortran_order": False, "shape": array.shape}
                np.lib.format.write_array_header_1_0(member, header)
                for block in blocks(array) if array.shape else [np.asarray(array)]:
                    member.write(np.ascontiguousarray(block).tobytes())


def damaged(error: Exception) -> InputError:
    """What to say of a file that cannot be read to its end."""
    return InputError(f"they are damaged or cut short ({error}); copy or record them again")


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and dtype of an array, read as literals and never run."""
    version = np.lib.format.read_magic(member)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(member)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(member)
    raise ValueError(f"NumPy's format {version} is for arrays of records")


def _exactly(member: IO[bytes], size: int) -> bytes:
    data = member.read(size)
    if len(data) != size or member.read(1):  # to the end, where the zip's checksum is compared
        raise EOFError("an array is shorter than it says")
    return data
