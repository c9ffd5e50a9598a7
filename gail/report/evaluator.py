"""Evaluations during a run, and their videos."""

from agents.actor import Actor
from agents.atomic import atomic_write
from agents.encoded import encoded_transitions
from expert_data.episodes import Episodes
from gail.config import TrainConfig
from gail.learner import Learner
from gail.report.diagnosis import Diagnosis
from gail.report.diagnostics import diagnose
from gail.report.evaluation import evaluate, open_env
from gail.report.filming import FilmingError, film
from gail.report.metrics import Metrics
from gail.report.video import draw_video
from gail.run import Run
from gail.schedule import derived_seed
from gail.task import Task


class Evaluator:
    """Evaluates a learner's policy in environments of its own."""

    def __init__(self, run: Run, task: Task, learner: Learner, metrics: Metrics):
        """Opens the environments; `close` closes them."""
        config = learner.config
        self._run, self._task, self._learner, self._metrics = run, task, learner, metrics
        self._env = task.seen(open_env(config.env, config.env_arguments, config.eval_episodes))
        self._videos_possible = config.video_every > 0

    @property
    def _config(self) -> TrainConfig:
        return self._learner.config

    def evaluate(self, number: int, round_index: int, steps: int) -> Episodes:
        """The ``number``-th evaluation of the run, after a round; from the same start states each time."""
        seed = derived_seed(self._config.seed, "evaluation")
        evaluation = evaluate(self._env, self._learner.agent(), self._config.eval_episodes, seed)
        diagnosis = self.diagnose(evaluation)
        self._metrics.evaluation(round_index, steps, evaluation, {} if diagnosis is None else diagnosis.scalars)
        if self._videos_possible and number % self._config.video_every == 0:
            self._record_video(steps)
        return evaluation

    def evaluate_fresh(self, actor: Actor, stochastic: bool) -> Episodes:
        """For the summary: from start states that no evaluation of the run has seen."""
        seed = derived_seed(self._config.seed, "summary")
        return evaluate(self._env, actor, self._config.eval_episodes, seed, stochastic)

    def diagnose(self, agent: Episodes) -> Diagnosis | None:
        """The agent's episodes beside the demonstrations; None where there are none."""
        source = self._task.source
        if source.shown is None:
            return None
        task, model = self._task, self._learner.reward_model
        held_out = None if source.held_out is None else task.as_seen(source.held_out)
        return diagnose(agent, task.as_seen(source.shown), held_out, model, task.actions, task.observations.depth)

    def close(self) -> None:
        """Close the environments."""
        self._env.close()

    def _record_video(self, steps: int) -> None:
        config, policy = self._config, self._task.policy(self._learner.agent())
        try:
            filmed = film(config.env, config.env_arguments, policy, derived_seed(config.seed, "video", steps))
        except FilmingError as error:  # often there is no screen; the run goes on
            self._videos_possible = False
            self._metrics.note(f"Warning: no videos, because '{config.env}' cannot be rendered here ({error}).")
            return
        transitions = filmed.transitions(policy.actor.depth)
        if self._task.encoder is not None:
            transitions = encoded_transitions(transitions, self._task.encoder)
        video = draw_video(filmed, self._learner.reward_model.step_rewards(transitions))
        with atomic_write(self._run.videos / f"step-{steps:010d}.gif") as file:
            file.write(video.data)
        self._metrics.picture("eval/video", steps, video)
