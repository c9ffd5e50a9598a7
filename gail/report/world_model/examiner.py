"""Examinations of a world model during a run."""

import numpy as np

from agents.encoded import EncodedActor
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from envs.make import make_single
from gail.learner import Learner
from gail.report.metrics import Metrics
from gail.report.world_model.evidence import Evidence, witnessed
from gail.report.world_model.examination import examine
from gail.report.world_model.pictures import album, depicting
from gail.report.world_model.projector import MOST_POINTS, write_projector
from gail.run import Run
from gail.schedule import derived_seed, generator
from gail.task import Task

STEPS = 1000  # real, of the policy as it stands, at each examination; they teach nobody


class Examiner:
    """Examines the model of a run by what its agent meets in an environment apart from those of training."""

    def __init__(self, run: Run, task: Task, learner: Learner, vae: VAE, model: WorldModel | None, metrics: Metrics):
        """Opens the environment; `close` closes it.

        Args:
            run: whose folder it is.
            task: in latents.
            learner: whose policy acts.
            vae: of what the environment shows.
            model: of latents; None of a run that does not dream.
            metrics: told of everything.
        """
        self._run, self._task, self._learner, self._metrics = run, task, learner, metrics
        self._vae, self._model = vae, model
        self._env = make_single(task.config.env, task.config.env_arguments)

    def examine(self, number: int, round_index: int, steps: int) -> None:
        """At the ``number``-th evaluation of the run, after a round; from the same start states each time."""
        config = self._task.config
        evidence = self._evidence()
        rng, actor = generator(config.seed, "examination", number), self._learner.agent()
        made = examine(self._vae, self._model, evidence, actor, config.dreaming.horizon, rng)
        self._metrics.world_model(round_index, steps, made.scalars, made.kl)
        if config.video_every and number % config.video_every == 0:
            with depicting(config.env, config.env_arguments, self._vae.observations) as depict:
                pictures = album(self._vae, self._model, evidence, depict)
            for name, picture in pictures.items():
                self._metrics.picture(f"world_model/{name}", steps, picture)

    def project(self) -> None:
        """Latents of what the agent meets now, for the embedding projector."""
        evidence, spec = self._evidence(), self._vae.observations
        tape = evidence.tape
        rows = np.linspace(0, len(tape) - 1, min(len(tape), MOST_POINTS)).astype(int)
        columns = [("step", tape.ages), ("reward", tape.rewards)]
        columns += list(zip(evidence.names, evidence.truths.T, strict=True))
        labels = np.stack([np.array([name, *values[rows].astype(str)]) for name, values in columns], 1)
        write_projector(self._run.path, evidence.latents(self._vae.mirror)[rows], tape.seen(spec, rows), spec, labels)

    def close(self) -> None:
        """Close the environment."""
        self._env.close()

    def _evidence(self) -> Evidence:
        actor = self._task.policy(self._learner.agent()).actor
        assert isinstance(actor, EncodedActor), "the task is in latents"
        return witnessed(self._env, actor, STEPS, derived_seed(self._task.config.seed, "evidence"))
