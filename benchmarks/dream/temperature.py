"""What temperature does to who learns in dreams: the return in the dream, and the return in truth.

    python -m benchmarks.dream.temperature --demos DEMOS

Run it from the top of the checkout; DEMOS holds CartPole-v1.npz and Pendulum-v1.npz. All learning is in the dream of a
model that was fitted once, to ten demonstrations and random play (`--dreaming.no-refresh`), as Ha and Schmidhuber
(2018, section 4) have it. Afterwards 50 fresh episodes are played by the most likely actions, and 50 dreamt: by the
same policy at the same temperature, from real first observations, as long as the model says or the environment's time
limit, and paid by the reward that the model expects. Random policies are dreamt and played as well. Every run goes to
``temperature.json``, medians to ``temperature.md``, curves to ``temperature.png``. Runs that the first holds are not
repeated.
"""

import contextlib
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from benchmarks.record import Record

HERE = Path(__file__).parent
TEMPERATURES = (0.1, 0.3, 0.5, 0.75, 1.0, 1.15, 1.3, 1.5)
ENVS = ("CartPole-v1", "Pendulum-v1")
EPISODES = 50
ROUNDS, ROUND_STEPS, RANDOM_STEPS = 3, 16, 2048  # a round's real steps are looked at, and taught to nobody


@dataclass(frozen=True)
class Arguments:
    """What is to be measured."""

    demos: Path
    seeds: int = 3
    envs: tuple[str, ...] = ENVS
    results: Path = HERE


def options(env: str, demos: str, seed: int, temperature: float) -> list[str]:
    """Of ``python -m gail.train``."""
    return [
        *("--env", env, "--demos", demos, "--num-demos", "10", "--seed", str(seed), "--bc-epochs", "0", "--dream"),
        *("--dreaming.no-refresh", "--dreaming.random-steps", str(RANDOM_STEPS)),
        *("--dreaming.real-steps", str(ROUND_STEPS), "--total-timesteps", str(ROUNDS * ROUND_STEPS)),
        *("--world-model.temperature", str(temperature), "--num-workers", "0", "--video-every", "0"),
        *("--eval-every", str(ROUNDS * ROUND_STEPS), "--eval-episodes", str(EPISODES)),
    ]


def measure(env: str, demos: Path, seed: int, temperature: float) -> dict[str, Any]:
    """One run."""
    from agents.actor import RandomActor
    from agents.encoded import EncodedActor
    from gail.dream.saved import SavedModel
    from gail.run import Run
    from gail.train import main as train

    with tempfile.TemporaryDirectory() as logdir:
        where = ["--logdir", logdir, "--run-name", "run", "--quiet"]
        with contextlib.redirect_stdout(io.StringIO()):
            assert train([*options(env, str(demos), seed, temperature), *where]) == 0
        run = Run(Path(logdir) / "run")
        saved, policy, summary = SavedModel.load(run.path), run.policy, run.summary
    assert summary is not None
    assert isinstance(policy.actor, EncodedActor)
    dreamt = {
        who: _dream_return(saved, actor, seed, stochastic)
        for who, actor, stochastic in (
            ("agent", policy.actor.actor, False), ("random", RandomActor(policy.actor.actions), True)
        )
    }  # fmt: skip
    return {
        "env": env,
        "seed": seed,
        "temperature": temperature,
        "command": " ".join(["python -m gail.train", *options(env, f"DEMOS/{env}.npz", seed, temperature)]),
        "dream_return": dreamt["agent"],
        "real_return": summary["agent"]["return_mean"],
        "dream_return_random": dreamt["random"],
        "real_return_random": summary["random"]["return_mean"],
        "expert_return": summary["expert"]["return_mean"],
        "seconds": summary["seconds"],
    }


def _dream_return(saved: Any, actor: Any, seed: int, stochastic: bool) -> float:
    from envs.make import make
    from gail.report.world_model.returns import dream_returns

    env = make(saved.config.env, EPISODES, saved.config.env_arguments)
    first, _ = env.reset(seed=seed)
    env.close()
    assert env.spec is not None
    horizon = env.spec.max_episode_steps
    assert horizon is not None, "both tasks have a time limit"
    rng = np.random.default_rng(seed)
    latents = saved.vae.mirror(np.asarray(first, np.float32))
    nothing = np.zeros((EPISODES, 0, actor.actions.num_components), actor.actions.dtype_of_components)
    state = saved.model.remembered(latents[:, None], nothing)
    return float(dream_returns(saved.model, actor, state, latents, horizon, rng, stochastic).mean())


def table(runs: list[dict[str, Any]]) -> str:
    """Medians over seeds, in Markdown."""
    envs = [env for env in ENVS if any(run["env"] == env for run in runs)]
    heads = [f"{env}, in the dream | in truth | runs" for env in envs]
    rows = [f"| temperature | {' | '.join(heads)} |", f"| --- |{' --- | --- | --- |' * len(envs)}"]
    for temperature in TEMPERATURES:
        cells = [str(temperature)]
        for env in envs:
            found = [run for run in runs if (run["env"], run["temperature"]) == (env, temperature)]
            names = ("dream_return", "real_return")
            cells += [f"{np.median([run[name] for run in found]):,.1f}" if found else "" for name in names]
            cells.append(str(len(found)))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def draw(runs: list[dict[str, Any]], path: Path) -> None:
    """A panel an environment: both returns against temperature, medians as lines and every run as a dot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    envs = [env for env in ENVS if any(run["env"] == env for run in runs)]
    figure, axes = pyplot.subplots(1, len(envs), squeeze=False, figsize=(5 * len(envs), 3.6), layout="constrained")
    for panel, env in zip(axes[0], envs, strict=True):
        here = [run for run in runs if run["env"] == env]
        temperatures = sorted({run["temperature"] for run in here})
        for name, label, color in (("dream_return", "in the dream", "C1"), ("real_return", "in truth", "C0")):
            columns = [[run[name] for run in here if run["temperature"] == each] for each in temperatures]
            panel.plot(temperatures, [np.median(column) for column in columns], color=color, label=label)
            for each, column in zip(temperatures, columns, strict=True):
                panel.plot([each] * len(column), column, ".", color=color, alpha=0.6)
        for name, label in (("expert_return", "expert"), ("real_return_random", "random policy")):
            level = np.mean([run[name] for run in here])
            panel.axhline(level, color="gray", linestyle="--" if name == "expert_return" else ":", label=label)
        panel.set_title(env)
        panel.set_xlabel("temperature of the dream")
    axes[0, 0].set_ylabel("return")
    axes[0, 0].legend(fontsize="small")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main() -> None:
    arguments = tyro.cli(Arguments)
    record = Record(arguments.results / "temperature.json")
    for seed in range(arguments.seeds):
        for env in arguments.envs:
            for temperature in TEMPERATURES:
                if record.begins(env=env, seed=seed, temperature=temperature):
                    record.add(measure(env, arguments.demos / f"{env}.npz", seed, temperature))
    (arguments.results / "temperature.md").write_text(table(record.runs))
    draw(record.runs, arguments.results / "temperature.png")


if __name__ == "__main__":
    main()
