"""Defaults that follow from what an environment shows, and the command line that is read with them."""

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

import tyro

from agents.config import BCConfig, PPOConfig
from gail.config import DiscriminatorConfig, TrainConfig

Arguments = TypeVar("Arguments", bound=TrainConfig)

VECTORS = TrainConfig()
# Minibatch, lambda and the entropy's weight are those of Baselines for Atari (Huang et al. 2022). It takes four epochs;
# three cost less, and the step size is left to `PPOConfig.target_kl`. Pong is learned by these, see
# benchmarks/atari. The discriminator sees what the expert brings about, and not its actions, because the clone of an
# expert that acts at random fails by what comes of them. It learns little from each of many rounds, because all games
# of a segment start together, and the last rounds' may all be at the same stage. A penalty at few points costs less
# than one at all. No ablation of any of these has been run.
IMAGES = TrainConfig(
    total_timesteps=5_000_000,
    ppo=PPOConfig(
        minibatch_size=256, epochs=3, learning_rate=1e-3, gae_lambda=0.95, clip=0.2, entropy_coefficient=0.01
    ),
    bc=BCConfig(batch_size=256),
    discriminator=DiscriminatorConfig(inputs="state_next_state", epochs=1, replay_rounds=16, penalty_samples=64),
)


def defaults_of(env: str, env_kwargs: str = "{}", pixels: int | None = None, encoded: bool = False) -> TrainConfig:
    """`VECTORS` or `IMAGES`, with the environment that they are for.

    Args:
        env: of `TrainConfig`, as are the others; an environment that is not given shows vectors.
        env_kwargs: a JSON object.
        pixels: size of rendered observations.
        encoded: is everything seen through an autoencoder, with ``latents`` or ``dream``? Latents are vectors.

    Raises:
        InputError: there is no such environment, or the arguments are none.
    """
    asked = TrainConfig(env, env_kwargs, pixels)
    if not env:
        return asked
    from envs.make import make  # Gymnasium takes time, and --help must answer at once
    from envs.observations import is_image

    made = make(env, 1, asked.env_arguments)
    made.close()
    defaults = IMAGES if is_image(made.single_observation_space) and not encoded else VECTORS
    return dataclasses.replace(defaults, env=env, env_kwargs=env_kwargs, pixels=pixels)


def parsed(kind: type[Arguments], arguments: Sequence[str] | None, prog: str | None = None) -> Arguments:
    """A command line, read once to learn of the environment, and once more with its defaults.

    Raises:
        InputError: as `defaults_of`.
        SystemExit: help was asked for, or the command line is none.
    """
    given = tyro.cli(kind, prog=prog, args=arguments)
    defaults = defaults_of(given.env, given.env_kwargs, given.pixels, given.latents or given.dream)
    return tyro.cli(kind, prog=prog, args=arguments, default=kind(**vars(defaults)))
