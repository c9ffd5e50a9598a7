"""Imitation in latents and in dreams, from the command line to the policy."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import gone_back
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector import projector_config_pb2
from tiny_envs import quadrant

import gail
from agents.config import PPOConfig, WorldModelConfig
from agents.encoded import EncodedActor
from envs.errors import InputError
from envs.make import make_single
from expert_data import store
from expert_data.demonstrations import Demonstrations
from expert_data.recording import Recorder
from gail.config import DreamConfig
from gail.dream.saved import SavedModel
from gail.experiment import resume
from gail.run import Run

TINY: dict[str, Any] = {
    "bc_epochs": 0,
    "eval_episodes": 2,
    "num_envs": 2,
    "quiet": True,
    "ppo": PPOConfig(batch_size=64),
    "world_model": WorldModelConfig(hidden=8, members=2, mixtures=2, sequence_length=3, batch_size=8, open_loop=True),
    "dreaming": DreamConfig(real_steps=32, rollouts=2, num_envs=8, horizon=4, first_minibatches=10, minibatches=3),
}


def fit(folder: Path, name: str, **options: Any) -> Run:
    chosen: dict[str, Any] = TINY | {"video_every": 0} | options
    return gail.fit("CartPole-v1", logdir=folder, run_name=name, **chosen)


def entries(run: Run) -> list[dict]:
    """All logged numbers but those of the clock."""
    lines = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in entry.items() if not name.startswith("time/")} for entry in lines]


@pytest.fixture(scope="module")
def dreamer(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of three rounds, evaluated after each."""
    folder = tmp_path_factory.mktemp("runs")
    return fit(folder, "run", dream=True, total_timesteps=96, eval_every=32, video_every=2)


def test_a_dreamers_policy_sees_what_the_environment_shows(dreamer: Run) -> None:
    run = dreamer
    assert run.summary is not None
    assert run.summary["steps"] == 96
    assert isinstance(run.policy.actor, EncodedActor)
    assert run.policy.act(np.zeros(4, np.float32)) in (0, 1)
    assert run.evaluate(episodes=2).return_mean >= 1.0
    assert list(run.videos.iterdir())
    with np.load(run.path / "world_model" / "experience.npz") as arrays:
        assert sum(len(arrays[name]) for name in arrays if name.startswith("leads")) == 3 * (32 + 2)  # and last rows
    names = {name for entry in entries(run) for name in entry}
    assert names >= {"world_model/step_loss", "world_model/end_loss", "discriminator/loss", "eval/accuracy_agent"}


def test_what_a_model_is_worth_is_seen_in_tensorboard(dreamer: Run) -> None:
    run = dreamer
    events = EventAccumulator(str(run.path), size_guidance={"tensors": 0}).Reload()
    for name in ("latent_error_1", "latent_persistence_1", "observation_error_5", "active_units", "kl", "probe_r2",
                 "reconstruction_error", "dream_return", "real_return"):  # fmt: skip
        assert [event.step for event in events.Tensors(f"world_model/{name}")] == [32, 64, 96], name
    for name in ("reconstructions", "traversals", "dream", "dream_chart"):
        (event,) = events.Tensors(f"world_model/{name}")
        assert event.step == 64
        *_, data = event.tensor_proto.string_val
        assert data.startswith(b"GIF8" if name == "dream" else b"\x89PNG"), name

    folder = run.path / "projector"
    latents = np.loadtxt(folder / "latents.tsv", delimiter="\t")
    header, *rows = (folder / "metadata.tsv").read_text().splitlines()
    assert latents.shape == (len(rows), 4)
    assert header.split("\t") == ["step", "reward", *(f"observation {i}" for i in range(4))]
    messages: Any = projector_config_pb2  # generated, so that its names are known to nobody before it runs
    config = text_format.Parse((run.path / "projector_config.pbtxt").read_text(), messages.ProjectorConfig())
    assert [(run.path / config.embeddings[0].tensor_path).is_file(), config.embeddings[0].HasField("sprite")] == [
        True, False,
    ]  # fmt: skip
    encoder = SavedModel.load(run.path).vae.mirror
    seen = np.array([row.split("\t")[2:] for row in rows], np.float32)
    np.testing.assert_allclose(encoder(seen), latents, atol=1e-3)


@pytest.mark.parametrize("refresh", [True, False])
def test_a_resumed_dream_goes_on_as_if_nothing_had_been(refresh: bool, tmp_path: Path) -> None:
    dreaming = dataclasses.replace(TINY["dreaming"], refresh=refresh)
    options = {"dream": True, "total_timesteps": 128, "checkpoint_every": 64, "bc_epochs": 1, "dreaming": dreaming}
    unbroken = fit(tmp_path, "unbroken", **options)
    broken = gone_back(unbroken.path, tmp_path / "broken", last=4, rounds=2)
    resumed = resume(broken, quiet=True)
    assert entries(resumed) == entries(unbroken)
    # Without a refresh the model learns from no round.
    assert any("world_model/step_loss" in entry for entry in entries(resumed)) == refresh
    with np.load(broken / "world_model" / "experience.npz") as arrays:
        assert bool(arrays.files) == refresh
    for name, values in unbroken.policy.actor.arrays.items():
        np.testing.assert_array_equal(resumed.policy.actor.arrays[name], values)


