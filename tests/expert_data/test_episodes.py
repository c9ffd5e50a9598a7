"""Episodes that are checked where they are made."""

import dataclasses
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from agents.transitions import Experience, Transitions
from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode

TWO = ActionSpec.of(Discrete(2))


def episode(length: int, first: int = 0, terminated: bool = True, **changes: Any) -> Episode:
    """Observations count up from ``first``, actions alternate, and every reward is 2."""
    fields: dict[str, Any] = {
        "observations": np.arange(first, first + length + 1, dtype=np.float32)[:, None],
        "actions": np.arange(length) % 2,
        "rewards": np.full(length, 2.0),
        "terminated": terminated,
        "truncated": not terminated,
    }
    return Episode(**(fields | changes))


def whole(experience: Experience) -> Transitions:
    return experience.take(np.arange(len(experience)))


def test_an_episode_knows_its_length_and_return() -> None:
    assert len(episode(3)) == 3
    assert episode(3).total_reward == 6.0


@pytest.mark.parametrize("name", ["observations", "actions", "rewards", "lengths", "terminated"])
def test_episodes_cannot_be_changed(name: str) -> None:
    made = Demonstrations.of([episode(3)])
    with pytest.raises(ValueError, match="read-only"):
        getattr(made, name)[0] = 1
    with pytest.raises(FrozenInstanceError):
        setattr(made, name, np.zeros(3))


def test_an_episode_without_steps_is_refused() -> None:
    with pytest.raises(InputError, match="no steps"):
        episode(0)


@pytest.mark.parametrize(
    "changes",
    [
        {"observations": np.zeros((3, 1), np.float32)},
        {"observations": np.zeros((5, 1), np.float32)},
        {"rewards": np.zeros(2)},
        {"rewards": np.zeros(4)},
        {"actions": np.zeros(2, int)},
    ],
    ids=["observation too few", "observation too many", "reward too few", "reward too many", "action too few"],
)
def test_lengths_must_agree(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"of \d observations has \d (actions|rewards), where \d are needed"):
        episode(3, **changes)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["observations", "actions", "rewards"])
def test_numbers_must_be_finite_and_the_message_names_array_episode_and_step(name: str, bad: float) -> None:
    changes: dict[str, Any] = {name: np.array([0.0, 0.0, bad, 0.0] if name == "observations" else [0.0, 0.0, bad])}
    if name == "observations":
        changes[name] = changes[name][:, None]
    made = Demonstrations.of([episode(2), episode(3, **changes)])
    with pytest.raises(InputError, match=f"'{name}' has a NaN or infinite value at step 2 of episode 1"):
        made.require_finite()


def test_where_the_task_ended_a_time_limit_at_the_same_step_changes_nothing() -> None:
    both = Demonstrations.of([episode(3, terminated=True, truncated=True)])
    assert both.terminated.tolist() == [True]
    assert both.truncated.tolist() == [False]


def test_demonstrations_need_an_episode() -> None:
    with pytest.raises(InputError, match="no episodes"):
        Demonstrations.of([])


@pytest.mark.parametrize("name", ["observations", "actions"])
def test_episodes_must_agree_in_shape(name: str) -> None:
    changes: dict[str, Any] = {name: np.zeros((4 if name == "observations" else 3, 7))}
    with pytest.raises(InputError, match=rf"'{name}' differ in shape between episodes: .*\(7,\)"):
        Demonstrations.of([episode(3), episode(3, **changes)])


def test_demonstrations_count_episodes_steps_and_returns() -> None:
    made = Demonstrations.of([episode(3), episode(5)])
    assert (len(made), made.num_steps) == (2, 8)
    assert made.lengths.tolist() == [3, 5]
    assert made.returns.tolist() == [6.0, 10.0]


def test_first_takes_the_first_episodes_and_keeps_the_metadata() -> None:
    made = Demonstrations.of([episode(1), episode(2), episode(3)], metadata={"env_id": "Tiny-v0"})
    assert made.first(2).lengths.tolist() == [1, 2]
    assert made.first(2).metadata == {"env_id": "Tiny-v0"}
    assert made.first(3).lengths.tolist() == [1, 2, 3]


@pytest.mark.parametrize("count", [-1, 0, 4])
def test_first_refuses_what_is_not_there(count: int) -> None:
    with pytest.raises(InputError, match=f"--num-demos is {count}, but there are 3"):
        Demonstrations.of([episode(1), episode(2), episode(3)]).first(count)


