"""Behavioural cloning as a start for imitation, and what keeps GAIL from undoing it."""

import math

import tensorflow as tf

from agents.bc import BehavioralCloning
from agents.collector import Collector
from gail.divergence import refuse_divergence
from gail.learner import Learner
from gail.report.metrics import Metrics
from gail.schedule import derived_seed, generator


def look_around(learner: Learner, collector: Collector, steps: int) -> None:
    """Count a rollout of the untrained policy, ``steps`` steps in each environment, in the scale of observations.

    An expert that balances hardly moves. In units of its deviation an agent that still explores is so far off that
    clipping takes from it how far. Of images nobody demonstrated, it gives the mean.
    """
    seed = derived_seed(learner.config.seed, "first look")
    collector.restart(seed)
    rollout = collector.collect(learner.actor(), steps, seed)
    learner.observe(rollout.observations[:-1][rollout.valid])


def clone(learner: Learner, epochs: int, metrics: Metrics) -> None:
    """Fit the learner's policy to its expert's actions.

    Raises:
        TrainingDivergedError: a loss is NaN or infinite.
    """
    expert, config = learner.expert, learner.config
    cloning = BehavioralCloning(learner.networks, config.bc)
    for epoch in range(epochs):
        assert expert is not None, "there is something to clone"
        scalars = cloning.epoch(expert, learner.normalizer, generator(config.seed, "cloning", epoch))
        refuse_divergence(scalars, f"epoch {epoch} of behavioural cloning")
        metrics.cloning(epoch, scalars)
    if config.algo != "bc":
        # The deviation of greatest likelihood would leave the policy nothing to explore.
        learner.networks.log_std.assign(tf.fill(learner.networks.log_std.shape, math.log(config.network.initial_std)))
    learner.cloned.assign(True)
