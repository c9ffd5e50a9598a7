"""Imitation in dreams: a little real experience, a model of it, and many lessons in the model."""

from pathlib import Path

import numpy as np

from agents.atomic import atomic_write
from agents.rollout import Rollout, collect, reset
from agents.world_model.model import WorldModel
from agents.world_model.tape import Tape
from envs.imagined import ImaginedEnv
from gail.latents import FOLDER, demonstrated
from gail.learner import Learner
from gail.lessons import Taught, learn_from
from gail.schedule import Schedule, derived_seed, generator, lesson_shape
from gail.task import Task

EXPERIENCE = "experience.npz"


class Dreams:
    """See `gail.lessons.Lessons`.

    The model learns from the demonstrations, from random play and from all that the agent has met. The agent and its
    discriminator learn in dreams alone: half of them begin where the expert was, and half where the agent was of late,
    and they end after a few steps, before the model's errors have grown.
    """

    def __init__(self, learner: Learner, task: Task, schedule: Schedule, first: Tape, run: Path):
        """Before the first round, or where the run in the folder ``run`` was left.

        Args:
            learner: is changed by `learn`.
            task: in latents.
            schedule: of the real rounds.
            first: random play, in latents.
            run: folder of the run.
        """
        config = task.config
        self._learner, self._schedule = learner, schedule
        self._options = config.dreaming
        self._steps, _ = lesson_shape(config, task.collector.num_envs)
        seed = derived_seed(config.seed, "world model")
        self.model = WorldModel(task.observations.shape[0], task.actions, task.action_space, config.world_model, seed)
        self._env = ImaginedEnv(self.model, self._options.num_envs, self._options.horizon)
        self._shown, self._first = demonstrated(task.source.shown, task.actions), first
        self._rounds: list[Tape] = []
        self._path = run / FOLDER / EXPERIENCE

    def restore(self) -> None:
        """Take up what was kept with the learner's checkpoint."""
        rounds = int(self._learner.rounds_done)
        if rounds:
            with np.load(self._path, allow_pickle=False) as arrays:
                parts = [[arrays[f"{name}_{i}"] for name in Tape.__dataclass_fields__] for i in range(rounds)]
            self._rounds = [Tape(*part) for part in parts]

    def compile(self) -> None:
        """See `gail.lessons.Lessons`; the model learns of random play and of the demonstrations meanwhile."""
        self._learner.compile(self._steps, self._options.num_envs)
        if not self._rounds:
            tape = self._tape
            self.model.scale(tape)
            rng = generator(self._learner.config.seed, "world model")
            self.model.update(tape, self._options.first_minibatches, rng)

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `gail.lessons.Lessons`."""
        config, options = self._learner.config, self._options
        self._rounds.append(Tape.of_rollout(rollout))
        rng = generator(config.seed, "world model", index + 1)
        scalars = self.model.update(self._tape, options.minibatches, rng, self._begins())
        cursor = reset(self._env, derived_seed(config.seed, "dreams", index))
        lessons = self._schedule.rounds * options.rollouts
        for number in range(index * options.rollouts, (index + 1) * options.rollouts):
            rng = generator(config.seed, "dreaming actor", number)
            dream = collect(self._env, self._learner.actor(), cursor, self._steps, rng)
            cursor = dream.end
            _, taught = learn_from(self._learner, dream, number, remaining=1.0 - number / lessons)
            scalars |= taught
        return self._learner.reward_model.reward(rollout), scalars

    def save(self) -> None:
        """See `gail.lessons.Lessons`."""
        arrays = {
            f"{name}_{i}": getattr(tape, name)
            for i, tape in enumerate(self._rounds)
            for name in Tape.__dataclass_fields__
        }
        with atomic_write(self._path) as file:
            np.savez(file, allow_pickle=False, **arrays)

    @property
    def _tape(self) -> Tape:
        return Tape.joined([*self._shown, self._first, *self._rounds])

    def _begins(self) -> list[np.ndarray]:
        """Rows of the tape where dreams begin: the expert's, if they are known, and those of the last rounds.

        What the agent did at first is left behind. Where the expert never was and the agent no longer goes, there is
        nothing to learn from telling the one from the other.
        """
        leads = np.flatnonzero(self._tape.leads)
        shown, recent = (sum(map(len, tapes)) for tapes in (self._shown, self._rounds[-self._options.recent_rounds :]))
        groups = leads[leads < shown], leads[leads >= len(self._tape) - recent]
        return [rows for rows in groups if len(rows)]
