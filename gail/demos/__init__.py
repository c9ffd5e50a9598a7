"""``python -m gail.demos``: bring demonstrations, give them away, look at them, check them, join and split them."""

from gail.demos.command import main

__all__ = ["main"]
