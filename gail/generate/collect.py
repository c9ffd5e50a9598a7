"""The real transitions that a generator is made from: random play, demonstrations, a run's policy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Space
from gymnasium.vector import VectorEnv

from agents.actor import Actor, RandomActor
from agents.rollout import collect, reset
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from envs.observations import is_image
from expert_data import formats, store
from expert_data.checks import check_fit
from expert_data.demonstrations import Demonstrations
from expert_data.generator.dataset import Dataset
from expert_data.spaces import fitted
from gail.generated import tape_of
from gail.latents import demonstrated
from gail.run import Run
from gail.schedule import derived_seed, generator

NUM_ENVS = 8
FEWEST = 20  # transitions: of a part of fewer than four, no classifier can hold folds out


def collected(
    env_id: str,
    env_kwargs: dict[str, Any],
    demonstrations: Demonstrations | None,
    subsample: int,
    random_steps: int,
    policy: Actor | None,
    policy_steps: int,
    seed: int,
) -> tuple[Dataset, Space]:
    """Play, put the demonstrations beside it, and part what is learned from and what is not.

    Of the demonstrations one transition in ``subsample`` is taken, the same that `gail.train` takes with this seed.

    Returns:
        The transitions, and the environment's space of one action.

    Raises:
        InputError: there are too few, or the environment shows images.
    """
    env = make(env_id, NUM_ENVS, env_kwargs)
    try:
        refuse_images(env, env_id)
        spec = ActionSpec.of(env.single_action_space)
        if demonstrations is None or subsample == 1:
            tapes = demonstrated(demonstrations, spec)
        else:
            kept = demonstrations.subsampled(spec, subsample, generator(seed, "subsample"))
            tapes = [tape_of(kept.take(np.arange(len(kept))))]
        shown = sum(map(len, tapes))
        for name, actor, steps in (("random", RandomActor(spec), random_steps), ("policy", policy, policy_steps)):
            if actor is not None and steps:
                cursor = reset(env, derived_seed(seed, name))
                rollout = collect(env, actor, cursor, max(1, steps // NUM_ENVS), generator(seed, name))
                tapes.append(Tape.of_rollout(rollout))
    finally:
        env.close()
    if not tapes or sum(int(tape.leads.sum()) for tape in tapes) < FEWEST:
        raise InputError(
            f"There are fewer than {FEWEST} transitions to learn from; give more --random-steps or --demos, or a "
            "smaller --subsample."
        )
    tape = Tape.joined(tapes)
    expert = np.arange(len(tape)) < shown
    return Dataset.of(tape, expert, generator(seed, "parts")), env.single_action_space


def demonstrations_of(env_id: str, env_kwargs: dict[str, Any], path: str | None, first: int | None) -> Demonstrations:
    """Checked, and fit for the environment; their warnings are printed.

    Raises:
        InputError: there are none, or they cannot be used here.
    """
    env = make(env_id, 1, env_kwargs)
    try:
        refuse_images(env, env_id)
        source = path or store.bundled(env_id)
        if source is None:
            raise InputError(f"No demonstrations of '{env_id}' come with the package; give a file with --demos.")
        limit = None if env.spec is None else env.spec.max_episode_steps
        made = fitted(formats.load(source, limit), env)
        for warning in check_fit(made, str(source), env, env_id, env_kwargs):
            print(f"Warning: {warning}")
    finally:
        env.close()
    if made.actions is None:
        raise InputError(f"Demonstrations '{source}' have no actions, without which nothing tells what came of them.")
    return made if first is None else made.first(first)


def actor_of(run: Path, env_id: str, env_kwargs: dict[str, Any]) -> Actor:
    """A run's policy, if it is of this environment.

    Raises:
        InputError: it is not, or there is none.
    """
    policy = Run(run).policy
    if (policy.env_id, policy.env_kwargs) != (env_id, env_kwargs):
        kwargs = json.dumps(policy.env_kwargs)
        raise InputError(f"The policy in '{run}' is of '{policy.env_id}' with {kwargs}, not of '{env_id}'.")
    return policy.actor


def refuse_images(env: VectorEnv, env_id: str) -> None:
    """Raise an `InputError` where an environment shows images."""
    if is_image(env.single_observation_space):
        raise InputError(
            f"'{env_id}' shows images, of which no generator can be made yet; take an environment that shows vectors."
        )
