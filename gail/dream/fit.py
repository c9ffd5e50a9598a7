"""A world model of demonstrations and random play, in a folder of its own."""

import dataclasses
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.world_model.tape import Tape, sides
from envs.errors import InputError
from expert_data import store
from gail.config import TrainConfig
from gail.dreams import fit_first, new_model, save_dynamics
from gail.latents import FOLDER, demonstrated, first_look, fitted_vae, in_latents
from gail.run import Run, folder_name
from gail.source import fingerprint
from gail.task import Task


def fit(config: TrainConfig, logdir: Path, name: str | None) -> Path:
    """Fit it, and give its folder, which has its name only when all is there.

    Args:
        config: with --dream; where no demonstrations are at hand, random play must do.
        logdir: where the folder goes.
        name: of the folder there; None for one that tells what it is of.

    Raises:
        InputError: something cannot be used; nothing was written.
        TrainingDivergedError: a loss is no longer a number.
    """
    if config.demos is None and store.bundled(config.env) is None:
        config = dataclasses.replace(config, algo="ppo")  # which has no expert
    path = logdir / (name or f"{folder_name(config.env)}/dream-s{config.seed}-{time.strftime('%Y%m%d-%H%M%S')}")
    with Task.open(config) as task, _renamed_when_whole(path) as folder:
        run = Run.create(folder.parent, folder.name, config, fingerprint(config))
        encoder = fitted_vae(task, run.path).mirror
        with in_latents(task, encoder) as inside:
            model = new_model(inside)
            shown = demonstrated(task.source.shown, task.actions)
            tape = Tape.joined([*shown, first_look(task)]).encoded(encoder)
            fit_first(model, tape, sides(sum(map(len, shown)), len(tape)), config)
            save_dynamics(model, run.path / FOLDER)
    return path


@contextmanager
def _renamed_when_whole(path: Path) -> Iterator[Path]:
    """A folder yet to be made, that becomes ``path`` only when the block has ended without an error."""
    if path.exists():
        raise InputError(f"The folder '{path}' exists; choose another --run-name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise InputError(f"The folder '{path}' cannot be made ({error}); choose another --logdir.") from error
    try:
        yield unfinished / path.name
        (unfinished / path.name).rename(path)
    finally:
        shutil.rmtree(unfinished)
