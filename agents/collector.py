"""Who steps the environments: this process, or several others at once."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import VectorEnv

from agents.actor import TrainedActor
from agents.rollout import Cursor, Rollout, collect, reset
from agents.workers import Worker


class Collector(Protocol):
    """N environments and where they stand."""

    num_envs: int

    def restart(self, seed: int) -> None:
        """Begin new episodes in all of them; comes before the first `collect`."""
        ...

    def collect(self, actor: TrainedActor, steps: int, seed: int) -> Rollout:
        """Act for ``steps`` steps in each; ``seed`` is the only source of the actor's randomness."""
        ...

    def close(self) -> None:
        """Close them."""
        ...


class LocalCollector:
    """Steps a vector environment in this process."""

    def __init__(self, env: VectorEnv, depth: int = 1):
        """``env``, of whose images a policy sees ``depth`` at once, is closed with the collector."""
        self.num_envs = env.num_envs
        self._depth = depth
        self.env = env
        self._cursor: Cursor | None = None

    def restart(self, seed: int) -> None:
        """See `Collector`."""
        self._cursor = reset(self.env, seed, self._depth)

    def collect(self, actor: TrainedActor, steps: int, seed: int) -> Rollout:
        """See `Collector`."""
        assert self._cursor is not None, "restart comes first"
        rollout = collect(self.env, actor, self._cursor, steps, np.random.default_rng(seed))
        self._cursor = rollout.end
        return rollout

    def close(self) -> None:
        """See `Collector`."""
        self.env.close()


class WorkerCollector:
    """Shares the environments out among worker processes, which step at the same time.

    Nothing passes between them and this process while they step: each gets the policy's weights and gives back its part
    of the rollout. The parts depend on their seeds alone, not on which worker is done first.
    """

    def __init__(self, spec: EnvSpec, num_envs: int, env_kwargs: Mapping[str, Any], num_workers: int):
        """``num_envs`` environments in ``num_workers`` processes, which get ready in the background."""
        self.num_envs = num_envs
        shares = [len(part) for part in np.array_split(np.arange(num_envs), min(num_workers, num_envs))]
        self._workers = [Worker(spec, share, env_kwargs) for share in shares]

    def restart(self, seed: int) -> None:
        """See `Collector`."""
        for index, worker in enumerate(self._workers):
            worker.restart(_share_of(seed, index))

    def collect(self, actor: TrainedActor, steps: int, seed: int) -> Rollout:
        """See `Collector`."""
        for index, worker in enumerate(self._workers):
            worker.begin(actor, steps, _share_of(seed, index))
        return Rollout.side_by_side([worker.finish() for worker in self._workers])

    def close(self) -> None:
        """See `Collector`."""
        for worker in self._workers:
            worker.close()


def _share_of(seed: int, index: int) -> int:
    return int(np.random.default_rng([seed, index]).integers(2**31 - 1))
