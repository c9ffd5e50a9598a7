"""``python -m gail.dream``, from the command line to folders, pages and a window."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from commands import run_module
from PIL import Image, ImageSequence

from envs.make import make_single
from gail.dream import main
from gail.dream.play import DreamEnv
from gail.dream.saved import SavedModel
from gail.run import Run
from gail.train import main as train

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
TINY = [
    *("--world-model.hidden", "8", "--world-model.members", "2", "--world-model.mixtures", "2"),
    *("--world-model.sequence-length", "3", "--world-model.batch-size", "8"),
]
FIT = ["fit", "--env", "CartPole-v1", "--steps", "100", "--minibatches", "20", *TINY]
CHARTS = {f"{name}.png" for name in ("reconstructions", "traversals", "dream_chart", "errors", "kl", "probes")}
PICTURES = {*CHARTS, "dream.gif"}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that has hardly learned anything."""
    logdir = tmp_path_factory.mktemp("runs")
    assert main([*FIT, "--logdir", str(logdir), "--run-name", "model"]) == 0
    return logdir / "model"


def test_what_is_fitted_to_images_learns_as_their_dreams_do(fitted: Path, tmp_path: Path) -> None:
    line = ["fit", "--env", "tiny_envs:QuadrantEnv", "--steps", "40", "--minibatches", "5", *TINY]
    assert main([*line, "--logdir", str(tmp_path), "--run-name", "model"]) == 0
    of_images, of_vectors = (Run(path).config for path in (tmp_path / "model", fitted))
    assert (of_images.world_model.open_loop, of_images.world_model.hidden, of_images.network.frames) == (True, 8, 8)
    assert not of_vectors.world_model.open_loop


