"""Whole episodes of an agent while it learns."""

from dataclasses import dataclass

import numpy as np

from agents.rollout import Rollout
from envs.actions import ActionSpec
from expert_data.episodes import Episode


@dataclass(frozen=True)
class _Part:
    """Steps in a row of one environment, with the observation before each."""

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray


class OwnEpisodes:
    """Puts episodes together across the borders of rollouts."""

    def __init__(self, actions: ActionSpec):
        """No episode is under way."""
        self._actions = actions
        self._under_way: dict[int, list[_Part]] = {}

    def restart(self) -> None:
        """Forget the episodes under way: the environments begin new ones."""
        self._under_way = {}

    def update(self, rollout: Rollout) -> list[Episode]:
        """Those that ended in the rollout, environment by environment; rollouts come without a gap, after `restart`."""
        ended = []
        for n in range(rollout.valid.shape[1]):
            parts = self._under_way.pop(n, [])
            start = 0 if rollout.valid[0, n] else 1
            for t in map(int, np.flatnonzero(rollout.dones[:, n])):
                parts.append(_part(rollout, n, start, t + 1))
                ended.append(self._joined(parts, rollout, t, n))
                parts, start = [], t + 2  # the step after an end only resets
            if start < len(rollout.valid):
                parts.append(_part(rollout, n, start, len(rollout.valid)))
            self._under_way[n] = parts
        return ended

    def _joined(self, parts: list[_Part], rollout: Rollout, last: int, n: int) -> Episode:
        return Episode(
            np.concatenate([*(part.observations for part in parts), rollout.observations[last + 1, n][None]]),
            self._actions.to_env(np.concatenate([part.actions for part in parts])),
            np.concatenate([part.rewards for part in parts]),
            bool(rollout.terminations[last, n]),
            bool(rollout.truncations[last, n]),
        )


def _part(rollout: Rollout, n: int, start: int, stop: int) -> _Part:
    """Copies, so that the rollout need not be kept."""
    arrays = (rollout.observations, rollout.actions, rollout.rewards)
    return _Part(*(array[start:stop, n].copy() for array in arrays))
