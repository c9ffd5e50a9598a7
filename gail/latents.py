"""A task as an autoencoder sees it: latents in the place of observations, everywhere."""

import dataclasses
from pathlib import Path

import numpy as np

from agents.actor import RandomActor
from agents.atomic import atomic_write
from agents.collector import LocalCollector
from agents.encoded import EncodedEnv, Encoder
from agents.observations import ObservationSpec
from agents.rollout import collect, reset
from agents.world_model.tape import Tape, sides
from agents.world_model.vae import VAE
from envs.actions import ActionSpec
from envs.make import make
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode
from gail.config import TrainConfig
from gail.divergence import refuse_divergence
from gail.schedule import derived_seed, generator
from gail.task import Task

FOLDER = "world_model"
WEIGHTS = "vae.npz"
IMAGE_LATENTS = 32


def fitted_vae(task: Task, run: Path) -> VAE:
    """The autoencoder of a run: that in its folder, or one that is fitted to demonstrations and random play.

    Args:
        task: as the environment shows it.
        run: folder of the run, in which it is kept.
    """
    config = task.config
    vae = new_vae(task.observations, task.actions, config)
    path = run / FOLDER / WEIGHTS
    if path.is_file():
        with np.load(path, allow_pickle=False) as arrays:
            vae.restore(arrays)
        return vae
    shown = demonstrated(task.source.shown, task.actions)
    tape = Tape.joined([*shown, first_look(task)])
    groups = sides(sum(map(len, shown)), len(tape))
    losses = vae.fit(tape, groups, config.dreaming.first_minibatches, generator(config.seed, "vae"))
    refuse_divergence(losses, "the fitting of the autoencoder")
    save_vae(vae, path.parent)
    return vae


def save_vae(vae: VAE, folder: Path) -> None:
    """Write what the autoencoder has learned."""
    with atomic_write(folder / WEIGHTS) as file:
        np.savez(file, allow_pickle=False, **vae.arrays)


def new_vae(observations: ObservationSpec, actions: ActionSpec, config: TrainConfig) -> VAE:
    """At the initial weights, for what an environment shows; who does not dream needs to foresee nothing."""
    model = config.world_model if config.dream else dataclasses.replace(config.world_model, foresight=0)
    size = IMAGE_LATENTS if observations.is_image else observations.shape[0]
    return VAE(observations, actions, model.latent_size or size, model, derived_seed(config.seed, "vae"))


def first_look(task: Task) -> Tape:
    """A rollout of chance, the same whenever it is asked for."""
    config = task.config
    seed = derived_seed(config.seed, "random play")
    env = make(config.env, task.collector.num_envs, config.env_arguments)
    try:
        steps = max(1, (config.dreaming.random_steps or config.dreaming.real_steps) // env.num_envs)
        cursor = reset(env, seed, task.observations.depth)
        return Tape.of_rollout(collect(env, RandomActor(task.actions), cursor, steps, np.random.default_rng(seed)))
    finally:
        env.close()


def demonstrated(demonstrations: Demonstrations | None, actions: ActionSpec) -> list[Tape]:
    """A tape of each episode; none of what was shown without actions."""
    if demonstrations is None or demonstrations.actions is None:
        return []
    return [_tape(episode, actions) for episode in demonstrations]


def _tape(episode: Episode, actions: ActionSpec) -> Tape:
    assert episode.actions is not None, "the caller has looked"
    unpaid = np.full(len(episode), np.nan, np.float32)
    return Tape.of_episode(
        np.asarray(episode.observations, ObservationSpec.of(episode.observations.shape[1:], 1).dtype),
        actions.from_env(np.asarray(episode.actions)),
        unpaid if episode.rewards is None else episode.rewards.astype(np.float32),
        episode.terminated,
    )


def in_latents(task: Task, encoder: Encoder) -> Task:
    """The same task, seen through ``encoder`` in everything; its environments are new, and the old ones are closed."""
    config, count = task.config, task.collector.num_envs
    task.collector.close()
    env = make(config.env, count, config.env_arguments)
    records = config.dream and config.dreaming.refresh
    collector = LocalCollector(EncodedEnv(env, encoder, records))
    observations = ObservationSpec((encoder.size,))
    return dataclasses.replace(task, collector=collector, observations=observations, encoder=encoder)
