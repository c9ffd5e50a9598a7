"""How the transition GAN learns.

The critic is a function f of a whole transition (s, a, change of s, ended) and its label, whose layers have spectral
norm 1 (Miyato et al. 2018), so that E_real[f] - E_G[f] is bounded by a Wasserstein distance (Arjovsky et al. 2017). The
generator climbs f, and beside it keeps near what really came of each action:

    loss = -w f(s, a, G) + mean over 3 steps of (|e| + e²) + cross-entropy of ended

where e is the error of the next observation in deviations of its change. The second and third step go on from the
generator's own observations with the actions that were really taken, so that small errors do not grow.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.networks import mlp
from agents.optimizer import FlatOptimizer
from expert_data.generator.config import GANConfig
from expert_data.generator.dataset import LEARNED, Dataset
from expert_data.generator.gan import TransitionGAN
from expert_data.generator.generator import Watcher
from expert_data.generator.neighbourhoods import Neighbourhoods
from expert_data.rows import Rows

MINIBATCHES_AT_ONCE = 500  # in one compiled call, whose noise must fit into memory
LOSSES = ("critic_loss", "adversarial_loss", "error", "end_loss")


class GANTraining(tf.Module):
    """A generator and a critic, and the optimisers of both."""

    def __init__(self, dataset: Dataset, labels: np.ndarray, rows: Rows, config: GANConfig, seed: int):
        """At the initial weights, which follow from ``seed``.

        Args:
            dataset: of which one part is learned from.
            labels: bool ``[R]``, of the rows of its tape.
            rows: units of the columns.
            config: of both networks.
            seed: see above.
        """
        super().__init__()
        self.config = config
        self._rows = rows
        self._dataset, self._labels = dataset, labels
        keras.utils.set_random_seed(seed)  # spectral normalisation begins with a random vector that takes no seed
        size = len(rows.mean)
        self.generator = mlp(
            config.noise_size + rows.num_inputs + 1, config.hidden, size + 1, "silu", output_scale=1.0, seed=seed
        )
        self.critic = _critic(len(rows.names) + 1, config.hidden, seed + 100)
        pace: Any = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.minibatches)
        self.generator_optimizer = FlatOptimizer(keras.optimizers.Adam(pace), self.generator.trainable_variables)
        # Without momentum, which in a game goes on where the other no longer is (Gulrajani et al. 2017, algorithm 1).
        adam = keras.optimizers.Adam(config.critic_learning_rate, beta_1=0.0, beta_2=0.9)
        self.critic_optimizer = FlatOptimizer(adam, self.critic.trainable_variables)
        # A change of one deviation, in deviations of the observation, and the mean change.
        self._pace = tf.constant(rows.change_std / rows.std, tf.float32)
        self._drift = tf.constant(rows.change_mean / rows.std, tf.float32)
        self._learn = compiled(self._learn_minibatches)

    def train(self, rng: np.random.Generator, situations: Neighbourhoods, watcher: Watcher) -> TransitionGAN:
        """All of the configuration's minibatches, and the generator that comes of them, in NumPy."""
        config, columns = self.config, self._columns()
        learned = self._dataset.learned_rows
        done = 0
        while done < config.minibatches:
            count = min(MINIBATCHES_AT_ONCE, config.minibatches - done)
            starts = rng.choice(learned, (MINIBATCHES_AT_ONCE, config.batch_size)).astype(np.int32)
            noise = rng.standard_normal((*starts.shape, config.rollout, config.noise_size), np.float32)
            means = self._learn(columns, tf.constant(starts), tf.constant(noise), tf.constant(count))
            done += count
            watcher.losses(done, {f"generator/{name}": float(value) for name, value in means.items()})
            watcher.stands(done, self._mirror(situations))
        return self._mirror(situations)

    def _mirror(self, situations: Neighbourhoods) -> TransitionGAN:
        weights = self.generator.get_weights()
        layers = list(zip(weights[::2], weights[1::2], strict=True))
        return TransitionGAN(self._rows, situations, layers, self.config.noise_size)

    def _columns(self) -> list[tf.Tensor]:
        """Of every row: observation, action, change, ended, label, and 1 if its step may be learned from."""
        tape, rows = self._dataset.tape, self._rows
        observations = (tape.frames - rows.mean) / rows.std
        actions = rows.actions.features(rows.actions.executed(tape.actions))
        after = np.concatenate([tape.frames[1:], tape.frames[-1:]])
        changes = (after - tape.frames - rows.change_mean) / rows.change_std
        usable = tape.leads & (self._dataset.part == LEARNED)
        columns = [
            observations,
            actions,
            changes,
            *(each[:, None] for each in (tape.terminations, self._labels, usable)),
        ]
        return [tf.constant(column.astype(np.float32)) for column in columns]

    def _learn_minibatches(
        self, columns: list[tf.Tensor], starts: tf.Tensor, noise: tf.Tensor, count: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        offsets = tf.range(self.config.rollout)
        last = tf.shape(columns[0])[0] - 1

        def step(i: tf.Tensor) -> tf.Tensor:
            numbers = tf.minimum(starts[i][:, None] + offsets, last)
            return self._step([tf.gather(column, numbers) for column in columns], noise[i])

        return mean_over(count, step, LOSSES)

    def _step(self, columns: list[tf.Tensor], noise: tf.Tensor) -> tf.Tensor:
        """On B rows of L steps, each column ``[B, L, ...]``, with noise ``[B, L, Z]``."""
        seen, actions, changes, ended, labels, _ = (column[:, 0] for column in columns)
        real = tf.concat([seen, actions, changes, ended, labels], -1)
        made, logits = self._generated(noise[:, 0], seen, actions, labels)
        fake = tf.concat([seen, actions, made, tf.sigmoid(logits), labels], -1)
        with tf.GradientTape() as tape:
            critic_loss = tf.reduce_mean(self.critic(fake, training=True)) - tf.reduce_mean(self.critic(real))
        self.critic_optimizer.apply(tape.gradient(critic_loss, self.critic.trainable_variables))
        with tf.GradientTape() as tape:
            made, logits, error, end_loss = self._rolled_out(columns, noise)
            fake = tf.concat([seen, actions, made, tf.sigmoid(logits), labels], -1)
            adversarial = -tf.reduce_mean(self.critic(fake))
            loss = self.config.adversarial * adversarial + error + end_loss
        self.generator_optimizer.apply(tape.gradient(loss, self.generator.trainable_variables))
        return tf.stack([critic_loss, adversarial, error, end_loss])

    def _rolled_out(self, columns: list[tf.Tensor], noise: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The first step, ``[B, D]`` and ``[B, 1]``, the error of all steps, and the cross-entropy of their ends."""
        seen, goes_on = columns[0][:, 0], tf.constant(1.0)
        first, errors, end_losses, total = None, tf.constant(0.0), tf.constant(0.0), tf.constant(0.0)
        truth = columns[0][:, 0]
        for t in range(self.config.rollout):
            _, actions, changes, ended, labels, usable = (column[:, t] for column in columns)
            made, logits = self._generated(noise[:, t], seen, actions, labels)
            first = (made, logits) if first is None else first
            seen = seen + made * self._pace + self._drift
            truth = truth + changes * self._pace + self._drift
            goes_on = goes_on * usable
            error = (seen - truth) / self._pace
            errors += tf.reduce_sum(goes_on * (tf.abs(error) + tf.square(error))) / len(self._rows.mean)
            end_losses += tf.reduce_sum(goes_on * tf.nn.sigmoid_cross_entropy_with_logits(ended, logits))
            total += tf.reduce_sum(goes_on)
        assert first is not None, "there is a step"
        return *first, errors / total, end_losses / total

    def _generated(
        self, noise: tf.Tensor, seen: tf.Tensor, actions: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Changes ``[B, D]``, and logits of an end ``[B, 1]``."""
        columns = self.generator(tf.concat([noise, seen, actions, labels], -1))
        return columns[:, :-1], columns[:, -1:]


def _critic(inputs: int, hidden: tuple[int, ...], seed: int) -> keras.Sequential:
    layers = []
    for i, units in enumerate([*hidden, 1]):
        initializer: Any = keras.initializers.GlorotUniform(seed=seed + i)
        activation = None if i == len(hidden) else "leaky_relu"
        dense = keras.layers.Dense(units, activation, kernel_initializer=initializer)
        layers.append(keras.layers.SpectralNormalization(dense))
    return keras.Sequential([keras.Input((inputs,)), *layers])
