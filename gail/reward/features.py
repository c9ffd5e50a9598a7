"""What a discriminator sees of a transition (s, a, s')."""

from dataclasses import dataclass

import numpy as np

from agents.normalizer import Normalizer
from agents.transitions import Experience, Transitions, in_blocks
from envs.actions import ActionSpec
from gail.config import Inputs

CLIP = 10.0  # standard deviations of the expert's observations, as for the policy
SMALLEST_STD = 1e-3  # an observation that is constant in the demonstrations must not divide by zero

WITH_ACTION: set[Inputs] = {"state_action", "state_action_next_state"}
WITH_NEXT_STATE: set[Inputs] = {"state_next_state", "state_action_next_state"}


@dataclass(frozen=True)
class Features:
    """From transitions to rows of numbers, observations by the demonstrations' mean and deviation."""

    mean: np.ndarray  # [D] of the demonstrations' observations
    std: np.ndarray  # [D]
    actions: ActionSpec
    inputs: Inputs

    @staticmethod
    def of(expert: Experience, actions: ActionSpec, inputs: Inputs) -> "Features":
        """With the statistics of ``expert``, which has actions if ``inputs`` do."""
        blocks = in_blocks(expert)
        first = next(blocks)
        seen = Normalizer.identity(first.observations.shape[-1]).updated(first.observations)
        for block in blocks:
            seen = seen.updated(block.observations)
        std = np.maximum(np.sqrt(seen.variance), SMALLEST_STD)
        return Features(seen.mean.astype(np.float32), std.astype(np.float32), actions, inputs)

    @property
    def num_columns(self) -> int:
        """F."""
        states = 2 if self.inputs in WITH_NEXT_STATE else 1
        return states * len(self.mean) + self.actions.num_parameters * (self.inputs in WITH_ACTION)

    def __call__(self, transitions: Transitions) -> np.ndarray:
        """One row for each transition, float32 ``[..., F]``.

        Actions count as they were carried out, that is, clipped; they may be missing only where they are no part of the
        inputs.
        """
        columns = [self.scaled(transitions.observations)]
        if self.inputs in WITH_ACTION:
            assert transitions.actions is not None, "the demonstrations were checked"
            columns.append(self.actions.features(self.actions.executed(transitions.actions)))
        if self.inputs in WITH_NEXT_STATE:
            columns.append(self.scaled(transitions.next_observations))
        return np.concatenate(columns, -1)

    def scaled(self, observations: np.ndarray) -> np.ndarray:
        """``[..., D]`` → float32 ``[..., D]``."""
        return np.clip((observations - self.mean) / self.std, -CLIP, CLIP).astype(np.float32)
