"""Returns and lengths of the episodes that end inside rollouts."""

import numpy as np

from agents.rollout import Rollout


class EpisodeStatistics:
    """Adds up episodes across the borders of rollouts."""

    def __init__(self) -> None:
        """No episode is under way."""
        self._return: np.ndarray | float = 0.0
        self._length: np.ndarray | float = 0.0

    def restart(self) -> None:
        """Forget the episodes under way: the environments begin new ones."""
        self._return, self._length = 0.0, 0.0

    def update(self, rollout: Rollout) -> tuple[np.ndarray, np.ndarray]:
        """Returns ``[E]`` and lengths ``[E]`` of the episodes that ended in the rollout."""
        returns = np.cumsum(np.where(rollout.valid, rollout.rewards, 0.0), 0) + self._return
        lengths = np.cumsum(rollout.valid, 0) + self._length
        dones = rollout.dones
        ended_returns, ended_lengths = [], []
        for n in range(dones.shape[1]):
            ends = np.flatnonzero(dones[:, n])
            ended_returns.append(np.diff(returns[ends, n], prepend=0.0))
            ended_lengths.append(np.diff(lengths[ends, n], prepend=0.0))
        last = np.where(dones.any(0), len(dones) - 1 - np.argmax(dones[::-1], 0), -1)
        columns = np.arange(dones.shape[1])
        self._return = returns[-1] - np.where(last >= 0, returns[last, columns], 0.0)
        self._length = lengths[-1] - np.where(last >= 0, lengths[last, columns], 0.0)
        return np.concatenate(ended_returns), np.concatenate(ended_lengths)
