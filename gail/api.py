"""The library from Python: what ``import gail`` offers."""

import dataclasses
from pathlib import Path
from typing import Any

from gymnasium.vector import VectorEnv

from agents.policy import Policy
from envs.make import make
from expert_data import formats
from expert_data.demonstrations import Demonstrations
from gail.defaults import defaults_of
from gail.run import Run


def fit(
    env: str, *, logdir: str | Path = "runs", run_name: str | None = None, quiet: bool = True, **options: Any
) -> Run:
    """Train an agent; the same as ``python -m gail.train``.

    Args:
        env: Gymnasium id, or module:ID, or module:Class.
        logdir: folder of all runs.
        run_name: folder of this run below ``logdir``.
        quiet: show no progress.
        options: fields of `gail.config.TrainConfig`, such as ``demos``, ``algo``, ``seed`` or ``ppo=PPOConfig(...)``.
            Those that are not given are what `defaults_of` finds for the environment.

    Returns:
        The run, with its ``path``, ``summary``, ``policy`` and ``evaluate(episodes=...)``.

    Raises:
        InputError: something given cannot be used; the message says what to do.
    """
    from gail.experiment import start  # imports TensorFlow

    asked = {name: options[name] for name in ("env_kwargs", "pixels", "algo", "latents", "dream") if name in options}
    defaults = defaults_of(env, **asked)
    return start(dataclasses.replace(defaults, **options), Path(logdir), run_name, quiet)


def load_policy(path: str | Path) -> Policy:
    """The policy of the run in the folder ``path``, ready to ``act(observation)``.

    Raises:
        InputError: there is none.
    """
    return Run(Path(path)).policy


def load_demos(path: str | Path) -> Demonstrations:
    """Read and check demonstrations, in any format that is known.

    Raises:
        InputError: it cannot be used; the message says why.
    """
    return formats.load(path)


def make_env(env: str, num_envs: int = 1, **env_kwargs: Any) -> VectorEnv:
    """The vector environment that an agent for ``env`` is trained in.

    Raises:
        InputError: it cannot be built.
    """
    return make(env, num_envs, env_kwargs)
