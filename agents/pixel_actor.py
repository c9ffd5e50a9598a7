"""Acting on images, through TensorFlow: convolutions take longer than a compiled call costs."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from agents.config import NetworkConfig
from agents.observations import ObservationSpec
from agents.pixels import PixelActorCritic
from agents.sampling import most_likely, sampled
from agents.shrinker import Shrinker
from envs.actions import ActionSpec


class PixelActor:
    """Acts by the networks as they stand, through one compiled call for all environments; see `agents.actor.Actor`."""

    def __init__(self, networks: PixelActorCritic, shrinker: Shrinker):
        """The weights are not copied; ``shrinker`` gives the networks what they see."""
        self.networks = networks
        self.shrinker = shrinker
        self.actions = networks.actions
        self.depth = networks.observations.depth
        self._call = tf.function(
            lambda seen: networks(networks.scaled(seen))[0], autograph=False, reduce_retracing=True
        )

    @staticmethod
    def from_parts(description: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> "PixelActor":
        """The inverse of `description` and `arrays`.

        Raises:
            KeyError, TypeError, ValueError: something is missing, or has another shape.
        """
        seen = ObservationSpec.from_json(description["observations"])
        shrinker = Shrinker(seen.frame, description["image_size"])
        config = NetworkConfig(cnn=description["cnn"], frames=seen.depth, precision=description["precision"])
        networks = PixelActorCritic(shrinker.seen(seen), ActionSpec.from_json(description["actions"]), config, seed=0)
        for i, weight in enumerate(networks.policy_weights):
            weight.assign(arrays[f"weight_{i}"])
        networks.mean.assign(arrays["mean"])
        return PixelActor(networks, shrinker)

    @property
    def observations(self) -> ObservationSpec:
        """See `agents.actor.TrainedActor`."""
        return ObservationSpec(self.shrinker.frame, self.depth)

    @property
    def description(self) -> dict[str, Any]:
        """See `agents.actor.TrainedActor`."""
        config = self.networks.config
        network = {"cnn": config.cnn, "precision": config.precision, "image_size": self.shrinker.image_size}
        return {"actions": self.actions.to_json(), "observations": dataclasses.asdict(self.observations)} | network

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """See `agents.actor.TrainedActor`."""
        weights = {f"weight_{i}": weight.numpy() for i, weight in enumerate(self.networks.policy_weights)}
        return weights | {"mean": self.networks.mean.numpy()}

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return sampled(self.actions, self.parameters(observations), self.networks.log_std.numpy(), rng)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """See `agents.actor.Actor`."""
        return most_likely(self.actions, self.parameters(observations))

    def parameters(self, observations: np.ndarray) -> np.ndarray:
        """Stacks of frames, uint8 ``[N, k, H, W(, C)]`` → float32 logits or means ``[N, actions.num_parameters]``."""
        return self._call(tf.constant(self.shrinker(observations))).numpy()
