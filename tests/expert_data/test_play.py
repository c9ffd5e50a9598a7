"""Whole episodes of an actor."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import SyncVectorEnv
from tiny_envs import CorridorEnv, CountingEnv

from agents.actor import RandomActor
from envs.actions import ActionSpec
from envs.make import make
from expert_data import play as play_module
from expert_data.play import play


@dataclass(frozen=True)
class Scripted:
    """Takes 1 in even steps and 0 in odd ones; sampled, the other way round."""

    actions: ActionSpec
    depth: int = 1

    def mode(self, observations: np.ndarray) -> np.ndarray:
        return (1 - observations[:, 1:] % 2).astype(np.int32)

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (observations[:, 1:] % 2).astype(np.int32)


def counting(*lengths: int, truncates: bool = False) -> SyncVectorEnv:
    return SyncVectorEnv([lambda length=length: CountingEnv(length, truncates) for length in lengths], copy=False)


SCRIPTED = Scripted(ActionSpec.of(Discrete(2)))


def test_every_environment_gives_its_own_first_episode_whole() -> None:
    episodes = play(counting(2, 5, 1), SCRIPTED, seed=0, stochastic=False)
    assert [len(episode) for episode in episodes] == [2, 5, 1]
    # Observations are the number of the episode, which is the first, and the steps so far, the last one included.
    assert episodes[0].observations.tolist() == [[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]
    assert episodes[2].observations.tolist() == [[0.0, 0.0], [0.0, 1.0]]
    assert episodes[1].observations[:, 0].tolist() == [0.0] * 6
    assert episodes[1].observations[:, 1].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert np.asarray(episodes[1].rewards).tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert episodes[1].total_reward == 15.0


@pytest.mark.parametrize("truncates", [False, True])
def test_how_an_episode_ended_is_kept(truncates: bool) -> None:
    for episode in play(counting(2, 3, truncates=truncates), SCRIPTED, seed=0, stochastic=False):
        assert (episode.terminated, episode.truncated) == (not truncates, truncates)


def test_the_last_observation_is_that_of_the_end_and_not_of_the_reset() -> None:
    actor = RandomActor(ActionSpec.of(Discrete(2)))
    (short,) = play(make("CartPole-v1", 1, {"max_episode_steps": 4}), actor, seed=0, stochastic=True)
    (long,) = play(make("CartPole-v1", 1, {"max_episode_steps": 6}), actor, seed=0, stochastic=True)
    assert (len(short), len(long)) == (4, 6)
    np.testing.assert_array_equal(short.observations, long.observations[:5])
    assert short.truncated


def test_actions_are_the_most_likely_ones_or_sampled() -> None:
    (mode,) = play(counting(4), SCRIPTED, seed=0, stochastic=False)
    (sampled,) = play(counting(4), SCRIPTED, seed=0, stochastic=True)
    assert np.asarray(mode.actions).tolist() == [1, 0, 1, 0]
    assert np.asarray(sampled.actions).tolist() == [0, 1, 0, 1]


def test_actions_are_recorded_as_the_environment_takes_them() -> None:
    env = SyncVectorEnv([lambda: CountingEnv(3, action_space=Box(0.0, 10.0, (1,), np.float32))])
    (episode,) = play(env, Scripted(ActionSpec.of(env.single_action_space)), seed=0, stochastic=False)
    assert np.asarray(episode.actions).tolist() == [[10.0], [5.0], [10.0]]  # 1 is the upper bound, 0 the middle
    assert env.get_attr("taken")[0] == [[10.0], [5.0], [10.0]]


def test_the_seed_decides_episodes() -> None:
    actor = RandomActor(ActionSpec.of(Discrete(2)))

    def observations(seed: int) -> list[list]:
        return [episode.observations.tolist() for episode in play(make("CartPole-v1", 3), actor, seed, stochastic=True)]

    assert observations(1) == observations(1)
    assert observations(1) != observations(2)


def test_an_episode_without_end_is_truncated_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_module, "MAX_STEPS", 5)
    short, endless = play(counting(2, 1000), SCRIPTED, seed=0, stochastic=False)
    assert (len(short), short.terminated, short.truncated) == (2, True, False)
    assert (len(endless), endless.terminated, endless.truncated) == (5, False, True)
    assert endless.observations[-1].tolist() == [0.0, 5.0]


@dataclass(frozen=True)
class Leftwards(Scripted):
    """Always takes 0."""

    def mode(self, observations: np.ndarray) -> np.ndarray:
        return np.zeros((len(observations), 1), np.int32)

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self.mode(observations)


def test_an_episode_is_cut_where_who_acts_surely_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_module, "STUCK", 7)
    actor = Leftwards(ActionSpec.of(Discrete(2)))
    # One step to the wall of the corridor, and seven that show nothing new; who samples might still turn.
    lengths = [len(play(SyncVectorEnv([CorridorEnv]), actor, 0, stochastic)[0]) for stochastic in (False, True)]
    assert lengths == [8, 30]
    (cut,) = play(SyncVectorEnv([CorridorEnv]), actor, 0, stochastic=False)
    assert cut.truncated
    assert not cut.terminated


def test_an_episode_is_cut_where_who_acts_surely_goes_round_in_circles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_module, "STUCK", 7)

    def length(env: type[CorridorEnv]) -> int:
        return len(play(SyncVectorEnv([env]), Pacing(ActionSpec.of(Discrete(2))), 0, False)[0])

    # A step to the wall, and seven between it and where it began; where each shows something new, all of the time.
    assert (length(CorridorEnv), length(FadingCorridorEnv)) == (8, 30)


@dataclass(frozen=True)
class Pacing(Scripted):
    """Turns where it meets the wall."""

    def mode(self, observations: np.ndarray) -> np.ndarray:
        return (observations[:, :1] > 0.0).astype(np.int32)


class FadingCorridorEnv(CorridorEnv):
    """Shows how much time is left."""

    def _observe(self) -> np.ndarray:
        return super()._observe() * np.float32(1.0 - self.count / 100.0)


def test_who_is_paid_for_doing_nothing_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_module, "STUCK", 2)
    assert len(play(SyncVectorEnv([PaidCorridorEnv]), Leftwards(ActionSpec.of(Discrete(2))), 0, False)[0]) == 30


class PaidCorridorEnv(CorridorEnv):
    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, _, terminated, truncated, info = super().step(action)
        return observation, 1.0, terminated, truncated, info
