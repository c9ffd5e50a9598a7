"""Imitation in dreams: a little real experience, a model of it, and many lessons in the model."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from agents.atomic import atomic_write
from agents.collector import LocalCollector
from agents.encoded import EncodedEnv
from agents.rollout import Rollout, collect, reset
from agents.world_model.model import WorldModel
from agents.world_model.tape import Tape, sides
from agents.world_model.vae import VAE
from envs.imagined import ImaginedEnv
from gail.config import TrainConfig
from gail.divergence import refuse_divergence
from gail.latents import FOLDER, demonstrated, first_look, save_vae
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

    def __init__(self, learner: Learner, task: Task, schedule: Schedule, run: Path, vae: VAE):
        """Before the first round, or where the run in the folder ``run`` was left.

        Args:
            learner: is changed by `learn`.
            task: in latents.
            schedule: of the real rounds.
            run: folder of the run.
            vae: the task's encoder; of images it is changed by `learn`.
        """
        config = task.config
        self._learner, self._schedule, self._task, self.vae = learner, schedule, task, vae
        self._options = config.dreaming
        self.model = new_model(task)
        self._env = ImaginedEnv(self.model, self._options.num_envs, self._options.horizon)
        self._steps, _ = lesson_shape(config, task.collector.num_envs)
        self._shown, self._first = demonstrated(task.source.shown, task.actions), _first_experience(task)
        self._rounds: list[Tape] = []
        assert task.encoder is not None, "dreams are in latents"
        self._encoder = task.encoder
        self._latents = [tape.encoded(self._encoder) for tape in self._met]
        collector = task.collector
        assert isinstance(collector, LocalCollector), "as `gail.latents.in_latents` makes it"
        assert isinstance(collector.env, EncodedEnv), "as `gail.latents.in_latents` makes it"
        self._env_seen = collector.env
        self._path = run / FOLDER / EXPERIENCE

    def restore(self) -> None:
        """Take up what was kept with the learner's checkpoint."""
        rounds = int(self._learner.rounds_done)
        if rounds and self._options.refresh:
            with np.load(self._path, allow_pickle=False) as arrays:
                parts = [[arrays[f"{name}_{i}"] for name in Tape.__dataclass_fields__] for i in range(rounds)]
            self._rounds = [Tape(*part) for part in parts]
            self._see_anew()

    def compile(self) -> None:
        """See `gail.lessons.Lessons`; the model learns of random play and of the demonstrations meanwhile."""
        self._learner.compile(self._steps, self._options.num_envs)
        if not int(self._learner.rounds_done):
            fit_first(self.model, self._tape, self._sides, self._learner.config)

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `gail.lessons.Lessons`."""
        config, options = self._learner.config, self._options
        refits = options.refresh and self.vae.observations.is_image and self._has_grown(index)
        scalars = self._refreshed(rollout, refits, generator(config.seed, "world model", index + 1))
        cursor = reset(self._env, derived_seed(config.seed, "dreams", index))
        lessons = self._schedule.rounds * options.rollouts
        for number in range(index * options.rollouts, (index + 1) * options.rollouts):
            rng = generator(config.seed, "dreaming actor", number)
            dream = collect(self._env, self._learner.actor(), cursor, self._steps, rng)
            cursor = dream.end
            # Of new latents, who judges the policy has to learn first.
            hold_policy = refits or number < self._learner.held_rounds
            _, taught = learn_from(self._learner, dream, number, 1.0 - number / lessons, hold_policy)
            scalars |= taught
        return self._learner.reward_model.reward(rollout), scalars

    def _refreshed(self, rollout: Rollout, refits: bool, rng: np.random.Generator) -> dict[str, float]:
        """Let the model learn from what was met, if it is to; dreams begin in other situations from now on.

        With ``refits`` the autoencoder learns on as well.
        """
        scalars: dict[str, float] = {}
        if self._options.refresh:
            self._rounds.append(Tape.of_rollout(dataclasses.replace(rollout, frames=self._env_seen.taken())))
            self._latents.append(self._rounds[-1].encoded(self._encoder))
            minibatches = self._options.minibatches
            if refits:
                minibatches = self._options.refit_minibatches
                scalars = self._refit(minibatches, rng)
            scalars |= self.model.update(self._tape, self._sides, minibatches, rng)
        self.model.prepare(self._tape, self._begins(), rng)
        return scalars

    def _has_grown(self, index: int) -> bool:
        """Is there, with the round of this index, so much more experience that the autoencoder is to learn of it?"""
        first, per_round = self._options.random_steps or self._options.real_steps, self._schedule.steps(1)
        return doublings(first, first + (index + 1) * per_round) > doublings(first, first + index * per_round)

    def _refit(self, minibatches: int, rng: np.random.Generator) -> dict[str, float]:
        """Let the autoencoder learn on from all that was met; everything is encoded anew, and the agent follows."""
        met, before = Tape.joined(self._met), self._tape.frames
        losses = self.vae.learn(met, self._sides, minibatches, rng)
        self._see_anew()
        self._learner.carry_over(before, self._tape.frames, rng)
        self.model.scale(self._tape)
        return {f"world_model/vae_{name}": value for name, value in losses.items()}

    def _see_anew(self) -> None:
        """By the autoencoder as it is."""
        self._latents = [tape.encoded(self._encoder) for tape in self._met]
        self._learner.see_anew(self._task.expert_as_seen())

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
        save_vae(self.vae, self._path.parent)

    @property
    def modules(self) -> dict[str, tf.Module]:
        """See `gail.lessons.Lessons`."""
        return {"world_model": self.model, "vae": self.vae}

    @property
    def findings(self) -> list[str]:
        """See `gail.lessons.Lessons`: nothing."""
        return []

    @property
    def _met(self) -> list[Tape]:
        """All that teaches the model, as the environment shows it."""
        return [*self._shown, self._first, *self._rounds]

    @property
    def _tape(self) -> Tape:
        """The same in latents."""
        return Tape.joined(self._latents)

    @property
    def _sides(self) -> list[np.ndarray]:
        """Rows of the tape that were shown, and those that were played.

        Models learn as much of the ones as of the others: however much the agent has played, the more it becomes like
        the expert, the more does it need to know of where the expert went.
        """
        return sides(sum(map(len, self._shown)), sum(map(len, self._latents)))

    def _begins(self) -> list[np.ndarray]:
        """Rows of the tape where dreams begin: the expert's, if they are known, and those of the last rounds.

        What the agent did at first is left behind. Where the expert never was and the agent no longer goes, there is
        nothing to learn from telling the one from the other.
        """
        tape = self._tape
        leads = np.flatnonzero(tape.leads)
        latest = self._rounds[-self._options.recent_rounds :] or [self._first]
        shown, recent = (sum(map(len, tapes)) for tapes in (self._shown, latest))
        groups = leads[leads < shown], leads[leads >= len(tape) - recent]
        return [rows for rows in groups if len(rows)]


def doublings(first: int, now: int) -> int:
    """How often what there was at first has doubled."""
    return int(math.log2(now / first))


def _first_experience(task: Task) -> Tape:
    """Random play, and generated transitions as far as they are trusted."""
    first = first_look(task)
    made = task.source.generated.tape(len(first), generator(task.config.seed, "generated tape"))
    return first if made is None else Tape.joined([first, made])


def new_model(task: Task) -> WorldModel:
    """Of a task in latents, at the initial weights."""
    config = task.config
    seed = derived_seed(config.seed, "world model")
    return WorldModel(task.observations.shape[0], task.actions, task.action_space, config.world_model, seed)


def fit_first(model: WorldModel, tape: Tape, groups: Sequence[np.ndarray], config: TrainConfig) -> None:
    """Fit a new model to demonstrations and random play, in latents.

    Args:
        model: is changed.
        tape: of both.
        groups: rows to learn from, see `agents.world_model.tape.draw`.
        config: of the run.

    Raises:
        TrainingDivergedError: a loss is NaN or infinite.
    """
    model.scale(tape)
    rng = generator(config.seed, "world model")
    refuse_divergence(
        model.update(tape, groups, config.dreaming.first_minibatches, rng), "the fitting of the world model"
    )
    model.prepare(tape, [np.flatnonzero(tape.leads)], rng)


def save_dynamics(model: WorldModel, folder: Path) -> None:
    """Write what the model has learned."""
    with atomic_write(folder / DYNAMICS) as file:
        np.savez(file, allow_pickle=False, **model.arrays)
