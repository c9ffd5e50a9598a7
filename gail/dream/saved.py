"""A world model as a run has left it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.observations import ObservationSpec
from agents.world_model.model import WorldModel
from agents.world_model.vae import VAE
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from gail.config import TrainConfig
from gail.dreams import DYNAMICS
from gail.latents import FOLDER, WEIGHTS, new_vae
from gail.run import Run


@dataclass(frozen=True)
class SavedModel:
    """An autoencoder, and the dynamics of its latents where there are some."""

    config: TrainConfig
    vae: VAE
    model: WorldModel | None  # None of a run with --latents

    @staticmethod
    def load(path: Path, temperature: float | None = None) -> "SavedModel":
        """What a fit, or a run with --dream or --latents, has left.

        Args:
            path: of its folder.
            temperature: of dreams; None for that of the run.

        Raises:
            InputError: this is no such folder, or it is damaged.
        """
        config = Run(path).config
        if not (path / FOLDER / WEIGHTS).is_file():
            raise InputError(
                f"There is no world model in '{path}'; give the folder of gail.dream fit, or of a run with --dream or "
                "--latents."
            )
        env = make(config.env, 1, config.env_arguments)
        space, shape = env.single_action_space, env.single_observation_space.shape or ()
        env.close()
        actions = ActionSpec.of(space)
        vae = new_vae(ObservationSpec.of(shape, config.network.frames), actions, config)
        _restore(path / FOLDER / WEIGHTS, vae.restore)
        if not (path / FOLDER / DYNAMICS).is_file():
            return SavedModel(config, vae, None)
        options = config.world_model
        if temperature is not None:
            options = dataclasses.replace(options, temperature=temperature)
        model = WorldModel(vae.size, actions, space, options, seed=0)
        _restore(path / FOLDER / DYNAMICS, model.restore)
        return SavedModel(config, vae, model)


def _restore(path: Path, restore: Callable[[Mapping[str, np.ndarray]], None]) -> None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            restore(arrays)
    except Exception as error:  # a damaged file can fail in any way that zipfile or NumPy know
        raise InputError(f"'{path}' is damaged ({type(error).__name__}: {error}); make it again.") from error
