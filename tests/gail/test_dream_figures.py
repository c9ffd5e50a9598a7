"""Figures of dreams in the README are those of the results."""

import json
from pathlib import Path

import pytest

from benchmarks.dream import __main__ as steps
from benchmarks.dream import temperature

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "benchmarks" / "dream"
README = (CHECKOUT / "README.md").read_text()


@pytest.mark.parametrize(("name", "table"), [("results", steps.table), ("temperature", temperature.table)])
def test_tables_are_those_of_the_runs(name: str, table) -> None:
    shown = (FOLDER / f"{name}.md").read_text()
    assert shown == table(json.loads((FOLDER / f"{name}.json").read_text()))
    assert shown in README


def test_the_model_that_is_shown_has_the_figures_that_are_told() -> None:
    told = json.loads((FOLDER / "pendulum.json").read_text())
    for step in (1, 5, 15):
        sides = [told[who]["latents"] for who in ("expert", "chance")]
        errors = [side[name][step - 1] for side in sides for name in ("model", "persistence")]
        assert f"| {step} | {' | '.join(f'{error:.4f}' for error in errors)} |" in README
    dreamt, real = (told["chance"][name] for name in ("dream_return", "real_return"))
    assert f"{dreamt:.1f} in the dream and {real:.1f} in truth" in README
    assert (FOLDER / "pendulum.gif").stat().st_size < 1_000_000
    assert "benchmarks/dream/pendulum.gif" in README


def test_the_speed_that_is_told_was_measured() -> None:
    for run in json.loads((FOLDER / "speed.json").read_text()):
        speeds = f"{run['dream_steps_per_second']:,} against {run['real_steps_per_second']:,} in {run['env']}"
        assert speeds in " ".join(README.split())


def test_what_latents_of_pictures_tell_was_measured() -> None:
    told = json.loads((FOLDER / "latents.json").read_text())
    dreams = [told["dreams"][f"with foresight, {kind}"]["10"] for kind in ("open loop", "single steps")]
    for values in (told["with foresight"]["r2"], told["without foresight"]["r2"], *dreams):
        assert "{:.2f}, {:.2f}, {:.2f} and {:.2f}".format(*values) in " ".join(README.split())


def test_where_dreams_of_pictures_come_to_was_measured() -> None:
    told, runs = " ".join(README.split()), json.loads((FOLDER / "pictures.json").read_text())
    run = runs["cartpole_contrast"]
    evaluations = run["seeds"]["0"] + run["went_on"]["evaluations"]
    returns = {entry["steps"]: entry["return_mean"] for entry in evaluations}
    for count in (8192, 16_384, 26_624, 40_960, 49_152):
        assert f"{returns[count]:.0f} after {count:,}" in told
    assert f"{returns[60_416]:.0f} first after 60,416" in told
    at_the_end = run["went_on"]["summary"]
    assert f"{at_the_end['return_mean']:.0f} ± {at_the_end['return_std']:.0f}" in told