def copy_of(fitted: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy"
    for file in (file for file in fitted.rglob("*") if file.is_file()):
        (path / file.relative_to(fitted)).parent.mkdir(parents=True, exist_ok=True)
        (path / file.relative_to(fitted)).write_bytes(file.read_bytes())
    return path


def figures(run: Path) -> dict:
    return json.loads((run / "report" / "report.json").read_text())


def test_a_fit_is_a_folder_that_can_be_taken_up(fitted: Path) -> None:
    assert sorted(str(file.relative_to(fitted)) for file in fitted.rglob("*") if file.is_file()) == [
        "config.json", "world_model/dynamics.npz", "world_model/vae.npz",
    ]  # fmt: skip
    assert [file.name for file in fitted.parent.iterdir()] == ["model"]  # and nothing unfinished beside it
    for name in ("vae", "dynamics"):
        with np.load(fitted / "world_model" / f"{name}.npz", allow_pickle=False) as arrays:
            assert all(np.isfinite(arrays[each]).all() for each in arrays.files if arrays[each].dtype.kind == "f")
    saved = SavedModel.load(fitted)
    assert saved.config.env == "CartPole-v1"
    assert saved.vae.mirror(np.zeros((2, 4), np.float32)).shape == (2, 4)
    assert saved.model is not None
    assert np.isfinite(float(saved.model.trusted))


def test_a_report_has_figures_and_pictures_of_expert_and_chance(fitted: Path, tmp_path: Path, capsys) -> None:
    path = copy_of(fitted, tmp_path)
    assert main(["report", str(path), "--steps", "200"]) == 0
    assert "chance: " in capsys.readouterr().out
    files = {file.name for file in (path / "report").iterdir()}
    assert files == PICTURES | {"report.json", "index.html"}
    made = figures(path)
    assert set(made) == {"env", "steps", "seed", "expert", "chance"}
    assert len(made["chance"]["latents"]["model"]) == 15
    assert len(made["chance"]["kl"]) == 4
    assert made["expert"]["dream_return"] is None  # whose policy nobody has
    assert set(made["expert"]["probes"]) <= {f"observation {i}" for i in range(4)}
    page = (path / "report" / "index.html").read_text()
    assert all(f"src='{name}'" in page for name in PICTURES)
    with Image.open(io.BytesIO((path / "report" / "dream.gif").read_bytes())) as film:
        assert sum(frame.info["duration"] for frame in ImageSequence.Iterator(film)) == 100 * (5 + 45)  # milliseconds
        width, height = film.size
        assert width > 2 * height  # three beside each other

    assert main(["report", str(path), "--steps", "200"]) == 0
    assert figures(path) == made  # by the same steps and the same dreams


def test_a_report_of_a_run_that_dreamt_is_of_its_agent_first(tmp_path: Path) -> None:
    options = ["--env", "CartPole-v1", "--dream", "--total-timesteps", "64", "--bc-epochs", "0", "--num-envs", "2"]
    options += ["--ppo.batch-size", "64", "--dreaming.real-steps", "32", "--dreaming.rollouts", "1", *TINY]
    options += ["--dreaming.first-minibatches", "5", "--dreaming.minibatches", "2", "--eval-episodes", "2", "--quiet"]
    assert train([*options, "--video-every", "0", "--logdir", str(tmp_path), "--run-name", "run"]) == 0
    assert main(["report", str(tmp_path / "run"), "--steps", "200"]) == 0
    made = figures(tmp_path / "run")
    assert list(made)[3:] == ["agent", "expert", "chance"]
    assert "what the agent met" in (tmp_path / "run" / "report" / "index.html").read_text()


def test_a_run_in_latents_has_no_dream_to_report(tmp_path: Path) -> None:
    options = ["--env", "CartPole-v1", "--latents", "--algo", "bc", "--bc-epochs", "1", "--num-envs", "2", *TINY]
    options += ["--dreaming.first-minibatches", "5", "--dreaming.real-steps", "32", "--eval-episodes", "2", "--quiet"]
    assert train([*options, "--video-every", "0", "--logdir", str(tmp_path), "--run-name", "run"]) == 0
    assert main(["report", str(tmp_path / "run"), "--steps", "200"]) == 0
    assert figures(tmp_path / "run")["agent"]["latents"] is None
    assert not (tmp_path / "run" / "report" / "dream.gif").exists()
    assert main(["play", str(tmp_path / "run")]) == 2


def test_without_demonstrations_random_play_must_do(tmp_path: Path) -> None:
    arguments = ["fit", "--env", "MountainCar-v0", "--steps", "300", "--minibatches", "5", *TINY]
    assert main([*arguments, "--logdir", str(tmp_path), "--run-name", "model"]) == 0
    assert main(["report", str(tmp_path / "model"), "--steps", "100"]) == 0
    assert "expert" not in figures(tmp_path / "model")


def test_an_environment_that_nobody_can_draw_has_charts(tmp_path: Path) -> None:
    arguments = ["fit", "--env", "tiny_envs:CountingEnv", "--env-kwargs", '{"length": 20}', "--steps", "200"]
    assert main([*arguments, "--minibatches", "5", *TINY, "--logdir", str(tmp_path), "--run-name", "model"]) == 0
    assert main(["report", str(tmp_path / "model"), "--steps", "100"]) == 0
    files = {file.name for file in (tmp_path / "model" / "report").iterdir()}
    assert "dream_chart.png" in files
    assert "dream.gif" not in files


@pytest.mark.parametrize("how", [signal.SIGINT])
def test_a_fit_that_is_interrupted_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "gail.dream", "fit", "--env", "CartPole-v1", "--minibatches", "1000000"]
    process = subprocess.Popen(
        [*command, "--logdir", str(tmp_path)], stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )  # fmt: skip
    while not list(tmp_path.rglob("config.json")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fit"], "No environment is given"),
        (["fit", "--env", "CartPole-v1", "--steps", "0"], "--steps 0"),
        (["fit", "--env", "CartPole-v1", "--world-model.hidden", "0"], "--world-model.hidden"),
        (["fit", "--env", "CartPole-v9"], "There is no environment"),
        (["fit", "--env", "CartPole-v1", "--demos", "nowhere.npz"], "nowhere.npz"),
        (["report"], "Name one folder or more"),
        (["report", "nowhere"], "is not the folder of a run"),
        (["play", "nowhere"], "is not the folder of a run"),
        (["play", "nowhere", "--fps", "0"], "--fps is 0"),
        (["play", "nowhere", "--temperature", "-1"], "--temperature is -1"),
    ],
)
def test_mistakes_get_a_sentence_and_leave_nothing(
    arguments: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_and_one_that_is_damaged_are_refused(fitted: Path, tmp_path: Path, capsys) -> None:
    assert main([*FIT, "--logdir", str(fitted.parent), "--run-name", "model"]) == 2
    assert "exists; choose another --run-name" in capsys.readouterr().err
    path = copy_of(fitted, tmp_path)
    dynamics = path / "world_model" / "dynamics.npz"
    dynamics.write_bytes(dynamics.read_bytes()[:1000])
    assert main(["report", str(path)]) == 2
    assert "is damaged" in capsys.readouterr().err
    (path / "world_model" / "vae.npz").unlink()
    assert main(["report", str(path)]) == 2
    assert "There is no world model" in capsys.readouterr().err


def test_the_command_is_one_of_gails(fitted: Path, tmp_path: Path) -> None:
    path = copy_of(fitted, tmp_path)
    finished = run_module("gail", "dream", "report", str(path), "--steps", "50", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert str(path / "report" / "index.html") in finished.stdout
    assert finished.stderr == ""


def test_a_dream_begins_as_the_real_game_does_and_goes_where_it_is_steered(fitted: Path) -> None:
    saved = SavedModel.load(fitted, temperature=0.0)
    assert saved.model is not None
    assert Run(fitted).config.world_model.temperature == 1.0
    real = make_single("CartPole-v1")
    first, _ = real.reset(seed=3)
    dream = DreamEnv(real, saved.vae, saved.model, None)
    dreams = []
    for action in (0, 1):
        begun, _ = dream.reset(seed=3)
        np.testing.assert_allclose(begun, saved.vae.decode(saved.vae.mirror(first[None]))[0], rtol=1e-5)
        dreams.append([dream.step(action)[0] for _ in range(3)])
    assert not np.allclose(dreams[0], dreams[1])
    again = DreamEnv(real, saved.vae, saved.model, None)
    again.reset(seed=3)
    np.testing.assert_array_equal([again.step(1)[0] for _ in range(3)], dreams[1])
    picture = dream.render()
    assert picture.dtype == np.uint8
    assert (picture < 200).any()  # lines on white


@pytest.fixture
def person() -> Iterator[Callable[[list[str], int], None]]:
    """Starts a thread that presses keys over and over, and stops after so many times."""
    import pygame

    threads = []

    def start(keys: list[str], times: int) -> None:
        def go_on() -> None:
            pressed = 0
            while pressed < 10 * times:
                time.sleep(0.01)
                if not (pygame.display.get_init() and pygame.display.get_surface() is not None):
                    if pressed > times:
                        return
                    continue
                for key in keys if pressed < times else ["escape"]:
                    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key)))
                pressed += 1

        threads.append(threading.Thread(target=go_on))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("drawn", [True, False])
def test_a_person_steers_a_dream_until_they_stop(
    drawn: bool, fitted: Path, person: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    steered = []
    step = DreamEnv.step

    def watched(self: DreamEnv, action: int):
        steered.append((action, self.render().shape))
        return step(self, action)

    monkeypatch.setattr(DreamEnv, "step", watched)
    if not drawn:
        monkeypatch.setattr("envs.depiction.STATES", {})
    person(["space", "right"], 60)
    assert main(["play", str(fitted), "--fps", "500", "--zoom", "0.5"]) == 0
    assert {action for action, _ in steered} == {1}
    assert {shape for _, shape in steered} == ({(400, 600, 3)} if drawn else {(340, 600, 3)})
