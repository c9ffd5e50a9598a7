"""Real experience that a model is judged by, and does not learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import gymnasium
import numpy as np

from agents.actor import Actor
from agents.encoded import Encoder
from agents.observations import ObservationSpec
from agents.world_model.tape import Tape
from envs.true_state import TrueState

FEWEST_EPISODES = 4


@dataclass(frozen=True)
class Evidence:
    """R rows of what was met, and what was truly so."""

    tape: Tape  # of frames
    truths: np.ndarray  # [R, S]
    names: tuple[str, ...]  # of S numbers

    @staticmethod
    def joined(parts: "Sequence[Evidence]") -> "Evidence":
        """Of one environment, one after another."""
        truths = np.concatenate([part.truths for part in parts])
        return Evidence(Tape.joined([part.tape for part in parts]), truths, parts[0].names)

    def latents(self, encoder: Encoder) -> np.ndarray:
        """``[R, Z]``."""
        return self.tape.encoded(encoder).frames


def witnessed(env: gymnasium.Env, actor: Actor, steps: int, seed: int) -> Evidence:
    """Episodes of sampled actions, one after another, each from another start.

    Args:
        env: from `envs.make.make_single`.
        actor: sees what the environment shows.
        steps: in all; no episode takes more than its share of them, so that there are several.
        seed: of the environment and of the actor.
    """
    rng = np.random.default_rng(seed)
    spec = ObservationSpec.of(env.observation_space.shape or (), actor.depth)
    tapes, truths, names, left = [], [], (), steps
    while left > 0:
        frame, _ = env.reset(seed=int(rng.integers(2**31 - 1)))
        truth = TrueState.of(env)  # some have a state only now
        frames, names = [np.array(frame, spec.dtype)], truth.names
        truths.append(truth.read(frames[-1]))
        seen, actions, rewards, terminated, truncated = spec.first(frames[-1][None]), [], [], False, False
        while not (terminated or truncated) and len(actions) < min(left, -(-steps // FEWEST_EPISODES)):
            actions.append(actor.sample(seen, rng)[0])
            frame, reward, terminated, truncated, _ = env.step(actor.actions.to_env(actions[-1][None])[0])
            frames.append(np.array(frame, spec.dtype))
            truths.append(truth.read(frames[-1]))
            rewards.append(float(reward))
            seen = spec.next(seen, frames[-1][None], np.zeros(1, bool))
        rewards = np.array(rewards, np.float32)
        tapes.append(Tape.of_episode(np.stack(frames), np.stack(actions), rewards, bool(terminated)))
        left -= len(actions)
    return Evidence(Tape.joined(tapes), np.stack(truths).astype(np.float32), names)
