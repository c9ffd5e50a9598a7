"""Stepping in this process and in others."""

import dataclasses
import os
import signal
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from agents.actor import PolicyActor
from agents.collector import Collector, LocalCollector, WorkerCollector
from agents.normalizer import Normalizer
from agents.rollout import Rollout
from agents.workers import Worker, WorkerError
from envs.actions import ActionSpec
from envs.make import make
from envs.registry import find_spec

ENV = "tiny_envs:CountingEnv"


@pytest.fixture
def actor() -> PolicyActor:
    env = make(ENV, 1)
    actions = ActionSpec.of(env.single_action_space)
    env.close()
    layers = [(np.zeros((2, 2), np.float32), np.zeros(2, np.float32))]  # both actions are as likely
    return PolicyActor(actions, Normalizer.identity(2), layers, "tanh", np.zeros(0, np.float32))


@pytest.fixture
def workers() -> Iterator[WorkerCollector]:
    collector = WorkerCollector(find_spec(ENV), 3, {"length": 4}, 2)
    yield collector
    collector.close()


def equal(first: Rollout, second: Rollout) -> bool:
    names = [field.name for field in dataclasses.fields(Rollout)]
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in names)


def collected(collector: Collector, actor: PolicyActor, steps: list[int], seed: int = 1) -> list[Rollout]:
    collector.restart(seed)
    return [collector.collect(actor, count, seed + i) for i, count in enumerate(steps)]


def test_workers_step_all_environments_side_by_side(workers: WorkerCollector, actor: PolicyActor):
    (rollout,) = collected(workers, actor, [6])
    # Four steps count to 4 and terminate, the fifth only resets, the sixth is the first of the next episode.
    np.testing.assert_array_equal(rollout.observations[:, :, 1], np.array([[0, 1, 2, 3, 4, 0, 1]] * 3).T)
    np.testing.assert_array_equal(rollout.terminations.sum(0), [1, 1, 1])
    np.testing.assert_array_equal(rollout.valid.sum(0), [5, 5, 5])


def test_workers_go_on_where_the_last_rollout_ended(workers: WorkerCollector, actor: PolicyActor):
    first, second = collected(workers, actor, [4, 2])
    assert first.terminations[-1].all()
    assert not second.valid[0].any()
    np.testing.assert_array_equal(second.observations[0], first.observations[-1])


def test_the_same_seeds_give_the_same_rollouts_and_others_do_not(workers: WorkerCollector, actor: PolicyActor):
    assert equal(collected(workers, actor, [50])[0], collected(workers, actor, [50])[0])
    assert not equal(collected(workers, actor, [50])[0], collected(workers, actor, [50], seed=2)[0])


def test_environments_of_different_workers_act_differently(workers: WorkerCollector, actor: PolicyActor):
    (rollout,) = collected(workers, actor, [50])
    columns = {tuple(rollout.actions[:, n, 0].tolist()) for n in range(3)}
    assert len(columns) == 3


def test_one_worker_gives_what_this_process_gives_from_the_same_seeds(actor: PolicyActor):
    workers, local = WorkerCollector(find_spec(ENV), 2, {}, 1), LocalCollector(make(ENV, 2))
    share = int(np.random.default_rng([1, 0]).integers(2**31 - 1))  # what the first worker makes of seed 1
    workers.restart(1)
    local.restart(share)
    assert equal(workers.collect(actor, 20, 1), local.collect(actor, 20, share))
    workers.close()
    local.close()


def test_an_exception_of_the_environment_reaches_the_caller(actor: PolicyActor):
    collector = WorkerCollector(find_spec(ENV), 2, {"length": "four"}, 2)
    collector.restart(1)
    with pytest.raises(WorkerError, match="TypeError"):
        collector.collect(actor, 5, 1)
    collector.close()


def test_the_death_of_a_worker_reaches_the_caller(workers: WorkerCollector, actor: PolicyActor):
    collected(workers, actor, [1])
    os.kill(workers._workers[1]._process.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="-9"):
        workers.collect(actor, 5, 1)


def test_a_worker_ends_although_nobody_reads_its_rollout(actor: PolicyActor):
    worker = Worker(find_spec(ENV), 2, {})
    worker.restart(1)
    worker.begin(actor, 20_000, 1)  # a rollout that fills the pipe many times over
    closing = threading.Thread(target=worker.close, daemon=True)
    closing.start()
    closing.join(timeout=60)
    worker._process.kill()  # if it still waits, which is what this test is about
    assert not closing.is_alive()
