import json
from pathlib import Path

import numpy as np
import pytest

from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode, Episodes
from gail.config import TrainConfig
from gail.report.summary import print_summary, summarize
from gail.run import SUMMARY, Run


def test_an_expert_whose_rewards_nobody_recorded_has_no_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    agent = Episodes.of([Episode(np.zeros((3, 1), np.float32), np.zeros(2), np.array([1.0, 2.0]), True, False)])
    shown = Demonstrations.from_arrays(np.zeros((4, 1), np.float32), np.zeros(3), episode_lengths=[3])
    summary = summarize(100, 1.0, agent, agent, shown, None, [])
    assert summary["agent"]["return_mean"] == 3.0
    assert summary["expert"]["return_mean"] is None
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    run = Run.create(tmp_path, "run", TrainConfig(env="CartPole-v1"), None)
    run.write(SUMMARY, summary)
    print_summary(run)
    lines = capsys.readouterr().out.splitlines()
    assert any("expert" in line and "not recorded" in line for line in lines)
