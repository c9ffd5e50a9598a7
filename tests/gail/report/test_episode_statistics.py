import numpy as np

from agents.rollout import Rollout
from gail.report.episode_statistics import EpisodeStatistics


def rollout_of(rewards: list[float], dones: list[int], first_valid: bool = True) -> Rollout:
    """One environment; a done step is a termination, and the step after it is not valid."""
    ends = np.array(dones, bool)[:, None]
    valid = ~np.concatenate([[[not first_valid]], ends[:-1]])
    count = len(rewards)
    rows = np.zeros((count + 1, 1, 1), np.float32)
    reward = np.array(rewards, np.float32)[:, None]
    never = np.zeros_like(ends)
    return Rollout(rows, np.zeros((count, 1, 1), np.int32), reward, ends, never, valid, never)


def test_episodes_add_up_across_rollouts_and_leave_out_reset_steps():
    statistics = EpisodeStatistics()
    # Episode 1: rewards 1, 2 and (in the next rollout) 3. Episode 2, after the reset step: 5, 6.
    assert [part.size for part in statistics.update(rollout_of([1, 2], [0, 0]))] == [0, 0]
    returns, lengths = statistics.update(rollout_of([3, 100, 5, 6], [1, 0, 0, 1]))
    np.testing.assert_allclose(returns, [6, 11])
    np.testing.assert_allclose(lengths, [3, 2])
    # The rollout after a done step begins with the reset step.
    returns, lengths = statistics.update(rollout_of([100, 7], [0, 1], first_valid=False))
    np.testing.assert_allclose(returns, [7])
    np.testing.assert_allclose(lengths, [1])


def test_after_a_restart_unfinished_episodes_are_forgotten():
    statistics = EpisodeStatistics()
    statistics.update(rollout_of([1, 2], [0, 0]))
    statistics.restart()
    returns, lengths = statistics.update(rollout_of([4, 5], [0, 1]))
    np.testing.assert_allclose(returns, [9])
    np.testing.assert_allclose(lengths, [2])
