"""A reward function as a folder keeps it. No TensorFlow is needed to read it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.atomic import atomic_write
from envs.actions import ActionSpec
from envs.errors import InputError
from gail.reward.features import Features

FOLDER = "reward"  # of a run
DESCRIPTION = "reward.json"
WEIGHTS = "weights.npz"


@dataclass(frozen=True)
class SavedReward:
    """All that a `gail.reward.shaped.ShapedReward` consists of, and what terminations are worth."""

    features: Features
    hidden: tuple[int, ...]
    spectral_norm: bool
    discount: float
    real_logit: float  # of termination alone, see `gail.reward.discriminator.occupancy_logits`
    absorbing_logit: float
    g: Sequence[np.ndarray]  # weights, layer by layer
    h: Sequence[np.ndarray]

    def save(self, folder: Path) -> None:
        """Write ``reward.json`` (what it is) and ``weights.npz`` (its numbers), each of them atomically."""
        description = {
            "inputs": self.features.inputs,
            "actions": self.features.actions.to_json(),
            "hidden": self.hidden,
            "spectral_norm": self.spectral_norm,
            "discount": self.discount,
            "real_logit": self.real_logit,
            "absorbing_logit": self.absorbing_logit,
            "num_weights": len(self.g),
        }
        arrays = {"mean": self.features.mean, "std": self.features.std}
        for name in ("g", "h"):
            arrays |= {f"{name}_{i}": weight for i, weight in enumerate(getattr(self, name))}
        with atomic_write(folder / WEIGHTS) as file:
            np.savez(file, allow_pickle=False, **arrays)
        with atomic_write(folder / DESCRIPTION) as file:
            file.write(json.dumps(description, indent=2).encode())

    @staticmethod
    def load(folder: Path) -> "SavedReward":
        """What `save` wrote.

        Raises:
            InputError: the folder holds no reward, or one that is damaged.
        """
        if not (folder / DESCRIPTION).is_file():
            raise InputError(f"There is no reward in '{folder}'; give --reward the folder of a run with --algo airl.")
        try:
            description = json.loads((folder / DESCRIPTION).read_text())
            with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
                g, h = ([arrays[f"{name}_{i}"] for i in range(description["num_weights"])] for name in "gh")
                mean, std = arrays["mean"], arrays["std"]
            return SavedReward(
                Features(mean, std, ActionSpec.from_json(description["actions"]), description["inputs"]),
                tuple(description["hidden"]),
                description["spectral_norm"],
                description["discount"],
                description["real_logit"],
                description["absorbing_logit"],
                g,
                h,
            )
        except Exception as error:  # a damaged file can fail in any way that zipfile, NumPy or JSON know
            raise InputError(
                f"The reward in '{folder}' is damaged ({type(error).__name__}: {error}); train it again."
            ) from error
