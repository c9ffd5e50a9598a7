"""Acting, and acting on vectors in NumPy.

A compiled TensorFlow call takes longer than these few small matrix products, whatever it computes. So rollouts and
evaluations run on a mirror of the policy's weights, and need no TensorFlow at all. Images need it, see
`agents.pixel_actor`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from agents.normalizer import Normalizer
from agents.observations import ObservationSpec
from agents.sampling import most_likely, sampled
from envs.actions import ActionSpec

Layer = tuple[np.ndarray, np.ndarray]  # kernel [I, O], bias [O]


class Actor(Protocol):
    """Anything that chooses actions for a batch of observations."""

    @property
    def actions(self) -> ActionSpec:
        """What it gives."""
        ...

    @property
    def depth(self) -> int:
        """Frames that it wants to see at once; 1 of vectors."""
        ...

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Observations ``[N, *shape]``, see `ObservationSpec`, → sampled actions ``[N, K]``, in the policy's form."""
        ...

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """Observations ``[N, *shape]`` → most likely actions ``[N, K]``, in the policy's form."""
        ...


class TrainedActor(Actor, Protocol):
    """An actor that can be kept."""

    @property
    def observations(self) -> ObservationSpec:
        """What it sees."""
        ...

    @property
    def description(self) -> dict[str, Any]:
        """What it is, in plain values that JSON can hold."""
        ...

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Its numbers, by name."""
        ...


@dataclass(frozen=True)
class PolicyActor:
    """The policy network with its normaliser and distribution."""

    actions: ActionSpec
    normalizer: Normalizer
    layers: Sequence[Layer]
    activation: str
    log_std: np.ndarray  # [K] for Gaussians, empty otherwise

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "PolicyActor":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError: something is missing.
        """
        statistics = (arrays["observation_mean"], arrays["observation_variance"])
        return PolicyActor(
            ActionSpec.from_json(description["actions"]),
            Normalizer(*statistics, float(arrays["observation_count"])),
            [(arrays[f"kernel_{i}"], arrays[f"bias_{i}"]) for i in range(description["num_layers"])],
            description["activation"],
            arrays["log_std"],
        )

    @property
    def description(self) -> dict[str, Any]:
        """See `TrainedActor`."""
        return {"actions": self.actions.to_json(), "activation": self.activation, "num_layers": len(self.layers)}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `TrainedActor`."""
        arrays = {
            "observation_mean": self.normalizer.mean,
            "observation_variance": self.normalizer.variance,
            "observation_count": np.asarray(self.normalizer.count),
            "log_std": self.log_std,
        }
        for i, (kernel, bias) in enumerate(self.layers):
            arrays |= {f"kernel_{i}": kernel, f"bias_{i}": bias}
        return arrays

    @property
    def depth(self) -> int:
        """See `Actor`."""
        return 1

    @property
    def observations(self) -> ObservationSpec:
        """See `TrainedActor`."""
        return ObservationSpec(self.normalizer.mean.shape)

    def parameters(self, observations: np.ndarray) -> np.ndarray:
        """Observations ``[N, D]`` → float32 logits or means ``[N, actions.num_parameters]``."""
        hidden = self.normalizer(observations)
        for kernel, bias in self.layers[:-1]:
            hidden = hidden @ kernel + bias
            hidden = np.tanh(hidden) if self.activation == "tanh" else np.maximum(hidden, 0.0)
        kernel, bias = self.layers[-1]
        return hidden @ kernel + bias

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `Actor`."""
        return sampled(self.actions, self.parameters(observations), self.log_std, rng)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """See `Actor`."""
        return most_likely(self.actions, self.parameters(observations))


@dataclass(frozen=True)
class RandomActor:
    """Acts without looking: the control that every agent is shown beside."""

    actions: ActionSpec
    depth: int = 1

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `Actor`."""
        return self.actions.sample(rng, len(observations))

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """A policy without preferences has no mode."""
        raise NotImplementedError("a random actor can only sample")
