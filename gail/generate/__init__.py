"""``python -m gail.generate``: fit a generator of transitions, have the gate check it, and draw samples of it."""

from gail.generate.command import main

__all__ = ["main"]
