from pathlib import Path

import pytest

from benchmarks.record import Record


def test_what_was_run_is_kept_and_not_run_again(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "runs.json"
    record = Record(path)
    assert record.begins(arm="with", seed=0)
    assert capsys.readouterr().err == "arm with, seed 0\n"
    record.add({"arm": "with", "seed": 0, "return_mean": 1.5})
    again = Record(path)
    assert again.runs == [{"arm": "with", "seed": 0, "return_mean": 1.5}]
    assert not again.begins(arm="with", seed=0)
    assert capsys.readouterr().err == ""
    assert again.begins(arm="with", seed=1)
    assert again.begins(arm="without", seed=0)
