"""An autoencoder and dynamics that are fitted to walks, and what is said of them."""

import dataclasses

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from agents.actor import RandomActor
from agents.config import WorldModelConfig
from agents.observations import ObservationSpec
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from envs.actions import ActionSpec
from gail.report.world_model.evidence import Evidence, witnessed
from gail.report.world_model.examination import Examination, examine, newest

CONFIG = WorldModelConfig(hidden=16, members=2, mixtures=2, sequence_length=4, batch_size=32, learning_rate=0.01)
SPACE = Discrete(2)
ACTOR = RandomActor(ActionSpec.of(SPACE))

Fitted = tuple[VAE, WorldModel]


class WalkEnv(gymnasium.Env):
    """A place that goes up or down by a tenth, and what is seen is it, twice it, and nothing; each step pays 0.5."""

    observation_space = Box(-9.0, 9.0, (3,), np.float32)
    action_space = SPACE

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        super().reset(seed=seed)
        self.place, self.count = float(self.np_random.uniform(-1.0, 1.0)), 0
        return self._seen(), {}

    def step(self, action):
        self.place += 0.1 * (2 * int(action) - 1)
        self.count += 1
        return self._seen(), 0.5, False, self.count == 40, {}

    def _seen(self) -> np.ndarray:
        return np.array([self.place, 2.0 * self.place, 0.0], np.float32)


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    tape = witnessed(WalkEnv(), ACTOR, 2000, seed=0).tape
    rng = np.random.default_rng(0)
    vae = VAE(ObservationSpec((3,)), ACTOR.actions, 2, CONFIG, seed=0)
    vae.fit(tape, [np.arange(len(tape))], 1000, rng)
    model = WorldModel(2, ACTOR.actions, SPACE, CONFIG, seed=0)
    latents = tape.encoded(vae.mirror)
    model.scale(latents)
    model.update(latents, [np.arange(len(latents))], 600, rng)
    model.prepare(latents, [np.flatnonzero(latents.leads)], rng)
    return vae, model


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return witnessed(WalkEnv(), ACTOR, 1000, seed=1)


def examined(vae: VAE, model: WorldModel | None, evidence: Evidence, horizon: int = 10) -> Examination:
    return examine(vae, model, evidence, ACTOR, horizon, np.random.default_rng(0))


def test_evidence_is_whole_episodes_and_the_last_is_cut(evidence: Evidence) -> None:
    tape = evidence.tape
    assert tape.leads.sum() == 1000
    assert (~tape.leads).sum() == 25
    np.testing.assert_array_equal(evidence.truths, tape.frames)
    rows = np.flatnonzero(tape.leads)
    steps = tape.frames[rows + 1, 0] - tape.frames[rows, 0]
    np.testing.assert_allclose(steps, 0.1 * (2 * tape.actions[rows, 0] - 1), atol=1e-5)
    assert len(witnessed(WalkEnv(), ACTOR, 10, seed=1).tape) == 14  # four episodes, each cut


def test_a_fitted_model_foresees_more_than_that_nothing_changes(fitted: Fitted, evidence: Evidence) -> None:
    made = examined(*fitted, evidence)
    for name, steps in (("latent", (1, 5, 15)), ("observation", (5, 15))):  # a step is less than what decoding loses
        for step in steps:
            error = made.scalars[f"world_model/{name}_error_{step}"]
            assert error < 0.5 * made.scalars[f"world_model/{name}_persistence_{step}"], (name, step)
    assert made.reconstruction < 0.1
    assert made.scalars["world_model/active_units"] >= 1.0
    assert made.probes["observation 0"] > 0.9
    assert "observation 2" not in made.probes  # it does not vary
    assert made.scalars["world_model/probe_r2"] > 0.9


def test_one_that_knows_nothing_does_not(fitted: Fitted, evidence: Evidence) -> None:
    vae, _ = fitted
    made = examined(vae, WorldModel(2, ACTOR.actions, SPACE, CONFIG, seed=3), evidence).scalars
    assert made["world_model/latent_error_5"] > made["world_model/latent_persistence_5"]


def test_actions_of_another_step_are_found_out(fitted: Fitted, evidence: Evidence) -> None:
    late = dataclasses.replace(evidence.tape, actions=np.roll(evidence.tape.actions, 1, axis=0))
    right = examined(*fitted, evidence).scalars
    wrong = examined(*fitted, dataclasses.replace(evidence, tape=late)).scalars
    assert wrong["world_model/latent_error_1"] > 3.0 * right["world_model/latent_error_1"]


def test_dreams_pay_what_the_truth_does_over_as_many_steps(fitted: Fitted, evidence: Evidence) -> None:
    made = examined(*fitted, evidence, horizon=10)
    assert made.real_return == pytest.approx(5.0)
    assert made.dream_return == pytest.approx(5.0, rel=0.1)
    never = examined(*fitted, evidence, horizon=50)  # no episode is as long
    assert (never.dream_return, never.real_return) == (None, None)


def test_an_autoencoder_alone_has_the_figures_of_latents(fitted: Fitted, evidence: Evidence) -> None:
    made = examined(fitted[0], None, evidence)
    assert made.latents is None
    assert made.kl.shape == (2,)
    assert not any("error_1" in name for name in made.scalars)
    assert made.json["observations"] is None


def test_short_episodes_are_foreseen_as_far_as_they_go(fitted: Fitted) -> None:
    short = witnessed(WalkEnv(), ACTOR, 32, seed=1)  # eight steps each, of which five are seen
    made = examined(*fitted, short)
    assert made.latents is not None
    assert made.latents.at(1) is not None
    assert made.latents.at(15) is None
    assert made.json["latents"]["model"][-1] is None
    assert examined(*fitted, witnessed(WalkEnv(), ACTOR, 8, seed=1)).latents is None


def test_of_images_the_newest_frame_counts() -> None:
    seen = np.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8)
    np.testing.assert_array_equal(newest(ObservationSpec((8, 8), 3), seen), seen[:, 2])
    coloured = np.zeros((5, 2, 8, 8, 3))
    assert newest(ObservationSpec((8, 8, 3), 2), coloured).shape == (5, 8, 8, 3)
    assert newest(ObservationSpec((4,)), np.zeros((2, 7, 4))).shape == (2, 7, 4)
