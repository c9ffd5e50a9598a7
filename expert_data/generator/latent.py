"""The world model as a generator: an autoencoder, and recurrent dynamics of its latents.

It begins every step without a memory, because a transition comes alone.
"""

from collections.abc import Mapping

import numpy as np
from gymnasium.spaces import Space

from agents.config import WorldModelConfig
from agents.observations import ObservationSpec
from agents.transitions import Transitions
from agents.world_model.model import WorldModel
from agents.world_model.tape import Tape
from agents.world_model.vae import VAE
from expert_data.generator.dataset import LEARNED, Dataset
from expert_data.generator.generator import Arrays, Watcher
from expert_data.generator.neighbourhoods import Neighbourhoods
from expert_data.rows import Rows


class LatentGenerator:
    """See `expert_data.generator.generator.Generator`; it knows nothing of labels but where it begins."""

    def __init__(self, rows: Rows, situations: Neighbourhoods, action_space: Space, seed: int):
        """At the initial weights, which follow from ``seed``."""
        config = WorldModelConfig()
        size = len(rows.mean)
        self._rows, self._situations = rows, situations
        self._vae = VAE(ObservationSpec((size,)), rows.actions, config.latent_size or size, config, seed)
        self._model = WorldModel(self._vae.size, rows.actions, action_space, config, seed + 1)

    def fit(self, dataset: Dataset, minibatches: int, rng: np.random.Generator, watcher: Watcher) -> None:
        """So many gradient steps of the autoencoder, and then of the dynamics, on one part of the tape."""
        tape = dataset.tape
        usable = tape.leads & (dataset.part == LEARNED)
        self._vae.fit(tape, [dataset.learned_rows], minibatches, rng)
        latents = self._vae.mirror(tape.frames)
        learned = Tape(latents, tape.ages, tape.actions, tape.rewards, tape.terminations & usable, usable)
        self._model.scale(learned)
        watcher.losses(minibatches, self._model.update(learned, [np.arange(len(learned))], minibatches, rng))

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """See `Generator`."""
        observations, actions, labels = self._situations.draw(count, rate, rng)
        return Transitions(observations, actions, *self.step(observations, actions, labels, rng))

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Generator`."""
        config, count = self._model.config, len(observations)
        latents = self._vae.mirror(observations)
        state = {
            "latents": latents,
            "memory": np.zeros((count, config.members, config.hidden), np.float32),
            "member": rng.integers(0, config.members, count, np.int32),
        }
        imagined = self._model.step(state, self._rows.actions.to_env(actions), rng)
        # What the autoencoder cannot tell of an observation is none of the step's.
        changes = self._vae.decode(imagined.observations) - self._vae.decode(latents)
        return (observations + changes).astype(np.float32), imagined.terminations

    @property
    def arrays(self) -> Arrays:
        """See `Generator`."""
        parts = {"vae": self._vae.arrays, "dynamics": self._model.arrays}
        return {f"{part}_{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up `arrays`.

        Raises:
            KeyError, ValueError: they are those of another model.
        """
        for part, model in (("vae_", self._vae), ("dynamics_", self._model)):
            model.restore({name.removeprefix(part): arrays[name] for name in arrays if name.startswith(part)})
