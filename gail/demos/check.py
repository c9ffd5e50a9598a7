"""Everything that is wrong with demonstrations of an environment."""

from typing import Any

from agents.actor import RandomActor
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from expert_data import formats
from expert_data.checks import findings, findings_with, no_better_than_random
from expert_data.episodes import Episodes
from expert_data.play import play
from expert_data.spaces import fitted

RANDOM_EPISODES = 10


def check(source: str, env_id: str, env_kwargs: dict[str, Any]) -> None:
    """Print every finding, or that there is none.

    Raises:
        InputError: they cannot be read, or are not of this environment.
    """
    env = make(env_id, RANDOM_EPISODES, env_kwargs)
    try:
        limit = None if env.spec is None else env.spec.max_episode_steps
        made = fitted(formats.load(source, limit), env)
        found = [*findings_with(made, env, env_id, env_kwargs), *findings(made)]
        fatal = any(finding.fatal for finding in found)
        if not fatal:
            random = play(env, RandomActor(ActionSpec.of(env.single_action_space)), seed=0, stochastic=True)
            chance = no_better_than_random(made, Episodes.of(random))
            found += [] if chance is None else [chance]
    finally:
        env.close()
    for finding in found:
        print(f"{'Error' if finding.fatal else 'Warning'}: {finding.sentence}")
    if fatal:
        raise InputError(f"'{source}' cannot be used in '{env_id}'.")
    if not found:
        print(f"'{source}' fits '{env_id}': {len(made)} episodes, {made.num_steps:,} steps, nothing is wrong.")
