"""Run this library, its peers and raw stepping one after another, and write what they took.

    benchmarks/peers/make.sh PEERS
    python -m benchmarks.speed --peers PEERS --demos DEMOS

Run it from the top of the checkout. PEERS is the folder of `make.sh`; DEMOS holds CartPole-v1.npz and Hopper-v5.npz,
and with ``--seen images`` ALE-Pong-v5.npz. Everything is repeated, in turns, so that a machine that drifts drifts for
all. Results go to ``vectors.json`` or ``images.json`` (every run) and ``vectors.md`` or ``images.md`` (ratios of
medians). Nothing else may run meanwhile.
"""

import json
import math
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from benchmarks.record import machine

HERE = Path(__file__).parent
# For environments that step all their copies in one call: many copies, and fewer gradients for each step.
WIDE = [
    *("--num-envs", "64", "--ppo.batch-size", "8192", "--ppo.minibatch-size", "512", "--ppo.epochs", "4"),
    *("--discriminator.epochs", "2"),
]
CARTPOLE, HOPPER, PONG = "CartPole-v1", "Hopper-v5", "ALE/Pong-v5"
STEADY = "steady_steps_per_second"
HALVED = ["--network.image-size", "72"]
PIXELS: dict[str, tuple[str, list[str]]] = {
    "PPO": ("ppo", []),
    "GAIL": ("gail", []),
    "PPO, images halved": ("ppo", HALVED),
    "GAIL, images halved": ("gail", HALVED),
    "GAIL of latents": ("gail", ["--latents"]),
}


Commands = dict[str, list[str]]
Results = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    peers: Path
    demos: Path
    seen: Literal["vectors", "images"] = "vectors"
    repeats: int = 3
    results: Path = HERE

    def ours(self, algo: str, env: str, *options: str) -> list[str]:
        """The command that measures this library."""
        demos = [] if algo == "ppo" else ["--demos", str(self._demos(env))]
        return [sys.executable, "-m", "benchmarks.speed.ours", "--algo", algo, "--env", env, *demos, *options]

    def peer(self, algo: str, env: str, *options: str) -> list[str]:
        """The command that measures the other library."""
        python = self.peers / ("sb3" if algo == "ppo" else "imitation") / "bin" / "python"
        demos = [] if algo == "ppo" else ["--demos", str(self._demos(env))]
        script = str(HERE.parent / "peers" / "peer.py")
        return [str(python), script, "--algo", algo, "--env", env, *demos, *options]

    def _demos(self, env: str) -> Path:
        return self.demos / f"{env.replace('/', '-')}.npz"


def raw(env: str, *options: str) -> list[str]:
    """The command that measures random stepping."""
    return [sys.executable, "-m", "benchmarks.speed.raw", "--env", env, *options]


def commands_for_vectors(arguments: Arguments, seed: list[str]) -> Commands:
    """One turn: a name and a command for each measurement."""
    chosen = {}
    for env, steps in ((CARTPOLE, "300000"), (HOPPER, "500000")):
        chosen[f"raw {env}"] = raw(env)
        for algo in ("gail", "ppo"):
            chosen[f"{algo} {env} ours"] = arguments.ours(algo, env, "--total-timesteps", steps, *seed)
            chosen[f"{algo} {env} peer"] = arguments.peer(algo, env, "--steps", "65536", *seed)
    chosen["gail wide ours"] = arguments.ours("gail", CARTPOLE, *WIDE, *seed, "--total-timesteps", "1000000")
    target = ["--target-return", "475", *seed]
    chosen["target ours"] = arguments.ours(
        "gail", CARTPOLE, *target, "--total-timesteps", "300000", "--eval-every", "2048"
    )
    chosen["target peer"] = arguments.peer("gail", CARTPOLE, *target, "--steps", "1000000", "--eval-every", "16384")
    return chosen


def commands_for_images(arguments: Arguments, seed: list[str]) -> Commands:
    """One turn. A round takes seconds, so that few are enough; what is learned in them is nothing to evaluate."""
    steps = ["--total-timesteps", "24576", "--eval-episodes", "1", *seed]
    return {
        f"raw {PONG}": raw(PONG, "--num-envs", "32"),
        **{name: arguments.ours(algo, PONG, *options, *steps) for name, (algo, options) in PIXELS.items()},
        f"ppo {PONG} peer": arguments.peer("ppo", PONG, "--steps", "10240", *seed),
    }


