"""What a discriminator sees of a transition (s, a, s')."""

import numpy as np

from envs.actions import ActionSpec
from expert_data.episodes import Transitions
from gail.config import Inputs

CLIP = 10.0  # standard deviations of the expert's observations, as for the policy
SMALLEST_STD = 1e-3  # an observation that is constant in the demonstrations must not divide by zero

WITH_ACTION: set[Inputs] = {"state_action", "state_action_next_state"}
WITH_NEXT_STATE: set[Inputs] = {"state_next_state", "state_action_next_state"}


class Features:
    """From transitions to rows of numbers, observations by the demonstrations' mean and deviation."""

    def __init__(self, expert: Transitions, actions: ActionSpec, inputs: Inputs):
        """With the statistics of ``expert``, which has actions if ``inputs`` do."""
        self._actions = actions
        self._inputs: Inputs = inputs
        self._mean = expert.observations.mean(0)
        self._std = np.maximum(expert.observations.std(0), SMALLEST_STD)

    def __call__(
        self, observations: np.ndarray, actions: np.ndarray | None, next_observations: np.ndarray
    ) -> np.ndarray:
        """One row for each transition.

        Args:
            observations: ``[..., D]``.
            actions: ``[..., K]`` in the policy's form, which count as they were carried out, that is, clipped; None
                only where they are no part of the inputs.
            next_observations: ``[..., D]``, where an episode ended its true last one.

        Returns:
            float32 ``[..., F]``.
        """
        columns = [self._scaled(observations)]
        if self._inputs in WITH_ACTION:
            assert actions is not None, "the demonstrations were checked"
            columns.append(self._actions.features(self._actions.executed(actions)))
        if self._inputs in WITH_NEXT_STATE:
            columns.append(self._scaled(next_observations))
        return np.concatenate(columns, -1).astype(np.float32)

    def _scaled(self, observations: np.ndarray) -> np.ndarray:
        return np.clip((observations - self._mean) / self._std, -CLIP, CLIP)
