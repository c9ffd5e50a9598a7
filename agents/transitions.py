"""Single steps, of whatever episodes."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Transitions:
    """Steps from an observation by an action to the next observation, in any arrangement ``[...]``."""

    observations: np.ndarray  # [..., D] float32
    actions: np.ndarray | None  # [..., K] in the policy's form; None where only observations were recorded
    next_observations: np.ndarray  # [..., D] float32, where an episode ended its true last one
    terminations: np.ndarray  # [...] bool: the task ended with this step

    def __len__(self) -> int:
        """Of the first axis."""
        return len(self.terminations)

    def take(self, index: np.ndarray) -> "Transitions":
        """Those that ``index`` chooses, by numbers or by a mask, as it would of any array."""
        actions = None if self.actions is None else self.actions[index]
        return Transitions(self.observations[index], actions, self.next_observations[index], self.terminations[index])
