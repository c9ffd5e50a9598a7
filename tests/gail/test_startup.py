import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"tensorflow", "keras", "gymnasium", "numpy", "scipy", "PIL"}


def modules_after(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(finished.stderr.split())


@pytest.mark.parametrize("command", ["train", "evaluate", "benchmark", "dream", "generate"])
def test_help_imports_nothing_that_takes_long(command: str):
    loaded = modules_after(f"from gail.{command} import main; main(['--help'])")
    assert f"gail.{command}" in loaded
    assert not HEAVY & loaded


def test_importing_gail_imports_nothing_that_takes_long():
    assert not HEAVY & modules_after("import gail")


def test_who_generates_nothing_need_not_wait_for_it():
    assert "sklearn" not in modules_after("import gail.experiment")


def test_acting_needs_no_tensorflow(tiny_run):
    path, _ = tiny_run
    code = f"import gail; policy = gail.load_policy({str(path)!r}); policy.act([0.0, 0.0, 0.0, 0.0])"
    loaded = modules_after(code)
    assert "agents.policy" in loaded
    assert not {"tensorflow", "keras"} & loaded


def test_another_package_of_the_same_name_is_named(tmp_path: Path):
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "__init__.py").touch()
    finished = subprocess.run([sys.executable, "-c", "import gail"], cwd=tmp_path, capture_output=True, text=True)
    assert finished.returncode != 0
    assert str(tmp_path / "envs") in finished.stderr


def test_help_says_nothing_to_a_reader_that_is_gone():
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "gail.train", "--help"]
    finished = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    assert finished.returncode == 141
    assert finished.stderr == ""
