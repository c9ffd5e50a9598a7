from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gail
from agents.config import PPOConfig
from gail.report.evaluation import open_env


@pytest.mark.parametrize("clipping", [False, True])
def test_returns_are_the_games_own_even_where_training_is_paid_by_clipped_rewards(clipping: bool) -> None:
    env = open_env("ALE/MsPacman-v5", {"reward_clipping": clipping}, episodes=2)
    env.reset(seed=0)
    assert max(env.step(np.array([3, 3]))[1].max() for _ in range(100)) == 10.0  # a dot is worth ten
    env.close()


def test_options_of_environments_that_are_no_games_are_passed_on() -> None:
    env = open_env("tiny_envs:QuadrantEnv", {"side": 16}, episodes=3)
    assert env.observation_space.shape == (3, 16, 16)
    env.close()


def test_a_run_tells_the_same_returns_whether_it_is_paid_by_clipped_rewards_or_not(tmp_path: Path) -> None:
    told = []
    for clipping in ("false", "true"):
        game = f'{{"reward_clipping": {clipping}, "max_num_frames_per_episode": 400, "size": 16}}'
        ppo = PPOConfig(batch_size=64, minibatch_size=32, epochs=1)
        options: dict[str, Any] = {"total_timesteps": 64, "num_envs": 2, "eval_episodes": 2, "video_every": 0}
        run = gail.fit("ALE/MsPacman-v5", logdir=tmp_path / clipping, env_kwargs=game, algo="ppo", ppo=ppo, **options)
        assert run.summary is not None
        told.append(run.summary["random"]["return_mean"])
    assert told[0] == told[1] > 0.0
