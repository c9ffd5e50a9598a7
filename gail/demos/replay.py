"""The recorded actions, taken again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from agents.atomic import atomic_write
from envs.errors import InputError, RunError
from envs.make import make_single
from expert_data import formats
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episode
from gail.report.filming import film
from gail.report.video import draw_video

TOLERANCE = 1e-6  # of float32, as a share


@dataclass(frozen=True)
class Departure:
    """The first observation of an episode that is another than the recorded one."""

    step: int  # observations before it, so that 0 is the first
    distance: float  # the largest of its numbers' differences; NaN where the episode had ended before


@dataclass(frozen=True)
class Script:
    """What it takes to act an episode again."""

    made: Demonstrations  # with actions
    seeds: np.ndarray  # int64 [E]
    env_id: str
    env_kwargs: dict[str, Any]


def replayable(source: str, env_id: str | None, env_kwargs: dict[str, Any]) -> Script:
    """Demonstrations that can be acted again, in the environment that they name or in another.

    Args:
        source: a file, a folder, or the id of a Minari dataset.
        env_id: in the place of the recorded one.
        env_kwargs: in the place of recorded ones of the same names.

    Raises:
        InputError: they name no environment, seeds or actions.
    """
    made = formats.load(source)
    name = env_id or made.metadata.get("env_id")
    if name is None:
        raise InputError(f"'{source}' names no environment; give it with --env.")
    if made.seeds is None or made.actions is None:
        what = "actions" if made.actions is None else "seeds, without which nobody knows where an episode began"
        raise InputError(f"'{source}' has no {what}; only recordings that have them can be replayed.")
    return Script(made, made.seeds, str(name), made.metadata.get("env_kwargs", {}) | env_kwargs)


def replay(source: str, env_id: str | None, env_kwargs: dict[str, Any], gif: Path | None) -> None:
    """Print for each episode whether the environment does again what was recorded.

    Raises:
        InputError: see `replayable`.
        RunError: an episode departs from what was recorded.
    """
    script = replayable(source, env_id, env_kwargs)
    made = script.made
    env = make_single(script.env_id, script.env_kwargs)
    departed = 0
    for number, seed in enumerate(script.seeds):
        found = departure(env, made[number], int(seed))
        departed += found is not None
        verdict = "the same" if found is None else f"departs at observation {found.step}, by {found.distance:.3g}"
        print(f"episode {number}, seed {seed}, {made.lengths[number]} steps: {verdict}")
    env.close()
    if gif is not None:
        _film(script, gif)
    if departed:
        raise RunError(
            f"{departed} of {len(made)} episodes depart from what was recorded: the environment is another version, "
            "has other options, or does not follow from its seed."
        )


def departure(env: gymnasium.Env, episode: Episode, seed: int) -> Departure | None:
    """Where an environment does something else than was recorded; None if it does the same to the end."""
    assert episode.actions is not None, "the caller looked"
    observation, _ = env.reset(seed=seed)
    ended = False
    for step, expected in enumerate(episode.observations):
        if ended:
            return Departure(step, float("nan"))
        if step > 0:
            observation, _, terminated, truncated, _ = env.step(episode.actions[step - 1])
            ended = terminated or truncated
        difference = np.abs(np.asarray(observation, np.float64) - expected)
        if (difference > TOLERANCE * np.maximum(1.0, np.abs(expected))).any():
            return Departure(step, float(difference.max()))
    return None


def _film(script: Script, gif: Path) -> None:
    episode = script.made[0]
    assert episode.actions is not None, "it can be replayed"
    video = draw_video(film(script.env_id, script.env_kwargs, episode.actions, int(script.seeds[0])))
    with atomic_write(gif) as file:
        file.write(video.data)
    print(f"{gif}: episode 0")
