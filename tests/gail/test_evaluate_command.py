import json
from pathlib import Path

import numpy as np
from commands import run_module
from PIL import Image, ImageSequence


def test_json_is_one_object_with_the_documented_fields(tiny_run, tmp_path: Path):
    path, _ = tiny_run
    finished = run_module("gail.evaluate", str(path), "--episodes", "5", "--seed", "7", "--json", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)
    assert list(figures) == ["env", "episodes", "return_mean", "return_std", "length_mean", "returns"]
    assert figures["env"] == "CartPole-v1"
    assert figures["episodes"] == len(figures["returns"]) == 5
    assert figures["return_mean"] == np.mean(figures["returns"])
    assert figures["length_mean"] == figures["return_mean"]  # CartPole pays 1 a step


def test_the_seed_decides_the_episodes(tiny_run, tmp_path: Path):
    path, _ = tiny_run

    def returns(*options: str) -> list[float]:
        return json.loads(run_module("gail.evaluate", str(path), "--json", *options, cwd=tmp_path).stdout)["returns"]

    sampled = returns("--seed", "7", "--stochastic")
    assert sampled == returns("--seed", "7", "--stochastic")
    assert sampled != returns("--seed", "8", "--stochastic")


def test_more_episodes_than_environments_are_played_in_batches(tiny_run, tmp_path: Path):
    path, _ = tiny_run
    finished = run_module("gail.evaluate", str(path), "--episodes", "70", "--json", cwd=tmp_path)
    assert len(json.loads(finished.stdout)["returns"]) == 70


def test_a_video_is_written(tiny_run, tmp_path: Path):
    path, _ = tiny_run
    finished = run_module("gail.evaluate", str(path), "--episodes", "1", "--video", "out.gif", cwd=tmp_path)
    assert finished.returncode == 0
    assert "CartPole-v1: return" in finished.stdout
    with Image.open(tmp_path / "out.gif") as image:
        assert len(list(ImageSequence.Iterator(image))) > 1


def test_a_folder_without_a_run_is_one_sentence_and_status_2(tmp_path: Path):
    finished = run_module("gail.evaluate", str(tmp_path / "nothing"), cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stderr.count("\n") == 1
    assert "nothing" in finished.stderr
