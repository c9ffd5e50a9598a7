"""``python -m gail.record``, from the command line to the file."""

import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from envs.make import make_single
from expert_data import formats
from expert_data.demonstrations import Demonstrations
from gail.record import main

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def record(out: Path, *arguments: str) -> Demonstrations:
    assert main([*arguments, "--out", str(out), "--quiet"]) == 0
    return formats.load(out)


def assert_replays(demonstrations: Demonstrations, env_id: str) -> None:
    """The same seeds and actions give the same observations and rewards."""
    env = make_single(env_id, demonstrations.metadata["env_kwargs"])
    assert demonstrations.seeds is not None
    for seed, episode in zip(demonstrations.seeds.tolist(), demonstrations, strict=True):
        observation, _ = env.reset(seed=seed)
        np.testing.assert_array_equal(observation, episode.observations[0])
        ends = (False, False)
        for t, action in enumerate(np.asarray(episode.actions)):
            observation, reward, terminated, truncated, _ = env.step(action)
            np.testing.assert_array_equal(observation, episode.observations[t + 1])
            assert reward == np.asarray(episode.rewards)[t]
            ends = (terminated, truncated and not terminated)
        assert any(ends)
        assert (episode.terminated, episode.truncated) == ends


def test_random_actions(tmp_path: Path) -> None:
    made = record(tmp_path / "demos.npz", "--env", "CartPole-v1", "--policy", "random", "--episodes", "3")
    assert np.asarray(made.seeds).tolist() == [0, 1, 2]
    assert (made.metadata["env_id"], made.metadata["source"]) == ("CartPole-v1", "random actions")
    assert {"gail", "gymnasium"} <= set(made.metadata["versions"])
    assert_replays(made, "CartPole-v1")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has hardly learned anything."""
    from gail.train import main as train

    logdir = tmp_path_factory.mktemp("runs")
    arguments = ["--env", "CartPole-v1", "--algo", "bc", "--bc-epochs", "1", "--eval-episodes", "1", "--quiet"]
    assert train([*arguments, "--video-every", "0", "--logdir", str(logdir), "--run-name", "cloned"]) == 0
    return logdir / "cloned"


def test_the_policy_of_a_run_in_its_own_environment(run: Path, tmp_path: Path) -> None:
    made = record(tmp_path / "demos.npz", "--policy", str(run), "--episodes", "2", "--seed", "7")
    assert np.asarray(made.seeds).tolist() == [7, 8]
    assert str(run) in made.metadata["source"]
    assert_replays(made, "CartPole-v1")


def test_sampled_actions_differ_from_the_most_likely_ones(run: Path, tmp_path: Path) -> None:
    likely = record(tmp_path / "likely.npz", "--policy", str(run), "--episodes", "2")
    sampled = record(tmp_path / "sampled.npz", "--policy", str(run), "--episodes", "2", "--stochastic")
    assert sampled.lengths.tolist() != likely.lengths.tolist()


def test_a_policy_of_another_environment_is_refused(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "demos.npz"
    assert main(["--env", "MountainCar-v0", "--policy", str(run), "--out", str(out)]) == 2
    assert "is for an environment of other observations" in capsys.readouterr().err
    assert not out.exists()


def test_only_good_episodes_are_kept(tmp_path: Path) -> None:
    options = ["--env", "CartPole-v1", "--policy", "random", "--episodes", "2"]
    made = record(tmp_path / "demos.npz", *options, "--min-return", "25")
    assert made.returns.min() >= 25
    assert np.asarray(made.seeds).tolist() != [0, 1]  # some were played and not kept
    assert_replays(made, "CartPole-v1")


def test_a_return_that_is_never_reached_ends_the_recording(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "demos.npz"
    options = ["--env", "CartPole-v1", "--policy", "random", "--episodes", "1", "--quiet"]
    assert main([*options, "--min-return", "400", "--out", str(out)]) == 1
    assert "0 of 20 episodes reached a return of 400, and nothing was written" in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_exists_is_gone_on_with_only_if_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out, options = tmp_path / "demos.npz", ["--env", "CartPole-v1", "--policy", "random", "--episodes", "2"]
    before = record(out, *options)
    assert main([*options, "--out", str(out)]) == 2
    assert "exists; give another --out, or go on with it with --append" in capsys.readouterr().err
    after = record(out, *options, "--append")
    assert np.asarray(after.seeds).tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(after[1].observations, before[1].observations)
    assert_replays(after, "CartPole-v1")
    assert main(["--env", "MountainCar-v0", "--policy", "random", "--out", str(out), "--append"]) == 2
    assert "holds episodes of 'CartPole-v1', not of 'MountainCar-v0'" in capsys.readouterr().err
    assert len(formats.load(out)) == 4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--env", "CartPole-v1", "--out", "x.npz"], "Give one of --policy RUN"),
        (["--env", "CartPole-v1", "--human", "--policy", "random", "--out", "x.npz"], "Give one of --policy RUN"),
        (["--policy", "random", "--out", "x.npz"], "No environment is given"),
        (["--env", "CartPole-v1", "--policy", "random"], "No file is given"),
        (["--env", "CartPole-v1", "--policy", "nowhere", "--out", "x.npz"], "There is no policy"),
        (["--env", "CartPole-v9", "--policy", "random", "--out", "x.npz"], "There is no environment"),
        (["--env", "CartPole-v1", "--policy", "random", "--out", "x.npz", "--episodes", "0"], "--episodes 0 must be"),
        (["--env", "CartPole-v1", "--human", "--out", "x.npz", "--fps", "0"], "--fps is 0"),
        (["--env", "CartPole-v1", "--human", "--out", "x.npz", "--min-return", "1"], "leave out --min-return"),
        (["--env", "CartPole-v1", "--human", "--out", "x.npz", "--mouse"], "--mouse steers one or two numbers"),
    ],
)
def test_mistakes_get_a_sentence_and_leave_nothing(
    arguments: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_is_interrupted_keeps_the_episodes_so_far(tmp_path: Path, how: signal.Signals) -> None:
    out = tmp_path / "demos.npz"
    command = [
        sys.executable,
        "-m",
        "gail.record",
        "--env",
        "CartPole-v1",
        "--policy",
        "random",
        "--episodes",
        "1000000",
    ]
    # Who is started in the background inherits that interrupts are ignored.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen([*command, "--out", str(out)], stderr=subprocess.PIPE, preexec_fn=heed)
    while not out.exists() or len(formats.load(out)) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(how)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Interrupted" in error
    assert_replays(formats.load(out), "CartPole-v1")


def test_an_expert_is_trained_first(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    options = ["--env", "CartPole-v1", "--train-expert", "--total-timesteps", "2048", "--episodes", "2"]
    made = record(tmp_path / "demos.npz", *options, "--logdir", str(tmp_path / "runs"))
    assert "random policy" in capsys.readouterr().out  # the summary, which says how good it is
    assert len(made) == 2
    assert list((tmp_path / "runs").rglob("summary.json"))
    assert_replays(made, "CartPole-v1")


# A person, who is a thread that posts what a keyboard would


@pytest.fixture
def person() -> Iterator[Callable[[Callable[[], list[tuple[str, bool]]]], None]]:
    """Starts a thread that presses and releases keys over and over until the window is closed."""
    import pygame

    stop = threading.Event()
    threads = []

    def start(gestures: Callable[[], list[tuple[str, bool]]]) -> None:
        def go_on() -> None:
            while not stop.is_set():
                time.sleep(0.01)
                if pygame.display.get_init() and pygame.display.get_surface() is not None:
                    for key, down in gestures():
                        kind = pygame.KEYDOWN if down else pygame.KEYUP
                        pygame.event.post(pygame.event.Event(kind, key=pygame.key.key_code(key)))

        threads.append(threading.Thread(target=go_on))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def pressing(*keys: str) -> Callable[[], list[tuple[str, bool]]]:
    return lambda: [(key, True) for key in keys]


FAST = ("--fps", "500", "--zoom", "0.5")


@pytest.mark.usefixtures("capsys")
def test_a_person_plays_and_keeps(tmp_path: Path, person: Callable) -> None:
    person(pressing("space", "right", "k"))
    made = record(tmp_path / "demos.npz", "--env", "CartPole-v1", "--human", "--episodes", "2", *FAST)
    assert (len(made), made.metadata["source"]) == (2, "a person")
    assert np.asarray(made.actions).tolist() == [1] * made.num_steps  # right, all the way
    assert_replays(made, "CartPole-v1")


def test_a_person_moves_a_step_a_key(tmp_path: Path, person: Callable) -> None:
    person(pressing("space", "right", "down", "k"))
    made = record(
        tmp_path / "demos.npz", "--env", "FrozenLake-v1", "--env-kwargs", json.dumps({"is_slippery": False}),
        "--human", "--episodes", "1", *FAST,
    )  # fmt: skip
    assert set(np.asarray(made.actions).tolist()) <= {1, 2}
    assert made.observations.shape[1:] == (16,)
    assert made.metadata["env_kwargs"] == {"is_slippery": False}
    assert_replays(made, "FrozenLake-v1")


def test_what_a_person_discards_is_not_kept_and_who_stops_keeps_the_rest(tmp_path: Path, person: Callable) -> None:
    moments = iter([*["d"] * 400, *["escape"] * 10_000])
    person(lambda: [("space", True), ("left", True), (next(moments), True)])
    out = tmp_path / "demos.npz"
    assert main(["--env", "CartPole-v1", "--human", "--out", str(out), *FAST]) == 1
    assert not out.exists()


def test_given_keys_and_the_mouse(tmp_path: Path, person: Callable) -> None:
    person(pressing("space", "j", "k"))
    keys = ["--keys", '{"j": 2}']
    made = record(tmp_path / "keys.npz", "--env", "Acrobot-v1", "--env-kwargs", '{"max_episode_steps": 5}', "--human",
                  "--episodes", "1", *keys, *FAST)  # fmt: skip
    assert np.asarray(made.actions).tolist() == [2] * 5


def test_a_person_plays_an_atari_game(tmp_path: Path, person: Callable) -> None:
    person(pressing("space", "d", "k"))
    game = {"max_num_frames_per_episode": 60, "noop_max": 0}
    options = ["--env-kwargs", json.dumps(game), "--episodes", "1", *FAST]
    made = record(tmp_path / "demos.npz", "--env", "ALE/Pong-v5", "--human", *options)
    assert set(np.asarray(made.actions).tolist()) == {4}  # the game's own keys: right, and fire
    assert (made.num_steps, made.observations.shape[1:], made.observations.dtype) == (15, (84, 84), np.uint8)
    assert_replays(made, "ALE/Pong-v5")


def test_pictures_of_what_is_rendered_are_recorded(tmp_path: Path) -> None:
    options = ["--env", "CartPole-v1", "--pixels", "24", "--policy", "random", "--episodes", "2"]
    made = record(tmp_path / "demos.npz", *options)
    assert made.observations.shape[1:] == (24, 24)
    assert made.metadata["env_kwargs"] == {"pixels": 24}
    assert_replays(made, "CartPole-v1")
