"""Policies on disk, and in the hands of a user."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space

import agents
from agents.actor import PolicyActor
from agents.normalizer import Normalizer
from agents.policy import Policy, load_policy
from envs.actions import ActionSpec
from envs.errors import InputError

SPACES: dict[str, Space] = {
    "discrete": Discrete(3, start=5),
    "multi-discrete": MultiDiscrete([2, 3]),
    "multi-binary": MultiBinary(4),
    "box": Box(0.0, 10.0, (2,), np.float32),
    "unbounded box": Box(-np.inf, np.inf, (2,), np.float64),
}
OBSERVATIONS = np.random.default_rng(1).normal(3.0, 2.0, (20, 3))


def policy_for(space: Space, activation: str = "tanh") -> Policy:
    actions, rng = ActionSpec.of(space), np.random.default_rng(0)
    sizes = [3, 8, 8, actions.num_parameters]
    layers = [
        (rng.normal(0.0, 0.8, (before, after)).astype(np.float32), rng.normal(0.0, 0.8, after).astype(np.float32))
        for before, after in pairwise(sizes)
    ]
    log_std = np.full(actions.num_components if actions.kind == "gaussian" else 0, -0.5, np.float32)
    normalizer = Normalizer(np.array([3.0, 2.0, 1.0]), np.array([4.0, 1.0, 9.0]), 77.0)
    return Policy(PolicyActor(actions, normalizer, layers, activation, log_std), "Tiny-v0", {"length": 3})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    policy_for(Discrete(3)).save(tmp_path)
    return tmp_path


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("name", SPACES)
def test_a_loaded_policy_acts_like_the_saved_one(tmp_path: Path, name: str, activation: str) -> None:
    saved = policy_for(SPACES[name], activation)
    saved.save(tmp_path / "run" / "policy")
    loaded = load_policy(tmp_path / "run" / "policy")
    assert (loaded.env_id, loaded.env_kwargs) == ("Tiny-v0", {"length": 3})
    assert loaded.actor.actions == saved.actor.actions
    assert isinstance(loaded.actor, PolicyActor)
    assert loaded.actor.normalizer.count == 77.0
    generators = np.random.default_rng(0), np.random.default_rng(0)
    answers = []
    for observation in OBSERVATIONS:
        np.testing.assert_array_equal(loaded.act(observation), saved.act(observation))
        np.testing.assert_array_equal(loaded.act(observation, generators[0]), saved.act(observation, generators[1]))
        answers.append(np.asarray(loaded.act(observation)).tolist())
    assert any(answer != answers[0] for answer in answers)


@pytest.mark.parametrize("name", SPACES)
def test_actions_are_those_that_the_environment_takes(name: str) -> None:
    policy, rng = policy_for(SPACES[name]), np.random.default_rng(0)
    for observation in OBSERVATIONS:
        for action in (policy.act(observation), policy.act(observation, rng)):
            assert SPACES[name].contains(action)


def test_a_discrete_action_is_a_plain_int() -> None:
    assert type(policy_for(Discrete(3, start=5)).act(OBSERVATIONS[0])) is int


def test_without_a_generator_the_action_is_the_most_likely_one() -> None:
    policy, rng = policy_for(Discrete(3)), np.random.default_rng(0)
    sampled = [policy.act(OBSERVATIONS[0], rng) for _ in range(200)]
    assert len(set(sampled)) > 1
    assert {policy.act(OBSERVATIONS[0]) for _ in range(20)} == {max(set(sampled), key=sampled.count)}


def test_loading_and_acting_need_no_tensorflow(folder: Path) -> None:
    script = (
        "import json, sys; from pathlib import Path; from agents.policy import load_policy; "
        f"policy = load_policy(Path({str(folder)!r})); "
        f"print(json.dumps([[policy.act(row) for row in {OBSERVATIONS.tolist()!r}], "
        "[name for name in ('tensorflow', 'keras') if name in sys.modules]]))"
    )
    root = Path(str(agents.__file__)).parents[1]
    run = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    actions, heavy = json.loads(run.stdout)
    assert heavy == []
    assert actions == [policy_for(Discrete(3)).act(observation) for observation in OBSERVATIONS]


def test_a_save_replaces_what_was_there_and_leaves_nothing_else(folder: Path) -> None:
    policy_for(Box(0.0, 10.0, (2,), np.float32)).save(folder)
    assert load_policy(folder).actor.actions.kind == "gaussian"
    assert sorted(path.name for path in folder.iterdir()) == ["policy.json", "weights.npz"]


def test_a_folder_without_a_policy_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="There is no policy in") as caught:
            load_policy(folder)
        assert str(folder) in str(caught.value)


def change_weights(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    with np.load(folder / "weights.npz") as file:
        arrays = dict(file)
    change(arrays)
    np.savez(folder / "weights.npz", allow_pickle=True, **arrays)


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


def change_description(folder: Path, **changes: Any) -> None:
    description = json.loads((folder / "policy.json").read_text())
    description["actor"] |= changes
    (folder / "policy.json").write_text(json.dumps(description))


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "no weights": lambda folder: (folder / "weights.npz").unlink(),
    "empty weights": lambda folder: cut(folder / "weights.npz", 0.0),
    "half the weights": lambda folder: cut(folder / "weights.npz", 0.5),
    "weights without their end": lambda folder: cut(folder / "weights.npz", 0.99),
    "a layer missing": lambda folder: change_weights(folder, lambda arrays: arrays.pop("kernel_1")),
    "statistics missing": lambda folder: change_weights(folder, lambda arrays: arrays.pop("observation_mean")),
    "empty description": lambda folder: cut(folder / "policy.json", 0.0),
    "half the description": lambda folder: cut(folder / "policy.json", 0.5),
    "a list for a description": lambda folder: (folder / "policy.json").write_text("[]"),
    "an empty object for a description": lambda folder: (folder / "policy.json").write_text("{}"),
    "a layer too many": lambda folder: change_description(folder, num_layers=4),
    "actions of nobody": lambda folder: change_description(folder, actions={"kind": "categorical"}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_policy_is_refused_by_name(folder: Path, damage: Callable[[Path], Any]) -> None:
    damage(folder)
    with pytest.raises(InputError, match="is damaged") as caught:
        load_policy(folder)
    assert str(folder) in str(caught.value)


class Payload:
    """Whoever unpickles this makes a folder."""

    def __init__(self, mark: Path):
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (self.mark,)


def test_pickles_among_the_weights_are_never_unpickled(folder: Path) -> None:
    mark = folder / "executed"
    change_weights(folder, lambda arrays: arrays.update(log_std=np.array([Payload(mark)], dtype=object)))
    with pytest.raises(InputError, match="is damaged"):
        load_policy(folder)
    (folder / "weights.npz").write_bytes(pickle.dumps(Payload(mark)))
    with pytest.raises(InputError, match="is damaged"):
        load_policy(folder)
    assert not mark.exists()
