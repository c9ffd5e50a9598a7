"""``python -m gail.dream``: a model of an environment, fitted, looked at, and steered by hand."""

from gail.dream.command import main

__all__ = ["main"]
