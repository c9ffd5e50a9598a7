"""What is wrong with demonstrations, and do they belong to this environment?"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Space
from gymnasium.vector import VectorEnv

from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.columns import blocks
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episodes

ROUNDING = 1e-5  # how far other libraries' float32 may stand over the edge, as a share of it


@dataclass(frozen=True)
class Finding:
    """Something that a user should know of demonstrations."""

    sentence: str
    fatal: bool  # nothing can be learned from them in this environment


def check_fit(
    demonstrations: Demonstrations, source: str, env: VectorEnv, env_id: str, env_kwargs: Mapping[str, Any]
) -> list[str]:
    """Look for all that is wrong, before anything is learned.

    Args:
        demonstrations: to be checked.
        source: what to call them in a message.
        env: as made by `envs.make.make`.
        env_id: as the user asked for it.
        env_kwargs: as the user gave them.

    Returns:
        Warnings, each a sentence.

    Raises:
        InputError: they cannot come from this environment.
    """
    warnings = []
    for finding in [*findings_with(demonstrations, env, env_id, env_kwargs), *findings(demonstrations)]:
        sentence = f"Demonstrations '{source}': {finding.sentence}"
        if finding.fatal:
            raise InputError(sentence)
        warnings.append(sentence)
    return warnings


def findings(demonstrations: Demonstrations) -> Iterator[Finding]:
    """What they tell by themselves."""
    synthetic = demonstrations.metadata.get("synthetic")
    if synthetic:
        yield Finding(f"nobody did this: they are synthetic, {verdict_of(synthetic)}.", fatal=False)
    for first, second in duplicates(demonstrations):
        yield Finding(
            f"episode {second} is the same as episode {first}; an expert that is shown twice counts twice.", fatal=False
        )
    actions = demonstrations.actions
    if actions is not None and len(actions) > 1:
        first = actions[np.zeros(1, np.int64)]
        if all((block == first).all() for block in blocks(actions)):
            yield Finding(
                f"every action is {first[0].tolist()}, from which nothing can be learned about when to act; "
                "look whether they were recorded as they were taken.",
                fatal=False,
            )


def findings_with(
    demonstrations: Demonstrations, env: VectorEnv, env_id: str, env_kwargs: Mapping[str, Any]
) -> Iterator[Finding]:
    """What they tell beside the environment: ids, shapes, ranges and lengths. After a fatal finding others may follow.

    Args:
        demonstrations: to be checked.
        env: as made by `envs.make.make`.
        env_id: as the user asked for it.
        env_kwargs: as the user gave them.
    """
    recorded = demonstrations.metadata.get("env_id")
    if recorded and _without_version(recorded) != _without_version(env_id):
        yield Finding(f"they were recorded in '{recorded}', not in '{env_id}'; give --demos of '{env_id}'.", fatal=True)
    elif recorded and recorded != env_id:
        yield Finding(
            f"they were recorded in '{recorded}', another version of '{env_id}', which may act differently.",
            fatal=False,
        )
    options = demonstrations.metadata.get("env_kwargs")
    if options is not None and options != env_kwargs:
        yield Finding(
            f"they were recorded with --env-kwargs '{json.dumps(options)}', not '{json.dumps(dict(env_kwargs))}'; the "
            "environment may act differently.",
            fatal=False,
        )
    observation_space, action_space = env.single_observation_space, env.single_action_space
    for name, space in (("observations", observation_space), ("actions", action_space)):
        column = getattr(demonstrations, name)
        if column is not None and column.shape[1:] != space.shape:
            yield Finding(
                f"'{name}' have shape {column.shape[1:]} a step, but '{env_id}' has {space.shape}; "
                f"give --demos of '{env_id}'.",
                fatal=True,
            )
            return
    yield from _outside_observations(demonstrations, observation_space, env_id)
    yield from _outside_actions(demonstrations, action_space, env_id)
    limit = None if env.spec is None else env.spec.max_episode_steps
    if demonstrations.metadata.get("synthetic"):
        return  # generated steps stand alone, and tell nothing of lengths
    cut_off = np.flatnonzero(demonstrations.truncated & (demonstrations.lengths < (limit or 0)))
    if cut_off.size:
        number = int(cut_off[0])
        yield Finding(
            f"{cut_off.size} of {len(demonstrations)} episodes were cut off before '{env_id}' would have ended them, "
            f"episode {number} after {demonstrations.lengths[number]} of {limit} steps; if they ended by themselves, "
            "their terminations are missing, and the agent will not learn to end as they did.",
            fatal=False,
        )
    if limit is not None and demonstrations.lengths.max() > limit:
        number = int(demonstrations.lengths.argmax())
        yield Finding(
            f"episode {number} has {demonstrations.lengths[number]} steps, where '{env_id}' ends after {limit}; "
            "they may be of another version of it.",
            fatal=False,
        )


def no_better_than_random(demonstrations: Demonstrations, random: Episodes) -> Finding | None:
    """An expert is one who does better than chance.

    Args:
        demonstrations: with rewards, or nothing is found.
        random: episodes of a policy that acts at random.
    """
    if demonstrations.rewards is None or demonstrations.return_mean > random.return_mean:
        return None
    return Finding(
        f"their mean return of {demonstrations.return_mean:,.1f} is no better than the {random.return_mean:,.1f} of a "
        "random policy; who imitates them learns nothing about the task.",
        fatal=False,
    )


def verdict_of(synthetic: Any) -> str:
    """What the gate said of a generator, in words.

    Args:
        synthetic: of the demonstrations' metadata: a dictionary, or anything in a file of others.
    """
    verdict = synthetic.get("verdict") if isinstance(synthetic, Mapping) else None
    if not isinstance(verdict, int | float):
        return "and no gate has checked them"
    return f"with a verdict of {verdict:.2f} by the gate, where 1 is as good as real"


def _without_version(env_id: str) -> str:
    return re.sub(r"-v\d+$", "", env_id)


def duplicates(demonstrations: Demonstrations) -> Iterator[tuple[int, int]]:
    """Pairs of equal episodes; only those whose lengths and first observations agree are read."""
    firsts = demonstrations.observations[demonstrations.starts + np.arange(len(demonstrations))]
    seen: dict[tuple[int, bytes], list[int]] = {}
    for number, (length, first) in enumerate(zip(demonstrations.lengths.tolist(), firsts, strict=True)):
        seen.setdefault((length, first.tobytes()), []).append(number)
    for numbers in seen.values():
        digests: dict[str, int] = {}
        for number in numbers if len(numbers) > 1 else ():
            episode = demonstrations[number]
            content = episode.observations.tobytes() + (b"" if episode.actions is None else episode.actions.tobytes())
            digest = hashlib.sha256(content).hexdigest()
            if digest in digests:
                yield digests[digest], number
            else:
                digests[digest] = number


def _outside_observations(demonstrations: Demonstrations, space: Space, env_id: str) -> Iterator[Finding]:
    """The first one; only a warning, because many environments leave their own space now and then."""
    column = demonstrations.observations
    if not isinstance(space, Box) or (column.dtype == np.uint8 == space.dtype):
        return
    low, high = (edge.ravel().astype(np.float64) for edge in (space.low, space.high))
    row = 0
    for block in blocks(column):
        bad = np.flatnonzero(~_between(block.reshape(len(block), -1), low, high).all(-1))
        if bad.size:
            episode, step = demonstrations.place(row + int(bad[0]), last_included=True)
            yield Finding(
                f"the observation at step {step} of episode {episode} is outside the observation space of '{env_id}'.",
                fatal=False,
            )
            return
        row += len(block)


def _outside_actions(demonstrations: Demonstrations, space: Space, env_id: str) -> Iterator[Finding]:
    """The first one."""
    if demonstrations.actions is None:
        return
    spec = ActionSpec.of(space)
    row = 0
    for block in blocks(demonstrations.actions):
        values = block.reshape(len(block), -1)
        inside = _between(values, np.asarray(spec.clip_low), np.asarray(spec.clip_high))
        if spec.kind != "gaussian":
            inside &= values == np.round(values)
        bad = np.flatnonzero(~inside.all(-1))
        if bad.size:
            episode, step = demonstrations.place(row + int(bad[0]), last_included=False)
            yield Finding(
                f"the action at step {step} of episode {episode}, {block[bad[0]]}, is outside {space} of '{env_id}'; "
                "record them again.",
                fatal=True,
            )
            return
        row += len(block)


def _between(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """``[B, K]`` and edges ``[K]`` → bool ``[B, K]``."""
    slack_low, slack_high = (
        ROUNDING * np.maximum(1.0, np.abs(np.nan_to_num(edge, posinf=0, neginf=0))) for edge in (low, high)
    )
    return (values >= low - slack_low) & (values <= high + slack_high)
