"""Make the demonstrations that come with the package: train an expert by the task's own reward, record ten episodes.

python -m benchmarks.bundle_demos CartPole-v1
"""

import sys
import tempfile
import time

import gymnasium
import numpy as np

import gail
from envs.make import make
from expert_data import store
from expert_data.episodes import Demonstrations
from expert_data.record import play

EPISODES = 10
SEED = 2026


def main(env_id: str) -> None:
    with tempfile.TemporaryDirectory() as logdir:
        expert = gail.fit(env=env_id, algo="ppo", seed=SEED, video_every=0, logdir=logdir, quiet=False).policy
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
    demonstrations = Demonstrations(episodes, metadata)
    path = store.BUNDLED / f"{env_id.replace('/', '-')}.npz"
    store.save(path, demonstrations)
    print(f"{path.name}: returns {demonstrations.returns.tolist()}")


if __name__ == "__main__":
    main(sys.argv[1])
