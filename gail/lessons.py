"""What one rollout teaches: the reward first, and then the policy."""

from typing import Protocol

import numpy as np
import tensorflow as tf

from agents.gae import generalized_advantages
from agents.rollout import Rollout
from gail.learner import Learner
from gail.schedule import Schedule, generator

Taught = tuple[np.ndarray, dict[str, float]]  # the rollout's rewards [T, N], and figures of the round


class Lessons(Protocol):
    """What makes a learner better, round by round."""

    def compile(self) -> None:
        """Get ready for the first round."""
        ...

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """Learn from what was collected in the round of this index."""
        ...

    def save(self) -> None:
        """Write what the checkpoint, which follows, does not hold."""
        ...

    def restore(self) -> None:
        """Take up what was saved, after the checkpoint."""
        ...

    @property
    def modules(self) -> dict[str, tf.Module]:
        """What the checkpoint holds besides the learner, by name."""
        ...

    @property
    def findings(self) -> list[str]:
        """What there is to say of them at the end, each a sentence."""
        ...


class RealLessons:
    """From the rollout itself."""

    def __init__(self, learner: Learner, schedule: Schedule):
        """``learner`` is changed by `learn`."""
        self._learner = learner
        self._schedule = schedule

    def compile(self) -> None:
        """See `Lessons`."""
        self._learner.compile(self._schedule.steps_per_env, self._schedule.num_envs)

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `Lessons`."""
        learner, schedule = self._learner, self._schedule
        hold_policy = schedule.holds(index, learner.held_rounds, learner.config.hold_restarts)
        return learn_from(learner, rollout, index, 1.0 - index / schedule.rounds, hold_policy)

    def save(self) -> None:
        """See `Lessons`: nothing."""

    def restore(self) -> None:
        """See `Lessons`: nothing."""

    @property
    def modules(self) -> dict[str, tf.Module]:
        """See `Lessons`: nothing."""
        return {}

    @property
    def findings(self) -> list[str]:
        """See `Lessons`: nothing."""
        return []


def learn_from(learner: Learner, rollout: Rollout, number: int, remaining: float, hold_policy: bool = False) -> Taught:
    """One lesson.

    Args:
        learner: is changed.
        rollout: of its policy as it stands, in the environment or in a dream.
        number: of the lesson in the run, from which its random numbers follow.
        remaining: share of the run that lies ahead.
        hold_policy: leave the policy as it is, and let all else learn.
    """
    config, model = learner.config, learner.reward_model
    scalars = model.update(rollout, generator(config.seed, "reward", number))
    rewards = model.reward(rollout)

    table = learner.normalizer(rollout.table)  # as when it was collected
    log_probs, values = learner.ppo.predict(table, rollout)
    advantages = generalized_advantages(
        rewards, values, model.ends(rollout), rollout.truncations, rollout.valid,
        model.termination_value, config.ppo.discount, config.ppo.gae_lambda,
    )  # fmt: skip
    rng = generator(config.seed, "minibatches", number)
    demonstrated = learner.demonstrated(rollout.valid.size, generator(config.seed, "cloned beside", number))
    scalars |= learner.ppo.update(
        table, rollout, log_probs, advantages, advantages + values[:-1], remaining, rng, hold_policy, demonstrated
    )

    if not learner.cloning_epochs:  # a cloned policy would no longer be the same, were observations normalised anew
        learner.observe(rollout.observations[:-1][rollout.valid])
    learner.finish_lesson()
    return rewards, scalars
