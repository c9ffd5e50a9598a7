"""Behavioural cloning as a start for imitation, and what keeps GAIL from undoing it."""

import math

import tensorflow as tf

from agents.bc import BehavioralCloning
from agents.collector import Collector
from agents.transitions import Experience
from gail.config import TrainConfig
from gail.divergence import refuse_divergence
from gail.learner import Learner
from gail.report.metrics import Metrics
from gail.schedule import derived_seed, generator

# Enough for few demonstrations, bearable for many; in gradient steps where 100 epochs are fewer or more than these.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 100, 2_000, 20_000
MOST_STEPS_ON_IMAGES = 3_000  # each takes far longer; of nine games of Pong they are 47 epochs (benchmarks/atari)


def cloning_epochs(config: TrainConfig, expert: Experience | None, is_image: bool) -> int:
    """Passes over the demonstrations, which show vectors or images; 0 where there is nothing to clone.

    ``gaifo`` clones nothing even where actions are at hand, because it is to show what imitation comes to without them.
    """
    if expert is None or expert.actions is None:
        return 0
    if config.bc_epochs is not None:
        return config.bc_epochs
    if config.algo == "gaifo" or config.control == "no_expert":
        return 0
    steps_per_epoch = max(1, len(expert) // config.bc.batch_size)
    most_steps = MOST_STEPS_ON_IMAGES if is_image else MOST_STEPS
    return max(-(-FEWEST_STEPS // steps_per_epoch), min(EPOCHS, max(1, most_steps // steps_per_epoch)))


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
