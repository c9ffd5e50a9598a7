"""A fitted generator in a folder: what it is in JSON, what it has learned in plain arrays; nothing is pickled."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.atomic import atomic_write
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from expert_data.generator.config import GANConfig, Kind
from expert_data.generator.dataset import Dataset
from expert_data.generator.dynamics import GeneratedDynamics
from expert_data.generator.fitting import Material, restored
from expert_data.generator.generator import Generator
from expert_data.rows import Rows

DESCRIPTION = "generator.json"
TRANSITIONS = "transitions.npz"
WEIGHTS = "weights.npz"
GATE = "gate.json"


@dataclass(frozen=True)
class Description:
    """What a generator is."""

    env_id: str
    env_kwargs: dict[str, Any]
    kind: Kind
    situation: str  # that it is conditioned on
    sources: list[str]  # of its transitions, in words
    seed: int
    gan: GANConfig

    @staticmethod
    def from_json(fields: dict[str, Any]) -> "Description":
        """The inverse of `dataclasses.asdict`.

        Raises:
            KeyError, TypeError: the fields are not those of this version.
        """
        gan: Any = GANConfig(**(fields["gan"] | {"hidden": tuple(fields["gan"]["hidden"])}))
        return Description(**(fields | {"gan": gan}))


@dataclass(frozen=True)
class FittedGenerator:
    """A generator, what it has learned from, and what the gate says of it."""

    description: Description
    material: Material
    generator: Generator
    gate: dict[str, Any] | None = None  # as `gail.generate check` left it; None before

    def save(self, folder: Path) -> None:
        """Write all but the gate's judgement; the description comes last, so that who finds it finds everything."""
        transitions = self.material.dataset.arrays | {"labels": self.material.labels}
        for name, arrays in ((TRANSITIONS, transitions), (WEIGHTS, self.generator.arrays)):
            with atomic_write(folder / name) as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)
        _write(folder / DESCRIPTION, dataclasses.asdict(self.description))

    @staticmethod
    def load(folder: Path) -> "FittedGenerator":
        """What `save` and `save_gate` wrote.

        Raises:
            InputError: the folder holds no generator, or one that is damaged, or its environment cannot be made.
        """
        if not (folder / DESCRIPTION).is_file():
            raise InputError(f"There is no generator in '{folder}'; make one with python -m gail.generate fit.")
        try:
            description = Description.from_json(json.loads((folder / DESCRIPTION).read_text()))
            with np.load(folder / TRANSITIONS, allow_pickle=False) as arrays:
                dataset, labels = Dataset.from_arrays(arrays), arrays["labels"]
            env = make(description.env_id, 1, description.env_kwargs)
            env.close()
            space = env.single_action_space
            material = Material(dataset, Rows.of(dataset.learned, ActionSpec.of(space)), space, labels)
            with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
                generator = restored(description.kind, material, dict(arrays))
            gate = json.loads((folder / GATE).read_text()) if (folder / GATE).is_file() else None
        except InputError:
            raise
        except Exception as error:  # a damaged file can fail in any way that zipfile, NumPy or JSON know
            raise InputError(
                f"The generator in '{folder}' is damaged ({type(error).__name__}: {error}); fit it again."
            ) from error
        return FittedGenerator(description, material, generator, gate)

    @staticmethod
    def save_gate(folder: Path, gate: dict[str, Any]) -> None:
        """Write what the gate says beside the generator."""
        _write(folder / GATE, gate)

    def dynamics(self, rate: float | None) -> GeneratedDynamics:
        """As an environment; see there."""
        return GeneratedDynamics(self.generator, self.material, rate)


def _write(path: Path, content: dict[str, Any]) -> None:
    with atomic_write(path) as file:
        file.write(json.dumps(content, indent=2).encode())
