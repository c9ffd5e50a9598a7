"""Defaults that follow from what an environment shows, and the command line that is read with them."""

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

import tyro

from agents.config import BCConfig, NetworkConfig, PPOConfig, WorldModelConfig
from gail.config import Algorithm, DiscriminatorConfig, DreamConfig, TrainConfig

Arguments = TypeVar("Arguments", bound=TrainConfig)

VECTORS = TrainConfig()
# Minibatch, lambda and the entropy's weight are those of Baselines for Atari (Huang et al. 2022). It takes four epochs;
# three cost less, and the step size is left to `PPOConfig.target_kl`. Pong is learned by these, see benchmarks/atari.
BY_REWARD = PPOConfig(minibatch_size=256, epochs=3, learning_rate=1e-3, gae_lambda=0.95, entropy_coefficient=0.01)
# The reward of imitation says little of a step and changes with the agent. On Pong what was cloned is lost within
# 100,000 steps by the numbers above, while the entropy grows; by these, 500,000 make it better (benchmarks/atari). The
# discriminator sees what the expert brings about, and not its actions, because the clone of an expert that acts at
# random fails by what comes of them. It remembers 65,536 steps, 2,048 in each of 32 environments: a game, so that not
# all are at the same stage. A penalty at few points costs less than one at all. Evaluations of so long a run are far
# apart, and each is filmed.
IMAGES = TrainConfig(
    total_timesteps=5_000_000,
    hold_restarts=True,
    video_every=1,
    ppo=dataclasses.replace(
        BY_REWARD, batch_size=8192, target_kl=0.01, entropy_coefficient=0.0, cloning_coefficient=1.0
    ),
    bc=BCConfig(batch_size=256),
    discriminator=DiscriminatorConfig(inputs="state_next_state", epochs=1, replay_rounds=8, penalty_samples=64),
)
# Latents of images are vectors, but what is said of the reward above is true of them as well: Pong is learned more
# steadily by these than by the numbers for vectors (benchmarks/atari).
LATENTS = dataclasses.replace(VECTORS.ppo, batch_size=8192, target_kl=0.01, cloning_coefficient=1.0)

# What is dreamt of images must first be seen. By the numbers for vectors, and before latents foresaw, CartPole's
# pictures were not learned at all; which of these it takes was not tried apart (benchmarks/dream/pictures.json).
DREAMT_IMAGES = dataclasses.replace(
    VECTORS,
    total_timesteps=60_000,
    # In four frames what drifts by less than a pixel tells its speed too faintly.
    network=NetworkConfig(frames=8),
    # More pictures in a minibatch are more to tell one from, and where a picture trembles from one step to the next, a
    # step's own noise is no model's to add up.
    world_model=WorldModelConfig(batch_size=64, sequence_length=16, open_loop=True, temperature=0.1),
    dreaming=DreamConfig(real_steps=512, random_steps=2048, minibatches=200),
)


def defaults_of(
    env: str,
    env_kwargs: str = "{}",
    pixels: int | None = None,
    algo: Algorithm = "gail",
    latents: bool = False,
    dream: bool = False,
) -> TrainConfig:
    """`VECTORS` or `IMAGES`, with the environment that they are for.

    Args:
        env: of `TrainConfig`, as are the others; an environment that is not given shows vectors.
        env_kwargs: a JSON object.
        pixels: size of rendered observations.
        algo: with ``ppo``, images are learned from by `BY_REWARD`.
        latents: is everything seen through an autoencoder? Imitation then learns from images by `LATENTS`.
        dream: as well, and learned from in dreams, of images by `DREAMT_IMAGES`?

    Raises:
        InputError: there is no such environment, or the arguments are none.
    """
    asked = TrainConfig(env, env_kwargs, pixels, algo=algo)
    if not env:
        return asked
    from envs.atari import shows_screen  # Gymnasium takes time, and --help must answer at once
    from envs.make import make
    from envs.observations import is_image
    from envs.registry import find_spec

    made = make(env, 1, asked.env_arguments)
    made.close()
    shows_images = is_image(made.single_observation_space)
    defaults = IMAGES if shows_images and not (latents or dream) else VECTORS
    if defaults is IMAGES and algo == "ppo":
        defaults = dataclasses.replace(defaults, ppo=BY_REWARD)
    if shows_images and dream:
        defaults = DREAMT_IMAGES
    elif shows_images and latents and algo != "ppo":
        defaults = dataclasses.replace(defaults, ppo=LATENTS)
    if defaults is IMAGES and shows_screen(find_spec(env), asked.env_arguments):
        discriminator = dataclasses.replace(defaults.discriminator, images="changes")
        defaults = dataclasses.replace(defaults, discriminator=discriminator)
    return dataclasses.replace(defaults, env=env, env_kwargs=env_kwargs, pixels=pixels, algo=algo)


def parsed(kind: type[Arguments], arguments: Sequence[str] | None, prog: str | None = None) -> Arguments:
    """A command line, read once to learn of the environment, and once more with its defaults.

    Raises:
        InputError: as `defaults_of`.
        SystemExit: help was asked for, or the command line is none.
    """
    given = tyro.cli(kind, prog=prog, args=arguments)
    defaults = defaults_of(given.env, given.env_kwargs, given.pixels, given.algo, given.latents, given.dream)
    return tyro.cli(kind, prog=prog, args=arguments, default=kind(**vars(defaults)))
