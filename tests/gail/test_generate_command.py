"""``python -m gail.generate``, from the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import gail
from expert_data import formats
from expert_data.generator.saved import FittedGenerator
from gail.config import TrainConfig
from gail.demos import main as demos
from gail.generate import main
from gail.task import Task

FIT = [
    *("fit", "--env", "CartPole-v1", "--num-demos", "2", "--random-steps", "1500", "--quiet"),
    *("--gan.minibatches", "1000", "--gan.hidden", "32", "32", "--gan.batch-size", "128"),
]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "gan"
    assert main([*FIT, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def folder(fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy in the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(fitted, "gan")
    return Path("gan")


def refused(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    capsys.readouterr()
    assert main(arguments) == 2
    sentence = capsys.readouterr().err
    assert sentence.strip().count("\n") == 0
    return sentence


def tags(folder: Path) -> set[str]:
    return set(EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload().Tags()["tensors"])


def test_fit_leaves_plain_files_and_events(folder: Path) -> None:
    description = json.loads((folder / "generator.json").read_text())
    assert description["env_id"] == "CartPole-v1"
    assert description["situation"] == "near_termination"
    for name in ("transitions.npz", "weights.npz"):
        with np.load(folder / name, allow_pickle=False) as arrays:
            assert arrays.files
    assert tags(folder) >= {"generator/critic_loss", "generator/error", "gate/verdict", "gate/classifier"}
    found = FittedGenerator.load(folder)
    assert found.gate is None
    assert found.material.dataset.expert.sum() == 2 * 501


def test_check_prints_a_table_and_leaves_it_with_a_picture(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["check", str(folder)]) == 0
    printed = capsys.readouterr().out
    gate = json.loads((folder / "gate.json").read_text())
    assert f"verdict: {gate['verdict']:.2f}" in printed
    assert "fewer than 5,000" in printed
    assert gate["simulator"]
    assert gate["lines"]["one_step_error"]["real"] < 1e-3
    assert gate["lines"]["one_step_error"]["value"] < 0.3
    assert gate["verdict"] == min(line["score"] for line in gate["lines"].values())
    assert set(gate["rates"]["real"]) >= {"near_termination", "rare_action"}
    with Image.open(folder / "gate.png") as image:
        assert len(np.unique(np.asarray(image))) > 10
    assert "generator/real_and_synthetic" in tags(folder)


def test_a_generator_that_the_gate_fails_altogether_has_a_status_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    made = tmp_path / "g"
    assert main([*FIT, "--kind", "naive_bayes", "--out", str(made)]) == 0
    assert main(["check", str(made)]) == 1
    printed = capsys.readouterr()
    assert f"fails the generator in '{made}'" in printed.err
    assert "train by it" not in printed.out
    assert json.loads((made / "gate.json").read_text())["verdict"] == 0.0


def test_a_sample_is_a_demonstration_file_that_says_what_it_is(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["sample", str(folder), "--out", "unchecked.npz", "--count", "300"]) == 0
    assert "no gate has checked it" in capsys.readouterr().out
    assert main(["check", str(folder)]) == 0
    assert main(["sample", str(folder), "--out", "rare.npz", "--count", "300", "--rate", "1.0"]) == 0
    common, rare = formats.load("unchecked.npz"), formats.load("rare.npz")
    assert len(common) == len(rare) == 300
    assert rare.terminated.mean() > common.terminated.mean()
    assert common.metadata["synthetic"] == {"kind": "gan", "verdict": None}
    verdict = json.loads((folder / "gate.json").read_text())["verdict"]
    assert rare.metadata["synthetic"] == {"kind": "gan", "verdict": verdict}

    capsys.readouterr()
    assert demos(["check", "unchecked.npz", "--env", "CartPole-v1"]) == 0
    assert demos(["info", "rare.npz"]) == 0
    printed = capsys.readouterr().out
    assert "they are synthetic, and no gate has checked them" in printed
    assert f"they are synthetic, with a verdict of {verdict:.2f} by the gate" in printed


def test_training_says_that_its_demonstrations_are_synthetic(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["sample", str(folder), "--out", "made.npz", "--count", "200"]) == 0
    options = {"algo": "bc", "bc_epochs": 1, "eval_episodes": 1, "video_every": 0}
    gail.fit("CartPole-v1", demos="made.npz", run_name="run", quiet=False, **options)
    printed = capsys.readouterr()
    assert "they are synthetic" in printed.out + printed.err


def test_a_runs_policy_plays_too(tiny_run, tmp_path: Path) -> None:
    options = [
        "--policy",
        str(tiny_run[0]),
        "--policy-steps",
        "400",
        "--kind",
        "naive_bayes",
        "--out",
        str(tmp_path / "g"),
    ]
    assert main([*FIT, *options]) == 0
    sources = FittedGenerator.load(tmp_path / "g").description.sources
    assert sources[2].startswith("400 steps of")


def test_of_few_transitions_those_are_learned_that_training_shows_and_the_gate_says_that_they_are_too_few(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    shown = ["--env", "CartPole-v1", "--num-demos", "1", "--subsample", "20", "--seed", "3"]
    made = tmp_path / "g"
    assert main(["fit", *shown, "--only-demos", "--kind", "mixture", "--quiet", "--out", str(made)]) == 0
    found = FittedGenerator.load(made)
    config = TrainConfig("CartPole-v1", num_demos=1, subsample=20, seed=3)
    with Task.open(config) as task:
        expert = task.source.expert
        assert expert is not None
        seen = expert.take(np.arange(len(expert))).observations
    tape = found.material.dataset.tape
    np.testing.assert_array_equal(tape.frames[tape.leads], seen)
    assert len(seen) == 25
    capsys.readouterr()
    assert main(["check", str(made)]) == 1
    assert "Real ones in its place fail as well (ks" in capsys.readouterr().out


def test_the_expert_alone(tmp_path: Path) -> None:
    options = ["--only-demos", "--kind", "noise", "--out", str(tmp_path / "g")]
    assert main([*FIT, *options]) == 0
    found = FittedGenerator.load(tmp_path / "g")
    assert found.description.situation == "rare_action"  # nothing terminates
    assert found.material.dataset.expert.all()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--out", "gan"], "'gan' exists"),
        (["--out", "new", "--env", "CartPole-v9"], "no environment 'CartPole-v9'"),
        (["--out", "new", "--env", "MountainCar-v0"], "--demos"),
        (["--out", "new", "--env-kwargs", "nothing"], "is not JSON"),
        (["--out", "new", "--random-steps", "-1"], "--random-steps is -1"),
        (["--out", "new", "--subsample", "0"], "--subsample is 0"),
        (["--out", "new", "--num-demos", "1", "--subsample", "30", "--only-demos"], "fewer than 20 transitions"),
        (["--out", "new", "--num-demos", "99"], "--num-demos is 99"),
        (["--out", "new", "--situation", "hovering"], "no situation 'hovering'"),
        (["--out", "new", "--policy", "nowhere"], "nowhere"),
        (["--out", "new", "--gan.minibatches", "0"], "--gan.minibatches is 0"),
        (["--out", "new", "--env-kwargs", '{"pixels": 16}'], "shows images"),
    ],
)
def test_what_cannot_be_fitted_is_refused(options: list[str], complaint: str, capsys: pytest.CaptureFixture) -> None:
    assert complaint in refused(capsys, *FIT, *options)
    assert not Path("new").exists()


def test_what_cannot_be_read_is_refused(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert "no generator in 'nowhere'" in refused(capsys, "check", "nowhere")
    assert "no generator in 'nowhere'" in refused(capsys, "sample", "nowhere", "--out", "new.npz")
    assert "--rate is 2.0" in refused(capsys, "sample", str(folder), "--out", "new.npz", "--rate", "2")
    assert "exists" in refused(capsys, "sample", str(folder), "--out", str(folder / "weights.npz"))
    (folder / "weights.npz").write_bytes(b"PK")
    assert "is damaged" in refused(capsys, "check", str(folder))
    assert not Path("new.npz").exists()
