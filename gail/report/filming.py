"""An episode in pictures, filmed in a process of its own.

Renderers are foreign code that can take a whole process down: Mesa's software renderer, through which MuJoCo draws
without a screen, brings an LLVM that crashes beside TensorFlow's. A run must survive that.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from PIL import Image

from agents.observations import ObservationSpec
from agents.policy import Policy, load_policy
from agents.transitions import Transitions
from agents.workers import child_environment
from envs.actions import ActionSpec
from envs.errors import RunError
from envs.make import make_single

WIDTH = 240  # pixels
FRAMES_PER_SECOND = 15
SECONDS = 20  # longer episodes are cut
ACTIONS = "actions.npy"


class FilmingError(RunError):
    """The episode could not be filmed."""


@dataclass(frozen=True)
class Film:
    """F frames of an episode of L steps."""

    frames: np.ndarray  # [F, H, W, 3] uint8
    steps: np.ndarray  # [F] the step that each frame shows
    observations: np.ndarray  # [L + 1, *frame] float32, or uint8 images, the last one included
    actions: np.ndarray  # [L, K] in the policy's form
    rewards: np.ndarray  # [L] the task's own
    terminated: bool  # the task ended with the last step, and the film shows it

    def transitions(self, depth: int = 1) -> Transitions:
        """``[L]`` of them, where of images ``depth`` are seen at once."""
        ends = (np.arange(len(self.actions)) == len(self.actions) - 1) & self.terminated
        steps = np.arange(len(self.observations))
        rows = ObservationSpec.of(self.observations.shape[1:], depth).rows(steps, ages=steps)
        return Transitions(self.observations[rows[:-1]], self.actions, self.observations[rows[1:]], ends)


def film(env_id: str, env_kwargs: dict[str, Any], actor: Policy | np.ndarray, seed: int) -> Film:
    """Play one episode in another process, and film it.

    Args:
        env_id: as in `envs.make.make_single`.
        env_kwargs: of its constructor.
        actor: a policy, whose most likely actions are taken, or the environment's own actions ``[L, ...]``.
        seed: of the environment.

    Raises:
        FilmingError: the environment cannot be rendered there, whatever the reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(actor, Policy):
            actor.save(Path(folder))
        else:
            np.save(Path(folder) / ACTIONS, actor, allow_pickle=False)
        command = [sys.executable, "-m", "gail.report.filming", folder, env_id, json.dumps(env_kwargs), str(seed)]
        finished = subprocess.run(command, capture_output=True, text=True, env=child_environment(), check=False)
        if finished.returncode != 0:
            last_words = finished.stderr.strip().splitlines()[-1:] or [f"exit status {finished.returncode}"]
            raise FilmingError(last_words[0])
        with np.load(Path(folder) / "film.npz", allow_pickle=False) as arrays:
            return Film(**arrays)


def play(env: gymnasium.Env, choose: Callable[[np.ndarray, int], np.ndarray], seed: int, depth: int = 1) -> Film:
    """Play and film one episode in this process.

    Args:
        env: that renders RGB arrays.
        choose: from what is seen, ``[1, *shape]``, and the step's number to an action ``[K]`` in the policy's form.
        depth: of images, frames that are seen at once.
        seed: of the environment.
    """
    spec = ActionSpec.of(env.action_space)
    stride = max(1, round(env.metadata.get("render_fps", FRAMES_PER_SECOND) / FRAMES_PER_SECOND))
    seen_spec = ObservationSpec.of(env.observation_space.shape or (), depth)
    observation, _ = env.reset(seed=seed)
    frames, steps, observations, actions, rewards = [], [], [np.array(observation, seen_spec.dtype)], [], []
    seen = seen_spec.first(observations[-1][None])
    terminated, done = False, False
    while not done and len(frames) < SECONDS * FRAMES_PER_SECOND:
        if len(actions) % stride == 0:
            frames.append(_scaled(np.asarray(env.render())))
            steps.append(len(actions))
        actions.append(choose(seen, len(actions)))
        observation, reward, terminated, truncated, _ = env.step(spec.to_env(actions[-1][None])[0])
        observations.append(np.array(observation, seen_spec.dtype))
        seen = seen_spec.next(seen, observations[-1][None], np.zeros(1, bool))
        rewards.append(float(reward))
        done = terminated or truncated
    return Film(
        np.stack(frames), np.array(steps), np.stack(observations), np.stack(actions), np.array(rewards), terminated
    )


def _scaled(frame: np.ndarray) -> np.ndarray:
    image = Image.fromarray(frame.astype(np.uint8))
    return np.asarray(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.BILINEAR))


def main() -> None:
    """``python -m gail.report.filming FOLDER ENV KWARGS SEED``: from what is in the folder to ``film.npz`` there."""
    folder, env_id, kwargs, seed = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4])
    env = make_single(env_id, kwargs, render=True)
    if (folder / ACTIONS).exists():
        script = ActionSpec.of(env.action_space).from_env(np.load(folder / ACTIONS, allow_pickle=False))
        filmed = play(env, lambda _, step: script[min(step, len(script) - 1)], seed)
    else:
        actor = load_policy(folder).actor
        filmed = play(env, lambda seen, _: actor.mode(seen)[0], seed, actor.depth)
    env.close()
    np.savez(folder / "film.npz", allow_pickle=False, **vars(filmed))


if __name__ == "__main__":
    main()
