"""Defaults that follow from what an environment shows."""

import dataclasses

import pytest
from gymnasium.spaces import Discrete

from agents.config import PPOConfig
from agents.observations import ObservationSpec
from envs.actions import ActionSpec
from envs.errors import InputError
from gail.config import TrainConfig
from gail.config_check import check
from gail.defaults import BY_REWARD, DREAMT_IMAGES, IMAGES, LATENTS, VECTORS, defaults_of, parsed
from gail.latents import new_vae


def test_what_shows_vectors_has_those_of_vectors() -> None:
    assert defaults_of("CartPole-v1") == TrainConfig(env="CartPole-v1")
    assert TrainConfig() == VECTORS


@pytest.mark.parametrize(
    ("env", "arguments"),
    [
        ("tiny_envs:QuadrantEnv", {}),
        ("ALE/Pong-v5", {"env_kwargs": '{"frameskip": 2}'}),
        ("CartPole-v1", {"pixels": 16}),
    ],
)
def test_what_shows_images_has_those_of_images(env: str, arguments: dict) -> None:
    defaults = defaults_of(env, **arguments)
    changes = "changes" if env.startswith("ALE") else "frames"
    assert defaults.discriminator == dataclasses.replace(IMAGES.discriminator, images=changes)
    assert defaults.ppo == IMAGES.ppo != VECTORS.ppo
    assert defaults.hold_restarts
    assert defaults.video_every == 1 < VECTORS.video_every
    assert defaults.env == env
    assert {name: getattr(defaults, name) for name in arguments} == arguments


def test_a_game_seen_by_its_memory_shows_vectors() -> None:
    assert defaults_of("ALE/Pong-v5", '{"obs_type": "ram"}').ppo == VECTORS.ppo


def test_images_are_learned_from_in_larger_steps_by_the_task_s_own_reward() -> None:
    read = parsed(TrainConfig, ["--env", "tiny_envs:QuadrantEnv", "--algo", "ppo"])
    assert read.ppo == BY_REWARD != IMAGES.ppo
    assert parsed(TrainConfig, ["--env", "CartPole-v1", "--algo", "ppo"]).ppo == VECTORS.ppo


@pytest.mark.parametrize(
    ("line", "ppo"),
    [
        (["--latents"], LATENTS),
        (["--dream"], VECTORS.ppo),
        (["--latents", "--dream"], VECTORS.ppo),
        (["--latents", "--algo", "ppo"], VECTORS.ppo),
    ],
)
def test_images_seen_through_an_autoencoder_are_vectors_and_imitated_in_small_steps(
    line: list[str], ppo: PPOConfig
) -> None:
    assert LATENTS.target_kl < VECTORS.ppo.target_kl
    read = parsed(TrainConfig, ["--env", "tiny_envs:QuadrantEnv", *line])
    assert (read.ppo, read.discriminator) == (ppo, VECTORS.discriminator)
    dreamt = DREAMT_IMAGES if "--dream" in line else VECTORS
    assert (read.dreaming, read.total_timesteps) == (dreamt.dreaming, dreamt.total_timesteps)
    vae = new_vae(ObservationSpec((8, 8), 4), ActionSpec.of(Discrete(2)), read)
    assert (vae.size, vae.transition is not None) == (32, "--dream" in line)  # who does not dream foresees nothing


def test_latents_of_vectors_are_learned_from_as_they_were() -> None:
    assert parsed(TrainConfig, ["--env", "CartPole-v1", "--latents"]).ppo == VECTORS.ppo


def test_dreams_of_images_see_more_first_than_those_of_vectors() -> None:
    assert DREAMT_IMAGES.dreaming.random_steps == 2048
    assert VECTORS.dreaming.random_steps is None
    assert (DREAMT_IMAGES.network.frames, VECTORS.network.frames) == (8, 4)
    assert (DREAMT_IMAGES.world_model.open_loop, VECTORS.world_model.open_loop) == (True, False)
    assert parsed(TrainConfig, ["--env", "CartPole-v1", "--dream"]).dreaming == VECTORS.dreaming


def test_the_command_line_changes_what_it_names_and_no_more() -> None:
    line = ["--env", "tiny_envs:QuadrantEnv", "--ppo.clip", "0.3", "--seed", "7"]
    read = parsed(TrainConfig, line)
    assert (read.ppo.clip, read.seed) == (0.3, 7)
    assert read.ppo.minibatch_size == IMAGES.ppo.minibatch_size
    assert parsed(TrainConfig, ["--ppo.clip", "0.3"]).ppo.minibatch_size == VECTORS.ppo.minibatch_size


def test_an_option_that_repeats_a_default_for_vectors_is_kept() -> None:
    line = ["--env", "tiny_envs:QuadrantEnv", "--ppo.epochs", str(VECTORS.ppo.epochs)]
    assert parsed(TrainConfig, line).ppo.epochs == VECTORS.ppo.epochs != IMAGES.ppo.epochs


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(InputError, match="NoSuchEnv"):
        parsed(TrainConfig, ["--env", "NoSuchEnv-v0"])


def test_pixels_are_an_argument_of_the_environment() -> None:
    assert TrainConfig(env_kwargs='{"a": 1}', pixels=84).env_arguments == {"a": 1, "pixels": 84}


def test_images_are_judged_by_what_is_seen_and_cloned_where_that_is_possible() -> None:
    defaults = defaults_of("tiny_envs:QuadrantEnv")
    assert defaults.inputs == "state_next_state"
    check(dataclasses.replace(defaults, control="no_expert"))  # which nothing is cloned from
