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


def returns(evaluations: list[dict]) -> dict[int, str]:
    """As the README has them, by steps."""
    return {entry["steps"]: f"{entry['return_mean']:.0f}" for entry in evaluations}


def test_where_dreams_of_pictures_come_to_was_measured() -> None:
    runs = json.loads((FOLDER / "pictures.json").read_text())
    contrast, eight = runs["cartpole_contrast"], runs["cartpole_eight_frames"]
    steps = (8192, 12_288, 14_336, 24_576, 40_960)
    for name, seed, evaluations, shown in (
        ("four frames, rounds of 1,024 steps", "0", contrast["seeds"]["0"], (8192, 12_288, 14_336, 24_576, 40_960)),
        ("four frames, rounds of 512 steps", "0", eight["rounds_of_512"]["seeds"]["0"], (8192, 12_288, 14_336, 24_576)),
        ("eight frames", "0", eight["eight_frames"]["seeds"]["0"], (8192, 12_288, 14_336)),
        ("and an average of its policies", "0", eight["average"]["seeds"]["0"], (8192, 12_288, 14_336)),
        ("", "1", eight["average"]["seeds"]["1"], (8192, 12_288, 14_336)),
        ("and carried over to new latents", "0", eight["carried_over"]["seeds"]["0"], (14_336, 24_576, 40_960)),
        ("", "1", eight["carried_over"]["seeds"]["1"], (14_336, 24_576)),
        ("the same from the beginning", "0", eight["from_the_beginning"]["seeds"]["0"], (8192, 12_288)),
    ):
        made = returns(evaluations)
        cells = [name, seed, *(made[count] if count in shown else "" for count in steps)]
        assert f"| {' | '.join(cells)} |" in README
    at_last = returns(contrast["went_on"]["evaluations"])[60_416]
    assert f"{at_last} was first made after 60,416" in " ".join(README.split())
    forty = eight["forty_episodes_of_seed_1_after_24576"]["returns"]
    falls = [value for value in forty if value < 500]
    assert (len(forty), len(falls), min(falls), max(falls)) == (40, 19, 20, 489)


@pytest.mark.parametrize("env", ["MountainCar-v0", "Pendulum-v1"])
def test_what_the_average_makes_beside_the_policy_was_measured(env: str) -> None:
    rows = json.loads((FOLDER / "averages.json").read_text())["seeds"][env]["0"]
    later, told = rows[len(rows) // 2 :], " ".join(README.split())
    for name in ("policy", "power 3"):
        made = [row[name] for row in later]
        assert f"{min(made)} to {max(made)}" in told
