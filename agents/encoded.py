"""Seeing latents in the place of observations: an encoder between an environment and who acts there."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from gymnasium.spaces import Box
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space

from agents.actor import Layer, PolicyActor
from agents.observations import ObservationSpec
from agents.transitions import Transitions
from envs.actions import ActionSpec


class Encoder(Protocol):
    """From what is seen to latents; it no longer learns."""

    @property
    def observations(self) -> ObservationSpec:
        """What it sees."""
        ...

    @property
    def size(self) -> int:
        """Z."""
        ...

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """What is seen, ``[N, *shape]``, → latents, float32 ``[N, Z]``."""
        ...


@dataclass(frozen=True)
class PerceptronEncoder:
    """Of vectors, in NumPy, so that who acts by it needs no TensorFlow; hidden layers have the SiLU nonlinearity."""

    mean: np.ndarray  # [D]
    std: np.ndarray  # [D]
    layers: tuple[Layer, ...]

    @property
    def observations(self) -> ObservationSpec:
        """See `Encoder`."""
        return ObservationSpec(self.mean.shape)

    @property
    def size(self) -> int:
        """See `Encoder`."""
        return len(self.layers[-1][1])

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """See `Encoder`."""
        hidden = (seen - self.mean) / self.std
        for kernel, bias in self.layers[:-1]:
            hidden = hidden @ kernel + bias
            hidden = hidden / (1.0 + np.exp(-hidden))
        kernel, bias = self.layers[-1]
        return (hidden @ kernel + bias).astype(np.float32)


@dataclass(frozen=True)
class EncodedActor:
    """An actor on latents, and the encoder that it needs; see `agents.actor.TrainedActor`."""

    encoder: PerceptronEncoder
    actor: PolicyActor

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "EncodedActor":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError: something is missing.
        """
        numbers = range(description["num_encoder_layers"])
        layers = tuple((arrays[f"encoder_kernel_{i}"], arrays[f"encoder_bias_{i}"]) for i in numbers)
        encoder = PerceptronEncoder(arrays["encoder_mean"], arrays["encoder_std"], layers)
        return EncodedActor(encoder, PolicyActor.from_parts(description["actor"], arrays))

    @property
    def actions(self) -> ActionSpec:
        """See `agents.actor.Actor`."""
        return self.actor.actions

    @property
    def depth(self) -> int:
        """See `agents.actor.Actor`."""
        return self.encoder.observations.depth

    @property
    def observations(self) -> ObservationSpec:
        """See `agents.actor.TrainedActor`."""
        return self.encoder.observations

    @property
    def description(self) -> dict[str, Any]:
        """See `agents.actor.TrainedActor`."""
        return {"num_encoder_layers": len(self.encoder.layers), "actor": self.actor.description}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `agents.actor.TrainedActor`."""
        arrays = {"encoder_mean": self.encoder.mean, "encoder_std": self.encoder.std}
        for i, (kernel, bias) in enumerate(self.encoder.layers):
            arrays |= {f"encoder_kernel_{i}": kernel, f"encoder_bias_{i}": bias}
        return arrays | self.actor.arrays

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return self.actor.sample(self.encoder(observations), rng)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return self.actor.mode(self.encoder(observations))


class EncodedEnv(VectorWrapper):
    """Environments in NEXT_STEP autoreset mode whose observations are latents, of as many frames as it takes."""

    def __init__(self, env: VectorEnv, encoder: Encoder):
        """``env`` is closed with this."""
        super().__init__(env)
        self._encoder = encoder
        self.single_observation_space = Box(-np.inf, np.inf, (encoder.size,), np.float32)
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Of the wrapped environments, encoded."""
        frames, info = self.env.reset(seed=seed, options=options)
        self._seen = self._encoder.observations.first(frames)
        self._done = np.zeros(self.env.num_envs, bool)
        return self._encoder(self._seen), info

    def step(self, actions: Any) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """Of the wrapped environments, encoded."""
        frames, rewards, terminations, truncations, info = self.env.step(actions)
        self._seen = self._encoder.observations.next(self._seen, frames, self._done)
        self._done = terminations | truncations
        return self._encoder(self._seen), rewards, terminations, truncations, info


def encoded_transitions(transitions: Transitions, encoder: Encoder) -> Transitions:
    """Transitions ``[B]`` of what is seen, ``[B, *shape]``, → the same from latents ``[B, Z]`` to latents."""
    return dataclasses.replace(
        transitions,
        observations=encoder(transitions.observations),
        next_observations=encoder(transitions.next_observations),
    )
