"""One process's work on a run: take up the newest checkpoint, train, evaluate, sum up."""

import time

import tensorflow as tf

from agents.actor import RandomActor
from agents.world_model.vae import VAE
from expert_data.episodes import Episodes
from gail.checkpoint import Checkpoints
from gail.config import to_json
from gail.divergence import TrainingDivergedError
from gail.dreams import Dreams
from gail.latents import fitted_vae, in_latents
from gail.learner import Learner
from gail.lessons import Lessons, RealLessons
from gail.pretraining import PretrainingLessons
from gail.report.console import ProgressLine
from gail.report.evaluator import Evaluator
from gail.report.metrics import Metrics, rewind
from gail.report.summary import summarize
from gail.report.world_model.examiner import Examiner
from gail.run import SUMMARY, Run
from gail.schedule import Schedule
from gail.self_improvement import SelfImprovingLessons
from gail.task import Task
from gail.trainer import train


def start_tensorflow() -> None:
    """Let TensorFlow look for devices now, rather than in the middle of the first round."""
    tf.config.list_logical_devices()


def train_run(run: Run, task: Task, quiet: bool) -> None:
    """From the newest checkpoint of ``run``, or from the start, to its end.

    Raises:
        TrainingDivergedError: a loss is no longer a number; the last checkpoint is named.
    """
    config, vae = task.config, None
    if config.latents or config.dream:
        vae = fitted_vae(task, run.path)
        task = in_latents(task, vae.mirror)
    learner = Learner(task)
    schedule = Schedule.of(config, task.actions, task.collector.num_envs)
    lessons = _lessons(learner, task, schedule, run, vae)
    model = lessons.model if isinstance(lessons, Dreams) else None
    checkpoints = Checkpoints(run.checkpoints, learner, **lessons.modules)
    restored = checkpoints.restore()
    if restored:
        lessons.restore()
    started = time.perf_counter() - float(learner.seconds.numpy())  # as if it had never been interrupted
    rewind(run.path, restored, int(learner.rounds_done))
    metrics = Metrics(run.path, ProgressLine(schedule.steps(schedule.rounds), quiet))
    evaluator = Evaluator(run, task, learner, metrics)
    examiner = None if vae is None else Examiner(run, task, learner, vae, model, metrics)

    def evaluate(number: int, index: int, steps: int) -> Episodes:
        if examiner is not None:
            examiner.examine(number, index, steps)
        return evaluator.evaluate(number, index, steps)

    def save() -> None:
        learner.seconds.assign(time.perf_counter() - started)
        lessons.save()
        checkpoints.save()
        task.policy(learner.agent()).save(run.policy_folder)
        if learner.learned_reward is not None:
            learner.learned_reward.save(run.reward_folder)

    try:
        if not restored:
            metrics.start_segment(0)
            metrics.configuration(to_json(config))
        random = evaluator.evaluate_fresh(RandomActor(task.actions), stochastic=True)
        for warning in [*task.source.warnings, *task.source.beside(random)]:
            metrics.note(f"Warning: {warning}")
        train(learner, task, schedule, metrics, lessons, evaluate, save)
        agent = evaluator.evaluate_fresh(learner.agent(), stochastic=False)
        steps, seconds = schedule.steps(int(learner.rounds_done)), time.perf_counter() - started
        diagnosis = evaluator.diagnose(agent)
        if examiner is not None:
            examiner.project()
        summary = summarize(steps, seconds, agent, random, task.source.demonstrations, diagnosis, lessons.findings)
        run.write(SUMMARY, summary)
    except TrainingDivergedError as error:
        kept = f"last good checkpoint: {checkpoints.latest}" if checkpoints.latest else "there is no checkpoint yet"
        remedy = "try a smaller --ppo.learning-rate"
        raise TrainingDivergedError(f"{error}; training stopped ({kept}); {remedy}.") from error
    finally:
        metrics.close()
        evaluator.close()
        if examiner is not None:
            examiner.close()
            task.collector.close()  # of the task in latents, of which nobody else knows


def _lessons(learner: Learner, task: Task, schedule: Schedule, run: Run, vae: VAE | None) -> Lessons:
    """What makes the learner better in this run."""
    config, trusted = task.config, task.source.generated.experience
    if config.dream:
        assert vae is not None, "dreams are in latents"
        return Dreams(learner, task, schedule, run.path, vae)
    if trusted is not None:
        return PretrainingLessons(learner, schedule, trusted)
    if config.self_improvement.by is not None:
        return SelfImprovingLessons(learner, schedule, task, run.path)
    return RealLessons(learner, schedule)
