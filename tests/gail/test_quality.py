"""Suites of runs, and what is made of their results."""

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from expert_data import store
from gail.benchmark import main, suites
from gail.benchmark.aggregate import interquartile_mean
from gail.benchmark.jobs import command, jobs_of
from gail.benchmark.report import returns, scores, table
from gail.benchmark.suites import PEER, Case, Suite, configuration
from gail.config_check import check

CHECKOUT = Path(__file__).parents[2]
CASE = Case("CartPole-v1", num_demos=2, subsample=3, total_timesteps=2048, seeds=1)
TINY = Suite((CASE,), {"GAIL": "--algo gail", PEER: None})


def result(env: str, learner: str, seed: int, mean: float, expert: float = 100.0) -> dict:
    figures = {"agent": {"return_mean": mean}, "steps": 2000, "seconds": 3.0}
    if learner != PEER:  # the other library knows neither
        figures |= {"expert": {"return_mean": expert}, "random": {"return_mean": 10.0}}
    return {"env": env, "learner": learner, "seed": seed, **figures}


def test_the_interquartile_mean_leaves_a_quarter_out_at_each_end():
    estimate = interquartile_mean([np.array([100.0, 2.0, 0.0, 1.0])])
    assert estimate.mean == 1.5
    assert estimate.low < 1.5 < estimate.high


def test_equal_runs_leave_no_doubt():
    estimate = interquartile_mean([np.full(5, 7.0)])
    assert (estimate.mean, estimate.low, estimate.high) == (7.0, 7.0, 7.0)


def test_runs_are_drawn_again_from_their_own_task():
    # Whatever is drawn, two runs are 0 and two are 1, so that the middle half is 0 and 1.
    estimate = interquartile_mean([np.zeros(2), np.ones(2)])
    assert (estimate.mean, estimate.low, estimate.high) == (0.5, 0.5, 0.5)


def test_the_interval_is_that_of_a_mean_of_three():
    # Of three runs nothing is cut off: the extreme means are those of thrice the same run, 1 in 27 draws each, which
    # is more than the 2.5 % that the interval leaves at each end.
    estimate = interquartile_mean([np.array([0.0, 3.0, 9.0])])
    assert (estimate.mean, estimate.low, estimate.high) == (4.0, 0.0, 9.0)


def test_scores_are_0_for_random_and_1_for_the_expert():
    results = [result("A", "GAIL", 0, 55.0), result("A", PEER, 0, 10.0), result("A", "GAIL", 1, 100.0)]
    assert scores(results, "A", "GAIL").tolist() == [0.5, 1.0]
    assert scores(results, "A", PEER).tolist() == [0.0]


def test_the_table_has_a_row_a_learner_and_a_column_an_environment():
    results = [result("A", "GAIL", 0, 55.0), result("A", PEER, 0, 10.0), result("B", "GAIL", 0, 40.0, expert=40.0)]
    assert table(results).splitlines() == [
        "|  | A, 2,000 steps | B, 2,000 steps | all |",
        "| --- | --- | --- | --- |",
        "| random | 10.0 | 10.0 | 0.00 |",
        "| expert | 100.0 | 40.0 | 1.00 |",
        "| GAIL | **55.0** (55.0 to 55.0), 3 s | **40.0** (40.0 to 40.0), 3 s | **0.75** (0.75 to 0.75) |",
        f"| {PEER} | **10.0** (10.0 to 10.0), 3 s |  | **0.00** (0.00 to 0.00) |",
    ]


def test_an_environment_that_only_the_other_library_has_met_waits():
    results = [result("A", "GAIL", 0, 55.0), result("B", PEER, 0, 10.0)]
    assert table(results).splitlines()[0] == "|  | A, 2,000 steps | all |"
    assert PEER not in table(results)


def test_a_suite_that_is_stopped_early_has_something_of_everything():
    cases = (Case("A", 1, 1, None, seeds=2), Case("B", 1, 1, None, seeds=1))
    suite = Suite(cases, {"BC": "--algo bc", "GAIL": "--algo gail"})
    names = [job.name for job in jobs_of(suite, None)]
    assert names == ["A/BC-s0", "A/GAIL-s0", "B/BC-s0", "B/GAIL-s0", "A/BC-s1", "A/GAIL-s1"]
    assert len(list(jobs_of(suite, 3))) == 12
    assert [job.name for job in jobs_of(suite.only(("B",)), None)] == ["B/BC-s0", "B/GAIL-s0"]


@pytest.fixture
def demos(tmp_path: Path) -> Path:
    bundled = store.bundled("CartPole-v1")
    assert bundled is not None
    (tmp_path / "demos").mkdir()
    (tmp_path / "demos" / "CartPole-v1.npz").write_bytes(bundled.read_bytes())
    return tmp_path / "demos"


