"""Demonstrations of vectors as pictures of the same episodes."""

from pathlib import Path
from typing import Any

import numpy as np

from envs.errors import RunError
from envs.make import make_single
from expert_data.episodes import Episode
from expert_data.recording import Recorder, Recording
from gail.demos.replay import replayable


def render(source: str, env_id: str | None, env_kwargs: dict[str, Any], out: Path) -> None:
    """Take the recorded actions again, and write what an environment of other ``env_kwargs`` shows of them.

    Raises:
        InputError: the demonstrations name no environment, seeds or actions, or ``out`` exists.
        RunError: an episode takes another course than the recorded one; nothing is written.
    """
    script = replayable(source, env_id, env_kwargs)
    shown_by = script.made.metadata.get("source", source)
    recording = Recording(out, script.env_id, script.env_kwargs, f"{shown_by}, rendered", append=False)
    recorder = Recorder(make_single(script.env_id, script.env_kwargs))
    try:
        for number, seed in enumerate(script.seeds):
            recorded = script.made[number]
            assert recorded.actions is not None, "it can be replayed"
            recorder.reset(seed=int(seed))
            ended = False
            for action in recorded.actions:
                if ended:
                    break
                _, _, terminated, truncated, _ = recorder.step(action)
                ended = terminated or truncated
            if not _same_course(recorder.episode, recorded):
                raise RunError(
                    f"Episode {number} takes another course than what was recorded: the environment is another "
                    "version, has other options, or does not follow from its seed."
                )
            recording.add(recorder.episode, int(seed))
    finally:
        recorder.close()
    recording.save()
    shape = recorder.observation_space.shape or ()
    print(f"{out}: {len(recording)} episodes, {int(script.made.lengths.sum()):,} steps, {' by '.join(map(str, shape))}")


def _same_course(seen: Episode, recorded: Episode) -> bool:
    if (len(seen), seen.terminated) != (len(recorded), recorded.terminated):
        return False
    if seen.rewards is None or recorded.rewards is None:
        return True
    return np.allclose(seen.rewards, recorded.rewards, rtol=1e-5)
