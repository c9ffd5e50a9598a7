"""A report on a world model: figures as JSON, and a page with its pictures."""

import json
from pathlib import Path

import numpy as np

from agents.actor import Actor, RandomActor
from agents.atomic import atomic_write
from agents.encoded import EncodedActor
from agents.policy import DESCRIPTION, Policy, load_policy
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make, make_single
from expert_data import formats
from expert_data.spaces import fitted
from gail.config import TrainConfig
from gail.dream.page import charts_of, page
from gail.dream.saved import SavedModel
from gail.latents import demonstrated
from gail.report.world_model.evidence import Evidence, witnessed
from gail.report.world_model.examination import Examination, examine
from gail.report.world_model.pictures import album, depicting
from gail.run import Run
from gail.source import demos_path

FOLDER, FIGURES, PAGE = "report", "report.json", "index.html"
MOST_EXPERT_EPISODES = 4


def report(path: Path, steps: int, seed: int) -> list[str]:
    """Write ``report/`` in the folder of a run, and tell the main figures in words.

    Args:
        path: of the run.
        steps: fresh real steps to judge by, of the run's policy and of chance, each.
        seed: of these.

    Raises:
        InputError: there is no model in it.
    """
    saved = SavedModel.load(path)
    config, policy = saved.config, _policy(path)
    examined: dict[str, Examination] = {}
    evidence = _evidence(config, policy, steps, seed)
    for who, (met, actor) in evidence.items():
        rng = np.random.default_rng(seed)
        examined[who] = examine(saved.vae, saved.model, met, actor, config.dreaming.horizon, rng)
    who, (met, _) = next(iter(evidence.items()))
    with depicting(config.env, config.env_arguments, saved.vae.observations) as depict:
        pictures = album(saved.vae, saved.model, met, depict)
    for name, chart in charts_of(examined).items():
        pictures[name] = chart
    folder = path / FOLDER
    for name, picture in pictures.items():
        with atomic_write(folder / f"{name}.{picture.suffix}") as file:
            file.write(picture.data)
    figures = {"env": config.env, "steps": steps, "seed": seed, **{each: made.json for each, made in examined.items()}}
    with atomic_write(folder / FIGURES) as file:
        file.write(json.dumps(figures, indent=2).encode())
    files = {name: f"{name}.{picture.suffix}" for name, picture in pictures.items()}
    with atomic_write(folder / PAGE) as file:
        file.write(page(config.env, who, examined, files).encode())
    return [*in_words(examined), f"look at it: {folder / PAGE}"]


def in_words(examined: dict[str, Examination]) -> list[str]:
    """A line for each kind of experience."""
    lines = []
    for who, made in examined.items():
        words = [f"{made.scalars['world_model/active_units']:.0f} of {len(made.kl)} numbers of a latent used"]
        foreseen = None if made.latents is None else made.latents.at(5)
        if foreseen is not None:
            words.append(f"5 steps ahead wrong by {foreseen[0]:.3f} (nothing changes: {foreseen[1]:.3f})")
        if made.dream_return is not None:
            words.append(
                f"{made.horizon} steps pay {made.dream_return:,.1f} in dreams, {made.real_return:,.1f} in truth"
            )
        lines.append(f"{who}: {', '.join(words)}")
    return lines


def _policy(path: Path) -> Policy | None:
    folder = Run(path).policy_folder
    return load_policy(folder) if (folder / DESCRIPTION).is_file() else None


def _evidence(
    config: TrainConfig, policy: Policy | None, steps: int, seed: int
) -> dict[str, tuple[Evidence, Actor | None]]:
    """What the agent, its expert and chance have met, and who acts on latents as they do."""
    env = make_single(config.env, config.env_arguments)
    try:
        spec = ActionSpec.of(env.action_space)
        random = RandomActor(spec, config.network.frames)
        found: dict[str, tuple[Evidence, Actor | None]] = {}
        if policy is not None and isinstance(policy.actor, EncodedActor):
            found["agent"] = (witnessed(env, policy.actor, steps, seed), policy.actor.actor)
        expert = _demonstrated(config, spec)
        if expert is not None:
            found["expert"] = (expert, None)
        found["chance"] = (witnessed(env, random, steps, seed), random)
        return found
    finally:
        env.close()


def _demonstrated(config: TrainConfig, spec: ActionSpec) -> Evidence | None:
    """The last demonstrations, which a model has mostly not learned from; None where there are none any more."""
    try:
        path = demos_path(config)
    except InputError:
        return None
    if path is None or not path.exists():
        return None
    env = make(config.env, 1, config.env_arguments)
    try:
        limit = None if env.spec is None else env.spec.max_episode_steps
        made = fitted(formats.load(path, limit), env)
    finally:
        env.close()
    count = min(len(made), MOST_EXPERT_EPISODES)
    tapes = demonstrated(made.chosen(range(len(made) - count, len(made))), spec)
    if not tapes:
        return None
    tape = Tape.joined(tapes)
    if tape.frames.ndim > 2:
        return Evidence(tape, np.zeros((len(tape), 0), np.float32), ())
    return Evidence(tape, tape.frames, tuple(f"observation {i}" for i in range(tape.frames.shape[1])))
