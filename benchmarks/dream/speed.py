"""How fast dreams are stepped, beside their real environments.

    python -m benchmarks.dream.speed --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz and Pendulum-v1.npz. A small model is fitted to each,
because its weights do not matter, and random actions are taken in 64 dreams and in 64 real environments of
`envs.make`, in turns, thrice; the medians go to ``speed.json``.
"""

import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from gymnasium.vector import VectorEnv

HERE = Path(__file__).parent
ENVS = ("CartPole-v1", "Pendulum-v1")
NUM_ENVS, SECONDS, TURNS = 64, 3.0, 3


@dataclass(frozen=True)
class Arguments:
    """What is to be measured."""

    demos: Path
    results: Path = HERE


def steps_per_second(env: VectorEnv) -> float:
    """Of random actions, over all copies."""
    env.action_space.seed(0)
    actions = env.action_space.sample()
    env.reset(seed=0)
    env.step(actions)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        env.step(actions)
        count += env.num_envs
    return count / (time.perf_counter() - started)


def measure(env_id: str, demos: Path) -> dict[str, float | str]:
    from envs.imagined import ImaginedEnv
    from envs.make import make
    from expert_data import formats
    from gail.dream import main as dream
    from gail.dream.saved import SavedModel
    from gail.latents import demonstrated

    with tempfile.TemporaryDirectory() as logdir:
        options = ["--env", env_id, "--demos", str(demos), "--num-demos", "1", "--minibatches", "10"]
        assert dream(["fit", *options, "--logdir", logdir, "--run-name", "model"]) == 0
        saved = SavedModel.load(Path(logdir) / "model")
    assert saved.model is not None
    (tape,) = demonstrated(formats.load(str(demos)).first(1), saved.model.actions)
    latents = tape.encoded(saved.vae.mirror)
    saved.model.prepare(latents, [np.flatnonzero(latents.leads)], np.random.default_rng(0))
    dreams = ImaginedEnv(saved.model, NUM_ENVS, saved.config.dreaming.horizon)
    real = make(env_id, NUM_ENVS)
    turns = [(steps_per_second(dreams), steps_per_second(real)) for _ in range(TURNS)]
    real.close()
    dreamt, stepped = (statistics.median(column) for column in zip(*turns, strict=True))
    return {"env": env_id, "dream_steps_per_second": round(dreamt), "real_steps_per_second": round(stepped)}


def main() -> None:
    arguments = tyro.cli(Arguments)
    results = [measure(env, arguments.demos / f"{env}.npz") for env in ENVS]
    (arguments.results / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
