"""A process that steps environments for another one.

The two speak over a pair of pipes, in messages of a length and an ``.npz``: plain arrays, so that nothing is pickled.
No code of the caller's script is run again, as multiprocessing would, and the worker never imports TensorFlow. It ends
when its pipe is closed, which also happens when the caller is killed.
"""

import contextlib
import dataclasses
import io
import json
import os
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from gymnasium.envs.registration import EnvSpec

from agents.actor import PolicyActor, TrainedActor
from agents.rollout import Rollout, collect, reset
from envs.errors import RunError
from envs.make import make

LENGTH = struct.Struct("<Q")
Message = dict[str, np.ndarray]


class WorkerError(RunError):
    """A worker process failed."""


def child_environment() -> dict[str, str]:
    """Environment variables for a Python that finds the same modules as this one, and leaves the other cores alone."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}


class Worker:
    """The caller's end."""

    def __init__(self, spec: EnvSpec, num_envs: int, env_kwargs: Mapping[str, Any]):
        """Start the process; it makes the environments while the caller goes on."""
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        options = json.dumps({"spec": spec.to_json(), "num_envs": num_envs, "env_kwargs": dict(env_kwargs)})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.workers", str(theirs_in), str(theirs_out), options],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            env=child_environment(),
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")

    def restart(self, seed: int) -> None:
        """Begin new episodes."""
        self._send({"restart": np.asarray(seed)})

    def begin(self, actor: TrainedActor, steps: int, seed: int) -> None:
        """Ask for a rollout."""
        description = np.asarray(json.dumps(actor.description))
        self._send({"steps": np.asarray(steps), "seed": np.asarray(seed), "actor": description} | actor.arrays)

    def finish(self) -> Rollout:
        """Wait for it.

        Raises:
            WorkerError: the environments raised an exception, or the process died.
        """
        message = _receive(self._in)
        if message is None:
            raise WorkerError(f"A process that steps environments ended with status {self._process.wait()}.")
        if "error" in message:
            raise WorkerError(
                f"An environment failed while it was stepped ({message['error']}); its traceback is above."
            )
        return Rollout(**message)

    def close(self) -> None:
        """End the process, also in the middle of a rollout that nobody will read any more."""
        self._in.close()  # first: a worker that writes into a full pipe would wait for a reader for ever
        with contextlib.suppress(BrokenPipeError):
            self._out.close()
        self._process.wait()

    def _send(self, message: Message) -> None:
        with contextlib.suppress(BrokenPipeError):  # `finish` says what the worker died of
            _send(self._out, message)


def serve(incoming: IO[bytes], outgoing: IO[bytes], spec: str, num_envs: int, env_kwargs: Mapping[str, Any]) -> None:
    """The worker's end: do what is asked until there is nobody left to ask."""
    env = make(EnvSpec.from_json(spec), num_envs, env_kwargs)
    cursor = reset(env, 0)
    while (message := _receive(incoming)) is not None:
        if "restart" in message:
            cursor = reset(env, int(message["restart"]))
            continue
        actor = PolicyActor.from_parts(json.loads(str(message["actor"])), message)
        rng = np.random.default_rng(int(message["seed"]))
        rollout = collect(env, actor, cursor, int(message["steps"]), rng)
        cursor = rollout.end
        _send(outgoing, {field.name: getattr(rollout, field.name) for field in dataclasses.fields(rollout)})
    env.close()


def _send(pipe: IO[bytes], message: Mapping[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **message)
    pipe.write(LENGTH.pack(buffer.tell()))
    pipe.write(buffer.getbuffer())
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Message | None:
    """The next message; None at the end."""
    header = pipe.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(header)
    with np.load(io.BytesIO(pipe.read(length)), allow_pickle=False) as arrays:
        return dict(arrays)


def main() -> None:
    """``python -m agents.workers IN OUT OPTIONS``: two inherited file descriptors and a JSON object."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the caller decides
    incoming, outgoing = os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb")
    try:
        serve(incoming, outgoing, **json.loads(sys.argv[3]))
    except BrokenPipeError:
        pass  # the caller is gone
    except Exception as error:  # whatever the environment raised belongs to the caller
        traceback.print_exc()
        _send(outgoing, {"error": np.asarray(f"{type(error).__name__}: {error}")})


if __name__ == "__main__":
    main()