def test_a_dreamers_agent_is_an_average_and_who_learns_is_not(tmp_path: Path) -> None:
    kernels: dict[tuple[int, float], np.ndarray] = {}
    learned = []
    for rollouts, power in ((1, 0.0), (1, 1e9), (2, 0.0), (2, 1e9)):
        dreaming = dataclasses.replace(TINY["dreaming"], rollouts=rollouts, average_power=power)
        run = fit(tmp_path, f"{rollouts}-{power}", dream=True, total_timesteps=32, dreaming=dreaming)
        kernels[rollouts, power] = run.policy.actor.arrays["kernel_0"]
        learned.append([{k: v for k, v in entry.items() if k.startswith("train/")} for entry in entries(run)])
    np.testing.assert_array_equal(kernels[1, 0.0], kernels[1, 1e9])  # of one lesson, the average is the last
    assert learned[2] == learned[3]
    assert not np.array_equal(kernels[2, 0.0], kernels[2, 1e9])


def test_latents_take_the_place_of_observations(tmp_path: Path) -> None:
    three = dataclasses.replace(TINY["world_model"], latent_size=3)
    run = fit(tmp_path, "run", latents=True, total_timesteps=128, algo="gaifo", world_model=three)
    actor = run.policy.actor
    assert isinstance(actor, EncodedActor)
    assert actor.encoder.size == 3
    assert actor.actor.observations.shape == (3,)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"dream": True, "algo": "bc"}, "--dream"),
        ({"dream": True, "algo": "ppo"}, "--dream"),
        ({"latents": True, "algo": "airl"}, "--latents"),
        ({"dream": True, "dreaming": DreamConfig(horizon=0)}, "--dreaming.horizon"),
        ({"dream": True, "dreaming": DreamConfig(refit_minibatches=0)}, "--dreaming.refit-minibatches"),
        ({"dream": True, "world_model": WorldModelConfig(foresight=-1)}, "--world-model.foresight"),
        ({"dream": True, "world_model": WorldModelConfig(temperature=-1.0)}, "--world-model.temperature"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=complaint):
        fit(tmp_path, "run", **options)
    assert not list(tmp_path.iterdir())


def dream_of_pictures(folder: Path, name: str, rounds: int, random_steps: int) -> Run:
    demos = folder / "demos.npz"
    store.save(demos, pictured(episodes=2))
    small = dataclasses.replace(TINY["world_model"], latent_size=3)
    dreaming = dataclasses.replace(TINY["dreaming"], refit_minibatches=4, random_steps=random_steps)
    options = {"dream": True, "demos": str(demos), "world_model": small, "dreaming": dreaming, "video_every": 0}
    options |= {"total_timesteps": 32 * rounds, "checkpoint_every": 64}
    options |= {"ppo": PPOConfig(batch_size=64, learning_rate=0.03)}
    return gail.fit("tiny_envs:QuadrantEnv", logdir=folder, run_name=name, **TINY | options)


@pytest.mark.parametrize(("random_steps", "learns_in"), [(32, {0, 2}), (64, {1})])
def test_an_autoencoder_of_pictures_learns_on_whenever_there_is_twice_as_much(
    random_steps: int, learns_in: set[int], tmp_path: Path
) -> None:
    run = dream_of_pictures(tmp_path, "run", 3, random_steps)
    told = [entry for entry in entries(run) if "world_model/step_loss" in entry]
    assert {index for index, entry in enumerate(told) if "world_model/vae_prediction" in entry} == learns_in
    # Of what is seen anew, the discriminator and the value function learn first.
    assert {index for index, entry in enumerate(told) if entry["train/approx_kl"] == 0.0} == learns_in


def test_a_policy_is_carried_over_to_new_latents_while_it_is_held(tmp_path: Path) -> None:
    run = dream_of_pictures(tmp_path, "run", 1, random_steps=32)
    assert run.policy.actor.arrays["bias_0"].any()  # which is 0 of a policy that nothing has taught


def test_a_resumed_dream_of_pictures_sees_as_it_did(tmp_path: Path) -> None:
    unbroken = dream_of_pictures(tmp_path, "unbroken", 4, random_steps=32)
    broken = gone_back(unbroken.path, tmp_path / "broken", last=4, rounds=2)
    resumed = resume(broken, quiet=True)
    assert entries(resumed) == entries(unbroken)
    for name, values in unbroken.policy.actor.arrays.items():
        np.testing.assert_array_equal(resumed.policy.actor.arrays[name], values)
    seen = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 8), np.uint8)  # eight frames
    ours, theirs = (SavedModel.load(run.path).vae.mirror(seen) for run in (resumed, unbroken))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("option", ["latents", "dream"])
def test_pictures_are_seen_through_an_autoencoder(option: str, tmp_path: Path) -> None:
    demos = tmp_path / "demos.npz"
    store.save(demos, pictured(episodes=3))
    small = dataclasses.replace(TINY["world_model"], latent_size=3)
    chosen = TINY | {option: True, "world_model": small, "demos": str(demos), "total_timesteps": 64, "video_every": 0}
    run = gail.fit("tiny_envs:QuadrantEnv", logdir=tmp_path, run_name="run", **chosen)
    actor = gail.load_policy(run.path).actor
    assert isinstance(actor, EncodedActor)
    assert (actor.observations.frame, actor.encoder.size) == ((8, 8), 3)
    seen = np.random.default_rng(0).integers(0, 256, (5, *actor.observations.shape), np.uint8)
    np.testing.assert_array_equal(actor.mode(seen), actor.actor.mode(actor.encoder(seen)))
    assert run.evaluate(episodes=2).length_mean == 8.0


def pictured(episodes: int) -> Demonstrations:
    """Of one who knows the answers to the questions of `QuadrantEnv`."""
    env = Recorder(make_single("tiny_envs:QuadrantEnv"))
    made = []
    for seed in range(episodes):
        picture, _ = env.reset(seed=seed)
        done = False
        while not done:
            shown = [np.array_equal(picture, quadrant(number, 8)) for number in range(4)]
            picture, _, terminated, truncated, _ = env.step(1 + shown.index(True))
            done = terminated or truncated
        made.append(env.episode)
    return Demonstrations.of(made)
