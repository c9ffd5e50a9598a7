"""What every command does with what goes wrong."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from envs.errors import InputError, RunError

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
NOBODY_READS = 141  # 128 + SIGPIPE


def run_command(command: Callable[[], None]) -> int:
    """Run ``command`` and return an exit status: a mistake of the user's is one sentence and 2, and no traceback."""
    try:
        command()
    except InputError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except RunError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in `gail train --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return NOBODY_READS
    return 0


@contextmanager
def without_chatter() -> Iterator[None]:
    """Silence the notes that TensorFlow's libraries write while they are loaded, whatever the log level."""
    sys.stderr.flush()
    standard_error = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
        os.close(nowhere)
