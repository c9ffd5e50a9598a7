"""From a configuration to a trained agent: start a run, or resume one.

TensorFlow is imported only when all that the user gave has been read and found good.
"""

from pathlib import Path

from envs.errors import InputError
from gail.command import without_chatter
from gail.config import TrainConfig
from gail.config_check import check
from gail.run import Run
from gail.source import fingerprint, source_path
from gail.task import Task


def start(config: TrainConfig, logdir: Path, run_name: str | None, quiet: bool) -> Run:
    """Begin a run and train to its end.

    Raises:
        InputError: something that the configuration names cannot be used; nothing was written.
        TrainingDivergedError: a loss is no longer a number; the last checkpoint is named.
    """
    check(config)
    with Task.open(config) as task:
        run = Run.create(logdir, run_name, config, fingerprint(config))
        _train(run, task, quiet)
    return run


def resume(path: Path, quiet: bool) -> Run:
    """Go on from the last checkpoint of a run; a run that has ended is left as it is.

    Raises:
        InputError: this is no run, or what it learns from is not what it was.
        TrainingDivergedError: as `start`.
    """
    run = Run(path)
    config = run.config
    if run.summary is not None:
        return run
    with Task.open(config) as task:
        if fingerprint(config) != run.source_sha256:
            raise InputError(
                f"The file '{source_path(config)}', or a generator, is not what it was when the run '{path}' began; "
                "put the old one back, or start a new run."
            )
        _train(run, task, quiet)
    return run


def complete(config: TrainConfig, logdir: Path, run_name: str, quiet: bool) -> Run:
    """`start` the run, or `resume` it if its folder is there already.

    Raises:
        InputError: as both, or the run there has another configuration.
    """
    path = logdir / run_name
    if not path.exists():
        return start(config, logdir, run_name, quiet)
    if Run(path).config != config:
        raise InputError(f"The run '{path}' has other options; choose another --logdir, or remove it.")
    return resume(path, quiet)


def _train(run: Run, task: Task, quiet: bool) -> None:
    with without_chatter():
        from gail.session import start_tensorflow, train_run

        start_tensorflow()
    train_run(run, task, quiet)
