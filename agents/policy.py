"""A trained policy as a user holds it: load it, ask it for actions. Only one that sees images needs TensorFlow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.actor import PolicyActor, TrainedActor
from agents.atomic import atomic_write
from agents.encoded import EncodedActor
from envs.errors import InputError

DESCRIPTION = "policy.json"
WEIGHTS = "weights.npz"


@dataclass(frozen=True)
class Policy:
    """A policy and the environment that it was trained for."""

    actor: TrainedActor
    env_id: str
    env_kwargs: dict[str, Any]

    def act(self, observation: np.ndarray, rng: np.random.Generator | None = None) -> Any:
        """The action for one observation.

        Args:
            observation: ``[D]``, as `envs.make` gives it (that is, flattened where the environment's own is no vector),
                or the last ``actor.depth`` frames of images, ``[k, H, W(, C)]``, the oldest first.
            rng: where given, the action is sampled; otherwise it is the most likely one.

        Returns:
            An action for ``env.step``: an int for Discrete, otherwise an array.
        """
        row = np.asarray(observation, self.actor.observations.dtype)[None]
        action = self.actor.mode(row) if rng is None else self.actor.sample(row, rng)
        taken = self.actor.actions.to_env(action)[0]
        return taken.item() if taken.ndim == 0 else taken

    def save(self, folder: Path) -> None:
        """Write ``policy.json`` (what the policy is) and ``weights.npz`` (its numbers), each of them atomically."""
        description = {"env_id": self.env_id, "env_kwargs": self.env_kwargs, "actor": self.actor.description}
        with atomic_write(folder / WEIGHTS) as file:
            np.savez(file, allow_pickle=False, **self.actor.arrays)
        with atomic_write(folder / DESCRIPTION) as file:
            file.write(json.dumps(description, indent=2).encode())


def load_policy(folder: Path) -> Policy:
    """What `Policy.save` wrote.

    Raises:
        InputError: the folder holds no policy, or one that is damaged.
    """
    if not (folder / DESCRIPTION).is_file():
        raise InputError(f"There is no policy in '{folder}'; give the folder of a run that has reached a checkpoint.")
    try:
        description = json.loads((folder / DESCRIPTION).read_text())
        with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
            actor = _actor(description["actor"], arrays)
        return Policy(actor, description["env_id"], description["env_kwargs"])
    except Exception as error:  # a damaged file can fail in any way that zipfile, NumPy or JSON know
        raise InputError(
            f"The policy in '{folder}' is damaged ({type(error).__name__}: {error}); train it again."
        ) from error


def _actor(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> TrainedActor:
    if "encoder" in description:
        return EncodedActor.from_parts(description, arrays)
    if "cnn" not in description:
        return PolicyActor.from_parts(description, arrays)
    # Imported here because no other policy needs TensorFlow.
    from agents.pixel_actor import PixelActor

    return PixelActor.from_parts(description, arrays)
