"""Transitions as rows of numbers, each column in its own unit, so that distances and networks take all alike."""

from dataclasses import dataclass

import numpy as np

from agents.transitions import Transitions
from envs.actions import ActionSpec

SMALLEST_STD = 1e-6  # a number that never changes must not be divided by zero


@dataclass(frozen=True)
class Rows:
    """From transitions ``[M]`` to float32 rows ``[M, F]`` and back.

    The columns are the observation, the action as `ActionSpec.features`, the change of the observation with this step,
    and whether the task ended with it. Of a vector of D numbers and an action of P parameters F is 2 D + P + 1.
    """

    mean: np.ndarray  # [D] of observations
    std: np.ndarray  # [D]
    change_mean: np.ndarray  # [D] of the next observation minus this one
    change_std: np.ndarray  # [D]
    actions: ActionSpec

    @staticmethod
    def of(transitions: Transitions, actions: ActionSpec) -> "Rows":
        """In the units of these."""
        seen = transitions.observations.astype(np.float64)
        changes = transitions.next_observations.astype(np.float64) - seen
        return Rows(seen.mean(0), _deviation(seen), changes.mean(0), _deviation(changes), actions)

    @property
    def names(self) -> list[str]:
        """Of the columns."""
        numbers = range(len(self.mean))
        actions = [f"action {k}" for k in range(self.actions.num_parameters)]
        return [*(f"observation {k}" for k in numbers), *actions, *(f"change {k}" for k in numbers), "ended"]

    @property
    def num_inputs(self) -> int:
        """Columns of the observation and of the action, which come first."""
        return len(self.mean) + self.actions.num_parameters

    def inputs(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Observations ``[M, D]`` and actions ``[M, K]`` in the policy's form → ``[M, num_inputs]``."""
        features = self.actions.features(self.actions.executed(actions))
        return np.concatenate([(observations - self.mean) / self.std, features], -1).astype(np.float32)

    def __call__(self, transitions: Transitions) -> np.ndarray:
        """Transitions ``[M]``, with actions, → ``[M, F]``."""
        assert transitions.actions is not None, "a transition without its action says nothing of what came of it"
        changes = transitions.next_observations.astype(np.float64) - transitions.observations
        return np.concatenate(
            [
                self.inputs(transitions.observations, transitions.actions),
                ((changes - self.change_mean) / self.change_std).astype(np.float32),
                transitions.terminations[:, None].astype(np.float32),
            ],
            -1,
        )

    def transitions(self, rows: np.ndarray) -> Transitions:
        """``[M, F]`` → transitions ``[M]``: the likeliest category of those that the columns of an action weigh."""
        size, inputs = len(self.mean), self.num_inputs
        observations = (rows[:, :size] * self.std + self.mean).astype(np.float32)
        actions = self._actions(rows[:, size:inputs])
        next_observations = self.after(observations, rows[:, inputs:-1])
        return Transitions(observations, actions, next_observations, rows[:, -1] > 0.5)

    def after(self, observations: np.ndarray, changes: np.ndarray) -> np.ndarray:
        """Observations ``[M, D]`` and the columns of their change → the next observations, float32 ``[M, D]``."""
        return (observations + changes * self.change_std + self.change_mean).astype(np.float32)

    def _actions(self, columns: np.ndarray) -> np.ndarray:
        spec = self.actions
        if spec.kind == "gaussian":
            return spec.executed(columns.astype(np.float32))
        if spec.kind == "bernoulli":
            return (columns > 0.5).astype(np.int32)
        parts = np.split(columns, np.cumsum(spec.sizes)[:-1], -1)
        return np.stack([part.argmax(-1) for part in parts], -1).astype(np.int32)


def _deviation(values: np.ndarray) -> np.ndarray:
    """``[M, D]`` → ``[D]``; 1 of numbers that never change."""
    std = values.std(0)
    return np.where(std > SMALLEST_STD, std, 1.0)
