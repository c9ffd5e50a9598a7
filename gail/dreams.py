"""Imitation in dreams: a little real experience, a model of it, and many lessons in the model."""

from pathlib import Path

import numpy as np

from agents.atomic import atomic_write
from agents.rollout import Rollout, collect, reset
from agents.world_model.model import WorldModel
from agents.world_model.tape import Tape
from envs.imagined import ImaginedEnv
from gail.config import TrainConfig
from gail.divergence import refuse_divergence
from gail.latents import FOLDER, demonstrated, first_look
from gail.learner import Learner
from gail.lessons import Taught, learn_from
from gail.schedule import Schedule, derived_seed, generator, lesson_shape
from gail.task import Task

EXPERIENCE = "experience.npz"
DYNAMICS = "dynamics.npz"


class Dreams:
    """See `gail.lessons.Lessons`.

    The model learns from the demonstrations, from random play and from all that the agent has met. The agent and its
    discriminator learn in dreams alone: half of them begin where the expert was, and half where the agent was of late,
    and they end after a few steps, before the model's errors have grown.
    """

    def __init__(self, learner: Learner, task: Task, schedule: Schedule, run: Path):
        """Before the first round, or where the run in the folder ``run`` was left.

        Args:
            learner: is changed by `learn`.
            task: in latents.
            schedule: of the real rounds.
            run: folder of the run.
        """
        config = task.config
        self._learner, self._schedule = learner, schedule
        self._options = config.dreaming
        self.model = new_model(task)
        self._env = ImaginedEnv(self.model, self._options.num_envs, self._options.horizon)
        self._steps, _ = lesson_shape(config, task.collector.num_envs)
        self._shown, self._first = demonstrated(task.source.shown, task.actions), _first_experience(task)
        self._rounds: list[Tape] = []
        self._path = run / FOLDER / EXPERIENCE

    def restore(self) -> None:
        """Take up what was kept with the learner's checkpoint."""
        rounds = int(self._learner.rounds_done)
        if rounds and self._options.refresh:
            with np.load(self._path, allow_pickle=False) as arrays:
                parts = [[arrays[f"{name}_{i}"] for name in Tape.__dataclass_fields__] for i in range(rounds)]
            self._rounds = [Tape(*part) for part in parts]

    def compile(self) -> None:
        """See `gail.lessons.Lessons`; the model learns of random play and of the demonstrations meanwhile."""
        self._learner.compile(self._steps, self._options.num_envs)
        if not int(self._learner.rounds_done):
            fit_first(self.model, self._tape, self._learner.config)

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `gail.lessons.Lessons`."""
        config, options = self._learner.config, self._options
        scalars = self._refreshed(rollout, generator(config.seed, "world model", index + 1))
        cursor = reset(self._env, derived_seed(config.seed, "dreams", index))
        lessons = self._schedule.rounds * options.rollouts
        for number in range(index * options.rollouts, (index + 1) * options.rollouts):
            rng = generator(config.seed, "dreaming actor", number)
            dream = collect(self._env, self._learner.actor(), cursor, self._steps, rng)
            cursor = dream.end
            _, taught = learn_from(
                self._learner, dream, number, 1.0 - number / lessons, hold_policy=number < self._learner.held_rounds
            )
            scalars |= taught
        return self._learner.reward_model.reward(rollout), scalars

    def _refreshed(self, rollout: Rollout, rng: np.random.Generator) -> dict[str, float]:
        """Let the model learn from what was met, if it is to; dreams begin in other situations from now on."""
        scalars: dict[str, float] = {}
        if self._options.refresh:
            self._rounds.append(Tape.of_rollout(rollout))
            scalars = self.model.update(self._tape, self._options.minibatches, rng)
        self.model.prepare(self._tape, rng, self._begins())
        return scalars

    def save(self) -> None:
        """See `gail.lessons.Lessons`; the model's numbers are for those who look at it."""
        arrays = {
            f"{name}_{i}": getattr(tape, name)
            for i, tape in enumerate(self._rounds)
            for name in Tape.__dataclass_fields__
        }
        with atomic_write(self._path) as file:
            np.savez(file, allow_pickle=False, **arrays)
        save_dynamics(self.model, self._path.parent)

    @property
    def findings(self) -> list[str]:
        """See `gail.lessons.Lessons`: nothing."""
        return []

    @property
    def _tape(self) -> Tape:
        return Tape.joined([*self._shown, self._first, *self._rounds])

    def _begins(self) -> list[np.ndarray]:
        """Rows of the tape where dreams begin: the expert's, if they are known, and those of the last rounds.

        What the agent did at first is left behind. Where the expert never was and the agent no longer goes, there is
        nothing to learn from telling the one from the other.
        """
        leads = np.flatnonzero(self._tape.leads)
        latest = self._rounds[-self._options.recent_rounds :] or [self._first]
        shown, recent = (sum(map(len, tapes)) for tapes in (self._shown, latest))
        groups = leads[leads < shown], leads[leads >= len(self._tape) - recent]
        return [rows for rows in groups if len(rows)]


def _first_experience(task: Task) -> Tape:
    """Random play, and generated transitions as far as they are trusted, in latents."""
    assert task.encoder is not None, "dreams are in latents"
    first = first_look(task).encoded(task.encoder)
    made = task.source.generated.tape(len(first), generator(task.config.seed, "generated tape"))
    return first if made is None else Tape.joined([first, made.encoded(task.encoder)])


def new_model(task: Task) -> WorldModel:
    """Of a task in latents, at the initial weights."""
    config = task.config
    seed = derived_seed(config.seed, "world model")
    return WorldModel(task.observations.shape[0], task.actions, task.action_space, config.world_model, seed)


def fit_first(model: WorldModel, tape: Tape, config: TrainConfig) -> None:
    """Fit a new model to demonstrations and random play, in latents.

    Raises:
        TrainingDivergedError: a loss is NaN or infinite.
    """
    model.scale(tape)
    rng = generator(config.seed, "world model")
    refuse_divergence(model.update(tape, config.dreaming.first_minibatches, rng), "the fitting of the world model")
    model.prepare(tape, rng)


def save_dynamics(model: WorldModel, folder: Path) -> None:
    """Write what the model has learned."""
    with atomic_write(folder / DYNAMICS) as file:
        np.savez(file, allow_pickle=False, **model.arrays)
