"""Figures of an agent beside its expert, and the sentences that they give rise to."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from gymnasium.spaces import Discrete

import gail
from agents.transitions import Transitions
from envs.actions import ActionSpec
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode, Episodes
from gail.report.diagnosis import Diagnosis
from gail.report.diagnostics import correlation, diagnose
from gail.reward.model import TaskReward
from gail.state_distance import energy_coefficient

RESULTS = Path(__file__).parents[3] / "benchmarks" / "quality"
TWO = ActionSpec.of(Discrete(2))
WELL = Diagnosis(0.02, 0.04, 0.7, 0.6, 0.6, None, 100.0, (90, 110))


def episode(states: list[float], terminated: bool = False) -> Episode:
    rows = np.array(states, np.float32)[:, None]
    return Episode(rows, np.zeros(len(rows) - 1, int), np.zeros(len(rows) - 1), terminated, not terminated)


class PaysForSteps(TaskReward):
    """1 for every step, as a reward that is always positive does."""

    def step_rewards(self, transitions: Transitions) -> np.ndarray:
        return np.ones(len(transitions))


class PunishesTermination(TaskReward):
    """Nothing for a step, and what lies behind a termination is bad."""

    def step_rewards(self, transitions: Transitions) -> np.ndarray:
        return np.zeros(len(transitions))

    @property
    def termination_value(self) -> float:
        return -10.0


def test_the_energy_coefficient_by_hand():
    # |x - y| over pairs of {0, 2} and {1}: 1 and 1, mean 1. Within {0, 2}: 0, 2, 2, 0, mean 1; within {1}: 0.
    assert energy_coefficient(np.array([[0.0], [2.0]]), np.array([[1.0]])) == pytest.approx(1.0 - 1.0 / 2.0)
    assert energy_coefficient(np.array([[0.0]]), np.array([[5.0]])) == 1.0
    assert energy_coefficient(np.ones((3, 1)), np.ones((2, 1))) == 0.0


def test_samples_of_one_distribution_are_near_and_of_another_far():
    rng = np.random.default_rng(0)
    one, same, other = rng.standard_normal((500, 2)), rng.standard_normal((500, 2)), rng.normal(1.0, 1.0, (500, 2))
    assert energy_coefficient(one, same) < 0.01 < 0.1 < energy_coefficient(one, other)


def test_what_does_not_vary_correlates_with_nothing():
    assert correlation(np.ones(5), np.arange(5.0)) is None
    assert correlation(np.arange(2.0), np.arange(2.0)) is None
    assert correlation(np.arange(5.0), 3.0 - np.arange(5.0)) == pytest.approx(-1.0)


def test_a_diagnosis_compares_with_what_was_held_out():
    shown, held_out = Demonstrations.of([episode([0.0, 1.0, 2.0])]), Demonstrations.of([episode([1.0, 2.0, 3.0])])
    agent = Episodes.of([episode([1.0, 2.0, 3.0]), episode([1.0, 2.0, 3.0])])
    found = diagnose(agent, shown, held_out, TaskReward(), TWO)
    assert found.state_distance == pytest.approx(0.0)
    assert found.state_distance_expert is not None
    assert found.state_distance_expert > 0.1
    alone = diagnose(agent, shown, None, TaskReward(), TWO)
    assert alone.state_distance == pytest.approx(found.state_distance_expert)
    assert alone.state_distance_expert is None
    assert set(alone.scalars) == {"eval/state_distance"}


def test_a_reward_for_living_correlates_with_length():
    agent = Episodes.of([episode([0.0] * length) for length in (3, 5, 9)])
    shown = Demonstrations.of([episode([0.0, 1.0])])
    assert diagnose(agent, shown, None, PaysForSteps(), TWO).length_correlation == pytest.approx(1.0)


def test_a_punishment_for_ending_correlates_with_length():
    agent = Episodes.of([episode([0.0] * 3, True), episode([0.0] * 5, True), episode([0.0] * 9)])
    correlated = diagnose(agent, agent, None, PunishesTermination(), TWO).length_correlation
    # Returns -10, -10, 0 and lengths 2, 4, 8, less their means -20/3 and 14/3.
    lengths, returns = np.array([-8 / 3, -2 / 3, 10 / 3]), np.array([-10 / 3, -10 / 3, 20 / 3])
    assert correlated == pytest.approx((lengths @ returns) / np.sqrt((lengths @ lengths) * (returns @ returns)))


def test_all_is_well_in_silence():
    assert WELL.findings == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state_distance": 0.5}, "agent visits other states"),
        ({"state_distance": 0.5, "state_distance_expert": 0.5}, "not of one expert"),
        ({"length_correlation": 0.9, "agent_length": 200.0}, "pays for long ones"),
        ({"length_correlation": -0.9, "agent_length": 20.0}, "pays for short ones"),
        ({"length_correlation": 0.9, "agent_length": 20.0}, "the expert's 90 to 110: train longer"),
        ({"state_distance": 0.5, "accuracy_shown": 0.99, "accuracy_held_out": 0.5}, "by heart"),
        ({"state_distance": 0.5, "accuracy_shown": 1.0, "accuracy_held_out": 1.0, "accuracy_agent": 1.0}, "nearly all"),
        ({"state_distance": 0.5, "accuracy_shown": 0.5, "accuracy_held_out": 0.5, "accuracy_agent": 0.5}, "no longer"),
    ],
)
def test_what_is_off_is_said_in_a_sentence(changes: dict, words: str):
    assert words in " ".join(dataclasses.replace(WELL, **changes).findings)


@pytest.mark.parametrize(
    "changes",
    [
        {"state_distance": 0.15},  # the expert's own episodes differ by 0.04
        {"length_correlation": 0.9, "agent_length": 105.0},
        {"accuracy_shown": 0.99, "accuracy_held_out": 0.5},  # and yet the states are the same
        {"accuracy_shown": 1.0, "accuracy_held_out": 1.0, "accuracy_agent": 1.0},
    ],
)
def test_what_is_not_off_is_not_said(changes: dict):
    assert dataclasses.replace(WELL, **changes).findings == []


def test_a_run_keeps_its_diagnosis_and_an_untrained_agent_has_findings(tmp_path: Path):
    run = gail.fit(
        env="CartPole-v1", total_timesteps=2048, bc_epochs=0, video_every=0, eval_episodes=5, logdir=tmp_path
    )
    assert run.summary is not None
    assert run.summary["diagnosis"]["state_distance"] > 0.1
    assert any("episodes last" in finding for finding in run.summary["findings"])
    log = (run.path / "metrics.jsonl").read_text()
    assert all(f"eval/{name}" in log for name in ("state_distance", "accuracy_held_out", "length_correlation"))


def test_findings_agree_with_the_returns_of_all_runs_on_record():
    runs = [run for file in RESULTS.glob("*.json") for run in json.loads(file.read_text()) if run.get("diagnosis")]
    found: dict[str, list[bool]] = {"good": [], "bad": []}
    for run in runs:
        agent, expert, random = (run[who]["return_mean"] for who in ("agent", "expert", "random"))
        score = (agent - random) / (expert - random)
        lengths = tuple(run["diagnosis"]["expert_lengths"])
        findings = Diagnosis(**{**run["diagnosis"], "expert_lengths": lengths}).findings
        if score > 0.95 or score < 0.75:
            found["good" if score > 0.95 else "bad"].append(bool(findings))
    assert len(found["good"]) > 50
    assert len(found["bad"]) > 3
    assert np.mean(found["good"]) < 0.05
    assert np.mean(found["bad"]) > 0.95
