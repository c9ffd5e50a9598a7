"""The transition GAN as it generates, in NumPy: G(noise, s, a, label) → (change of s, ended)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from agents.transitions import Transitions
from expert_data.generator.generator import Arrays
from expert_data.generator.neighbourhoods import Neighbourhoods
from expert_data.rows import Rows

Layer = tuple[np.ndarray, np.ndarray]  # kernel [I, O], bias [O]


@dataclass(frozen=True)
class TransitionGAN:
    """A trained generator network, and the situations that it goes on from; see `Generator`."""

    rows: Rows
    situations: Neighbourhoods
    layers: Sequence[Layer]
    noise_size: int

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """See `Generator`."""
        observations, actions, labels = self.situations.draw(count, rate, rng)
        return Transitions(observations, actions, *self.step(observations, actions, labels, rng))

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Generator`."""
        noise = rng.standard_normal((len(observations), self.noise_size), np.float32)
        inputs = self.rows.inputs(observations, actions)
        hidden = np.concatenate([noise, inputs, labels[:, None].astype(np.float32)], -1)
        for kernel, bias in self.layers[:-1]:
            hidden = hidden @ kernel + bias
            hidden = hidden * expit(hidden)  # SiLU
        kernel, bias = self.layers[-1]
        columns = hidden @ kernel + bias
        ended = rng.random(len(columns)) < expit(columns[:, -1])
        return self.rows.after(observations, columns[:, :-1]), ended

    @property
    def arrays(self) -> Arrays:
        """See `Generator`."""
        arrays = {}
        for i, (kernel, bias) in enumerate(self.layers):
            arrays |= {f"kernel_{i}": kernel, f"bias_{i}": bias}
        return arrays | {"noise_size": np.asarray(self.noise_size)}

    @staticmethod
    def from_arrays(rows: Rows, situations: Neighbourhoods, arrays: Mapping[str, np.ndarray]) -> "TransitionGAN":
        """The inverse of `arrays`.

        Raises:
            KeyError: something is missing.
        """
        numbers = range(sum(name.startswith("kernel_") for name in arrays))
        layers = [(arrays[f"kernel_{i}"], arrays[f"bias_{i}"]) for i in numbers]
        return TransitionGAN(rows, situations, layers, int(arrays["noise_size"]))