def test_all_transitions_leave_out_only_the_last_observations() -> None:
    made = Demonstrations.of([episode(3), episode(2, first=10)])
    chosen = whole(made.steps(TWO))
    assert chosen.observations.tolist() == [[0.0], [1.0], [2.0], [10.0], [11.0]]
    assert np.asarray(chosen.actions).tolist() == [[0], [1], [0], [0], [1]]
    assert (chosen.observations.dtype, np.asarray(chosen.actions).dtype) == (np.float32, np.int32)


def test_next_observations_are_those_of_the_step_after() -> None:
    made = Demonstrations.of([episode(3), episode(2, first=10)])
    chosen = whole(made.steps(TWO))
    assert chosen.next_observations.tolist() == [[1.0], [2.0], [3.0], [11.0], [12.0]]
    for seed in range(5):
        apart = whole(made.subsampled(TWO, 2, np.random.default_rng(seed)))
        np.testing.assert_array_equal(apart.next_observations, apart.observations + 1.0)


def test_transitions_without_actions_have_none() -> None:
    made = Demonstrations.of([dataclasses.replace(episode(3), actions=None)])
    assert made.steps(TWO).actions is None


def test_actions_are_there_in_all_episodes_or_in_none() -> None:
    with pytest.raises(InputError, match="some have none"):
        Demonstrations.of([episode(3), dataclasses.replace(episode(3), actions=None)])


def test_subsampling_keeps_every_nth_step_from_a_random_one_of_the_first_n() -> None:
    made = Demonstrations.of([episode(10), episode(11, first=100)])
    starts = set()
    for seed in range(30):
        chosen = whole(made.subsampled(TWO, 4, np.random.default_rng(seed)))
        steps = chosen.observations[:, 0].astype(int).tolist()
        first, second = ([step for step in steps if (step >= 100) == later] for later in (False, True))
        assert first == list(range(first[0], 10, 4))
        assert second == list(range(second[0], 111, 4))
        # Actions belong to their observations: the n-th of each episode is n % 2, and both episodes count from even.
        assert np.asarray(chosen.actions)[:, 0].tolist() == [step % 2 for step in steps]
        starts.add((first[0], second[0] - 100))
    assert {start for start, _ in starts} == {start for _, start in starts} == {0, 1, 2, 3}
    assert any(one != other for one, other in starts)  # each episode draws its own


def test_transitions_follow_from_the_generator() -> None:
    made = Demonstrations.of([episode(20) for _ in range(5)])
    once, again = (whole(made.subsampled(TWO, 7, np.random.default_rng(3))) for _ in range(2))
    np.testing.assert_array_equal(once.observations, again.observations)


def test_an_episode_shorter_than_the_stride_may_give_nothing() -> None:
    made = Demonstrations.of([episode(1), episode(40)])
    lengths = {len(made.subsampled(TWO, 20, np.random.default_rng(seed))) for seed in range(100)}
    assert lengths == {2, 3}  # the long one gives two, the short one one or none


def test_transitions_hold_actions_in_the_form_of_the_policy() -> None:
    discrete = Demonstrations.of([episode(2, actions=np.array([5, 7]))])
    chosen = whole(discrete.steps(ActionSpec.of(Discrete(3, start=5))))
    assert np.asarray(chosen.actions).tolist() == [[0], [2]]
    box = Demonstrations.of([episode(2, actions=np.array([[0.0], [10.0]], np.float32))])
    chosen = whole(box.steps(ActionSpec.of(Box(0.0, 10.0, (1,)))))
    assert np.asarray(chosen.actions).tolist() == [[-1.0], [1.0]]


def test_the_termination_rate_counts_steps() -> None:
    made = Demonstrations.of([episode(4), episode(6), episode(10, terminated=False)])
    assert made.termination_rate == pytest.approx(0.1)  # 2 terminations in 4 + 6 + 10 steps


def test_transitions_tell_which_of_them_terminated() -> None:
    made = Demonstrations.of([episode(2), episode(3, terminated=False), episode(1)])
    chosen = whole(made.steps(TWO))
    assert chosen.terminations.tolist() == [False, True, False, False, False, True]


def test_too_few_transitions_are_refused() -> None:
    with pytest.raises(InputError, match=r"too short: 1 of 5 steps .*--subsample 5"):
        Demonstrations.of([episode(5)]).subsampled(TWO, 5, np.random.default_rng(0))
    assert len(Demonstrations.of([episode(2)]).subsampled(TWO, 1, np.random.default_rng(0))) == 2
