"""The training loop."""

import math
import time
from collections.abc import Callable

from agents.bc import BehavioralCloning
from agents.gae import generalized_advantages
from agents.transitions import Transitions
from envs.errors import RunError
from gail.evaluation import Evaluation
from gail.learner import Learner
from gail.metrics import Metrics
from gail.schedule import Schedule, derived_seed, generator
from gail.task import Task

# A cloned policy stays as it is until the value function and the discriminator know it: what they say before that would
# destroy it.
ROUNDS_TO_HOLD = 5


class TrainingDivergedError(RunError):
    """A loss is no longer a number."""


def train(
    learner: Learner,
    task: Task,
    schedule: Schedule,
    metrics: Metrics,
    evaluate: Callable[[int, int, int], Evaluation],
    save: Callable[[], None],
) -> None:
    """From ``learner.rounds_done`` to the end of the schedule, or to the target return.

    Args:
        learner: what is trained.
        task: its environment.
        schedule: when to evaluate, save and stop.
        metrics: told of every round.
        evaluate: given the number of the evaluation, the round's index and the steps taken.
        save: writes a checkpoint.

    Raises:
        TrainingDivergedError: a loss is NaN or infinite; what was saved before stays.
    """
    config, collector = learner.config, task.collector
    if not learner.cloned and learner.expert is not None:
        clone(learner, learner.expert, metrics)
        save()
    first = int(learner.rounds_done)
    started = time.perf_counter()
    if first < schedule.rounds:
        learner.compile(schedule.steps_per_env * schedule.num_envs)
    for index in range(first, schedule.rounds):
        if index == first or schedule.starts_episodes(index):
            metrics.start_segment(index + 1)
            collector.restart(derived_seed(config.seed, "environment", index))

        actor = learner.actor()
        rollout = collector.collect(actor, schedule.steps_per_env, derived_seed(config.seed, "actor", index))

        scalars = learner.reward_model.update(rollout, generator(config.seed, "reward", index))
        rewards, termination_value = learner.reward_model.reward(rollout)

        observations = actor.normalizer(rollout.observations)
        values = learner.ppo.values(observations)
        advantages = generalized_advantages(
            rewards, values, rollout.terminations, rollout.truncations, rollout.valid,
            termination_value, config.ppo.discount, config.ppo.gae_lambda,
        )  # fmt: skip
        remaining = 1.0 - index / schedule.rounds
        rng = generator(config.seed, "minibatches", index)
        hold_policy = learner.cloning_epochs > 0 and index < ROUNDS_TO_HOLD
        scalars |= learner.ppo.update(
            observations[:-1], rollout, advantages, advantages + values[:-1], remaining, rng, hold_policy
        )

        learner.observe(rollout.observations[:-1][rollout.valid])
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


def clone(learner: Learner, expert: Transitions, metrics: Metrics) -> None:
    """Behavioural cloning before the first round, for as many epochs as the configuration says."""
    config = learner.config
    cloning = BehavioralCloning(learner.networks, config.bc)
    observations = learner.normalizer(expert.observations)
    for epoch in range(learner.cloning_epochs):
        assert expert.actions is not None, "the task has checked"
        scalars = cloning.epoch(observations, expert.actions, generator(config.seed, "cloning", epoch))
        refuse_divergence(scalars, f"epoch {epoch} of behavioural cloning")
        metrics.cloning(epoch, scalars)
    learner.cloned.assign(True)


def refuse_divergence(scalars: dict[str, float], when: str) -> None:
    """Raise `TrainingDivergedError` where one of ``scalars`` is NaN or infinite."""
    for name, value in scalars.items():
        if not math.isfinite(value):
            raise TrainingDivergedError(f"In {when}, {name} became {value}")
