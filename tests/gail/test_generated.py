"""Generated experience in training: as much as the gate allows, never in PPO's ratio, and the same after a kill."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import gone_back

import gail
import gail.lessons
import gail.pretraining
from agents.config import PPOConfig, WorldModelConfig
from agents.transitions import Transitions
from agents.world_model.model import WorldModel
from agents.world_model.tape import Tape
from envs.errors import InputError
from expert_data.generator.saved import FittedGenerator
from gail.config import DreamConfig, GeneratorConfig, TrainConfig
from gail.experiment import resume
from gail.generate import main
from gail.generated import Generated, joined, tape_of
from gail.pretraining import lessons_until
from gail.reward.replay import Pieces, Replay
from gail.run import Run

TINY: dict[str, Any] = {
    "bc_epochs": 0,
    "total_timesteps": 512,
    "eval_episodes": 2,
    "num_envs": 2,
    "num_workers": 0,
    "video_every": 0,
    "quiet": True,
    "ppo": PPOConfig(batch_size=128),
}
USED: dict[str, Any] = {"share": 0.6, "pretraining_rounds": 3, "horizon": 10, "negatives": 0.5}
HALF_TRUSTED = {"verdict": 0.5, "failed": ["copies"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator that the gate half trusts, whatever it deserves."""
    made = tmp_path_factory.mktemp("generated") / "noise"
    options = ["--num-demos", "2", "--random-steps", "800", "--kind", "noise", "--quiet"]
    assert main(["fit", "--env", "CartPole-v1", *options, "--out", str(made)]) == 0
    (made / "gate.json").write_text(json.dumps(HALF_TRUSTED))
    return made


def fit(folder: Path, name: str, **options: Any) -> Run:
    chosen: dict[str, Any] = TINY | options
    return gail.fit("CartPole-v1", logdir=folder, run_name=name, **chosen)


def entries(run: Run) -> list[dict]:
    """All logged numbers but those of the clock."""
    lines = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in entry.items() if not name.startswith("time/")} for entry in lines]


def copied(folder: Path, where: Path, gate: dict[str, Any] | None) -> str:
    shutil.copytree(folder, where)
    (where / "gate.json").unlink()
    if gate is not None:
        (where / "gate.json").write_text(json.dumps(gate))
    return str(where)


def test_generated_lessons_become_fewer_and_are_as_many_as_the_verdict_allows() -> None:
    options = GeneratorConfig(share=0.5, pretraining_rounds=4)
    # Shares 1/2, 3/8, 1/4 and 1/8 are 1, 3/5, 1/3 and 1/7 lessons for each real one: 1, 1.6, 1.93 and 2.08 in sum.
    assert [lessons_until(n, 1.0, options) for n in range(-1, 7)] == [0, 0, 1, 1, 1, 2, 2, 2]
    # Half the verdict: 1/4, 3/16, 1/8 and 1/16 are 1/3, 3/13, 1/7 and 1/15: 0.77 in sum.
    assert lessons_until(4, 0.5, options) == 0
    assert lessons_until(9, 1.0, dataclasses.replace(options, share=0.0)) == 0


def test_a_run_learns_in_generated_episodes_at_first_and_says_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    options = GeneratorConfig(fitted=str(folder), share=0.9, pretraining_rounds=3, horizon=10)
    run = fit(tmp_path, "run", generator=options, quiet=False)
    lessons = [entry["generator/lessons"] for entry in entries(run) if "generator/lessons" in entry]
    # 0.45, 0.3 and 0.15 of the steps: 0.82, 0.43 and 0.18 lessons for each real one.
    assert lessons == [0.0, 1.0, 0.0, 0.0]
    assert f"the gate trusts '{folder}' to 0.50 of 1, and failed it in copies" in "".join(capsys.readouterr())


def test_real_steps_are_learned_from_before_the_policy_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for module, name in ((gail.lessons, "real"), (gail.pretraining, "generated")):
        learn = module.learn_from

        def noted(*arguments: Any, learn: Any = learn, name: str = name, **options: Any) -> Any:
            calls.append(name)
            return learn(*arguments, **options)

        monkeypatch.setattr(module, "learn_from", noted)
    options = GeneratorConfig(fitted=str(folder), share=0.9, pretraining_rounds=2, horizon=10)
    fit(tmp_path, "run", generator=options, total_timesteps=256)
    assert calls == ["real", "real", "generated"]


