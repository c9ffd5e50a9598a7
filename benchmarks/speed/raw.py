"""Step an environment by random actions and print how fast that is: the limit of everything that learns in it.

python -m benchmarks.speed.raw --env Hopper-v5 --num-envs 8
"""

import json
import time
from dataclasses import dataclass

import ale_py
import gymnasium
import tyro

WARM_UP = 100  # vector steps


@dataclass(frozen=True)
class Arguments:
    """One measurement."""

    env: str
    num_envs: int = 8
    steps: int = 40_000


def main() -> None:
    arguments = tyro.cli(Arguments)
    gymnasium.register_envs(ale_py)
    env = gymnasium.make_vec(arguments.env, arguments.num_envs)
    env.action_space.seed(0)
    env.reset(seed=0)
    actions = [env.action_space.sample() for _ in range(WARM_UP)]
    for action in actions:
        env.step(action)
    count = arguments.steps // arguments.num_envs
    started = time.perf_counter()
    for i in range(count):
        env.step(actions[i % WARM_UP])
    seconds = time.perf_counter() - started
    steps = count * arguments.num_envs
    report = {"library": "gymnasium", "algo": "raw", "env": arguments.env, "num_envs": arguments.num_envs}
    print(json.dumps(report | {"steps": steps, "seconds": seconds, "steps_per_second": steps / seconds}))


if __name__ == "__main__":
    main()
