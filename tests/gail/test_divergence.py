import json
from pathlib import Path

import pytest
from commands import TINY, run_module

import gail
from agents.config import PPOConfig
from gail.divergence import TrainingDivergedError, refuse_divergence


def test_a_loss_that_is_no_number_is_named_with_its_round():
    with pytest.raises(TrainingDivergedError, match="In round 7, train/value_loss became nan"):
        refuse_divergence({"train/entropy": 0.5, "train/value_loss": float("nan")}, "round 7")
    with pytest.raises(TrainingDivergedError, match="became inf"):
        refuse_divergence({"discriminator/loss": float("inf")}, "round 0")
    refuse_divergence({"train/entropy": 0.5, "train/value_loss": -1e30}, "round 7")


def test_a_run_that_diverges_stops_and_names_the_last_good_checkpoint(tmp_path: Path):
    options = ["--env", "CartPole-v1", *TINY, "--checkpoint-every", "256", "--video-every", "0", "--run-name", "lost"]
    finished = run_module("gail.train", *options, "--ppo.learning-rate", "1e38", "--quiet", cwd=tmp_path)
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    (sentence,) = finished.stderr.splitlines()
    assert "In round" in sentence
    assert "train/" in sentence
    run = tmp_path / "runs" / "lost"
    kept = sentence.partition("last good checkpoint: ")[2].partition(")")[0]
    assert (tmp_path / f"{kept}.index").is_file()
    logged = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert "NaN" not in json.dumps(logged)
    assert not (run / "summary.json").exists()


@pytest.mark.filterwarnings("ignore:.*not within the observation space")
def test_an_environment_that_observes_nan_stops_the_run(tmp_path: Path):
    with pytest.raises(TrainingDivergedError):
        gail.fit(
            env="tiny_envs:NanEnv",
            algo="ppo",
            total_timesteps=64,
            num_workers=0,
            eval_episodes=1,
            ppo=PPOConfig(batch_size=32),
            video_every=0,
            logdir=tmp_path,
        )
