"""Lessons in generated episodes beside the real ones, fewer from round to round."""

import numpy as np

from agents.rollout import Rollout, collect, reset
from envs.imagined import ImaginedEnv
from gail.config import GeneratorConfig
from gail.generated import Trusted
from gail.learner import Learner
from gail.lessons import RealLessons, Taught, learn_from
from gail.reward.discriminator import Discriminator
from gail.schedule import Schedule, derived_seed, generator


class PretrainingLessons(RealLessons):
    """See `gail.lessons.Lessons`.

    A round's own rollout comes first, because PPO's ratio is of the policy that collected it. The lessons that follow
    are of episodes in which the policy acts as it then stands, so that they are on-policy as well. Generated steps are
    of the same number and of as many environments as real ones, so that nothing is compiled anew.
    """

    def __init__(self, learner: Learner, schedule: Schedule, trusted: Trusted):
        """``learner`` is changed by `learn`."""
        super().__init__(learner, schedule)
        self._options = learner.config.generator
        self._verdict = trusted.verdict
        self._dynamics = trusted.fitted.dynamics(self._options.rate)
        self._env = ImaginedEnv(self._dynamics, schedule.num_envs, self._options.horizon)
        self._first = learner.held_rounds  # before, the policy stays as it is

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `gail.lessons.Lessons`."""
        learner, schedule, seed = self._learner, self._schedule, self._learner.config.seed
        self._add_negatives(rollout, index)
        rewards, scalars = super().learn(rollout, index)
        before, after = (lessons_until(n - self._first, self._verdict, self._options) for n in (index, index + 1))
        cursor = reset(self._env, derived_seed(seed, "generated episodes", index))
        for number in range(before, after):
            rng = generator(seed, "generated actor", number)
            generated = collect(self._env, learner.actor(), cursor, schedule.steps_per_env, rng)
            cursor = generated.end
            learn_from(learner, generated, schedule.rounds + number, remaining=1.0 - index / schedule.rounds)
        return rewards, scalars | {"generator/lessons": float(after - before), "generator/verdict": self._verdict}

    def _add_negatives(self, rollout: Rollout, index: int) -> None:
        """Let the discriminator learn from what the agent would do where it was."""
        count = int(self._options.negatives * self._verdict * rollout.valid.sum())
        model = self._learner.reward_model
        if not count or not isinstance(model, Discriminator):
            return
        rng = generator(self._learner.config.seed, "negatives", index)
        steps = rollout.steps
        seen = steps.take(rng.integers(0, len(steps), count)).observations
        model.remember(self._dynamics.transitions(seen, self._learner.actor().sample(seen, rng), rng))


def lessons_until(rounds: int, verdict: float, options: GeneratorConfig) -> int:
    """Generated lessons after so many rounds of pre-training.

    In round i of P the share of generated steps is p = share verdict (1 - i / P), that is p / (1 - p) lessons for each
    real one. What is left over is carried on to the next round.
    """
    numbers = np.arange(max(0, min(rounds, options.pretraining_rounds)))
    share = options.share * verdict * (1.0 - numbers / options.pretraining_rounds)
    return int(np.sum(share / (1.0 - share)) + 1e-9)
