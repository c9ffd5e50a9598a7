"""Run this library, its peers and raw stepping one after another, and write what they took.

    benchmarks/peers/make.sh PEERS
    python -m benchmarks.speed --peers PEERS --demos DEMOS

Run it from the top of the checkout. PEERS is the folder of `make.sh`; DEMOS holds CartPole-v1.npz, Hopper-v5.npz and
ALE-Pong-v5.npz. Everything is repeated, in turns, so that a machine that drifts drifts for all. Results go to
``results.json`` (every run) and ``results.md`` (ratios of medians). Nothing else may run meanwhile.
"""

import json
import math
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

HERE = Path(__file__).parent
# For environments that step all their copies in one call: many copies, and fewer gradients for each step.
WIDE = [
    *("--num-envs", "64", "--ppo.batch-size", "8192", "--ppo.minibatch-size", "512", "--ppo.epochs", "4"),
    *("--discriminator.epochs", "2"),
]
CARTPOLE, HOPPER, PONG = "CartPole-v1", "Hopper-v5", "ALE/Pong-v5"


@dataclass(frozen=True)
class Arguments:
    """What is to be compared."""

    peers: Path
    demos: Path
    repeats: int = 3
    results: Path = HERE


def commands(arguments: Arguments, repeat: int) -> dict[str, list[str]]:
    """One turn: a name and a command for each measurement."""
    imitation, sb3 = (arguments.peers / name / "bin" / "python" for name in ("imitation", "sb3"))
    peer = str(HERE.parent / "peers" / "peer.py")
    ours = [sys.executable, "-m", "benchmarks.speed.ours"]
    raw = [sys.executable, "-m", "benchmarks.speed.raw"]
    seed = ["--seed", str(repeat)]
    chosen = {}
    for env, steps in ((CARTPOLE, 300_000), (HOPPER, 500_000)):
        length = ["--total-timesteps", str(steps)]
        demos = ["--demos", str(arguments.demos / f"{env}.npz")]
        peer_steps = ["--steps", "65536"]
        chosen[f"raw {env}"] = [*raw, "--env", env]
        chosen[f"gail {env} ours"] = [*ours, "--algo", "gail", "--env", env, *demos, *length, *seed]
        chosen[f"gail {env} imitation"] = [
            str(imitation), peer, "--algo", "gail", "--env", env, *demos, *peer_steps, *seed
        ]  # fmt: skip
        chosen[f"ppo {env} ours"] = [*ours, "--algo", "ppo", "--env", env, *length, *seed]
        chosen[f"ppo {env} sb3"] = [str(sb3), peer, "--algo", "ppo", "--env", env, *peer_steps, *seed]
    demos = ["--demos", str(arguments.demos / f"{CARTPOLE}.npz"), "--target-return", "475"]
    target = ["--algo", "gail", "--env", CARTPOLE, *demos, *seed]
    wide = [*ours, "--algo", "gail", "--env", CARTPOLE, *demos[:2], *WIDE, *seed]
    chosen["gail wide ours"] = [*wide, "--total-timesteps", "1000000"]
    chosen["target ours"] = [*ours, *target, "--total-timesteps", "300000", "--eval-every", "2048"]
    pong, demos = ["--env", PONG, *seed], ["--demos", str(arguments.demos / "ALE-Pong-v5.npz")]
    chosen[f"raw {PONG}"] = [*raw, "--env", PONG, "--num-envs", "32"]
    for algo, shown in (("ppo", []), ("gaifo", demos)):
        chosen[f"{algo} {PONG} ours"] = [*ours, "--algo", algo, *pong, *shown, "--total-timesteps", "40000"]
    chosen[f"ppo {PONG} sb3"] = [str(sb3), peer, "--algo", "ppo", *pong, "--steps", "10240"]
    chosen["target imitation"] = [str(imitation), peer, *target, "--steps", "1000000", "--eval-every", "16384"]
    return chosen


def measure(command: list[str]) -> dict[str, Any]:
    """Run one command and read the JSON on its last line."""
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(finished.stdout.splitlines()[-1])


