"""The agent's best episodes in the expert's place: which they are, what becomes of them, and the same after a kill."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import gone_back
from gymnasium.spaces import Discrete

import gail
from agents.config import NetworkConfig, PPOConfig
from agents.rollout import Rollout
from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data import formats, store
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode, Episodes
from gail.config import GeneratorConfig, SelfImprovementConfig, TrainConfig
from gail.config_check import check
from gail.experiment import resume
from gail.own_episodes import OwnEpisodes
from gail.record import main as record
from gail.run import Run
from gail.self_improvement import ExpertSet, best, learned_returns, reach


def episode(*rewards: float, start: float = 0.0) -> Episode:
    """In a straight line, a step a step."""
    count = len(rewards)
    observations = start + np.arange(count + 1, dtype=np.float32)[:, None]
    return Episode(observations, np.zeros(count, np.int64), np.array(rewards), terminated=True, truncated=False)


def returns(episodes: Episodes) -> np.ndarray:
    return episodes.returns


def test_the_best_stay_and_of_equals_those_that_were_there_first() -> None:
    assert best(np.array([3.0, 1.0, 2.0]), np.array([2.0, 5.0, 0.0])).tolist() == [0, 2, 4]
    assert best(np.array([3.0, 1.0]), np.array([1.0])).tolist() == [0, 1]


def test_better_episodes_take_the_places_of_the_worst() -> None:
    shown = Demonstrations.of([episode(1, 1), episode(5), episode(1)], metadata={"source": "me"})
    before = ExpertSet(shown, (None, None, None))
    assert before.with_best(Demonstrations.of([episode(1), episode(0)]), 7, returns) is before
    after = before.with_best(Demonstrations.of([episode(0), episode(2, 2, 2)]), 7, returns)
    assert after.episodes.returns.tolist() == [2.0, 5.0, 6.0]
    assert after.rounds == (None, None, 7)
    assert after.num_own == 1
    assert after.episodes.metadata == {"source": "me"}
    later = after.with_best(Demonstrations.of([episode(9), episode(8), episode(7)]), 8, returns)
    assert later.rounds == (8, 8, 8)


def test_what_entered_and_what_left_is_told() -> None:
    # 2, 5 and 1 in two, one and one steps; 6 in three and 9 in one enter, and 2 and 1 leave.
    before = ExpertSet(Demonstrations.of([episode(1, 1), episode(5), episode(1)]), (None, None, None))
    after = before.with_best(Demonstrations.of([episode(0), episode(2, 2, 2), episode(9)]), 7, returns)
    assert after.changes(before, 7) == {
        "entered": 2.0,
        "entered_length_mean": 2.0,
        "entered_return_mean": 7.5,
        "left_length_mean": 1.5,
        "left_return_mean": 1.5,
    }
    assert after.changes(after, 8) == {"entered": 0.0}


def test_a_learned_return_has_what_lies_behind_a_termination() -> None:
    played = [episode(0, 0, 0), dataclasses.replace(episode(0, 0), terminated=False, truncated=True)]
    assert learned_returns(np.array([2.0, 3.0]), Episodes.of(played), -5.0).tolist() == [1.0, 6.0]


def test_half_of_the_demonstrations_are_within_their_reach() -> None:
    near = [episode(0, 0) for _ in range(3)]
    assert reach(Demonstrations.of([*near, episode(0, 0, start=50.0)])) < 0.4
    assert reach(Demonstrations.of([*near, *(episode(0, 0, start=50.0 * n) for n in range(1, 5))])) > 0.4


def test_episodes_are_put_together_across_rollouts_and_not_across_a_restart() -> None:
    # Two environments. In the first an episode ends with its third step, and the step after only resets.
    rewards = np.array([[1, 1], [2, 1], [4, 1], [0, 1], [8, 1], [16, 1]], np.float32)
    dones = np.zeros((6, 2), bool)
    dones[2, 0] = dones[5, 0] = dones[5, 1] = True
    valid = np.ones((6, 2), bool)
    valid[3, 0] = False
    frames = np.arange(14, dtype=np.float32).reshape(7, 2, 1)
    actions = np.arange(12, dtype=np.int32).reshape(6, 2, 1)
    never = np.zeros((6, 2), bool)
    whole = Rollout(frames, actions, rewards, dones, never, valid, never)
    halves = [
        Rollout(frames[a : a + 4], *(getattr(whole, name)[a : a + 3] for name in REST)) for a in (0, 3)
    ]  # the first ends with the episode, the second begins with the reset

    spec = ActionSpec.of(Discrete(20))
    for rollouts in ([whole], halves):
        own = OwnEpisodes(spec)
        first, second, third = (each for rollout in rollouts for each in own.update(rollout))
        assert first.total_reward == 7.0
        assert first.observations[:, 0].tolist() == [0, 2, 4, 6]
        assert first.actions is not None
        assert first.actions.tolist() == [0, 2, 4]
        assert first.terminated
        assert second.total_reward == 24.0
        assert second.observations[:, 0].tolist() == [8, 10, 12]
        assert third.observations[:, 0].tolist() == [1, 3, 5, 7, 9, 11, 13]

    own = OwnEpisodes(spec)
    own.update(halves[0])
    own.restart()
    assert [each.total_reward for each in own.update(halves[1])] == [24.0, 3.0]


OWN = "self_improvement/own_episodes"
REST = ("actions", "rewards", "terminations", "truncations", "valid", "life_losses")
TINY: dict[str, Any] = {
    "bc_epochs": 0,
    "total_timesteps": 1024,
    "eval_episodes": 2,
    "num_envs": 2,
    "num_workers": 0,
    "video_every": 0,
    "quiet": True,
    "ppo": PPOConfig(batch_size=128),
    "checkpoint_every": 512,
}


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four short episodes of chance, which the agent's best soon surpass."""
    path = tmp_path_factory.mktemp("weak") / "weak.npz"
    assert record(["--env", "CartPole-v1", "--policy", "random", "--episodes", "4", "--out", str(path), "--quiet"]) == 0
    return path