@pytest.fixture
def peers(tmp_path: Path) -> Path:
    """Stands for the other library's environment: notes that it was called, and reports what a run of it would."""
    python = tmp_path / "peers" / "imitation" / "bin" / "python"
    python.parent.mkdir(parents=True)
    report = {"final_return": 42.0, "steps": 4096, "seconds": 5.0}
    python.write_text(f"#!/bin/sh\necho \"$@\" >> {tmp_path}/called\necho '{json.dumps(report)}'\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "peers"


def test_a_suite_runs_once_and_leaves_its_runs_a_table_and_a_plot(
    tmp_path: Path, demos: Path, peers: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(suites.SUITES, "peer", TINY)
    arguments = ["quality", "--suite", "peer", "--demos", str(demos), "--peers", str(peers)]
    arguments += ["--logdir", str(tmp_path / "runs"), "--results", str(tmp_path / "results")]
    assert main(arguments) == 0
    found = json.loads((tmp_path / "results" / "peer.json").read_text())
    assert [run["learner"] for run in found] == ["GAIL", PEER]
    assert found[1]["agent"]["return_mean"] == 42.0
    assert found[0]["expert"]["episodes"] == 2
    assert (tmp_path / "results" / "peer.md").read_text() == table(found)
    assert (tmp_path / "results" / "peer.png").read_bytes().startswith(b"\x89PNG")
    options = ["--algo", "gail", "--env", "CartPole-v1", "--num-demos", "2", "--steps", "2048"]
    assert set(options) <= set((tmp_path / "called").read_text().split())

    before = (tmp_path / "runs" / "peer" / "CartPole-v1" / "GAIL-s0" / "summary.json").stat().st_mtime_ns
    assert main(arguments) == 0
    assert len((tmp_path / "called").read_text().splitlines()) == 1
    assert (tmp_path / "runs" / "peer" / "CartPole-v1" / "GAIL-s0" / "summary.json").stat().st_mtime_ns == before


def test_a_suite_goes_on_from_its_results_where_its_runs_are_gone(
    tmp_path: Path, demos: Path, peers: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(suites.SUITES, "peer", TINY)
    arguments = ["quality", "--suite", "peer", "--demos", str(demos), "--peers", str(peers)]
    arguments += ["--results", str(tmp_path / "results"), "--logdir"]
    assert main([*arguments, str(tmp_path / "first")]) == 0
    before = json.loads((tmp_path / "results" / "peer.json").read_text())
    assert main([*arguments, str(tmp_path / "second"), "--seeds", "2"]) == 0
    after = json.loads((tmp_path / "results" / "peer.json").read_text())
    assert [run["seed"] for run in after] == [0, 0, 1, 1]
    assert after[:2] == before
    assert len((tmp_path / "called").read_text().splitlines()) == 2

    (tmp_path / "results" / "peer.json").write_text("[")
    assert main([*arguments, str(tmp_path / "third")]) == 2


def test_the_other_library_is_asked_for_by_name(
    tmp_path: Path, demos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(suites.SUITES, "peer", Suite(TINY.cases, {PEER: None}))
    arguments = ["quality", "--suite", "peer", "--demos", str(demos), "--logdir", str(tmp_path / "runs")]
    arguments += ["--results", str(tmp_path / "results")]
    assert main(arguments) == 2
    assert "--peers" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--envs", "Nowhere-v0"], ["--seeds", "0"]])
def test_a_part_that_the_suite_does_not_have_is_refused(option: list[str], tmp_path: Path, capsys):
    arguments = ["quality", "--suite", "paper", "--demos", str(tmp_path), "--logdir", str(tmp_path / "runs"), *option]
    assert main(arguments) == 2
    assert "CartPole-v1" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_each_run_names_the_command_that_repeats_it():
    ours, theirs = (command(job, TINY) for job in jobs_of(TINY, None))
    assert ours == (
        "python -m gail.train --env CartPole-v1 --demos DEMOS/CartPole-v1.npz --num-demos 2 --subsample 3 --seed 0 "
        "--total-timesteps 2048 --eval-episodes 50 --video-every 0 --algo gail"
    )
    assert theirs.startswith("peer.py --algo gail --env CartPole-v1 --demos DEMOS/CartPole-v1.npz --num-demos 2 ")


@pytest.mark.parametrize("name", suites.SUITES)
def test_every_learner_of_every_suite_has_options_that_gail_train_knows(name: str):
    suite = suites.SUITES[name]
    for options in suite.learners.values():
        if options is not None:
            check(configuration(f"{suite.cases[0].options(Path('demos'), 0)} {options}"))


@pytest.mark.parametrize("suite", [made.stem for made in (CHECKOUT / "benchmarks" / "quality").glob("*.json")])
def test_the_tables_of_the_readme_are_those_of_the_results(suite: str):
    made = CHECKOUT / "benchmarks" / "quality" / f"{suite}.json"
    shown = made.with_suffix(".md").read_text()
    assert shown == table(json.loads(made.read_text()))
    readme = (CHECKOUT / "README.md").read_text()
    if suite != "ablations":  # of which the README has an extract
        assert shown in readme


def test_the_readmes_extract_of_the_ablations_is_of_the_results():
    results = json.loads((CHECKOUT / "benchmarks" / "quality" / "ablations.json").read_text())
    readme = (CHECKOUT / "README.md").read_text()
    assert "(benchmarks/quality/ablations.md)" in readme
    extract = readme[readme.index("One option changed at a time") : readme.index("[whole table]")]
    header, _, *rows = [line.strip("| ").split(" | ") for line in extract.splitlines() if line.startswith("|")]
    assert len(rows) > 5
    for learner, *shown in rows:
        means = [interquartile_mean([returns(results, env, f"alone: {learner}")]).mean for env in header]
        assert [f"{mean:,.1f}" for mean in means] == shown, learner
