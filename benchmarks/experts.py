"""Make demonstrations: train experts by their tasks' own reward, record ten episodes of each.

Those that come with the package: python -m benchmarks.experts CartPole-v1 --out expert_data/demos
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import gymnasium
import numpy as np
import tyro

import gail
from envs.errors import InputError
from envs.make import make
from expert_data import store
from expert_data.demonstrations import Demonstrations
from expert_data.play import play
from gail.command import run_command

EPISODES = 10
SEED = 2026


def record(env_id: str, steps: int | None) -> Demonstrations:
    """Train an expert for ``steps`` steps, or for as many as are the default, and let it play."""
    with tempfile.TemporaryDirectory() as logdir:
        options = {"total_timesteps": steps, "seed": SEED, "video_every": 0}
        expert = gail.fit(env=env_id, algo="ppo", logdir=logdir, quiet=False, **options).policy
    env = make(env_id, EPISODES)
    episodes = play(env, expert.actor, SEED, stochastic=False)
    env.close()
    metadata = {
        "env_id": env_id,
        "versions": {"gymnasium": gymnasium.__version__, "numpy": np.__version__},
        "seed": SEED,
        "source": "the most likely actions of a policy trained by gail --algo ppo",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    return Demonstrations.of(episodes, metadata=metadata)


def main(envs: Annotated[tuple[str, ...], tyro.conf.Positional], out: Path, steps: int | None = None) -> None:
    """Write ``ENV.npz`` for each environment to the folder ``out``; those that it holds are left as they are."""
    if not envs:
        raise InputError("Name one environment or more, such as CartPole-v1.")
    for env_id in envs:
        path = out / f"{env_id.replace('/', '-')}.npz"
        if not path.exists():
            demonstrations = record(env_id, steps)
            store.save(path, demonstrations)
            print(f"{path.name}: returns {demonstrations.returns.round(1).tolist()}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(run_command(lambda: tyro.cli(main)))
