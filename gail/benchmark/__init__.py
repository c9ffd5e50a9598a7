"""``python -m gail.benchmark``: claims, beside what they must be measured by."""

from gail.benchmark.command import main

__all__ = ["main"]
