"""Generators of transitions: what they must have learned, and that they can be kept, stepped and asked."""

import dataclasses
from pathlib import Path

import numpy as np
import point_mass
import pytest
import tensorflow as tf

from agents.actor import RandomActor
from agents.rollout import collect, reset
from envs.errors import InputError
from envs.imagined import ImaginedEnv
from expert_data.generator.config import GANConfig, Kind
from expert_data.generator.dataset import BESIDE, HELD_OUT, LEARNED
from expert_data.generator.dynamics import GeneratedDynamics
from expert_data.generator.fitting import Material, fitted, restored
from expert_data.generator.gan_training import GANTraining
from expert_data.generator.gaussians import Mixture
from expert_data.generator.generator import Generator
from expert_data.generator.neighbourhoods import Neighbourhoods, drawn
from expert_data.generator.situations import known_situations, situation
from expert_data.quality.gate import judge
from expert_data.quality.steps import relative_error

TINY = GANConfig(hidden=(32, 32), batch_size=128, minibatches=3000, learning_rate=5e-3)
KINDS: tuple[Kind, ...] = ("gan", "world_model", "mixture", "noise", "naive_bayes")


class Nobody:
    """Watches, and keeps the losses."""

    def __init__(self) -> None:
        self.seen: list[dict[str, float]] = []

    def losses(self, minibatches: int, scalars: dict[str, float]) -> None:
        self.seen.append(scalars)

    def stands(self, minibatches: int, generator: Generator) -> None:
        pass


@pytest.fixture(scope="module")
def material() -> Material:
    return point_mass.material(point_mass.dataset())


@pytest.fixture(scope="module")
def gan(material: Material) -> Generator:
    return fitted("gan", material, TINY, 0, Nobody())


def error(generator: Generator, count: int = 500) -> float:
    real = point_mass.fresh(count)
    assert real.actions is not None
    after, _ = generator.step(real.observations, real.actions, np.zeros(count, bool), np.random.default_rng(0))
    return relative_error(after - real.observations, real.next_observations - real.observations)


