"""What a policy has learned, carried over to one that sees the same things otherwise."""

import numpy as np

from agents.actor import PolicyActor
from agents.bc import BehavioralCloning
from agents.normalizer import Normalizer
from agents.transitions import Transitions

EPOCHS = 20  # a first choice


def distill(
    cloning: BehavioralCloning,
    teacher: PolicyActor,
    before: np.ndarray,
    after: np.ndarray,
    normalizer: Normalizer,
    rng: np.random.Generator,
) -> None:
    """Let a policy do where it sees ``after`` what ``teacher`` does where it sees ``before``.

    Policy distillation (Rusu et al. 2016), by the likelihood of actions that the teacher draws anew in each epoch: its
    least is where both give every action the same probability.

    Args:
        cloning: fresh, of the networks that learn.
        teacher: acts on ``before``.
        before: ``[R, D]``, as the teacher sees it.
        after: ``[R, Z]``, the same things.
        normalizer: of ``after``.
        rng: draws actions, and the minibatches' order.
    """
    nowhere = np.zeros(len(after), bool)
    for _ in range(EPOCHS):
        acted = Transitions(after, teacher.sample(before, rng), after, nowhere)
        cloning.epoch(acted, normalizer, rng)
    cloning.networks.log_std.assign(teacher.log_std)  # which depends on nothing that is seen
