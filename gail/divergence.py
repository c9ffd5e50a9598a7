"""Training that has come to no good."""

import math

from envs.errors import RunError


class TrainingDivergedError(RunError):
    """A loss is no longer a number."""


def refuse_divergence(scalars: dict[str, float], when: str) -> None:
    """Raise `TrainingDivergedError` where one of ``scalars`` is NaN or infinite."""
    for name, value in scalars.items():
        if not math.isfinite(value):
            raise TrainingDivergedError(f"In {when}, {name} became {value}")
