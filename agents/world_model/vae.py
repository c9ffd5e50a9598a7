"""The variational autoencoder: what is seen, in a few numbers (Kingma and Welling 2014)."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import WorldModelConfig
from agents.encoded import PerceptronEncoder
from agents.observations import ObservationSpec
from agents.optimizer import FlatOptimizer

SMALLEST_STD = 1e-4  # of numbers that never change


class VAE(tf.Module):
    """Encodes what is seen as the mean of a Gaussian over latents."""

    def __init__(self, observations: ObservationSpec, size: int, config: WorldModelConfig, seed: int):
        """At the initial weights, which follow from ``seed``; `scale` comes before anything else."""
        super().__init__()
        self.observations = observations
        self.size = size
        self.config = config
        (inputs,) = observations.shape
        self.mean = tf.Variable(tf.zeros([inputs]), trainable=False, name="mean")
        self.std = tf.Variable(tf.ones([inputs]), trainable=False, name="std")
        self.encoder = _perceptron(inputs, config.hidden, 2 * size, seed)
        self.decoder = _perceptron(size, config.hidden, inputs, seed + 10)
        self.optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), self.weights)
        self._learn = compiled(self._learn_minibatches)

    @property
    def weights(self) -> list[Any]:
        """The variables that are trained."""
        return [*self.encoder.trainable_variables, *self.decoder.trainable_variables]

    def scale(self, seen: np.ndarray) -> None:
        """Take the units of what is seen from ``[B, *shape]``."""
        self.mean.assign(seen.mean(0))
        self.std.assign(np.maximum(seen.std(0), SMALLEST_STD))

    def scaled(self, seen: tf.Tensor) -> tf.Tensor:
        """What is seen ``[B, *shape]``, with mean 0 and deviation 1."""
        return (seen - self.mean) / self.std

    def posterior(self, scaled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and ln of the variance of the latents, ``[B, Z]`` each."""
        mean, log_variance = tf.split(self.encoder(scaled), 2, -1)
        return mean, log_variance

    @property
    def mirror(self) -> PerceptronEncoder:
        """The mean of the posterior in NumPy, as it stands."""
        weights = self.encoder.get_weights()
        *hidden, (kernel, bias) = zip(weights[::2], weights[1::2], strict=True)
        last = (kernel[:, : self.size], bias[: self.size])
        return PerceptronEncoder(self.mean.numpy(), self.std.numpy(), (*hidden, last))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All that it has learned, by name."""
        weights = {f"weight_{i}": weight.numpy() for i, weight in enumerate(self.weights)}
        return weights | {"mean": self.mean.numpy(), "std": self.std.numpy()}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up `arrays`.

        Raises:
            KeyError, ValueError: they are those of another autoencoder.
        """
        for i, weight in enumerate(self.weights):
            weight.assign(arrays[f"weight_{i}"])
        self.mean.assign(arrays["mean"])
        self.std.assign(arrays["std"])

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents ``[..., Z]`` → what they stand for, ``[..., *shape]``, in its own units."""
        flat = tf.constant(latents.reshape(-1, self.size))
        scaled = tf.convert_to_tensor(self.decoder(flat))
        return (scaled * self.std + self.mean).numpy().reshape(*latents.shape[:-1], *self.observations.shape)

    def update(self, seen: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
        """Learn from minibatches ``[M, B, *shape]``, in one compiled call.

        Returns:
            Means over the minibatches: ``reconstruction`` and ``kl``, in nats.
        """
        noise = rng.standard_normal((*seen.shape[:2], self.size), np.float32)
        means = self._learn(tf.constant(seen), tf.constant(noise), tf.constant(len(seen)))
        return {name: float(value) for name, value in means.items()}

    def _learn_minibatches(self, seen: tf.Tensor, noise: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
        return mean_over(count, lambda i: self._step(self.scaled(seen[i]), noise[i]), ("reconstruction", "kl"))

    def _step(self, scaled: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            mean, log_variance = self.posterior(scaled)
            decoded = self.decoder(mean + tf.exp(0.5 * log_variance) * noise)
            reconstruction = 0.5 * tf.reduce_mean(tf.reduce_sum(tf.square(decoded - scaled), -1))
            divergence = kl_divergence(mean, log_variance)
            loss = reconstruction + self.config.beta * free(divergence, self.config.free_nats)
        self.optimizer.apply(tape.gradient(loss, self.weights))
        return tf.stack([reconstruction, tf.reduce_sum(divergence)])


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """From N(0, 1), of each number of a latent, in nats, over a batch ``[B, Z]``: ``[Z]``.

    Kingma and Welling (2014), appendix B.
    """
    return 0.5 * tf.reduce_mean(tf.square(mean) + tf.exp(log_variance) - log_variance - 1.0, 0)


def free(divergence: tf.Tensor, nats: float) -> tf.Tensor:
    """The sum of ``[Z]``, in which each counts as ``nats`` at least (Kingma et al. 2016, equation 18)."""
    return tf.reduce_sum(tf.maximum(divergence, nats))


def _perceptron(inputs: int, hidden: int, outputs: int, seed: int) -> keras.Sequential:
    def dense(units: int, activation: str | None, layer: int) -> keras.layers.Layer:
        initializer: Any = keras.initializers.GlorotUniform(seed=seed + layer)
        return keras.layers.Dense(units, activation, kernel_initializer=initializer)

    layers = [dense(hidden, "silu", 0), dense(hidden, "silu", 1), dense(outputs, None, 2)]
    return keras.Sequential([keras.Input((inputs,)), *layers])
