"""``gail.train`` that keeps the policy of every round, and may learn from each rollout as often as from generated ones.

    python -m benchmarks.generator.lessons KEPT [--again] [--end N] OPTIONS

KEPT is the folder of the policies, each after so many rounds as its name says; OPTIONS are those of ``gail.train``.
With ``--again``, a control, each round's own rollout is learned from again wherever a generator with a verdict of 1
would give a lesson: as many gradient steps of policy, value function and discriminator, in the same rounds, and nothing
generated in them. With ``--end`` the run is given up after N rounds; its schedules are those of the whole run.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from agents.policy import Policy
from agents.rollout import Rollout
from gail import session, train
from gail.lessons import RealLessons, Taught, learn_from
from gail.pretraining import PretrainingLessons, lessons_until


class LessonsAgain(RealLessons):
    """From the rollout itself, more often than once."""

    def learn(self, rollout: Rollout, index: int) -> Taught:
        taught, learner, rounds = super().learn(rollout, index), self._learner, self._schedule.rounds
        before, after = (lessons_until(n, 1.0, learner.config.generator) for n in (index, index + 1))
        for number in range(before, after):
            learn_from(learner, rollout, rounds + number, remaining=1.0 - index / rounds)
        return taught


class GivenUpError(Exception):
    """The rounds that were asked for are done."""


def kept(lessons: type[RealLessons], folder: Path, end: int | None) -> type[RealLessons]:
    """Lessons before each of which the policy is written, by the number of rounds that made it."""

    class Kept(lessons):
        def learn(self, rollout: Rollout, index: int) -> Taught:
            if index == end:
                raise GivenUpError
            config = self._learner.config
            Policy(self._learner.actor(), config.env, config.env_arguments).save(folder / str(index))
            return super().learn(rollout, index)

    return Kept


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kept", type=Path)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--end", type=int)
    own, options = parser.parse_known_args(arguments)
    patched: Any = session
    patched.RealLessons = kept(LessonsAgain if own.again else RealLessons, own.kept, own.end)
    patched.PretrainingLessons = kept(PretrainingLessons, own.kept, own.end)
    try:
        return train.main(options)
    except GivenUpError:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