def test_the_discriminator_learns_from_more_of_the_agents_steps(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    remember = Replay.remember

    def noted(replay: Replay, pieces: Pieces) -> None:
        counts.append(len(pieces.where))
        remember(replay, pieces)

    monkeypatch.setattr(Replay, "remember", noted)
    options = GeneratorConfig(fitted=str(folder), share=0.0, negatives=1.0)
    fit(tmp_path, "run", generator=options, total_timesteps=128)
    made, real = counts
    assert 0.3 * real < made <= 0.5 * real  # half, by the verdict, of which some are in doubt


def test_a_run_that_was_killed_goes_on_as_if_nothing_had_been(folder: Path, tmp_path: Path) -> None:
    options = {"generator": GeneratorConfig(fitted=str(folder), **USED), "checkpoint_every": 256}
    unbroken = fit(tmp_path, "unbroken", **options)
    broken = gone_back(unbroken.path, tmp_path / "broken", last=4, rounds=2)
    resumed = resume(broken, quiet=True)
    assert entries(resumed) == entries(unbroken)
    for name, values in unbroken.policy.actor.arrays.items():
        np.testing.assert_array_equal(resumed.policy.actor.arrays[name], values)


def test_a_generator_that_has_changed_is_refused_when_a_run_goes_on(folder: Path, tmp_path: Path) -> None:
    made = copied(folder, tmp_path / "made", HALF_TRUSTED)
    run = fit(tmp_path, "run", generator=GeneratorConfig(fitted=made), total_timesteps=128)
    (run.path / "summary.json").unlink()
    (tmp_path / "made" / "gate.json").write_text(json.dumps(HALF_TRUSTED | {"verdict": 0.6}))
    with pytest.raises(InputError, match="or a generator, is not what it was"):
        resume(run.path, quiet=True)


def test_a_generator_that_the_gate_fails_is_off_and_the_run_says_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    failed = copied(folder, tmp_path / "failed", {"verdict": 0.0, "failed": ["ks", "coverage"]})
    options = GeneratorConfig(fitted=failed, expert=failed, **USED)
    off = fit(tmp_path, "off", generator=options, total_timesteps=256, quiet=False)
    assert "is off, because the gate failed it (ks, coverage)" in "".join(capsys.readouterr())
    assert entries(off) == entries(fit(tmp_path, "without", total_timesteps=256))


def test_what_the_expert_shows_is_stretched_by_the_share_and_the_verdict(folder: Path) -> None:
    config = TrainConfig("CartPole-v1", generator=GeneratorConfig(expert=str(folder), expert_share=0.5))
    generated = Generated.read(config, FittedGenerator.load(folder).material.rows.actions)
    zeros = np.zeros((90, 4), np.float32)
    shown = Transitions(zeros, np.zeros((90, 1), np.int32), zeros, np.zeros(90, bool))
    # A quarter of all is generated: 30 beside 90.
    stretched = generated.stretched(shown, np.random.default_rng(0))
    assert len(stretched) == 120
    assert not stretched.take(np.arange(90)).observations.any()
    assert stretched.take(np.arange(90, 120)).observations.all(1).any()


def test_transitions_that_stand_alone_are_a_tape_on_which_nothing_follows_them() -> None:
    one = Transitions(np.array([[1.0]]), np.array([[1]]), np.array([[2.0]]), np.array([True]))
    two = Transitions(np.array([[3.0]]), np.array([[0]]), np.array([[4.0]]), np.array([False]))
    tape = tape_of(joined(one, two))
    assert tape.frames[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert tape.leads.tolist() == [True, False, True, False]
    assert tape.terminations.tolist() == [True, False, False, False]
    assert tape.ages.tolist() == [0, 1, 0, 1]
    assert tape.actions[tape.leads, 0].tolist() == [1, 0]


def test_a_dreamers_model_learns_from_generated_transitions(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    sizes: list[list[int]] = []
    update = WorldModel.update

    def noted(model: WorldModel, tape: Tape, groups: list[np.ndarray], *others: Any) -> dict[str, float]:
        lengths.append(int(tape.leads.sum()))
        sizes.append([len(group) for group in groups])
        return update(model, tape, groups, *others)

    monkeypatch.setattr(WorldModel, "update", noted)
    model = WorldModelConfig(hidden=8, members=2, mixtures=2, sequence_length=3, batch_size=8)
    dreaming = DreamConfig(real_steps=32, rollouts=1, num_envs=8, horizon=4, first_minibatches=10, minibatches=3)
    options: dict[str, Any] = {"dream": True, "total_timesteps": 32, "world_model": model, "dreaming": dreaming}
    fit(tmp_path, "run", generator=GeneratorConfig(fitted=str(folder)), num_demos=2, **options)
    assert lengths[0] == pytest.approx(1000 + 32 + 0.5 * 34, abs=4)  # demonstrations, random play, and half of its rows
    # Of demonstrations it learns as much as of all else, however much more there is in the end.
    (shown, at_first), (shown_still, at_last) = sizes
    assert shown == shown_still == 1000 + 2
    assert at_last == at_first + 32 + 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"generator": {"fitted": "nowhere"}}, "no generator in 'nowhere'"),
        ({"generator": {"fitted": "unchecked"}}, "No gate has checked"),
        ({"generator": {"fitted": "noise"}, "env_kwargs": '{"sutton_barto_reward": true}'}, "fit one of that"),
        ({"generator": {"fitted": "noise", "share": 1.0}}, "--generator.share"),
        ({"generator": {"fitted": "noise", "rate": 1.5}}, "--generator.rate is 1.5"),
        ({"generator": {"fitted": "noise", "negatives": -1.0}}, "--generator.negatives is -1.0"),
        ({"generator": {"fitted": "noise"}, "algo": "bc"}, "imitates nobody"),
        ({"generator": {"fitted": "noise"}, "latents": True}, "not --latents"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    options: dict, complaint: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    copied(folder, Path("unchecked"), None)
    shutil.copytree(folder, "noise")
    chosen = options | {"generator": GeneratorConfig(**options["generator"])}
    with pytest.raises(InputError, match=complaint):
        fit(tmp_path / "runs", "run", **chosen)
    assert not (tmp_path / "runs").exists()