@pytest.fixture(scope="module")
def improved(weak: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("improved")
    return fit(weak, folder, "run", SelfImprovementConfig("task_reward"), total_timesteps=1024)


def fit(demos: Path, folder: Path, name: str, by: SelfImprovementConfig, **options: Any) -> Run:
    chosen: dict[str, Any] = TINY | options
    return gail.fit("CartPole-v1", demos=str(demos), logdir=folder, run_name=name, self_improvement=by, **chosen)


def entries(run: Run) -> list[dict[str, Any]]:
    """All logged numbers but those of the clock."""
    lines = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in entry.items() if not name.startswith("time/")} for entry in lines]


def test_the_set_improves_and_is_an_ordinary_demonstration_file_that_tells_what_is_whose(
    improved: Run, weak: Path
) -> None:
    shown = formats.load(weak, None)
    newest = formats.load(improved.path / "self_improvement" / "expert-00000008.npz", None)
    rounds = newest.metadata["rounds"]
    assert len(newest) == len(rounds) == 4
    assert any(played is not None for played in rounds)
    assert newest.returns.min() > shown.returns.min()
    assert improved.summary is not None
    assert any("are the agent's own" in finding for finding in improved.summary["findings"])
    (own,) = [entry[OWN] for entry in entries(improved) if entry.get("round") == 7 and OWN in entry]
    assert own == sum(played is not None for played in rounds)


