"""Every mistake of a user's: one sentence with the remedy, exit status 2, no traceback, nothing written."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import run_module

from expert_data import store
from gail.train import main

GOOD = store.BUNDLED / "CartPole-v1.npz"


def changed(**changes: object) -> Callable[[Path], None]:
    """Write the bundled file with some arrays replaced, or left out where the change is None."""

    def write(path: Path) -> None:
        with np.load(GOOD) as file:
            arrays = {name: file[name] for name in file.files}
        for name, change in changes.items():
            if change is None:
                del arrays[name]
            else:
                arrays[name] = change(arrays[name]) if callable(change) else change
        np.savez(path, **arrays)

    return write


def with_nan(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values[3] = np.nan
    return values


def cut_short(path: Path) -> None:
    path.write_bytes(GOOD.read_bytes()[:-5000])


def pickled(path: Path) -> None:
    np.savez(path, observations=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with np.load(GOOD) as file, zipfile.ZipFile(path, "a") as archive:
        for name in file.files:
            if name != "observations":
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, file[name])


def metadata(**fields: object) -> np.ndarray:
    return np.array(json.dumps(fields))


BAD_FILES = {
    "cut short": (cut_short, "damaged or cut short"),
    "pickled": (pickled, "pickle"),
    "no zip": (lambda path: path.write_text("hello"), "neither an .npz"),
    "empty": (changed(episode_lengths=np.zeros(0, np.int64)), "'episode_lengths' say 0 rows"),
    "NaN": (changed(observations=with_nan), "'observations' has a NaN"),
    "missing array": (changed(terminations=None), "lack terminations"),
    "no actions": (changed(actions=None), "--algo gaifo"),
    "action outside": (changed(actions=lambda a: a + 2), "outside Discrete(2)"),
    "another environment": (changed(metadata=metadata(env_id="Pendulum-v1")), "recorded in 'Pendulum-v1'"),
    "other shapes": (changed(metadata=None, observations=lambda o: o[:, :3]), "'observations' have shape (3,)"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_demonstration_file(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.chdir(tmp_path)
    write, words = BAD_FILES[case]
    write(Path("bad.npz"))
    assert main(["--env", "CartPole-v1", "--demos", "bad.npz"]) == 2
    refused_with(capsys, words, "bad.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.npz"]


BAD_OPTIONS = {
    "no environment": ([], "--env"),
    "unknown environment": (["--env", "CartPoll-v1"], "CartPole-v1"),
    "unknown module": (["--env", "nowhere_at_all:Env"], "nowhere_at_all"),
    "no demonstrations": (["--env", "Pendulum-v1"], "--demos"),
    "missing file": (["--env", "CartPole-v1", "--demos", "none.npz"], "none.npz"),
    "too many episodes": (["--env", "CartPole-v1", "--num-demos", "11"], "--num-demos"),
    "too short": (["--env", "CartPole-v1", "--num-demos", "1", "--subsample", "500"], "too short"),
    "kwargs not JSON": (["--env", "CartPole-v1", "--env-kwargs", "{oops"], "--env-kwargs"),
    "kwargs no object": (["--env", "CartPole-v1", "--env-kwargs", "[1]"], "--env-kwargs"),
    "unknown kwargs": (["--env", "CartPole-v1", "--env-kwargs", '{"wings": 2}'], "wings"),
    "no environments": (["--env", "CartPole-v1", "--num-envs", "0"], "--num-envs"),
    "negative seed": (["--env", "CartPole-v1", "--seed", "-1"], "--seed"),
    "negative step size": (["--env", "CartPole-v1", "--ppo.learning-rate", "-1"], "--ppo.learning-rate"),
    "deviation below the least": (["--env", "CartPole-v1", "--network.initial-std", "0.01"], "--ppo.min-std"),
    "discount of one": (["--env", "CartPole-v1", "--ppo.discount", "1"], "--ppo.discount"),
    "a control without an expert": (["--env", "CartPole-v1", "--algo", "ppo", "--control", "no_expert"], "--control"),
    "nobody to clone": (["--env", "CartPole-v1", "--bc-epochs", "1", "--control", "no_expert"], "--bc-epochs"),
    "no frame": (["--env", "CartPole-v1", "--network.frames", "0"], "--network.frames"),
    "no change in a frame": (
        ["--env", "CartPole-v1", "--network.frames", "1", "--discriminator.images", "changes"],
        "--network.frames",
    ),
    "no minibatch": (["--env", "CartPole-v1", "--discriminator.minibatch-size", "0"], "--discriminator.minibatch-size"),
    "a reward that is none": (["--env", "CartPole-v1", "--algo", "ppo", "--reward", "nothing"], "--algo airl"),
    "a reward for imitation": (["--env", "CartPole-v1", "--reward", "nothing"], "--reward"),
    "labels of a critic": (
        ["--env", "CartPole-v1", "--algo", "wgail", "--discriminator.label-smoothing", "0.1"],
        "--discriminator.label-smoothing",
    ),
    "a gate above one": (
        ["--env", "CartPole-v1", "--discriminator.accuracy-gate", "2"],
        "--discriminator.accuracy-gate",
    ),
    "images of few pixels": (
        ["--env", "CartPole-v1", "--network.image-size", "15"],
        "--network.image-size",
    ),
    "negative noise": (
        ["--env", "CartPole-v1", "--discriminator.instance-noise", "-1"],
        "--discriminator.instance-noise",
    ),
    "negative penalty": (
        ["--env", "CartPole-v1", "--discriminator.gradient-penalty", "-1"],
        "--discriminator.gradient-penalty",
    ),
    "resume nothing": (["--resume", "nothing"], "nothing"),
    "resume with options": (["--resume", "nothing", "--seed", "3"], "--resume"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_a_bad_option(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, words = BAD_OPTIONS[case]
    assert main(options) == 2
    refused_with(capsys, words)
    assert not list(tmp_path.iterdir())


def refused_with(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.endswith(".\n")
    for word in words:
        assert word in printed.err


def test_the_command_itself_exits_with_2_and_leaves_nothing(tmp_path: Path):
    finished = run_module("gail.train", "--env", "CartPoll-v1", cwd=tmp_path)
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""
    assert not list(tmp_path.iterdir())


def test_an_existing_run_folder_is_not_written_into(tiny_run):
    path, _ = tiny_run
    before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
    finished = run_module("gail.train", "--env", "CartPole-v1", "--run-name", "first", cwd=path.parents[1])
    assert finished.returncode == 2
    assert "--resume" in finished.stderr
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before
