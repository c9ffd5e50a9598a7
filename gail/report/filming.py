"""An episode in pictures, filmed in a process of its own.

Renderers are foreign code that can take a whole process down: Mesa's software renderer, through which MuJoCo draws
without a screen, brings an LLVM that crashes beside TensorFlow's. A run must survive that.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from agents.policy import Policy, load_policy
from agents.transitions import Transitions
from agents.workers import child_environment
from envs.errors import RunError
from envs.make import make_single

WIDTH = 240  # pixels
FRAMES_PER_SECOND = 15
SECONDS = 20  # longer episodes are cut


class FilmingError(RunError):
    """The episode could not be filmed."""


@dataclass(frozen=True)
class Film:
    """F frames of an episode of L steps."""

    frames: np.ndarray  # [F, H, W, 3] uint8
    steps: np.ndarray  # [F] the step that each frame shows
    observations: np.ndarray  # [L + 1, D] float32, the last one included
    actions: np.ndarray  # [L, K] in the policy's form
    rewards: np.ndarray  # [L] the task's own
    terminated: bool  # the task ended with the last step, and the film shows it

    @property
    def transitions(self) -> Transitions:
        """``[L]`` of them."""
        ends = (np.arange(len(self.actions)) == len(self.actions) - 1) & self.terminated
        return Transitions(self.observations[:-1], self.actions, self.observations[1:], ends)


def film(policy: Policy, seed: int) -> Film:
    """Play one episode by the policy's mode in another process, and film it.

    Raises:
        FilmingError: the environment cannot be rendered there, whatever the reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        policy.save(Path(folder))
        command = [sys.executable, "-m", "gail.report.filming", folder, str(seed)]
        finished = subprocess.run(command, capture_output=True, text=True, env=child_environment(), check=False)
        if finished.returncode != 0:
            last_words = finished.stderr.strip().splitlines()[-1:] or [f"exit status {finished.returncode}"]
            raise FilmingError(last_words[0])
        with np.load(Path(folder) / "film.npz", allow_pickle=False) as arrays:
            return Film(**arrays)


def play(policy: Policy, seed: int) -> Film:
    """Play and film one episode in this process."""
    env = make_single(policy.env_id, policy.env_kwargs, render=True)
    stride = max(1, round(env.metadata.get("render_fps", FRAMES_PER_SECOND) / FRAMES_PER_SECOND))
    actor = policy.actor
    observation, _ = env.reset(seed=seed)
    frames, steps, observations, actions, rewards = [], [], [np.asarray(observation, np.float32)], [], []
    terminated, done = False, False
    while not done and len(frames) < SECONDS * FRAMES_PER_SECOND:
        if len(actions) % stride == 0:
            frames.append(_scaled(np.asarray(env.render())))
            steps.append(len(actions))
        actions.append(actor.mode(observations[-1][None])[0])
        observation, reward, terminated, truncated, _ = env.step(actor.actions.to_env(actions[-1]))
        observations.append(np.asarray(observation, np.float32))
        rewards.append(float(reward))
        done = terminated or truncated
    env.close()
    return Film(
        np.stack(frames), np.array(steps), np.stack(observations), np.stack(actions), np.array(rewards), terminated
    )


def _scaled(frame: np.ndarray) -> np.ndarray:
    image = Image.fromarray(frame.astype(np.uint8))
    return np.asarray(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.BILINEAR))


def main() -> None:
    """``python -m gail.report.filming FOLDER SEED``: from the policy in the folder to ``film.npz`` there."""
    folder = Path(sys.argv[1])
    np.savez(folder / "film.npz", allow_pickle=False, **vars(play(load_policy(folder), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
