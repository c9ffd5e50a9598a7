"""Networks small enough to compile in a second, and their mirror in NumPy."""

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete

from agents.actor import PolicyActor
from agents.config import NetworkConfig
from agents.networks import ActorCritic
from agents.normalizer import Normalizer
from agents.observations import ObservationSpec
from envs.actions import ActionSpec

SPECS = {
    "discrete": ActionSpec.of(Discrete(3)),
    "multi-discrete": ActionSpec.of(MultiDiscrete([2, 3])),
    "multi-binary": ActionSpec.of(MultiBinary(2)),
    "box": ActionSpec.of(Box(-1.0, 1.0, (2,), np.float32)),
}


def networks_of(
    actions: ActionSpec, inputs: int = 3, hidden: tuple[int, ...] = (8,), seed: int = 0, activation: str = "tanh"
) -> ActorCritic:
    config = NetworkConfig(hidden, "relu" if activation == "relu" else "tanh", initial_std=0.5)
    return ActorCritic(ObservationSpec((inputs,)), actions, config, seed)


def decided(networks: ActorCritic) -> ActorCritic:
    """With a policy whose preferences differ clearly from state to state, as those of a new one do not."""
    rng = np.random.default_rng(0)
    for weight in networks.policy.trainable_variables:
        weight.assign(rng.normal(0.0, 0.8, weight.shape))
    return networks


def actor_of(networks: ActorCritic, normalizer: Normalizer | None = None) -> PolicyActor:
    weights = networks.policy.get_weights()
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    normalizer = normalizer or Normalizer.identity(len(weights[0]))
    return PolicyActor(networks.actions, normalizer, layers, networks.activation, networks.log_std.numpy())
