import numpy as np
import pytest

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
