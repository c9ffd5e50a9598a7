"""Recording: what happens in an environment, and the file that it goes to."""

import importlib.metadata
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from agents.observations import ObservationSpec
from envs.errors import InputError
from expert_data import formats, store
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode

PACKAGES = ("gail", "gymnasium", "numpy", "ale-py", "mujoco")
SAVING_SHARE = 0.1  # of the time that recording takes may go into saving what is there


class Recorder(gymnasium.Wrapper):
    """Remembers the episode that is played in an environment.

    A wrapper, so that it sees what the environment sees: Gymnasium's ``play`` hands its callback something else at the
    first step of each episode.
    """

    def __init__(self, env: gymnasium.Env):
        """Around an environment with vector observations."""
        super().__init__(env)
        self._observations: list[np.ndarray] = []
        self._actions: list[np.ndarray] = []
        self._rewards: list[float] = []
        self._terminated = False

    def reset(self, **kwargs: Any) -> Any:
        """A new episode; the one before is forgotten."""
        observation, info = self.env.reset(**kwargs)
        self._observations, self._actions, self._rewards = [self._kept(observation)], [], []
        self._terminated = False
        return observation, info

    def step(self, action: Any) -> Any:
        """A step, and what came of it."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._actions.append(np.array(action, self.action_space.dtype))
        self._observations.append(self._kept(observation))
        self._rewards.append(float(reward))
        self._terminated = bool(terminated)
        return observation, reward, terminated, truncated, info

    def _kept(self, observation: Any) -> np.ndarray:
        """A copy, as learners take it."""
        return np.array(observation, ObservationSpec.of(self.observation_space.shape or (), depth=1).dtype)

    @property
    def total_reward(self) -> float:
        """So far, undiscounted."""
        return float(np.sum(self._rewards))

    def __len__(self) -> int:
        """Steps so far."""
        return len(self._actions)

    @property
    def episode(self) -> Episode:
        """As far as it has come.

        Raises:
            InputError: it has no step yet.
        """
        actions = np.stack(self._actions) if self._actions else np.zeros(0)
        rewards = np.array(self._rewards, np.float64)
        return Episode(np.stack(self._observations), actions, rewards, self._terminated, not self._terminated)


class Recording:
    """Demonstrations that grow, and their file, which is whole whenever somebody looks."""

    def __init__(self, path: Path, env_id: str, env_kwargs: Mapping[str, Any], source: str, append: bool):
        """Nothing is written before there is an episode.

        Args:
            path: of the file.
            env_id: of the environment.
            env_kwargs: of its constructor.
            source: who acts, in words.
            append: go on with the file that is there.

        Raises:
            InputError: the file exists and is not to be gone on with, or cannot be, or its folder cannot be written.
        """
        self.path = path
        self._before: list[Demonstrations] = []
        if path.exists() and not append:
            raise InputError(f"'{path}' exists; give another --out, or go on with it with --append.")
        if path.exists():
            self._before = [formats.load(path)]
            there = self._before[0].metadata.get("env_id", env_id)
            if there != env_id:
                raise InputError(f"'{path}' holds episodes of '{there}', not of '{env_id}'; give another --out.")
        self._episodes: list[Episode] = []
        self._seeds: list[int] = []
        versions = {package: _version(package) for package in PACKAGES}
        self._metadata = {
            "env_id": env_id,
            "env_kwargs": dict(env_kwargs),
            "versions": {package: version for package, version in versions.items() if version},
            "source": source,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        self._saved = 0
        self._saving_seconds = 0.0
        self._saved_at = time.perf_counter()

    def __len__(self) -> int:
        """Episodes, those that were there before included."""
        return sum(map(len, self._before)) + len(self._episodes)

    @property
    def next_seed(self) -> int:
        """One that no episode of the file began with, nor any before it."""
        seeds = [self._seeds, *(part.seeds for part in self._before if part.seeds is not None)]
        return 1 + max((int(np.max(each)) for each in seeds if len(each)), default=-1)

    def add(self, episode: Episode, seed: int) -> None:
        """Keep an episode, and write the file if that was long enough ago."""
        self._episodes.append(episode)
        self._seeds.append(seed)
        if (time.perf_counter() - self._saved_at) * SAVING_SHARE >= self._saving_seconds:
            self.save()

    def save(self) -> None:
        """Write all that is there, if there is anything new."""
        new = self.demonstrations
        if new is None or len(new) == self._saved:
            return
        started = time.perf_counter()
        store.save(self.path, Demonstrations.merged([*self._before, new]) if self._before else new)
        self._saved, self._saved_at = len(self._episodes), time.perf_counter()
        self._saving_seconds = self._saved_at - started

    @property
    def demonstrations(self) -> Demonstrations | None:
        """Those of this recording, without what was there before; None if there are none."""
        if not self._episodes:
            return None
        return Demonstrations.of(self._episodes, seeds=np.array(self._seeds, np.int64), metadata=self._metadata)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
