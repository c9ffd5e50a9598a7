"""Run a suite and collect its results; what is finished is never run again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.atomic import atomic_write
from envs.errors import InputError, RunError
from expert_data import formats
from gail.benchmark.suites import EVAL_EPISODES, Case, Suite, configuration
from gail.experiment import complete
from gail.run import SUMMARY, folder_name

Results = list[dict[str, Any]]  # a run each: who learned what with which seed, the command, and its summary

PEER_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "peers" / "peer.py"


@dataclass(frozen=True)
class Job:
    """One run of a suite."""

    learner: str
    case: Case
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{folder_name(self.case.env)}/{self.learner.replace(' ', '-').replace(',', '')}-s{self.seed}"


def jobs_of(suite: Suite, seeds: int | None) -> Iterator[Job]:
    """All of them, seed by seed, so that a suite that is stopped early has something of everything."""
    for seed in range(seeds or max(case.seeds for case in suite.cases)):
        for case in suite.cases:
            for learner in suite.learners if seed < (seeds or case.seeds) else ():
                yield Job(learner, case, seed)


def run(job: Job, suite: Suite, demos: Path, logdir: Path, peers: Path | None) -> None:
    """Start the job, resume it, or leave it where it has ended.

    Raises:
        InputError, RunError: it cannot be run.
    """
    options = suite.learners[job.learner]
    if options is None:
        _run_peer(job, demos, logdir / job.name, peers)
    else:
        complete(configuration(f"{job.case.options(demos, job.seed)} {options}"), logdir, job.name, quiet=True)


def recorded(path: Path) -> Results:
    """What an earlier call wrote; nothing where there is no file.

    Raises:
        InputError: it is damaged.
    """
    if not path.is_file():
        return []
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"'{path}' is damaged ({error}); remove it, or choose another --results.") from error


def results(suite: Suite, seeds: int | None, logdir: Path, earlier: Results) -> Results:
    """What the jobs that have ended came to, with the command of each."""
    return [found for job in jobs_of(suite, seeds) if (found := _result(job, suite, logdir, earlier)) is not None]


def _result(job: Job, suite: Suite, logdir: Path, earlier: Results) -> dict[str, Any] | None:
    keys = {"env": job.case.env, "learner": job.learner, "seed": job.seed, "command": command(job, suite)}
    summary = logdir / job.name / SUMMARY
    if summary.is_file():
        return keys | json.loads(summary.read_text())
    return next((run for run in earlier if all(run[key] == value for key, value in keys.items())), None)


def command(job: Job, suite: Suite) -> str:
    """That repeats a run by itself."""
    options, demos = suite.learners[job.learner], Path("DEMOS")
    if options is None:
        return " ".join(["peer.py --algo gail", *_peer_options(job, demos)])
    return f"python -m gail.train {job.case.options(demos, job.seed)} {options}".rstrip()


def _peer_options(job: Job, demos: Path) -> list[str]:
    case = job.case
    options = {"env": case.env, "demos": demos / f"{case.env}.npz", "num-demos": case.num_demos, "seed": job.seed}
    options |= {"steps": case.total_timesteps, "eval-episodes": EVAL_EPISODES}
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def _run_peer(job: Job, demos: Path, folder: Path, peers: Path | None) -> None:
    if (folder / SUMMARY).is_file():
        return
    if peers is None or not PEER_SCRIPT.is_file():
        raise InputError(
            f"{job.learner} needs a checkout of this project and --peers, the folder of its environment; make it with "
            "benchmarks/peers/make.sh."
        )
    arguments = [str(peers / "imitation" / "bin" / "python"), str(PEER_SCRIPT), "--algo", "gail"]
    finished = subprocess.run([*arguments, *_peer_options(job, demos)], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RunError(f"{job.learner} failed on {job.case.env}: {finished.stderr.strip().splitlines()[-1]}")
    report = json.loads(finished.stdout.splitlines()[-1])
    agent = {"return_mean": report["final_return"], "episodes": EVAL_EPISODES}
    with atomic_write(folder / SUMMARY) as file:
        file.write(json.dumps({"agent": agent} | report, indent=2).encode())


def run_suite(
    suite: Suite, seeds: int | None, demos: Path, logdir: Path, peers: Path | None, earlier: Results
) -> Iterator[Job]:
    """Run all jobs that have no result, one after another, and give each as it has ended.

    Two processes may share ``logdir`` if they run different environments.

    Raises:
        InputError, RunError: a job cannot be run, or an expert's demonstrations say nothing of how good it is.
    """
    for case in suite.cases:
        if formats.load(demos / f"{case.env}.npz").rewards is None:
            raise InputError(f"'{demos / case.env}.npz' has no rewards, which say how good the expert is; record them.")
    jobs = [job for job in jobs_of(suite, seeds) if _result(job, suite, logdir, earlier) is None]
    for number, job in enumerate(jobs):
        print(f"{number + 1} of {len(jobs)}: {job.name}", file=sys.stderr, flush=True)
        run(job, suite, demos, logdir, peers)
        yield job
