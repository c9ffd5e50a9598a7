"""``python -m gail.demos``, from the command line."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gail
from agents.actor import RandomActor
from envs.actions import ActionSpec
from envs.make import make_single
from expert_data import formats, store
from expert_data.demonstrations import Demonstrations
from expert_data.play import play_once
from expert_data.recording import Recorder
from gail.demos import main
from gail.demos.plot import principal_components
from gail.demos.replay import departure


def recorded(count: int, env_id: str = "CartPole-v1", **metadata: Any) -> Demonstrations:
    env = Recorder(make_single(env_id))
    actor, episodes = RandomActor(ActionSpec.of(env.action_space)), []
    for seed in range(count):
        play_once(env, actor, seed, stochastic=True)
        episodes.append(env.episode)
    return Demonstrations.of(
        episodes, seeds=np.arange(count), metadata={"env_id": env_id, "source": "chance"} | metadata
    )


@pytest.fixture
def demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demonstrations:
    """Five episodes of chance in ``demos.npz``, in the working directory."""
    monkeypatch.chdir(tmp_path)
    made = recorded(5)
    store.save(Path("demos.npz"), made)
    return made


def run(*arguments: str) -> None:
    assert main(arguments) == 0


def refused(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    capsys.readouterr()
    assert main(arguments) == 2
    return capsys.readouterr().err


def assert_same(some: Demonstrations, others: Demonstrations, numbers: list[int]) -> None:
    """``some`` are those of the others' numbers."""
    assert len(some) == len(numbers)
    for one, number in zip(some, numbers, strict=True):
        np.testing.assert_array_equal(one.observations, others[number].observations)
        np.testing.assert_array_equal(np.asarray(one.actions), np.asarray(others[number].actions))
    assert np.asarray(some.seeds).tolist() == np.asarray(others.seeds)[numbers].tolist()