def machine() -> str:
    """The processor, where Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {models[0] if models else platform.processor()}"


def table(results: dict[str, list[dict[str, Any]]]) -> str:
    """The ratios of medians, in Markdown."""

    def median(name: str, field: str) -> float:
        values = [run[field] for run in results[name] if field in run]
        return statistics.median(math.inf if value is None else value for value in values)  # None: never reached

    rows = ["| what | gail | peer | ratio |", "| --- | --- | --- | --- |"]

    def add(what: str, ours: float, theirs: float, ratio: float, unit: str, digits: int = 0) -> None:
        rows.append(f"| {what} | {ours:,.{digits}f} {unit} | {theirs:,.{digits}f} {unit} | **{ratio:.2f}** |")

    def faster(what: str, ours: str, theirs: str, field: str = "steps_per_second") -> None:
        mine, peer = median(ours, field), median(theirs, "steps_per_second")
        add(what, mine, peer, mine / peer, "steps/s")

    def add_returns(what: str, ours: str, theirs: str) -> None:
        cells = [f"{median(name, 'final_return'):,.0f} after {median(name, 'steps'):,.0f}" for name in (ours, theirs)]
        rows.append(f"| {what}, return after so many of these steps | {cells[0]} | {cells[1]} | |")

    for env in (CARTPOLE, HOPPER):
        faster(f"{env}, GAIL, against imitation 1.0.1", f"gail {env} ours", f"gail {env} imitation")
    faster(f"{CARTPOLE}, GAIL with 64 environments", "gail wide ours", f"gail {CARTPOLE} imitation")
    for env in (CARTPOLE, HOPPER):
        faster(f"{env}, PPO, against Stable-Baselines3 2.9.2", f"ppo {env} ours", f"ppo {env} sb3")
    steady = "steady_steps_per_second"
    faster(f"{PONG}, PPO, against Stable-Baselines3 2.9.2", f"ppo {PONG} ours", f"ppo {PONG} sb3", steady)
    faster(f"{PONG}, GAIL from observations, against its PPO", f"gaifo {PONG} ours", f"ppo {PONG} sb3", steady)
    faster(f"{PONG}, PPO, against raw `make_vec` stepping", f"ppo {PONG} ours", f"raw {PONG}", steady)
    faster(f"{HOPPER}, GAIL, against raw `make_vec` stepping", f"gail {HOPPER} ours", f"raw {HOPPER}", steady)
    ours, theirs = median("target ours", "seconds_to_target"), median("target imitation", "seconds_to_target")
    add(f"{CARTPOLE}, GAIL, training time to a return of 475", ours, theirs, theirs / ours, "s", 1)
    for what, name in ((f"{CARTPOLE}, GAIL", f"gail {CARTPOLE}"), (f"{HOPPER}, GAIL", f"gail {HOPPER}")):
        add_returns(what, f"{name} ours", f"{name} imitation")
    add_returns(f"{CARTPOLE}, GAIL with 64 environments", "gail wide ours", f"gail {CARTPOLE} imitation")
    ours, theirs = median(f"gaifo {PONG} ours", "peak_rss_mib"), median(f"ppo {PONG} sb3", "peak_rss_mib")
    add(f"{PONG}, GAIL from observations against PPO, peak memory", ours, theirs, ours / theirs, "MiB")
    for env in (CARTPOLE, HOPPER):
        ours, theirs = median(f"gail {env} ours", "peak_rss_mib"), median(f"gail {env} imitation", "peak_rss_mib")
        add(f"{env}, GAIL, peak memory", ours, theirs, ours / theirs, "MiB")
    return "\n".join(rows) + "\n"


def main() -> None:
    arguments = tyro.cli(Arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)  # before the first hour, not after it
    results: dict[str, list[dict[str, Any]]] = {}
    for repeat in range(arguments.repeats):
        for name, command in commands(arguments, repeat).items():
            print(f"{name}, turn {repeat + 1}", file=sys.stderr, flush=True)
            results.setdefault(name, []).append(measure(command))
        (arguments.results / "results.json").write_text(json.dumps({"machine": machine(), "runs": results}, indent=1))
    (arguments.results / "results.md").write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    main()
