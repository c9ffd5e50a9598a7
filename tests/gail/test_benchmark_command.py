from pathlib import Path

import pytest
from commands import TINY, run_module

from gail.benchmark import main
from gail.benchmark.comparison import comparison
from gail.config import TrainConfig
from gail.run import Run


def summary(agent: float) -> dict:
    return {who: {"return_mean": value} for who, value in (("agent", agent), ("expert", 100.0), ("random", 10.0))}


def test_a_control_fails_below_half_of_what_the_experts_agent_gained():
    # The expert's agents gained (90 + 70) / 2 - 10 = 70, half of which is 35 above the random policy's 10.
    runs = {"expert": [summary(90.0), summary(70.0)], "constant_action": [summary(44.0)], "no_expert": [summary(46.0)]}
    lines = comparison(runs).splitlines()
    assert "expert 100.0, random policy 10.0" in lines[0]
    assert "80.0" in lines[1]
    assert "fails, as it must" in lines[2]
    assert "DOES NOT FAIL" in lines[3]


def test_where_the_experts_agent_gained_nothing_no_control_is_judged():
    text = comparison({"expert": [summary(9.0)], "constant_action": [summary(5.0)]})
    assert "show nothing" in text
    assert "as it must" not in text


def test_the_command_trains_with_the_expert_and_each_control_and_only_once(tmp_path: Path):
    arguments = ["controls", "--env", "CartPole-v1", *TINY, "--logdir", "here", "--quiet", "--video-every", "0"]
    finished = run_module("gail.benchmark", *arguments, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    folders = sorted((tmp_path / "here" / "CartPole-v1").iterdir())
    assert [folder.name for folder in folders] == [
        f"gail-{who}-s0" for who in ("constant_action", "expert", "no_expert", "shuffled_actions")
    ]
    assert Run(folders[0]).config.control == "constant_action"
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = run_module("gail.benchmark", *arguments, cwd=tmp_path)
    assert again.stdout == finished.stdout
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == written


@pytest.mark.parametrize("option", [["--algo", "ppo"], ["--seeds", "0"], ["--control", "no_expert"]])
def test_what_cannot_be_compared_is_refused(option: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(["controls", "--env", "CartPole-v1", *option]) == 2
    assert "controls" in capsys.readouterr().err


def test_a_run_of_other_options_is_not_mistaken_for_this_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    Run.create(tmp_path, "CartPole-v1/gail-expert-s0", TrainConfig(env="CartPole-v1", subsample=3), None)
    assert main(["controls", "--env", "CartPole-v1", "--logdir", str(tmp_path)]) == 2
    assert "other options" in capsys.readouterr().err
