"""Adversarial inverse reinforcement learning: f - ln π as a discriminator's logit, and as a reward of its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from agents.rollout import Rollout, RolloutSteps
from agents.transitions import Transitions
from gail.reward.model import TaskReward
from gail.reward.replay import Pieces, PiecesShape
from gail.reward.saved import SavedReward
from gail.reward.shaped import ShapedReward

LogProbs = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Observations ``[B, D]`` and actions ``[B, K]`` → ln π(a|s) of the policy as it stands, ``[B]``."""

# ln π has no bound where the policy is sure, and one step of the expert's must not outweigh all others.
LARGEST_LOG_PROB = 20.0


class ShapedLogits(tf.Module):
    """f(s, a, s') - ln π(a|s), see `gail.reward.logits.Logits` and `gail.reward.shaped`."""

    dtype = "float32"

    def __init__(self, reward: ShapedReward, log_probs: LogProbs):
        """Of a reward function, and of a policy as it stands when rows are made."""
        super().__init__()
        self.reward = reward
        self.num_columns = reward.num_columns + 1
        self.num_smooth = reward.num_columns - 1  # whether the episode goes on is no number to change gradually
        self._log_probs = log_probs

    @property
    def weights(self) -> list[Any]:
        """See `gail.reward.logits.Logits`."""
        return self.reward.weights

    def rows(self, transitions: Transitions) -> np.ndarray:
        """See `gail.reward.logits.Logits`."""
        assert transitions.actions is not None, "the demonstrations were checked"
        actions = self.reward.features.actions.executed(transitions.actions)  # of the expert nothing else is known
        log_probs = self._log_probs(transitions.observations, actions)
        bounded = np.clip(log_probs, -LARGEST_LOG_PROB, LARGEST_LOG_PROB)
        return np.concatenate([self.reward.rows(transitions), bounded[..., None]], -1)

    def pieces(self, steps: RolloutSteps) -> Pieces:
        """See `gail.reward.logits.Logits`."""
        return Pieces.whole(self.rows(steps.take(np.arange(len(steps)))))

    def pieces_shape(self, steps: int, num_envs: int) -> PiecesShape:
        """See `gail.reward.logits.Logits`."""
        return PiecesShape.whole(steps * num_envs, self.num_columns)

    def scaled(self, rows: tf.Tensor) -> tf.Tensor:
        """See `gail.reward.logits.Logits`: features are scaled already."""
        return rows

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """See `gail.reward.logits.Logits`."""
        return self.reward(rows[:, :-1], training) - rows[:, -1]


class LearnedReward(TaskReward):
    """The reward of an earlier run in the place of the task's, see `gail.reward.model`. It learns nothing more.

    It pays f - ln π, as it did while it was learned: f is the reward of a maximum-entropy problem.
    """

    def __init__(self, saved: SavedReward, log_probs: LogProbs, discount: float):
        """Of a saved reward function, and the policy that it is to teach, with its discount."""
        super().__init__()
        self.logits_of = ShapedLogits(ShapedReward.of(saved), log_probs)
        self._real_logit = np.float32(saved.real_logit)
        self._termination_value = saved.absorbing_logit / (1.0 - discount)
        self._predict = tf.function(self.logits_of.__call__, autograph=False, reduce_retracing=True)

    def reward(self, rollout: Rollout) -> np.ndarray:
        """Rewards ``[T, N]`` of a rollout's steps."""
        steps = rollout.steps
        rewards = np.zeros(rollout.valid.shape, np.float32)
        rewards[rollout.valid] = self.step_rewards(steps.take(np.arange(len(steps))))
        return rewards

    def ends(self, rollout: Rollout) -> np.ndarray:
        """Terminations, bool ``[T, N]``, as when the reward was learned."""
        return rollout.terminations

    @property
    def termination_value(self) -> float:
        """Of the state behind a termination, in discounted rewards."""
        return self._termination_value

    def step_rewards(self, transitions: Transitions) -> np.ndarray:
        """Transitions ``[...]`` → rewards ``[...]``."""
        rows = self.logits_of.rows(transitions)
        logits = self._predict(tf.constant(rows.reshape(-1, rows.shape[-1]))).numpy().reshape(rows.shape[:-1])
        return logits + self._real_logit
