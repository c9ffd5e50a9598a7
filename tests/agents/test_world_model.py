"""Dynamics that are learned from a tape: what they must know, and what they must not."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Discrete

from agents.config import WorldModelConfig
from agents.world_model.dynamics import LatentDynamics, Sequences
from agents.world_model.model import WorldModel, disagreement
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from envs.imagined import ImaginedEnv

SPACE = Discrete(2)
ACTIONS = ActionSpec.of(SPACE)
CONFIG = WorldModelConfig(hidden=16, members=2, mixtures=2, sequence_length=4, batch_size=32, learning_rate=0.01)


def walks(count: int, rng: np.random.Generator, length: int = 20) -> Tape:
    """A number from -1 to 1 that goes up by a tenth or down, and beyond which the task ends."""
    tapes = []
    for _ in range(count):
        actions = rng.integers(0, 2, (length, 1), np.int32)
        values = np.concatenate([[rng.uniform(-1.0, 1.0)], np.zeros(length)])
        for t, action in enumerate(actions[:, 0]):
            values[t + 1] = values[t] + 0.1 * (2 * action - 1)
        last = int(np.argmax(np.abs(values) > 1.0)) or length
        frames = values[: last + 1, None].astype(np.float32)
        ended = bool(abs(values[last]) > 1.0)
        tapes.append(Tape.of_episode(frames, actions[:last], frames[1:, 0], ended))
    return Tape.joined(tapes)


def learned(tape: Tape, minibatches: int = 600, config: WorldModelConfig = CONFIG) -> WorldModel:
    model = WorldModel(1, ACTIONS, SPACE, config, seed=0)
    model.scale(tape)
    rng = np.random.default_rng(1)
    model.update(tape, [np.arange(len(tape))], minibatches, rng)
    model.prepare(tape, [np.flatnonzero(tape.leads)], rng)
    return model


@pytest.fixture(scope="module")
def model() -> WorldModel:
    return learned(walks(100, np.random.default_rng(0)))


def stepped(model: WorldModel, value: float, action: int, count: int = 200):
    rng = np.random.default_rng(2)
    state, _ = model.start(count, rng)
    state |= {"latents": np.full((count, 1), value, np.float32), "memory": np.zeros_like(state["memory"])}
    return model.step(state, np.full(count, action), rng)


@pytest.mark.parametrize(("value", "action", "after"), [(0.0, 1, 0.1), (0.0, 0, -0.1), (0.4, 1, 0.5), (0.4, 0, 0.3)])
def test_it_knows_what_comes_of_an_action(model: WorldModel, value: float, action: int, after: float) -> None:
    # Nothing changes is 0.1 wrong, and the other action 0.2. An action or a latent of a step before or after would
    # leave it no better than chance, which says 0.0 or 0.2 as often as not.
    assert np.median(stepped(model, value, action).observations) == pytest.approx(after, abs=0.03)


def test_it_knows_when_the_task_ends(model: WorldModel) -> None:
    assert stepped(model, 0.98, 1).terminations.mean() > 0.7
    assert stepped(model, 0.98, 0).terminations.mean() < 0.2
    assert stepped(model, 0.0, 1).terminations.mean() < 0.05


def test_it_probes_what_a_step_pays(model: WorldModel) -> None:
    assert np.median(stepped(model, 0.5, 1).rewards) == pytest.approx(0.6, abs=0.15)


def test_what_the_task_pays_changes_nothing_else() -> None:
    tape = walks(20, np.random.default_rng(0))
    other = dataclasses.replace(tape, rewards=100.0 - tape.rewards)
    unknown = dataclasses.replace(tape, rewards=np.full_like(tape.rewards, np.nan))
    steps = [stepped(learned(each, 20), 0.3, 1).observations for each in (tape, other, unknown)]
    np.testing.assert_allclose(steps[0], steps[1], rtol=1e-5)
    np.testing.assert_allclose(steps[0], steps[2], rtol=1e-5)


def test_an_episode_remembers_nothing_of_the_one_before() -> None:
    dynamics = LatentDynamics(1, 2, CONFIG, seed=0)
    rng = np.random.default_rng(0)
    inputs = tf.constant(rng.standard_normal((2, 1, 4, 3)), tf.float32)
    others = tf.concat([inputs[:, :, :2] + 1.0, inputs[:, :, 2:]], 2)  # another beginning
    begins = tf.constant([[[1.0, 0.0, 1.0, 1.0]]] * 2)  # what follows step 1 is another episode
    goes_on = tf.ones([2, 1, 4])
    memories = [dynamics.memories(each, begins).numpy() for each in (inputs, others)]
    np.testing.assert_array_equal(memories[0][:, :, 2:], memories[1][:, :, 2:])
    memories = [dynamics.memories(each, goes_on).numpy() for each in (inputs, others)]
    assert (memories[0][:, :, 2:] != memories[1][:, :, 2:]).any()


def test_the_memory_of_a_dreams_start_is_of_what_came_before_it() -> None:
    # A hidden speed: the value goes on as it went, whatever the action. Only who remembers can know it.
    rng = np.random.default_rng(0)
    tapes = []
    for _ in range(200):
        frames = (rng.uniform(-0.5, 0.5) + 0.1 * rng.choice([-1, 1]) * np.arange(9))[:, None].astype(np.float32)
        tapes.append(Tape.of_episode(frames, rng.integers(0, 2, (8, 1), np.int32), np.zeros(8, np.float32), False))
    tape = Tape.joined(tapes)
    model = learned(tape)
    state, seen = model.start(2000, rng)
    after = model.step(state, rng.integers(0, 2, 2000), rng).observations
    rows = {value: row for row, value in enumerate(tape.frames[:, 0])}
    found = np.array([rows[value] for value in seen[:, 0]])
    later = (tape.ages[found] > 0) & tape.leads[found]
    errors = np.abs(after[later, 0] - tape.frames[found[later] + 1, 0])
    assert np.median(errors) < 0.03  # the wrong direction is 0.2 wrong


def test_the_error_of_a_dream_by_hand() -> None:
    """Who expects that nothing changes is wrong by a step more at each step, and not beyond an episode's end."""
    dynamics = LatentDynamics(1, 2, CONFIG, seed=0)
    for layer in (dynamics.features, dynamics.outputs):
        for weight in layer:
            weight.assign(tf.zeros_like(weight))
    dynamics.step_std.assign([2.0])
    latents = tf.constant(np.arange(5.0).reshape(1, 1, 5, 1).repeat(2, 0), tf.float32)
    for leads, expected in (([1, 1, 1, 1], (1 + 4 + 9) / 3), ([1, 1, 1, 0], (1 + 4) / 2), ([1, 0, 1, 1], 0.0)):
        sequences = Sequences(
            latents, tf.zeros([2, 1, 4, 2]), tf.zeros([2, 1, 4]), tf.zeros([2, 1, 4]),
            tf.constant(np.array(leads, np.float32).reshape(1, 1, 4).repeat(2, 0)),
        )  # fmt: skip
        assert float(dynamics.dream_error(sequences, 2)) == pytest.approx(expected / 4.0)


