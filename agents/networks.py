"""The networks of the policy and of the value function, for vectors."""

import math
from typing import Any, Protocol

import keras
import tensorflow as tf

from agents.config import NetworkConfig
from agents.observations import ObservationSpec
from envs.actions import ActionSpec


class Networks(Protocol):
    """A policy and a value function. It is a ``tf.Module``.

    Attributes:
        observations: what they see.
        actions: what the policy gives.
        log_std: ``[K]``, state-independent, of a Gaussian policy; unused (and empty) otherwise.
        value_head: the value's last layer, with one output.
    """

    observations: ObservationSpec
    actions: ActionSpec
    log_std: tf.Variable
    value_head: keras.layers.Dense

    @property
    def policy_weights(self) -> list[Any]:
        """All that the policy consists of."""
        ...

    @property
    def value_weights(self) -> list[Any]:
        """What the value function has for itself alone."""
        ...

    def scaled(self, frames: tf.Tensor) -> tf.Tensor:
        """Normalised vectors or uint8 images ``[..., *frame]``, as the networks want them."""
        ...

    def __call__(self, observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """What is seen, `scaled`, ``[B, *shape]`` → distribution parameters ``[B, P]``, normalised values ``[B]``."""
        ...


def mlp(
    inputs: int, hidden: tuple[int, ...], outputs: int, activation: str, output_scale: float, seed: int
) -> keras.Sequential:
    """A perceptron ``[B, inputs]`` → ``[B, outputs]`` with orthogonal weights and zero biases.

    Hidden layers have gain √2, the last layer ``output_scale`` (detail 2 of "The 37 Implementation Details of PPO",
    Huang et al. 2022: 0.01 for a policy, so that it starts undecided, and 1 for a value).
    """
    layers = []
    for i, units in enumerate([*hidden, outputs]):
        last = i == len(hidden)
        initializer: Any = keras.initializers.Orthogonal(output_scale if last else math.sqrt(2.0), seed=seed + i)
        layers.append(keras.layers.Dense(units, None if last else activation, kernel_initializer=initializer))
    return keras.Sequential([keras.Input((inputs,)), *layers])


def new_log_std(actions: ActionSpec, config: NetworkConfig) -> tf.Variable:
    """``[K]`` at its start, and empty where the policy is no Gaussian."""
    count = actions.num_components if actions.kind == "gaussian" else 0
    return tf.Variable(tf.fill([count], math.log(config.initial_std)), name="log_std")


class ActorCritic(tf.Module):
    """A policy and a value function that share nothing (detail 13: separate networks, better for vectors).

    Attributes:
        policy: normalised observations ``[B, D]`` → distribution parameters ``[B, actions.num_parameters]``.
        value: normalised observations ``[B, D]`` → normalised value ``[B, 1]``.
    """

    def __init__(self, observations: ObservationSpec, actions: ActionSpec, config: NetworkConfig, seed: int):
        """Both networks at their initial weights, which follow from ``seed``."""
        super().__init__()
        self.observations = observations
        self.actions = actions
        self.activation = config.activation
        (size,) = observations.shape
        self.policy = mlp(size, config.hidden, actions.num_parameters, config.activation, 0.01, seed)
        self.value = mlp(size, config.hidden, 1, config.activation, 1.0, seed + 100)
        self.value_head: keras.layers.Dense = self.value.layers[-1]
        self.log_std = new_log_std(actions, config)

    @property
    def policy_weights(self) -> list[Any]:
        """See `Networks`."""
        return [*self.policy.trainable_variables, *([self.log_std] if self.actions.kind == "gaussian" else [])]

    @property
    def value_weights(self) -> list[Any]:
        """See `Networks`."""
        return self.value.trainable_variables

    def scaled(self, frames: tf.Tensor) -> tf.Tensor:
        """See `Networks`."""
        return frames

    def __call__(self, observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """See `Networks`."""
        return self.policy(observations), self.value(observations)[:, 0]
