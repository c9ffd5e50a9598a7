"""The training loop."""

import time
from collections.abc import Callable

from expert_data.episodes import Episodes
from gail.cloning import clone, look_around
from gail.divergence import refuse_divergence
from gail.learner import Learner
from gail.lessons import Lessons
from gail.report.metrics import Metrics
from gail.schedule import Schedule, derived_seed
from gail.task import Task


def train(
    learner: Learner,
    task: Task,
    schedule: Schedule,
    metrics: Metrics,
    lessons: Lessons,
    evaluate: Callable[[int, int, int], Episodes],
    save: Callable[[], None],
) -> None:
    """From ``learner.rounds_done`` to the end of the schedule, or to the target return.

    Args:
        learner: what is trained.
        task: its environment.
        schedule: when to evaluate, save and stop.
        metrics: told of every round.
        lessons: make the learner better.
        evaluate: given the number of the evaluation, the round's index and the steps taken.
        save: writes a checkpoint.

    Raises:
        TrainingDivergedError: a loss is NaN or infinite; what was saved before stays.
    """
    config, collector = learner.config, task.collector
    epochs = learner.cloning_epochs
    if not learner.cloned:
        if schedule.rounds and (epochs or learner.sees_first):
            look_around(learner, collector, schedule.steps_per_env)
        clone(learner, epochs, metrics)
        save()
    first = int(learner.rounds_done)
    started = time.perf_counter()
    if first < schedule.rounds:
        lessons.compile()
    for index in range(first, schedule.rounds):
        if index == first or schedule.starts_episodes(index):
            metrics.start_segment(index + 1)
            collector.restart(derived_seed(config.seed, "environment", index))

        actor = learner.actor()
        rollout = collector.collect(actor, schedule.steps_per_env, derived_seed(config.seed, "actor", index))

        rewards, scalars = lessons.learn(rollout, index)
        learner.rounds_done.assign_add(1)
        refuse_divergence(scalars, f"round {index}")
        steps = schedule.steps(index + 1)
        learned = time.perf_counter()
        metrics.round(index, steps, rollout, rewards, scalars, learned - started)
        reported = time.perf_counter()

        reached = False
        if schedule.evaluates_after(index):
            metrics.histograms(steps, learner.reward_model.logits(rollout))
            evaluation = evaluate(schedule.evaluation_number(index), index, steps)
            reached = config.target_return is not None and evaluation.return_mean >= config.target_return
        if schedule.saves_after(index) or reached:
            save()
        if reached:
            return
        started = time.perf_counter() - (reported - learned)  # reports count, evaluations and checkpoints do not
