"""Checkpoints: the whole state of a run, written so that a kill at any moment leaves the last one whole."""

from pathlib import Path

import tensorflow as tf

from envs.errors import InputError
from gail.learner import Learner

KEEP = 2


class Checkpoints:
    """The newest checkpoints of a run; each holds all variables of a `gail.learner.Learner`."""

    def __init__(self, folder: Path, learner: Learner, **others: tf.Module):
        """In ``folder``, which need not exist yet, together with ``others``."""
        self._learner = learner
        self._checkpoint = tf.train.Checkpoint(learner=learner, **others)
        self._manager = tf.train.CheckpointManager(self._checkpoint, str(folder), max_to_keep=KEEP)

    def save(self) -> None:
        """Write one, numbered by the rounds done: TensorFlow renames its files into place, then updates its index."""
        self._manager.save(checkpoint_number=int(self._learner.rounds_done))

    def restore(self) -> bool:
        """Take up the newest one; False if there is none yet.

        Raises:
            InputError: it is damaged.
        """
        if self.latest is None:
            return False
        try:
            self._checkpoint.restore(self.latest).assert_consumed()
        except (tf.errors.OpError, AssertionError, ValueError) as error:
            raise InputError(
                f"The checkpoint '{self.latest}' cannot be read ({type(error).__name__}); "
                "remove it and the line that names it in the file 'checkpoint' beside it to go on from the one before."
            ) from error
        return True

    @property
    def latest(self) -> str | None:
        """Path of the newest one."""
        return self._manager.latest_checkpoint