def measure(command: list[str]) -> dict[str, Any]:
    """Run one command and read the JSON on its last line."""
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(finished.stdout.splitlines()[-1])


class Table:
    """Ratios of medians, in Markdown."""

    def __init__(self, results: Results):
        self.results = results
        self.rows = ["| what | gail | peer | ratio |", "| --- | --- | --- | --- |"]

    def __str__(self) -> str:
        return "\n".join(self.rows) + "\n"

    def median(self, name: str, field: str) -> float:
        values = [run[field] for run in self.results[name] if field in run]
        return statistics.median(math.inf if value is None else value for value in values)  # None: never reached

    def add(self, what: str, ours: float, theirs: float, ratio: float, unit: str, digits: int = 0) -> None:
        self.rows.append(f"| {what} | {ours:,.{digits}f} {unit} | {theirs:,.{digits}f} {unit} | **{ratio:.2f}** |")

    def faster(self, what: str, ours: str, theirs: str, field: str = "steps_per_second") -> None:
        mine, peer = self.median(ours, field), self.median(theirs, "steps_per_second")
        self.add(what, mine, peer, mine / peer, "steps/s")

    def sooner(self, what: str, ours: str, theirs: str) -> None:
        mine, peer = (self.median(name, "seconds_to_target") for name in (ours, theirs))
        self.add(what, mine, peer, peer / mine, "s", 1)

    def returns(self, what: str, ours: str, theirs: str) -> None:
        mine, peer = (
            f"{self.median(name, 'final_return'):,.0f} after {self.median(name, 'steps'):,.0f}"
            for name in (ours, theirs)
        )
        self.rows.append(f"| {what}, return after so many of these steps | {mine} | {peer} | |")

    def memory(self, what: str, ours: str, theirs: str) -> None:
        mine, peer = (self.median(name, "peak_rss_mib") for name in (ours, theirs))
        self.add(f"{what}, peak memory", mine, peer, mine / peer, "MiB")


def table_of_vectors(results: Results) -> Table:
    table = Table(results)
    for env in (CARTPOLE, HOPPER):
        table.faster(f"{env}, GAIL, against imitation 1.0.1", f"gail {env} ours", f"gail {env} peer")
    table.faster(f"{CARTPOLE}, GAIL with 64 environments", "gail wide ours", f"gail {CARTPOLE} peer")
    for env in (CARTPOLE, HOPPER):
        table.faster(f"{env}, PPO, against Stable-Baselines3 2.9.2", f"ppo {env} ours", f"ppo {env} peer")
    table.faster(f"{HOPPER}, GAIL, against raw `make_vec` stepping", f"gail {HOPPER} ours", f"raw {HOPPER}", STEADY)
    table.sooner(f"{CARTPOLE}, GAIL, training time to a return of 475", "target ours", "target peer")
    for env in (CARTPOLE, HOPPER):
        table.returns(f"{env}, GAIL", f"gail {env} ours", f"gail {env} peer")
    table.returns(f"{CARTPOLE}, GAIL with 64 environments", "gail wide ours", f"gail {CARTPOLE} peer")
    for env in (CARTPOLE, HOPPER):
        table.memory(f"{env}, GAIL", f"gail {env} ours", f"gail {env} peer")
    return table


def table_of_images(results: Results) -> Table:
    table = Table(results)
    for name in PIXELS:
        table.faster(f"{PONG}, {name}, against the PPO of Stable-Baselines3 2.9.2", name, f"ppo {PONG} peer", STEADY)
    table.faster(f"{PONG}, PPO, against raw `make_vec` stepping", "PPO", f"raw {PONG}", STEADY)
    for name in PIXELS:
        table.memory(f"{PONG}, {name}", name, f"ppo {PONG} peer")
    return table


def main() -> None:
    arguments = tyro.cli(Arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)  # before the first hour, not after it
    commands, table = {
        "vectors": (commands_for_vectors, table_of_vectors),
        "images": (commands_for_images, table_of_images),
    }[arguments.seen]
    path = arguments.results / arguments.seen
    results: Results = {}
    for repeat in range(arguments.repeats):
        for name, command in commands(arguments, ["--seed", str(repeat)]).items():
            print(f"{name}, turn {repeat + 1}", file=sys.stderr, flush=True)
            results.setdefault(name, []).append(measure(command))
        path.with_suffix(".json").write_text(json.dumps({"machine": machine(), "runs": results}, indent=1))
    text = str(table(results))
    path.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
