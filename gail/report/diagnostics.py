"""Figures that tell whether an agent comes near its expert, and by what it was shown."""

import numpy as np
from scipy.spatial.distance import cdist

from agents.observations import ObservationSpec
from agents.transitions import evenly, in_blocks
from envs.actions import ActionSpec
from expert_data.episodes import Episodes
from gail.report.diagnosis import Diagnosis
from gail.reward.discriminator import Discriminator
from gail.reward.model import RewardModel

MOST_STEPS = 2000  # of each side, in a share: of four frames, some hundred megabytes
GRID = 12  # parts of an image along each side
MOST_STATES = 1000  # of each side, in a distance: a million pairs take some ten milliseconds
SMALLEST_STD = 1e-3  # as for the discriminator


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
    states = [_states(episodes) for episodes in (agent, held_out or shown, shown)]
    shares: list[float | None] = [None] * 3
    if isinstance(model, Discriminator):
        sides = (shown, held_out, agent)
        shares = [
            None if side is None else model.share_taken_for_expert(evenly(side.steps(spec, depth=depth), MOST_STEPS))
            for side in sides
        ]
    return Diagnosis(
        state_distance=energy_coefficient(*_scaled(states[0], states[1])),
        state_distance_expert=None if held_out is None else energy_coefficient(*_scaled(states[2], states[1])),
        accuracy_shown=shares[0],
        accuracy_held_out=shares[1],
        accuracy_agent=None if shares[2] is None else 1.0 - shares[2],
        length_correlation=_length_correlation(agent, model, spec, depth),
        agent_length=agent.length_mean,
        expert_lengths=(int(shown.lengths.min()), int(shown.lengths.max())),
    )


def energy_coefficient(first: np.ndarray, second: np.ndarray) -> float:
    """1 - (E|X-X'| + E|Y-Y'|) / 2E|X-Y| of samples ``[N, D]`` and ``[M, D]`` (Székely and Rizzo 2013, section 3).

    0 where both have one distribution, 1 where each is a point of its own.
    """
    between = cdist(first, second).mean()
    if between == 0.0:
        return 0.0
    return float(max(0.0, 1.0 - (cdist(first, first).mean() + cdist(second, second).mean()) / (2.0 * between)))


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


def _states(played: Episodes) -> np.ndarray:
    """At most `MOST_STATES`, evenly from all episodes; of images the means of so many by so many parts."""
    count = len(played.observations)
    chosen = played.observations[np.linspace(0, count - 1, min(count, MOST_STATES)).astype(int)]
    return coarse(chosen) if ObservationSpec.of(chosen.shape[1:], depth=1).is_image else chosen


def coarse(images: np.ndarray) -> np.ndarray:
    """Images ``[B, H, W(, C)]`` → ``[B, G]``: the mean brightness of the parts of a grid."""
    for axis in (1, 2):
        size = images.shape[axis]
        starts = np.linspace(0, size, min(size, GRID), endpoint=False).astype(int)
        widths = np.diff(starts, append=size).reshape([-1 if each == axis else 1 for each in range(images.ndim)])
        images = np.add.reduceat(images, starts, axis, dtype=np.float32) / widths
    return images.reshape(len(images), -1)


def _scaled(states: np.ndarray, expert: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, std = expert.mean(0), np.maximum(expert.std(0), SMALLEST_STD)
    return (states - mean) / std, (expert - mean) / std
