"""A run is a folder.

config.json      what was asked for, the versions, and the fingerprint of what it learns from
metrics.jsonl    every round, evaluation and epoch
events.out...    the same for TensorBoard
checkpoints/     to resume from
policy/          to act with
reward/          to teach others by, where --algo airl has learned one
videos/
summary.json     once it has ended
"""

import importlib.metadata
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.atomic import atomic_write
from agents.policy import Policy, load_policy
from envs.errors import InputError
from expert_data.episodes import Episodes
from gail.config import TrainConfig, from_json, to_json
from gail.report.evaluation import evaluate, open_env
from gail.reward.saved import FOLDER as REWARD_FOLDER

CONFIG = "config.json"
SUMMARY = "summary.json"
PACKAGES = ("gail", "tensorflow", "keras", "gymnasium", "numpy")


def folder_name(env_id: str) -> str:
    """Of an environment's runs: its id without what paths give a meaning to."""
    return env_id.replace("/", "-").replace(":", "-")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # TensorFlow has builds of other names
        return None


@dataclass(frozen=True)
class Run:
    """A folder that holds a run, under way or ended."""

    path: Path

    @staticmethod
    def create(logdir: Path, name: str | None, config: TrainConfig, source_sha256: str | None) -> "Run":
        """Make the folder and its ``config.json``.

        Raises:
            InputError: the folder exists, or cannot be made.
        """
        started = time.strftime("%Y%m%d-%H%M%S")
        path = logdir / (name or f"{folder_name(config.env)}/{config.algo}-s{config.seed}-{started}")
        try:
            path.mkdir(parents=True)
        except FileExistsError as error:
            raise InputError(
                f"The run folder '{path}' exists; resume it with --resume, or choose another --run-name."
            ) from error
        except OSError as error:
            raise InputError(f"The run folder '{path}' cannot be made ({error}); choose another --logdir.") from error
        run = Run(path)
        versions = {package: _version(package) for package in PACKAGES}
        facts = {"source_sha256": source_sha256, "versions": versions, "started": started}
        run.write(CONFIG, {"config": to_json(config)} | facts)
        return run

    @property
    def config(self) -> TrainConfig:
        """What was asked for.

        Raises:
            InputError: this is no run's folder, or its configuration is damaged or of another version.
        """
        try:
            return from_json(self.read(CONFIG)["config"])
        except (KeyError, TypeError) as error:
            raise InputError(
                f"'{self.path / CONFIG}' is not a configuration of this version ({error}); train again."
            ) from error

    @property
    def source_sha256(self) -> str | None:
        """Fingerprint of the file that the run began to learn from: demonstrations, or a reward."""
        return self.read(CONFIG)["source_sha256"]

    @property
    def summary(self) -> dict[str, Any] | None:
        """What the run came to; None before its end."""
        return self.read(SUMMARY) if (self.path / SUMMARY).is_file() else None

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def videos(self) -> Path:
        """Folder of the videos."""
        return self.path / "videos"

    @property
    def policy_folder(self) -> Path:
        """Folder of the policy."""
        return self.path / "policy"

    @property
    def reward_folder(self) -> Path:
        """Folder of the reward."""
        return self.path / REWARD_FOLDER

    @property
    def policy(self) -> Policy:
        """The policy at the last checkpoint.

        Raises:
            InputError: there is none yet, or it is damaged.
        """
        return load_policy(self.policy_folder)

    def evaluate(self, episodes: int = 20, seed: int = 0, stochastic: bool = False) -> Episodes:
        """Play fresh episodes with the run's policy; arguments as `gail.report.evaluation.evaluate`."""
        policy = self.policy
        env = open_env(policy.env_id, policy.env_kwargs, episodes)
        try:
            return evaluate(env, policy.actor, episodes, seed, stochastic)
        finally:
            env.close()

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder.

        Raises:
            InputError: it is missing or damaged.
        """
        try:
            return json.loads((self.path / name).read_text())
        except FileNotFoundError as error:
            raise InputError(f"'{self.path}' is not the folder of a run: it has no {name}.") from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"'{self.path / name}' is damaged ({error}); train again.") from error

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file of the folder, atomically."""
        with atomic_write(self.path / name) as file:
            file.write(json.dumps(content, indent=2).encode())