def test_a_run_that_was_killed_goes_on_with_the_set_that_it_had(improved: Run, tmp_path: Path) -> None:
    resumed = resume(gone_back(improved.path, tmp_path / "broken", last=8, rounds=4), quiet=True)
    assert entries(resumed) == entries(improved)
    sets = [formats.load(run.path / "self_improvement" / "expert-00000008.npz", None) for run in (improved, resumed)]
    assert sets[0].metadata == sets[1].metadata
    np.testing.assert_array_equal(np.asarray(sets[0].observations), np.asarray(sets[1].observations))


def test_by_the_learned_reward_only_episodes_enter_that_go_where_the_expert_has_been(
    weak: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gail.self_improvement.reach", lambda shown: 0.5)
    monkeypatch.setattr("gail.self_improvement.state_distance", lambda played, shown: played.lengths[0] % 2)
    run = fit(weak, tmp_path, "run", SelfImprovementConfig("learned_reward"), total_timesteps=512)
    newest = formats.load(run.path / "self_improvement" / "expert-00000004.npz", None)
    own = [int(n) for n, played in zip(newest.lengths, newest.metadata["rounds"], strict=True) if played is not None]
    assert own
    assert not any(length % 2 for length in own)


def half_right(path: Path) -> Path:
    """Ten episodes of an expert who gives two right answers in five, and else the next one."""
    rng = np.random.default_rng(0)
    episodes = []
    for _ in range(10):
        states, right = rng.integers(0, 4, 9), rng.random(8) < 0.4
        actions = 1 + (states[:-1] + ~right) % 4
        seen = np.eye(4, dtype=np.float32)[states]
        episodes.append(Episode(seen, actions, right.astype(float), terminated=False, truncated=True))
    store.save(path, Demonstrations.of(episodes))
    return path


def test_the_agent_passes_a_weak_expert_and_without_it_does_not(tmp_path: Path) -> None:
    # Rounds are of twelve steps in each environment, episodes of eight: one is under way where the environments begin
    # anew, and no episode may be put together across that.
    demos = half_right(tmp_path / "demos.npz")
    options = TINY | {
        "network": NetworkConfig(hidden=(16,)),
        "ppo": PPOConfig(batch_size=384, minibatch_size=64, learning_rate=3e-3),
        "num_envs": 32,
        "total_timesteps": 20_000,
        "eval_every": 100_000,
        "checkpoint_every": 3840,
        "logdir": tmp_path,
    }
    runs = [
        gail.fit("tiny_envs:IdentityEnv", demos=str(demos), self_improvement=SelfImprovementConfig(by), **options)
        for by in ("task_reward", None)
    ]
    with_it, without = (run.evaluate(episodes=50, stochastic=True).return_mean for run in runs)
    assert with_it > 6.0
    assert without < 5.0
    newest = formats.load(max((runs[0].path / "self_improvement").glob("*.npz")), None)
    assert newest.lengths.tolist() == [8] * len(newest)
    assert not (runs[1].path / "self_improvement").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"algo": "bc"}, "imitates nobody"),
        ({"dream": True}, "real episodes, not --latents"),
        ({"generator": GeneratorConfig(fitted="x")}, "not those of --generator"),
    ],
)
def test_what_it_does_not_go_with_is_refused(options: dict[str, Any], message: str) -> None:
    config = TrainConfig(env="CartPole-v1", self_improvement=SelfImprovementConfig("task_reward"))
    with pytest.raises(InputError, match=message):
        check(dataclasses.replace(config, **options))


def test_demonstrations_that_cannot_be_compared_are_refused(weak: Path, tmp_path: Path) -> None:
    unpaid = dataclasses.replace(formats.load(weak, None), rewards=None)
    store.save(tmp_path / "unpaid.npz", unpaid)
    with pytest.raises(InputError, match="have no rewards"):
        fit(tmp_path / "unpaid.npz", tmp_path, "run", SelfImprovementConfig("task_reward"))
    with pytest.raises(InputError, match="there is one; give two or more"):
        fit(weak, tmp_path, "run", SelfImprovementConfig("learned_reward"), num_demos=1)
    assert not (tmp_path / "run").exists()