def test_parts_share_no_transition(material: Material) -> None:
    made = material.dataset
    parts = [set(made.rows(part).tolist()) for part in (LEARNED, HELD_OUT, BESIDE)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert sum(map(len, parts)) == made.tape.leads.sum()
    assert len(parts[1]) == len(parts[2]) == made.tape.leads.sum() // 5
    np.testing.assert_allclose(
        made.held_out.next_observations, point_mass.after(made.held_out.observations, made.tape.actions[made.rows(1)])
    )


def test_steps_to_a_termination_count_down_in_episodes_that_terminate_alone() -> None:
    made = point_mass.dataset(episodes=40)
    steps, tape = made.steps_to_termination, made.tape
    for end in np.flatnonzero(~tape.leads):
        first, terminated = end - tape.ages[end], tape.terminations[end - 1]
        expected = np.arange(end - first - 1, -1, -1) if terminated else np.full(end - first, np.inf)
        np.testing.assert_array_equal(steps[first:end], expected)


def test_the_gan_learns_what_comes_of_an_action_and_when_the_task_ends(gan: Generator) -> None:
    assert error(gan) < 0.1  # nothing changes, and the mean change, are 1 wrong
    rng = np.random.default_rng(0)
    edge = np.tile(np.array([[0.99, 0.9]], np.float32), (200, 1))
    pushes, near = np.ones((200, 1), np.int32), np.ones(200, bool)
    assert gan.step(edge, pushes, near, rng)[1].mean() > 0.8
    assert gan.step(0.0 * edge, pushes, ~near, rng)[1].mean() < 0.05


def test_the_gan_passes_a_gate_that_a_less_trained_one_fails(material: Material, gan: Generator) -> None:
    reality, rng = point_mass.reality(material.dataset), np.random.default_rng(0)
    passed = judge(gan.sample(900, None, rng), reality)
    assert passed.failed == [], passed.lines
    short = fitted("gan", material, dataclasses.replace(TINY, minibatches=5), 0, Nobody())
    failed = judge(short.sample(900, None, rng), reality)
    assert "one_step_error" in failed.failed
    assert failed.verdict < 0.5


def test_errors_of_three_steps_in_a_row_add_up_as_far_as_they_are_known(material: Material) -> None:
    training = GANTraining(material.dataset, material.labels, material.rows, TINY, seed=0)
    for weight in training.generator.trainable_variables:
        weight.assign(tf.zeros_like(weight))  # says the mean change of everything
    ones = tf.ones([1, 3, 2])  # what came was a deviation more, each time
    flags = [tf.zeros([1, 3, 1])] * 2
    noise = tf.zeros([1, 3, TINY.noise_size])
    for usable, error in (([1.0, 1.0, 1.0], (2 + 6 + 12) / 3), ([1.0, 0.0, 1.0], 2.0)):
        columns = [tf.zeros([1, 3, 2]), tf.zeros([1, 3, 2]), ones, *flags, tf.reshape(tf.constant(usable), [1, 3, 1])]
        _, _, found, end_loss = training._rolled_out(columns, noise)
        assert float(found) == pytest.approx(error, rel=1e-5)  # |e| + e² of errors 1, 2 and 3
        assert float(end_loss) == pytest.approx(np.log(2.0), rel=1e-5)


def test_the_same_seed_gives_the_same_gan(material: Material) -> None:
    config = dataclasses.replace(TINY, minibatches=20)
    first, second = (fitted("gan", material, config, 3, Nobody()).arrays for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


@pytest.mark.parametrize("kind", KINDS)
def test_a_generator_is_the_same_when_it_is_restored(kind: Kind, material: Material, gan: Generator) -> None:
    few = dataclasses.replace(TINY, minibatches=200)
    made = gan if kind == "gan" else fitted(kind, material, few, 0, Nobody())
    if kind == "world_model":
        assert error(made) < 1.0  # in a few steps it has learned something
    again = restored(kind, material, made.arrays)
    samples = [each.sample(50, 0.5, np.random.default_rng(0)) for each in (made, again)]
    np.testing.assert_array_equal(samples[0].next_observations, samples[1].next_observations)
    np.testing.assert_array_equal(samples[0].terminations, samples[1].terminations)
    assert samples[0].observations.dtype == samples[0].next_observations.dtype == np.float32


@pytest.mark.parametrize("kind", ["mixture", "noise"])
def test_the_other_generators_know_what_comes_of_an_action(kind: Kind, material: Material) -> None:
    assert error(fitted(kind, material, TINY, 0, Nobody())) < 0.35


def test_naive_bayes_knows_numbers_and_nothing_of_what_comes(material: Material) -> None:
    made = fitted("naive_bayes", material, TINY, 0, Nobody())
    assert error(made) > 1.0
    sampled = made.sample(2000, None, np.random.default_rng(0))
    np.testing.assert_allclose(sampled.observations.std(0), material.dataset.learned.observations.std(0), rtol=0.1)


@pytest.mark.parametrize("kind", ["mixture", "noise", "naive_bayes"])
@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_the_rare_situation_comes_as_often_as_is_asked_for(kind: Kind, rate: float, material: Material) -> None:
    made = fitted(kind, material, TINY, 0, Nobody()).sample(1000, rate, np.random.default_rng(0))
    assert point_mass.on_the_right(made).mean() == pytest.approx(rate, abs=0.1)


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_the_gan_is_asked_for_situations(rate: float, gan: Generator) -> None:
    made = gan.sample(1000, rate, np.random.default_rng(0))
    assert point_mass.on_the_right(made).mean() == pytest.approx(rate, abs=0.06)


def test_new_situations_lie_around_real_ones_and_keep_their_kind() -> None:
    learned = point_mass.dataset().learned
    rows = point_mass.material(point_mass.dataset()).rows
    labels = point_mass.on_the_right(learned)
    made = Neighbourhoods.of(learned, labels, rows)
    observations, actions, drawn_labels = made.draw(3000, 0.5, np.random.default_rng(0))
    assert drawn_labels.mean() == pytest.approx(0.5, abs=0.05)
    assert (observations[drawn_labels, 0] > 0.3).all()
    assert set(np.unique(actions)) == {0, 1}
    natural, _, _ = made.draw(3000, None, np.random.default_rng(0))
    np.testing.assert_allclose(natural.mean(0), learned.observations.mean(0), atol=0.03)
    np.testing.assert_allclose(natural.std(0), learned.observations.std(0), rtol=0.06)


def test_without_a_label_to_choose_from_rates_change_nothing() -> None:
    rng = np.random.default_rng(0)
    assert len(drawn(np.zeros(5, bool), 10, 0.9, rng)) == 10
    assert (drawn(np.array([True, False]), 1000, 0.0, rng) == 1).all()


def test_situations_are_told(material: Material) -> None:
    found = known_situations(material.dataset, material.rows)
    assert set(found) == {"near_termination", "rare_action", "high_expert_density", "low_expert_density"}
    held_out = material.dataset.held_out
    for name in ("rare_action", "high_expert_density", "low_expert_density"):
        assert found[name](held_out).mean() == pytest.approx(0.1, abs=0.06), name
    assert not (found["high_expert_density"](held_out) & found["low_expert_density"](held_out)).any()
    # The expert pushes back to the middle, so that chance alone is often at the edge.
    distance = np.abs(held_out.observations).sum(1)
    assert distance[found["low_expert_density"](held_out)].mean() > 1.3 * distance.mean()


def test_a_users_situation_is_imported(material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("users_situations.py").write_text(
        "def fast(transitions):\n    return transitions.observations[:, 1] > 0.5\n"
        "def wrong(transitions):\n    return 1\n"
    )
    held_out = material.dataset.held_out
    fast = situation("users_situations:fast", material.dataset, material.rows)
    np.testing.assert_array_equal(fast(held_out), held_out.observations[:, 1] > 0.5)
    with pytest.raises(InputError, match="gave shape"):
        situation("users_situations:wrong", material.dataset, material.rows)(held_out)
    for name in ("users_situations:slow", "nowhere:fast", "hovering"):
        with pytest.raises(InputError, match=name.rpartition(":")[2]):
            situation(name, material.dataset, material.rows)


def test_a_generator_is_an_environment(material: Material, gan: Generator) -> None:
    env = ImaginedEnv(GeneratedDynamics(gan, material, rate=None), num_envs=16, horizon=30)
    rollout = collect(env, RandomActor(point_mass.ACTIONS), reset(env, 0), 100, np.random.default_rng(0))
    steps = rollout.steps.take(np.arange(len(rollout.steps)))
    truth = point_mass.after(steps.observations, np.asarray(steps.actions))
    assert relative_error(steps.next_observations - steps.observations, truth - steps.observations) < 0.15
    ended = np.abs(truth[:, 0]) > 1.0
    assert ended.any()
    assert (steps.terminations == ended).mean() > 0.97
    # The most similar real step lends its reward, which is minus the distance from the middle.
    assert np.abs(rollout.rewards[rollout.valid] + np.abs(truth[:, 0])).mean() < 0.05


def test_episodes_begin_in_rare_situations_as_often_as_is_asked_for(material: Material, gan: Generator) -> None:
    def share(rate: float | None) -> float:
        _, seen = GeneratedDynamics(gan, material, rate).start(500, np.random.default_rng(0))
        return float((seen[:, 0] > 0.4).mean())

    assert (share(1.0), share(0.0)) == (1.0, 0.0)
    assert share(None) == pytest.approx(material.learned_labels.mean(), abs=0.06)


def test_a_generator_is_in_doubt_where_nobody_was(material: Material, gan: Generator) -> None:
    dynamics, rng = GeneratedDynamics(gan, material, None), np.random.default_rng(0)
    state, _ = dynamics.start(200, rng)
    pushes = rng.integers(0, 2, 200)
    assert dynamics.step(state, pushes, rng).doubtful.mean() < 0.02
    assert dynamics.step({"observations": state["observations"] + 9.0}, pushes, rng).doubtful.all()


def test_a_mixture_takes_a_label_that_occurs_once_for_one_like_all() -> None:
    made = point_mass.material(point_mass.dataset(episodes=10))
    labels = np.arange(len(made.learned)) == 0
    mixture = Mixture.fitted(made.rows, made.learned, labels, seed=0)
    sampled = mixture.sample(200, 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(sampled.observations.mean(0), made.rows.mean, atol=0.2)
