"""The networks of the policy and of the value function."""

import math
from typing import Any

import keras
import tensorflow as tf

from agents.config import NetworkConfig
from envs.actions import ActionSpec


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


class ActorCritic(tf.Module):
    """A policy and a value function that share nothing (detail 13: separate networks, better for vectors).

    Attributes:
        policy: normalised observations ``[B, D]`` → distribution parameters ``[B, actions.num_parameters]``.
        value: normalised observations ``[B, D]`` → normalised value ``[B, 1]``.
        log_std: ``[K]``, state-independent, of a Gaussian policy; unused (and empty) otherwise.
    """

    def __init__(self, observation_size: int, actions: ActionSpec, config: NetworkConfig, seed: int):
        """Both networks at their initial weights, which follow from ``seed``."""
        super().__init__()
        self.observation_size = observation_size
        self.actions = actions
        self.activation = config.activation
        self.policy = mlp(observation_size, config.hidden, actions.num_parameters, config.activation, 0.01, seed)
        self.value = mlp(observation_size, config.hidden, 1, config.activation, 1.0, seed + 100)
        count = actions.num_components if actions.kind == "gaussian" else 0
        self.log_std = tf.Variable(tf.fill([count], math.log(config.initial_std)), name="log_std")

    @property
    def policy_weights(self) -> list[Any]:
        """All that the policy consists of."""
        return [*self.policy.trainable_variables, *([self.log_std] if self.actions.kind == "gaussian" else [])]