def test_import_makes_a_file_of_ours(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    observations, actions = np.asarray(demos.observations), np.asarray(demos.actions)
    np.savez("flat.npz", obs=observations, acts=actions, dones=np.concatenate([
        np.arange(length) == length - 1 for length in demos.lengths.tolist()
    ]))  # fmt: skip
    run("import", "flat.npz", "--out", "ours.npz", "--env", "CartPole-v1")
    made = formats.load("ours.npz")
    assert made.lengths.tolist() == demos.lengths.tolist()
    assert made.metadata["env_id"] == "CartPole-v1"
    assert f"5 episodes, {demos.num_steps} steps" in capsys.readouterr().out
    assert "exists; give another name" in refused(capsys, "import", "flat.npz", "--out", "ours.npz")
    run("import", "flat.npz", "--out", "nameless.npz")
    assert "'flat.npz' names no environment" in capsys.readouterr().err


def test_info_tells_what_is_there_and_what_is_wrong(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    store.save(Path("twice.npz"), Demonstrations.merged([demos.first(1), demos.first(1)]))
    run("info", "demos.npz", "twice.npz")
    out = capsys.readouterr().out
    for words in ("CartPole-v1", f"{demos.num_steps}", "4, float32", "chance", "'twice.npz': episode 1 is the same"):
        assert words in out
    assert "Name one file" in refused(capsys, "info")


def test_check_prints_findings(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    store.save(Path("best.npz"), demos.chosen([int(demos.returns.argmax())]))
    run("check", "best.npz", "--env", "CartPole-v1")
    assert "'best.npz' fits 'CartPole-v1': 1 episodes" in capsys.readouterr().out
    assert main(["check", "demos.npz", "--env", "MountainCar-v0"]) == 2
    printed = capsys.readouterr()
    assert "Error: they were recorded in 'CartPole-v1', not in 'MountainCar-v0'" in printed.out
    assert "Error: 'observations' have shape (4,)" in printed.out
    assert "'demos.npz' cannot be used in 'MountainCar-v0'" in printed.err


def test_check_compares_with_chance(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    worst = demos.chosen([int(demos.returns.argmin())])
    store.save(Path("worst.npz"), worst)
    run("check", "worst.npz", "--env", "CartPole-v1")
    assert "is no better than the" in capsys.readouterr().out


@pytest.mark.usefixtures("demos")
def test_plot_draws_a_picture_and_writes_events(capsys: pytest.CaptureFixture) -> None:
    run("plot", "demos.npz", "--out", "demos.png", "--logdir", "events")
    with Image.open("demos.png") as image:
        assert image.size[0] > 500
        assert len(np.unique(np.asarray(image))) > 10
    assert list(Path("events").glob("events.out.tfevents.*"))
    assert "Give a file with --out" in refused(capsys, "plot", "demos.npz")


def test_two_directions_tell_all_of_a_plane() -> None:
    rng = np.random.default_rng(0)
    plane = rng.standard_normal((200, 2)) @ rng.standard_normal((2, 6))
    places, share = principal_components(plane)
    assert places.shape == (200, 2)
    assert share == pytest.approx(1.0)
    assert principal_components(rng.standard_normal((2000, 6)))[1] == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.usefixtures("demos")
def test_replay_repeats_what_was_recorded(capsys: pytest.CaptureFixture) -> None:
    run("replay", "demos.npz", "--gif", "first.gif")
    assert capsys.readouterr().out.count("the same") == 5
    with Image.open("first.gif") as image:
        assert getattr(image, "n_frames", 1) > 1


@pytest.mark.parametrize("path", sorted(store.BUNDLED.glob("*.npz")), ids=lambda path: path.stem)
def test_what_comes_with_the_package_can_be_acted_again(path: Path) -> None:
    made = formats.load(str(path))
    assert made.seeds is not None
    assert path.stat().st_size < 2_000_000
    assert len(np.unique([episode.observations.sum() for episode in made])) == len(made) == 10
    env = make_single(made.metadata["env_id"], made.metadata["env_kwargs"])
    shortest = int(made.lengths.argmin())
    assert departure(env, made[shortest], int(made.seeds[shortest])) is None
    env.close()


def test_replay_reports_where_observations_depart(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    changed = np.array(demos.observations)
    first = int(demos.lengths[0]) + 1
    changed[first + 3, 2] += 0.25  # the angle, after three steps of the second episode
    spoiled = Demonstrations(
        changed, demos.actions, demos.rewards, demos.lengths, demos.terminated, demos.truncated, demos.seeds,
        demos.metadata,
    )  # fmt: skip
    store.save(Path("spoiled.npz"), spoiled)
    assert main(["replay", "spoiled.npz"]) == 1
    printed = capsys.readouterr()
    assert "episode 1, seed 1" in printed.out
    assert "departs at observation 3, by 0.25" in printed.out
    assert "1 of 5 episodes depart" in printed.err


def test_render_shows_the_same_episodes_as_pictures(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    run("render", "demos.npz", "--pixels", "20", "--out", "pictures.npz")
    pictures = formats.load("pictures.npz")
    assert f"5 episodes, {demos.lengths.sum():,} steps, 20 by 20" in capsys.readouterr().out
    np.testing.assert_array_equal(pictures.actions, demos.actions)
    np.testing.assert_array_equal(pictures.rewards, demos.rewards)
    assert pictures.metadata["env_kwargs"] == {"pixels": 20}
    env = make_single("CartPole-v1", {"pixels": 20})
    np.testing.assert_array_equal(pictures[2].observations[0], env.reset(seed=2)[0])
    assert (pictures[2].observations[0] != pictures[2].observations[-1]).any()
    env.close()


def test_render_writes_nothing_where_an_episode_takes_another_course(demos: Demonstrations) -> None:
    spoiled = dataclasses.replace(demos, seeds=np.arange(5) + 100)
    store.save(Path("spoiled.npz"), spoiled)
    assert main(["render", "spoiled.npz", "--pixels", "20", "--out", "pictures.npz"]) == 1
    assert not Path("pictures.npz").exists()


def test_replay_notices_an_episode_that_ended_before(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    assert main(["replay", "demos.npz", "--env-kwargs", '{"max_episode_steps": 5}']) == 1
    assert "departs at observation 6, by nan" in capsys.readouterr().out
    assert demos.lengths.min() > 6


def test_what_has_no_seeds_cannot_be_replayed(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    store.save(Path("anonymous.npz"), Demonstrations.of(list(demos)))
    assert "names no environment" in refused(capsys, "replay", "anonymous.npz")
    assert "has no seeds" in refused(capsys, "replay", "anonymous.npz", "--env", "CartPole-v1")


def test_merge_split_and_filter(demos: Demonstrations, capsys: pytest.CaptureFixture) -> None:
    run("split", "demos.npz", "--first", "2", "--out", "first.npz", "--rest", "rest.npz")
    assert_same(formats.load("first.npz"), demos, [0, 1])
    assert_same(formats.load("rest.npz"), demos, [2, 3, 4])
    run("merge", "rest.npz", "first.npz", "--out", "merged.npz")
    assert_same(formats.load("merged.npz"), demos, [2, 3, 4, 0, 1])
    assert formats.load("merged.npz").metadata == demos.metadata

    order = np.argsort(-demos.returns, kind="stable").tolist()
    run("filter", "demos.npz", "--best", "2", "--out", "best.npz")
    assert_same(formats.load("best.npz"), demos, sorted(order[:2]))
    threshold = float(demos.returns[order[2]])
    run("filter", "demos.npz", "--min-return", str(threshold), "--out", "good.npz")
    assert_same(formats.load("good.npz"), demos, np.flatnonzero(demos.returns >= threshold).tolist())
    run("merge", "demos.npz", "first.npz", "--out", "twice.npz")
    run("filter", "twice.npz", "--unique", "--out", "once.npz")
    assert_same(formats.load("once.npz"), demos, [0, 1, 2, 3, 4])

    assert "None of the 5 episodes" in refused(capsys, "filter", "demos.npz", "--min-return", "501", "--out", "x.npz")
    assert "--first is 5, but there are 5 episodes" in refused(
        capsys, "split", "demos.npz", "--first", "5", "--out", "x.npz", "--rest", "y.npz"
    )
    assert "Name two files" in refused(capsys, "merge", "demos.npz", "--out", "x.npz")
    store.save(Path("car.npz"), recorded(1, "MountainCar-v0"))
    assert "of different environments: CartPole-v1, MountainCar-v0" in refused(
        capsys, "merge", "demos.npz", "car.npz", "--out", "x.npz"
    )
    assert not Path("x.npz").exists()


def test_export(demos: Demonstrations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    run("export", "demos.npz", "--to", "minari", "--out", "pole/chance-v0")
    assert "minari.load_dataset('pole/chance-v0')" in capsys.readouterr().out
    theirs = list(minari.load_dataset("pole/chance-v0").iterate_episodes())
    for number, episode in enumerate(theirs):
        np.testing.assert_array_equal(episode.observations, demos[number].observations)
    assert_same(formats.load("pole/chance-v0"), demos, [0, 1, 2, 3, 4])
    run("export", "demos.npz", "--to", "npz", "--out", "plain.npz")
    with np.load(io.BytesIO(Path("plain.npz").read_bytes()), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["observations"], demos.observations)
    store.save(Path("anonymous.npz"), Demonstrations.of(list(demos)))
    assert "names no environment" in refused(capsys, "export", "anonymous.npz", "--to", "minari", "--out", "a/b-v0")
    store.save(Path("unpaid.npz"), dataclasses.replace(demos, rewards=None))
    run("export", "unpaid.npz", "--to", "minari", "--out", "pole/unpaid-v0")
    assert "'unpaid.npz' has no rewards" in capsys.readouterr().err
    store.save(Path("seen.npz"), dataclasses.replace(demos, actions=None))
    assert "has no actions" in refused(capsys, "export", "seen.npz", "--to", "minari", "--out", "pole/seen-v0")


def test_training_takes_demonstrations_of_others_as_they_are(
    demos: Demonstrations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    run("export", "demos.npz", "--to", "minari", "--out", "pole/chance-v0")
    assert minari.list_local_datasets()
    dones = np.concatenate([np.arange(length) == length - 1 for length in demos.lengths.tolist()])
    lists_of_one = np.asarray(demos.actions)[:, None]
    np.savez("flat.npz", observations=np.asarray(demos.observations), actions=lists_of_one, dones=dones)
    options: dict[str, Any] = {
        "algo": "bc",
        "bc_epochs": 1,
        "eval_episodes": 1,
        "video_every": 0,
        "logdir": tmp_path / "runs",
    }
    ours, *others = (
        gail.fit("CartPole-v1", demos=source, **options, run_name=source.replace("/", "-"))
        for source in ("demos.npz", "flat.npz", "pole/chance-v0", str(tmp_path / "minari" / "pole" / "chance-v0"))
    )
    for other in others:  # the same numbers teach the same policy
        for name, array in ours.policy.actor.arrays.items():
            np.testing.assert_array_equal(other.policy.actor.arrays[name], array)
