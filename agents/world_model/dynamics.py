"""Recurrent dynamics of latents: what comes next, whether it goes on, and what it pays."""

import math
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from agents.config import WorldModelConfig
from agents.world_model.mixture import Mixture

LOWEST_LOG_STD, HIGHEST_LOG_STD = math.log(1e-2), math.log(10.0)  # of a step, where 1 is that of all steps
Layer = tuple[tf.Variable, tf.Variable]  # kernels [E, I, O], biases [E, 1, O]


@dataclass(frozen=True)
class Prediction:
    """What E networks expect, in the arrangement ``[E, B]``."""

    steps: Mixture  # over Z numbers: the next latent minus this one, in units of `LatentDynamics.step_std`
    ends: tf.Tensor  # [E, B] logits of a termination
    rewards: tf.Tensor  # [E, B]


@dataclass(frozen=True)
class Sequences:
    """B times L steps in a row, as E networks learn from them."""

    latents: tf.Tensor  # [E, B, L + 1, Z]
    actions: tf.Tensor  # [E, B, L, A] features
    rewards: tf.Tensor  # [E, B, L], NaN where nobody knows
    terminations: tf.Tensor  # [E, B, L] float32, 0 or 1
    leads: tf.Tensor  # [E, B, L] float32: 0 where step t does not lead from latent t to latent t + 1


