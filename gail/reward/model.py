"""Where rewards come from. An algorithm is a policy learner with one of these."""

from typing import Protocol

import numpy as np
import tensorflow as tf

from agents.rollout import Rollout
from agents.transitions import Transitions

Scalars = dict[str, float]


class RewardModel(Protocol):
    """Learns from each rollout, then rewards it. It is a ``tf.Module``, so that checkpoints hold it."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """Learn from a rollout, before rewarding it."""
        ...

    def reward(self, rollout: Rollout) -> np.ndarray:
        """Rewards ``[T, N]`` of a rollout's steps."""
        ...

    def ends(self, rollout: Rollout) -> np.ndarray:
        """Steps, bool ``[T, N]``, behind which nothing but `termination_value` is to be had."""
        ...

    @property
    def termination_value(self) -> float:
        """Of the state behind an end, in discounted rewards."""
        ...

    def step_rewards(self, transitions: Transitions) -> np.ndarray | None:
        """Transitions ``[...]`` → rewards ``[...]``; None if it rewards nothing outside of rollouts."""
        ...

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """What to draw histograms of, by name."""
        ...

    def compile(self) -> None:
        """Get ready for the first rollout."""
        ...


class TaskReward(tf.Module):
    """The environment's own reward: nothing to learn, and nothing behind a termination."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """See `RewardModel`."""
        return {}

    def reward(self, rollout: Rollout) -> np.ndarray:
        """See `RewardModel`."""
        return rollout.rewards

    def ends(self, rollout: Rollout) -> np.ndarray:
        """Terminations, and lost lives where the environment tells of them, see `envs.atari.AtariOptions`."""
        return rollout.terminations | rollout.life_losses

    @property
    def termination_value(self) -> float:
        """See `RewardModel`."""
        return 0.0

    def step_rewards(self, transitions: Transitions) -> np.ndarray | None:
        """See `RewardModel`."""
        return None

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """See `RewardModel`."""
        return {}

    def compile(self) -> None:
        """See `RewardModel`."""


class RandomReward(TaskReward):
    """Noise: the control that shows what a policy comes to without any expert."""

    def update(self, rollout: Rollout, rng: np.random.Generator) -> Scalars:
        """See `RewardModel`."""
        self._rewards = rng.standard_normal(rollout.rewards.shape, np.float32)
        return {}

    def reward(self, rollout: Rollout) -> np.ndarray:
        """See `RewardModel`."""
        return self._rewards
