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

    @property
    def description(self) -> dict[str, Any]:
        """JSON values that, with `arrays`, are all there is to know."""
        ...

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Its numbers, under names that begin with ``encoder``."""
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

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "PerceptronEncoder":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError: something is missing.
        """
        numbers = range(description["num_layers"])
        layers = tuple((arrays[f"encoder_kernel_{i}"], arrays[f"encoder_bias_{i}"]) for i in numbers)
        return PerceptronEncoder(arrays["encoder_mean"], arrays["encoder_std"], layers)

    @property
    def description(self) -> dict[str, Any]:
        """See `Encoder`."""
        return {"num_layers": len(self.layers)}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `Encoder`."""
        arrays = {"encoder_mean": self.mean, "encoder_std": self.std}
        for i, (kernel, bias) in enumerate(self.layers):
            arrays |= {f"encoder_kernel_{i}": kernel, f"encoder_bias_{i}": bias}
        return arrays

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

    encoder: Encoder
    actor: PolicyActor

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "EncodedActor":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError: something is missing.
        """
        encoder = _encoder(description["encoder"], arrays)
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
        return {"encoder": self.encoder.description, "actor": self.actor.description}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `agents.actor.TrainedActor`."""
        return self.encoder.arrays | self.actor.arrays

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return self.actor.sample(self.encoder(observations), rng)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return self.actor.mode(self.encoder(observations))


def _encoder(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Encoder:
    if "num_layers" in description:
        return PerceptronEncoder.from_parts(description, arrays)
    # Imported here because vectors need no TensorFlow.
    from agents.world_model.image_encoder import ImageEncoder

    return ImageEncoder.from_parts(description, arrays)


class EncodedEnv(VectorWrapper):
    """Environments in NEXT_STEP autoreset mode whose observations are latents, of as many frames as it takes."""

    def __init__(self, env: VectorEnv, encoder: Encoder, records: bool = False):
        """``env`` is closed with this.

        Args:
            env: shows what the encoder sees.
            encoder: looks at it.
            records: keep frames until they are `taken`.
        """
        super().__init__(env)
        self._encoder = encoder
        self._records = records
        self.single_observation_space = Box(-np.inf, np.inf, (encoder.size,), np.float32)
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Of the wrapped environments, encoded."""
        frames, info = self.env.reset(seed=seed, options=options)
        self._seen = self._encoder.observations.first(frames)
        self._done = np.zeros(self.env.num_envs, bool)
        self._begin_record()
        return self._encoder(self._seen), info

    def step(self, actions: Any) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """Of the wrapped environments, encoded."""
        frames, rewards, terminations, truncations, info = self.env.step(actions)
        self._seen = self._encoder.observations.next(self._seen, frames, self._done)
        self._done = terminations | truncations
        if self._records:
            self._recorded.append(np.array(frames))
        return self._encoder(self._seen), rewards, terminations, truncations, info

    def taken(self) -> np.ndarray:
        """Frames of the T steps since the last call or reset, as `agents.rollout.Rollout` holds them."""
        assert self._records, "they are kept for those who asked for them"
        frames = np.stack(self._recorded)
        self._begin_record()
        return frames

    def _begin_record(self) -> None:
        if self._records:
            spec = self._encoder.observations
            self._recorded = [*(self._seen.swapaxes(0, 1) if spec.is_image else self._seen[None])]


def encoded_transitions(transitions: Transitions, encoder: Encoder) -> Transitions:
    """Transitions ``[B]`` of what is seen, ``[B, *shape]``, → the same from latents ``[B, Z]`` to latents."""
    return dataclasses.replace(
        transitions,
        observations=encoder(transitions.observations),
        next_observations=encoder(transitions.next_observations),
    )