class LatentDynamics(tf.Module):
    """E networks of their own weights, each a gated recurrent unit and a mixture of Gaussians.

    The unit is that of Cho et al. (2014) with the reset gate behind the matrix product, so that a step needs one
    product. The memory of a step already knows the latent and the action that it predicts from.
    """

    def __init__(self, latent_size: int, action_size: int, config: WorldModelConfig, seed: int):
        """At the initial weights, which follow from ``seed``."""
        super().__init__()
        self.config = config
        self.latent_size = latent_size
        self.latent_mean = tf.Variable(tf.zeros([latent_size]), trainable=False, name="latent_mean")
        self.latent_std = tf.Variable(tf.ones([latent_size]), trainable=False, name="latent_std")
        self.step_std = tf.Variable(tf.ones([latent_size]), trainable=False, name="step_std")
        inputs, hidden, members = latent_size + action_size, config.hidden, config.members
        num_outputs = config.mixtures * (1 + 2 * latent_size)
        self.look = _layer("look", members, inputs, 3 * hidden, seed)
        self.recall = _layer("recall", members, hidden, 3 * hidden, seed + 1)
        self.features = _layer("features", members, inputs + hidden, hidden, seed + 2)
        self.outputs = _layer("outputs", members, hidden, num_outputs, seed + 3)
        # Apart, because the likelihood of a step grows so steep that what it shares with others is its alone.
        self.end_features = _layer("end_features", members, inputs + hidden, hidden, seed + 4)
        self.end = _layer("end", members, hidden, 1, seed + 5)
        self.reward = _layer("reward", members, hidden, 1, seed + 6)

    @property
    def weights(self) -> list[tf.Variable]:
        """The variables that are trained, but for those of the ``reward``, a probe."""
        return [*self.look, *self.recall, *self.features, *self.outputs, *self.end_features, *self.end]

    def first_memory(self, count: int | tf.Tensor) -> tf.Tensor:
        """Of those who have seen nothing: ``[E, count, hidden]``."""
        return tf.zeros([self.config.members, count, self.config.hidden])

    def inputs(self, latents: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        """Latents ``[..., Z]`` and features of actions ``[..., A]`` → ``[..., Z + A]``, scaled."""
        return tf.concat([(latents - self.latent_mean) / self.latent_std, actions], -1)

    def remember(self, memory: tf.Tensor, looks: tf.Tensor) -> tf.Tensor:
        """The memory ``[E, B, hidden]`` of one step more, given its inputs through the layer ``look``."""
        seen_gates, seen = tf.split(looks, [2 * self.config.hidden, self.config.hidden], -1)
        known_gates, known = tf.split(apply(self.recall, memory), [2 * self.config.hidden, self.config.hidden], -1)
        reset, keep = tf.split(tf.sigmoid(seen_gates + known_gates), 2, -1)
        return keep * memory + (1.0 - keep) * tf.tanh(seen + reset * known)

    def predict(self, inputs: tf.Tensor, memory: tf.Tensor) -> Prediction:
        """What comes of ``inputs [E, B, Z + A]``, of which the memory ``[E, B, hidden]`` knows."""
        known = tf.concat([inputs, memory], -1)
        hidden = tf.nn.silu(apply(self.features, known))
        count, size = self.config.mixtures, self.latent_size
        logits, means, log_stds = tf.split(apply(self.outputs, hidden), [count, count * size, count * size], -1)
        shape = tf.concat([tf.shape(logits), [size]], 0)
        log_stds = LOWEST_LOG_STD + (HIGHEST_LOG_STD - LOWEST_LOG_STD) * tf.sigmoid(log_stds)
        steps = Mixture(logits, tf.reshape(means, shape), tf.reshape(log_stds, shape))
        ends = apply(self.end, tf.nn.silu(apply(self.end_features, known)))
        # A probe: what the task pays must not shape what an imitator knows.
        rewards = apply(self.reward, tf.stop_gradient(hidden))
        return Prediction(steps, tf.squeeze(ends, -1), tf.squeeze(rewards, -1))

    def memories(self, inputs: tf.Tensor, leads: tf.Tensor) -> tf.Tensor:
        """Memory of each step of a row, ``[E, B, L, hidden]``.

        Args:
            inputs: ``[E, B, L, Z + A]``.
            leads: ``[E, B, L]``; what came before an episode is not remembered in it.
        """
        looks = tf.unstack(tf.reshape(apply(self.look, flat(inputs)), [*_shape(inputs)[:3], -1]), axis=2)
        keeps = tf.unstack(tf.expand_dims(leads, -1), axis=2)
        memory, memories = self.first_memory(tf.shape(inputs)[1]), []
        for t, look in enumerate(looks):
            memory = self.remember(memory * keeps[t - 1] if t else memory, look)
            memories.append(memory)
        return tf.stack(memories, 2)

    def losses(self, sequences: Sequences) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """-ln p of the steps, of the terminations, and squared errors of rewards; means over what leads somewhere."""
        before, after = sequences.latents[:, :, :-1], sequences.latents[:, :, 1:]
        inputs = self.inputs(before, sequences.actions)
        prediction = self.predict(flat(inputs), flat(self.memories(inputs, sequences.leads)))
        leads, paid, ended = (
            tf.reshape(each, tf.shape(prediction.ends))
            for each in (sequences.leads, sequences.rewards, sequences.terminations)
        )
        steps = tf.where(tf.expand_dims(leads, -1) > 0.0, flat((after - before) / self.step_std), 0.0)
        step_losses = -prediction.steps.log_prob(steps)
        end_losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=ended, logits=prediction.ends)
        known = tf.math.is_finite(paid)  # sorted out before the loss, because NaN times 0 is NaN
        reward_losses = tf.where(known, tf.square(prediction.rewards - tf.where(known, paid, 0.0)), 0.0)
        total = tf.maximum(tf.reduce_sum(leads), 1.0)
        step_loss, end_loss, reward_loss = (
            tf.reduce_sum(each * leads) / total for each in (step_losses, end_losses, reward_losses)
        )
        return step_loss, end_loss, reward_loss

    def dream_error(self, sequences: Sequences, steps: int) -> tf.Tensor:
        """Squared error of latents in dreams of the last so many steps of each row, in units of `step_std`; a mean.

        A dream sees what was expected of the step before in the place of what came of it. Who learns from single steps
        alone meets its own errors first when it is too late to learn from them (Venkatraman et al. 2015).

        Args:
            sequences: rows of L steps, L a number that is known.
            steps: fewer than L.

        Returns:
            A scalar, over all that is dreamt within an episode, and over the step from the last real latent.
        """
        length = sequences.actions.shape[2]
        assert length is not None, "rows are cut to one length"
        first = length - steps
        inputs = self.inputs(sequences.latents[:, :, :first], sequences.actions[:, :, :first])
        leads = sequences.leads
        memory, now = self.memories(inputs, leads)[:, :, -1], inputs[:, :, -1]
        latents, still = sequences.latents[:, :, first - 1], leads[:, :, first - 1]
        total, count = tf.constant(0.0), tf.constant(0.0)
        for t in range(first, length + 1):
            latents += self.step_std * self.predict(now, memory).steps.mean()
            errors = tf.reduce_mean(tf.square((latents - sequences.latents[:, :, t]) / self.step_std), -1)
            total += tf.reduce_sum(still * errors)
            count += tf.reduce_sum(still)
            if t < length:
                now = self.inputs(latents, sequences.actions[:, :, t])
                memory = self.remember(memory, apply(self.look, now))
                still *= leads[:, :, t]
        return total / tf.maximum(count, 1.0)


def apply(layer: Layer, inputs: tf.Tensor) -> tf.Tensor:
    """``[E, B, I]`` → ``[E, B, O]``, each member by its own weights."""
    kernel, bias = layer
    return tf.matmul(inputs, kernel) + bias


def flat(rows: tf.Tensor) -> tf.Tensor:
    """``[E, B, L, ...]`` → ``[E, B L, ...]``."""
    shape = _shape(rows)
    return tf.reshape(rows, [shape[0], shape[1] * shape[2], *shape[3:]])


def _shape(tensor: tf.Tensor) -> list[int | tf.Tensor]:
    dynamic = tf.shape(tensor)
    return [dynamic[i] if size is None else size for i, size in enumerate(tensor.shape)]


def _layer(name: str, members: int, inputs: int, outputs: int, seed: int) -> Layer:
    initializers: list[Any] = [keras.initializers.GlorotUniform(seed=100 * seed + member) for member in range(members)]
    kernels = tf.stack([initializer((inputs, outputs)) for initializer in initializers])
    biases = tf.zeros([members, 1, outputs])
    return tf.Variable(kernels, name=f"{name}_kernels"), tf.Variable(biases, name=f"{name}_biases")
