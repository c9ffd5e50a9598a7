"""Latents in the place of observations."""

from pathlib import Path

import numpy as np
import pytest
from tiny_agents import SPECS, actor_of, decided, networks_of

from agents.actor import RandomActor
from agents.encoded import EncodedActor, EncodedEnv, PerceptronEncoder
from agents.observations import ObservationSpec
from agents.policy import Policy, load_policy
from agents.rollout import collect, reset
from envs.actions import ActionSpec
from envs.make import make


def encoder_of(inputs: int, size: int) -> PerceptronEncoder:
    rng = np.random.default_rng(0)
    layers = [(rng.standard_normal((i, o)), rng.standard_normal(o)) for i, o in ((inputs, 5), (5, size))]
    return PerceptronEncoder(np.full(inputs, 1.0), np.full(inputs, 2.0), tuple(layers))


def test_an_encoding_by_hand() -> None:
    kernels = (np.array([[2.0]]), np.array([1.0])), (np.array([[3.0]]), np.array([0.5]))
    encoder = PerceptronEncoder(np.array([4.0]), np.array([2.0]), kernels)
    hidden = 2.0 * 1.0 + 1.0  # of (6 - 4) / 2
    assert encoder(np.array([[6.0]]))[0, 0] == pytest.approx(3.0 * hidden / (1.0 + np.exp(-hidden)) + 0.5)


def test_environments_show_latents() -> None:
    encoder = encoder_of(2, 3)
    plain, inside = make("tiny_envs:CountingEnv", 2), EncodedEnv(make("tiny_envs:CountingEnv", 2), encoder)
    assert inside.single_observation_space.shape == (3,)
    np.testing.assert_array_equal(inside.reset(seed=0)[0], encoder(plain.reset(seed=0)[0]))
    for _ in range(8):
        ours, theirs = inside.step(np.array([0, 1])), plain.step(np.array([0, 1]))
        np.testing.assert_array_equal(ours[0], encoder(theirs[0]))
        for mine, other in zip(ours[1:4], theirs[1:4], strict=True):
            np.testing.assert_array_equal(mine, other)


class LastTwo:
    """Latents are the brightness of the two frames that are seen at once."""

    observations = ObservationSpec((8, 8), 2)
    size = 2
    description, arrays = {}, {}

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        return seen.mean((2, 3)).astype(np.float32)


def test_frames_of_the_episode_before_are_not_seen() -> None:
    inside = EncodedEnv(make("tiny_envs:QuadrantEnv", 1), LastTwo())
    first, _ = inside.reset(seed=0)
    assert first[0, 0] == first[0, 1]
    before, done = first, False
    for _ in range(20):
        latents, _, terminations, truncations, _ = inside.step(np.array([1]))
        assert latents[0, 0] == (latents[0, 1] if done else before[0, 1])
        before, done = latents, bool(terminations[0] | truncations[0])


def test_frames_are_recorded_until_they_are_taken() -> None:
    """As a rollout of the plain environment holds them, also where it goes on from another."""
    plain = make("tiny_envs:QuadrantEnv", 2)
    inside = EncodedEnv(make("tiny_envs:QuadrantEnv", 2), LastTwo(), records=True)
    actions = ActionSpec.of(plain.single_action_space)
    there, here = reset(plain, 3, depth=2), reset(inside, 3)
    for steps in (5, 6):
        shown = collect(plain, RandomActor(actions, depth=2), there, steps, np.random.default_rng(steps))
        seen = collect(inside, RandomActor(actions), here, steps, np.random.default_rng(steps))
        there, here = shown.end, seen.end
        np.testing.assert_array_equal(inside.taken(), shown.frames)
        np.testing.assert_array_equal(shown.table[shown.rows].mean((3, 4)), seen.observations)


def test_a_policy_keeps_its_encoder(tmp_path: Path) -> None:
    actor = EncodedActor(encoder_of(2, 3), actor_of(decided(networks_of(SPECS["box"]))))
    Policy(actor, "tiny_envs:SpacesEnv", {}).save(tmp_path)
    loaded = load_policy(tmp_path).actor
    seen = np.random.default_rng(1).standard_normal((7, 2)).astype(np.float32)
    np.testing.assert_array_equal(loaded.mode(seen), actor.mode(seen))
    np.testing.assert_array_equal(actor.mode(seen), actor.actor.mode(actor.encoder(seen)))
    assert loaded.observations == ObservationSpec((2,))
