import json
import subprocess
from pathlib import Path

import pytest
from commands import TINY, run_module
from PIL import Image, ImageSequence
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.custom_scalar.metadata import CONFIG_SUMMARY_TAG

SCALARS = [
    "train/approx_kl",
    "train/clip_fraction",
    "train/explained_variance",
    "train/entropy",
    "discriminator/accuracy_expert",
    "discriminator/accuracy_agent",
    "discriminator/loss",
    "discriminator/gradient_penalty",
    "discriminator/reward_mean",
    "rollout/ep_rew_mean",
    "rollout/ep_len_mean",
    "time/steps_per_second",
    "eval/return_mean",
]
FEW = ["--eval-every", "1024", "--video-every", "0", "--quiet"]  # evaluations, and words


def test_the_summary_shows_agent_expert_and_random_and_what_to_do_next(tiny_run):
    _, finished = tiny_run
    for words in ("agent", "expert", "500.0", "random", "runs/first", "tensorboard --logdir", "gail.evaluate"):
        assert words in finished.stdout


def test_the_summary_file_holds_what_was_measured(tiny_run):
    path, _ = tiny_run
    summary = json.loads((path / "summary.json").read_text())
    assert summary["steps"] == 1024
    assert summary["agent"]["episodes"] == 3
    assert summary["expert"]["return_mean"] == 500.0
    # A random policy falls after some twenty steps; anything near the expert would not be random.
    assert 8 <= summary["random"]["return_mean"] <= 60


def test_without_a_terminal_progress_is_plain_lines_on_standard_error(tiny_run):
    _, finished = tiny_run
    lines = finished.stderr.splitlines()
    assert any("1,024 steps" in line and "steps/s" in line and "expert" in line for line in lines)
    assert all("\x1b" not in line for line in lines)


@pytest.fixture(scope="module")
def run_with_options(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A run's folder, and the process that made it by options of the command and of its components."""
    cwd = tmp_path_factory.mktemp("options")
    options = ["--ppo.learning-rate", "0.001", "--discriminator.reward", "log_d", "--network.hidden", "8", "8"]
    options += ["--bc-epochs", "2", "--target-return", "1", "--video-every", "0", "--quiet"]
    finished = run_module("gail.train", "--env-id", "CartPole-v1", *TINY, *options, cwd=cwd)
    return next(cwd.glob("runs/CartPole-v1/*")), finished


def test_quiet_prints_the_summary_alone(run_with_options):
    _, finished = run_with_options
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert "random policy" in finished.stdout


def test_metrics_are_logged_for_every_round_and_evaluation(tiny_run):
    path, _ = tiny_run
    entries = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    rounds = [entry for entry in entries if "train/approx_kl" in entry]
    assert [entry["step"] for entry in rounds] == [256, 512, 768, 1024]
    assert sum("eval/return_mean" in entry for entry in entries) == 4


def test_tensorboard_finds_scalars_histograms_text_layout_and_an_animated_video(tiny_run):
    path, _ = tiny_run
    events = EventAccumulator(str(path), size_guidance={"tensors": 0}).Reload()
    tags = events.Tags()["tensors"]
    assert set(SCALARS) <= set(tags)
    assert {"discriminator/logits_expert", "discriminator/logits_agent", "config", CONFIG_SUMMARY_TAG} <= set(tags)
    videos = sorted((path / "videos").glob("*.gif"))
    assert [video.name for video in videos] == ["step-0000001024.gif"]
    with Image.open(videos[0]) as image:
        assert len(list(ImageSequence.Iterator(image))) > 1
    width, height, gif = events.Tensors("eval/video")[0].tensor_proto.string_val
    assert gif == videos[0].read_bytes()
    with Image.open(videos[0]) as image:
        assert image.size == (int(width), int(height))


def test_component_options_reach_the_run(run_with_options):
    path, _ = run_with_options
    config = json.loads((path / "config.json").read_text())["config"]
    assert config["ppo"]["learning_rate"] == 0.001
    assert config["discriminator"]["reward"] == "log_d"
    assert config["network"]["hidden"] == [8, 8]


def test_training_stops_when_the_target_return_is_reached(run_with_options):
    path, _ = run_with_options
    assert json.loads((path / "summary.json").read_text())["steps"] == 256


@pytest.mark.parametrize("algo", ["bc", "ppo"])
def test_other_algorithms_train_and_sum_up(tmp_path: Path, algo: str):
    options = ["--env", "CartPole-v1", "--algo", algo, "--bc-epochs", "2", *TINY, *FEW, "--run-name", algo]
    finished = run_module("gail.train", *options, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert ("expert" in finished.stdout) == (algo == "bc")
    logged = (tmp_path / "runs" / algo / "metrics.jsonl").read_text()
    assert ("bc/loss" in logged) == (algo == "bc")
    assert ("train/approx_kl" in logged) == (algo == "ppo")
    assert (tmp_path / "runs" / algo / "policy" / "policy.json").is_file()


@pytest.mark.parametrize("algo", ["gaifo", "wgail"])
def test_other_discriminators_train_and_sum_up(tmp_path: Path, algo: str):
    finished = run_module("gail.train", "--env", "CartPole-v1", "--algo", algo, *TINY, *FEW, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    logged = next(tmp_path.glob("runs/CartPole-v1/*/metrics.jsonl")).read_text()
    assert "discriminator/loss" in logged
    assert ("bc/loss" in logged) == (algo == "wgail")  # gaifo looks at no actions, and clones none


def test_airl_leaves_a_reward_by_which_others_learn(tmp_path: Path):
    """The README's two lines."""
    options = ["--env", "CartPole-v1", *TINY, *FEW]
    finished = run_module("gail.train", *options, "--algo", "airl", "--run-name", "airl", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert {file.name for file in (tmp_path / "runs" / "airl" / "reward").iterdir()} == {"reward.json", "weights.npz"}
    learns = ["--algo", "ppo", "--reward", "runs/airl", "--run-name", "pupil"]
    finished = run_module("gail.train", *options, *learns, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "expert" not in finished.stdout
    elsewhere = ["--env", "MountainCar-v0", "--algo", "ppo", "--reward", "runs/airl"]
    refused = run_module("gail.train", *elsewhere, cwd=tmp_path)
    assert refused.returncode == 2
    assert "other observations or actions" in refused.stderr


def test_the_console_script_runs_the_same_commands(tmp_path: Path):
    finished = run_module("gail", "train", "--env", "Nowhere-v0", cwd=tmp_path)
    assert finished.returncode == 2
    assert "Nowhere-v0" in finished.stderr
    assert run_module("gail", "--help", cwd=tmp_path).returncode == 0
    assert run_module("gail", "sleep", cwd=tmp_path).returncode == 2
