"""Figures that tell whether an agent comes near its expert, and by what it was shown."""

import numpy as np

from agents.transitions import evenly, in_blocks
from envs.actions import ActionSpec
from expert_data.episodes import Episodes
from gail.report.diagnosis import Diagnosis
from gail.reward.discriminator import Discriminator
from gail.reward.model import RewardModel
from gail.state_distance import state_distance

MOST_STEPS = 2000  # of each side, in a share: of four frames, some hundred megabytes


def diagnose(
    agent: Episodes, shown: Episodes, held_out: Episodes | None, model: RewardModel, spec: ActionSpec, depth: int = 1
) -> Diagnosis:
    """What the agent's episodes tell beside its expert's.

    Args:
        agent: fresh episodes.
        shown: what it was trained with.
        held_out: more of the same expert; None if there is no more, and ``shown`` takes its place.
        model: where the agent's reward comes from.
        spec: of the actions.
        depth: of images, frames that are seen at once.
    """
    shares: list[float | None] = [None] * 3
    if isinstance(model, Discriminator):
        sides = (shown, held_out, agent)
        shares = [
            None if side is None else model.share_taken_for_expert(evenly(side.steps(spec, depth=depth), MOST_STEPS))
            for side in sides
        ]
    return Diagnosis(
        state_distance=state_distance(agent, held_out or shown),
        state_distance_expert=None if held_out is None else state_distance(shown, held_out),
        accuracy_shown=shares[0],
        accuracy_held_out=shares[1],
        accuracy_agent=None if shares[2] is None else 1.0 - shares[2],
        length_correlation=_length_correlation(agent, model, spec, depth),
        agent_length=agent.length_mean,
        expert_lengths=(int(shown.lengths.min()), int(shown.lengths.max())),
    )


def correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Pearson's, of ``[E]`` and ``[E]``; None where one of them does not vary."""
    if len(first) < 3 or np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _length_correlation(agent: Episodes, model: RewardModel, spec: ActionSpec, depth: int) -> float | None:
    """Of lengths with learned returns, to which what lies behind a termination belongs."""
    rewards = []
    for block in in_blocks(agent.steps(spec, depth=depth)):
        rewards.append(model.step_rewards(block))
        if rewards[-1] is None:
            return None
    returns = np.add.reduceat(np.concatenate(rewards), agent.starts)
    return correlation(returns + agent.terminated * model.termination_value, agent.lengths)
