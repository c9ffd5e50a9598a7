"""Damaged files of every format: read, or refused in one clear sentence (see ``fuzz.py``)."""

from pathlib import Path

import pytest
from fuzz import WRITERS, attempt, prepare

from expert_data import archive

# Cases that once came to something else.
FOUND = [("foreign", 1426), ("foreign", 8300), ("hugging face", 1456)]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("datasets")
    folder = tmp_path_factory.mktemp("samples")
    prepare(folder)
    return folder


@pytest.fixture(autouse=True)
def _keep_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGE", archive.LARGE)  # which the cases change


@pytest.mark.parametrize(("name", "seed"), FOUND)
def test_what_was_found_stays_mended(samples: Path, name: str, seed: int) -> None:
    assert attempt(samples, name, seed) is None


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_give_nothing_but_clear_errors(samples: Path, name: str) -> None:
    assert [complaint for seed in range(60) if (complaint := attempt(samples, name, seed))] == []