def test_who_learns_from_its_dreams_goes_less_astray() -> None:
    """Eight numbers that tremble tell of two that move evenly; a step's own noise is not to be added up."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((2, 8))

    def seen() -> np.ndarray:
        """``[300, 25, 8]``."""
        first, speed = rng.standard_normal((2, 300, 1, 2))
        moved = first + 0.1 * speed * np.arange(25)[:, None]
        return (np.tanh(moved @ mixing) + 0.1 * rng.standard_normal((300, 25, 8))).astype(np.float32)

    still, unpaid = np.zeros((24, 1), np.int32), np.zeros(24, np.float32)
    tape = Tape.joined([Tape.of_episode(frames, still, unpaid, terminated=False) for frames in seen()])
    zeros = tf.zeros([2, 300, 12])
    others = Sequences(
        tf.constant(seen()[None, :, :13].repeat(2, 0)), tf.zeros([2, 300, 12, 2]), zeros, zeros, tf.ones([2, 300, 12])
    )
    errors = []
    for open_loop in (False, True):
        config = dataclasses.replace(CONFIG, sequence_length=12, open_loop=open_loop)
        model = WorldModel(8, ACTIONS, SPACE, config, seed=0)
        model.scale(tape)
        told = [model.update(tape, [np.arange(len(tape))], count, np.random.default_rng(count)) for count in (20, 380)]
        errors.append(float(model.dynamics.dream_error(others, 8)))
    first, then = (scalars["world_model/dream_error"] for scalars in told)
    assert then < 0.9 * first
    assert errors[1] < 0.8 * errors[0], errors


def test_disagreement_by_hand() -> None:
    means = tf.constant([[[0.0, 0.0]], [[2.0, 4.0]]])  # deviations 1 and 2
    assert float(disagreement(means)[0]) == pytest.approx(np.sqrt((1.0 + 4.0) / 2.0))


def test_it_is_in_doubt_where_it_has_never_been(model: WorldModel) -> None:
    assert stepped(model, 0.0, 1).doubtful.mean() < 0.2
    assert stepped(model, 30.0, 1).doubtful.mean() > 0.8


def test_it_can_be_stepped_and_every_dream_follows_from_its_seed(model: WorldModel) -> None:
    def dream(seed: int) -> np.ndarray:
        env = ImaginedEnv(model, num_envs=3, horizon=5)
        env.reset(seed=seed)
        return np.stack([env.step(np.array([0, 1, t % 2]))[0] for t in range(12)])

    np.testing.assert_array_equal(dream(0), dream(0))
    assert (dream(0) != dream(1)).any()


def test_open_loop_it_goes_where_actions_lead(model: WorldModel) -> None:
    start = np.array([[[-0.1], [0.0]], [[0.3], [0.2]]], np.float32)  # came up, came down
    actions = np.array([[[1], [1], [1], [0]], [[0], [0], [1], [1]]], np.int32)  # the first one led to the second latent
    made = model.foreseen(start, actions)
    assert made.shape == (2, 2, 3, 1)  # members, windows, steps ahead
    np.testing.assert_allclose(made.mean(0)[..., 0], [[0.1, 0.2, 0.1], [0.1, 0.2, 0.3]], atol=0.06)


def test_what_is_remembered_of_real_steps_is_what_a_dream_of_them_remembers(model: WorldModel) -> None:
    latents = np.array([[[0.1], [0.2], [0.3]]], np.float32)
    actions = np.ones((1, 2, 1), np.int32)
    state = model.remembered(latents, actions)
    dreamt = model.remembered(latents[:, :1], actions[:, :0])
    assert not dreamt["memory"].any()
    for t in range(2):
        dreamt |= {"latents": latents[:, t]}
        dreamt = model.step(dreamt, actions[:, t, 0], np.random.default_rng(0)).state
    np.testing.assert_allclose(state["memory"], dreamt["memory"], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(state["latents"], latents[:, -1])


def test_what_it_has_learned_can_be_kept(model: WorldModel) -> None:
    other = WorldModel(1, ACTIONS, SPACE, CONFIG, seed=1)
    other.restore(model.arrays)
    start, actions = np.zeros((1, 1, 1), np.float32), np.ones((1, 3, 1), np.int32)
    np.testing.assert_array_equal(other.foreseen(start, actions), model.foreseen(start, actions))
    assert float(other.trusted) == float(model.trusted)
    with pytest.raises(ValueError, match="shape"):
        WorldModel(2, ACTIONS, SPACE, CONFIG, seed=1).restore(model.arrays)
