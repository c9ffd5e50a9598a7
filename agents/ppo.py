"""Proximal policy optimisation (Schulman et al. 2017).

"Detail N" below is the N-th of the 13 core details in "The 37 Implementation Details of PPO" (Huang et al. 2022).
Applied elsewhere: vectorised environments (1) and the fixed-length rollout in `agents.rollout`, orthogonal
initialisation (2) and separate networks (13) in `agents.networks`, one for both (8 of the nine for Atari) in
`agents.pixels`, GAE (5) in `agents.gae`, observation normalisation and clipping in `agents.normalizer`, action clipping
in `envs.actions`. Left out: clipping of the value loss (9), which was found to hurt (Andrychowicz et al. 2021, section
3.4), and scaling and clipping of rewards, in whose place the value's targets are normalised: the reward of imitation
drifts, and a running deviation would drag its past along.
"""

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import PPOConfig
from agents.distributions import entropy, log_prob
from agents.minibatches import shuffled_minibatches
from agents.networks import Networks
from agents.optimizer import FlatOptimizer
from agents.rollout import Rollout

Scalars = dict[str, float]
LOSSES = ("policy_loss", "value_loss", "entropy", "approx_kl", "clip_fraction")
CLONED_SHARE = 8  # of these transitions of a minibatch one is demonstrated besides, and cloned
SMALLEST_CAUTION = 1e-3
# In a prediction: of 84 by 84 pixels, the residual network's 16 filters fill 115 MB of float32.
MOST_IMAGES_AT_ONCE = 256
MOMENTS_DECAY = 0.9  # per round, of the mean and mean square of returns


@dataclass(frozen=True)
class Demonstrated:
    """What is cloned beside, in minibatches."""

    observations: np.ndarray  # [M, B, *shape], as the networks see them
    actions: np.ndarray  # [M, B, K]


class PPO(tf.Module):
    """Learns a policy and its value function from rollouts whose rewards are given.

    Everything that changes is a TensorFlow variable of this module, so that one checkpoint of it is complete.
    """

    def __init__(self, networks: Networks, config: PPOConfig):
        """With a fresh optimiser; ``networks`` are changed in place by `update`."""
        super().__init__()
        self.networks = networks
        self.config = config
        # Networks that share nothing have optimisers that share nothing, so that a policy which must go slowly does not
        # hold its value function back. Detail 3: Adam's epsilon is 1e-5. Detail 11: gradients are clipped by norm.
        self.policy_adam, self.value_adam = (
            keras.optimizers.Adam(config.learning_rate, epsilon=1e-5, global_clipnorm=config.max_gradient_norm)
            for _ in range(2)
        )
        self.policy_optimizer = FlatOptimizer(self.policy_adam, networks.policy_weights)
        self.value_optimizer = FlatOptimizer(self.value_adam, networks.value_weights)
        # By which the policy's step size is multiplied. It starts small, because Adam's first steps are of full size
        # whatever the gradient: in one round they took a policy that was cloned from Pong 0.15 nats away.
        self.caution = tf.Variable(tf.constant(SMALLEST_CAUTION if config.target_kl else 1.0), name="caution")
        self.value_mean = tf.Variable(tf.constant(0.0), name="value_mean")
        self.value_std = tf.Variable(tf.constant(1.0), name="value_std")
        self.moments = tf.Variable(tf.zeros([2], tf.float64), name="moments")
        self.moments_weight = tf.Variable(tf.constant(0.0, tf.float64), name="moments_weight")
        self._predict = tf.function(self._predict_rows, autograph=False, reduce_retracing=True)
        self._log_probs = tf.function(self._predict_log_probs, autograph=False, reduce_retracing=True)
        self._learn = compiled(self._learn_minibatches, images=networks.observations.is_image)

    def predict(self, table: np.ndarray, rollout: Rollout) -> tuple[np.ndarray, np.ndarray]:
        """What the networks say of a rollout, in one compiled call.

        Args:
            table: of the rollout's frames, as the networks see them: vectors normalised, images as they are.
            rollout: gives the rows of the table, and the actions.

        Returns:
            ln π(a|s) of the actions ``[T, N]``, and the values ``[T + 1, N]`` in units of the reward.
        """
        rows = rollout.rows
        flat = rows.reshape(-1, *rows.shape[2:])
        size = MOST_IMAGES_AT_ONCE if self.networks.observations.is_image else len(flat)
        parts = -(-len(flat) // size)
        padded = np.resize(flat, (parts * size, *flat.shape[1:])).reshape(parts, size, *flat.shape[1:])
        actions = rollout.actions.reshape(-1, rollout.actions.shape[-1])
        log_probs, values = self._predict(tf.constant(table), tf.constant(padded), tf.constant(actions))
        shape = rows.shape[:2]
        return log_probs.numpy().reshape(rollout.valid.shape), values.numpy()[: math.prod(shape)].reshape(shape)

    def log_probs(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """ln π(a|s) of actions ``[..., K]`` at normalised observations ``[..., D]`` → ``[...]``."""
        flat = (array.reshape(-1, array.shape[-1]) for array in (observations, actions))
        return self._log_probs(*map(tf.constant, flat)).numpy().reshape(actions.shape[:-1])

    def update(
        self,
        table: np.ndarray,
        rollout: Rollout,
        log_probs: np.ndarray,
        advantages: np.ndarray,
        returns: np.ndarray,
        remaining: float,
        rng: np.random.Generator,
        hold_policy: bool = False,
        demonstrated: Demonstrated | None = None,
    ) -> Scalars:
        """All epochs and minibatches of one round, in one compiled call.

        Args:
            table: as in `predict`, vectors normalised as when the rollout was collected.
            rollout: gives the rows of the table, the actions, and which steps are transitions at all.
            log_probs: ``[T, N]`` of the actions, before the update.
            advantages: ``[T, N]``.
            returns: ``[T, N]``, the value's targets.
            remaining: share of the run that lies ahead, which scales the largest step size (detail 4).
            rng: of the minibatches' order (detail 6).
            hold_policy: leave the policy as it is, and let the value function learn alone.
            demonstrated: of `cloned_shape`; only where `PPOConfig.cloning_coefficient` is not 0.

        Returns:
            Means over the round's minibatches, under ``train/``.
        """
        valid = rollout.valid
        if not valid.any():  # one step in each environment, and each only resets
            return {}
        self._rescale_values(returns[valid])
        targets = (returns - self.value_mean.numpy()) / self.value_std.numpy()
        ceiling = self.config.learning_rate * remaining
        self.value_adam.learning_rate = ceiling
        rows = shuffled_minibatches(
            np.flatnonzero(valid), min(self.config.minibatch_size, valid.size), self.config.epochs, rng
        )
        fields = (rollout.rows[:-1], rollout.actions, log_probs, advantages, targets)
        means = self._learn(
            tf.constant(table),
            [tf.constant(field.reshape(valid.size, *field.shape[2:])) for field in fields],
            # Invalid steps leave fewer minibatches; the rows are padded so that XLA sees one shape.
            tf.constant(np.resize(rows, self._minibatches(valid.size))),
            tf.constant(len(rows)),
            tf.constant(0.0 if hold_policy else ceiling),
            [] if demonstrated is None else [tf.constant(demonstrated.observations), tf.constant(demonstrated.actions)],
        )
        scalars = {f"train/{name}": float(value) for name, value in means.items()}
        predictions = (returns - advantages)[valid]
        scalars["train/learning_rate"] = float(ceiling * self.caution.numpy())
        scalars["train/explained_variance"] = explained_variance(predictions, returns[valid])
        if self.networks.actions.kind == "gaussian":
            scalars["train/std"] = float(np.exp(self.networks.log_std.numpy()).mean())
        return scalars

    def cloned_shape(self, count: int) -> tuple[int, int]:
        """Minibatches M, and demonstrated transitions B in each, beside a rollout of ``count`` steps."""
        minibatches, size = self._minibatches(count)
        return minibatches, max(1, size // CLONED_SHARE)

    def _minibatches(self, count: int) -> tuple[int, int]:
        """How many there are of ``count`` steps, and how large they are."""
        size = min(self.config.minibatch_size, count)
        return self.config.epochs * max(1, count // size), size

    def compile(self, steps: int, num_envs: int) -> None:
        """Compile the update for rollouts of ``steps`` in so many environments, before it is first needed."""
        seen, actions = self.networks.observations, self.networks.actions
        count = steps * num_envs
        table = tf.constant(np.zeros(((seen.depth + steps) * num_envs, *seen.frame), seen.dtype))
        taken = tf.constant(np.zeros((count, actions.num_components), actions.dtype_of_components))
        rows = tf.zeros(self._minibatches(count), tf.int32)
        stacks = tf.zeros([count, seen.depth] if seen.is_image else [count], tf.int32)
        fields = [stacks, taken, *(tf.zeros([count]) for _ in range(3))]
        demonstrated = []
        if self.config.cloning_coefficient:
            shape = self.cloned_shape(count)
            shown = tf.constant(np.zeros((*shape, *seen.shape), seen.dtype))
            demonstrated = [shown, tf.constant(np.zeros((*shape, actions.num_components), taken.dtype.as_numpy_dtype))]
        self._learn(table, fields, rows, tf.constant(0), tf.constant(0.0), demonstrated)

    def _predict_rows(self, table: tf.Tensor, rows: tf.Tensor, actions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Of rows in parts ``[P, B(, k)]``, one part after another, of which the first ``[M]`` have actions."""
        networks = self.networks
        table = networks.scaled(table)
        parts = tf.map_fn(
            lambda part: networks(tf.gather(table, part)), rows,
            fn_output_signature=(tf.float32, tf.float32), parallel_iterations=1,
        )  # fmt: skip
        parameters = tf.reshape(parts[0], [-1, networks.actions.num_parameters])[: tf.shape(actions)[0]]
        values = tf.reshape(parts[1], [-1]) * self.value_std + self.value_mean
        return log_prob(networks.actions, parameters, networks.log_std, actions), values

    def _predict_log_probs(self, observations: tf.Tensor, actions: tf.Tensor) -> tf.Tensor:
        networks = self.networks
        return log_prob(networks.actions, networks(networks.scaled(observations))[0], networks.log_std, actions)

    def _rescale_values(self, returns: np.ndarray) -> None:
        """Normalise the value's targets, and its last layer so that its predictions stay as they are.

        PopArt (van Hasselt et al. 2016, equations 3 to 5). It makes learning indifferent to the scale and offset of the
        reward, which for a discriminator nobody knows.
        """
        old_mean, old_std = self.value_mean.numpy(), self.value_std.numpy()
        weight, moments = self.moments_weight.numpy(), self.moments.numpy()
        weight = MOMENTS_DECAY * weight + (1.0 - MOMENTS_DECAY)
        present = np.array([returns.mean(), np.square(returns).mean()])
        moments = MOMENTS_DECAY * moments + (1.0 - MOMENTS_DECAY) * present
        mean, square = moments / weight  # weight corrects for the start at zero, as in Adam
        std = np.sqrt(max(square - mean**2, 0.0)) + 1e-4
        if self.moments_weight.numpy() > 0:  # a network that has learned nothing has no predictions to keep
            kernel, bias = self.networks.value_head.weights
            kernel.assign(kernel.numpy() * old_std / std)
            bias.assign((bias.numpy() * old_std + old_mean - mean) / std)
        self.value_mean.assign(mean)
        self.value_std.assign(std)
        self.moments_weight.assign(weight)
        self.moments.assign(moments)

    def _learn_minibatches(
        self,
        table: tf.Tensor,
        fields: list[tf.Tensor],
        rows: tf.Tensor,
        count: tf.Tensor,
        ceiling: tf.Tensor,
        demonstrated: list[tf.Tensor],
    ) -> dict[str, tf.Tensor]:
        table = self.networks.scaled(table)

        def step(i: tf.Tensor) -> tf.Tensor:
            seen, *chosen = (tf.gather(field, rows[i]) for field in fields)
            return self._step(ceiling, [each[i] for each in demonstrated], tf.gather(table, seen), *chosen)

        return mean_over(count, step, (*LOSSES, "cloning_loss") if demonstrated else LOSSES)

    def _step(self, ceiling, demonstrated, observations, actions, old_log_probs, advantages, targets) -> tf.Tensor:
        config, networks = self.config, self.networks
        # Detail 7: advantages are normalised in each minibatch.
        advantages = (advantages - tf.reduce_mean(advantages)) / (tf.math.reduce_std(advantages) + 1e-8)
        with tf.GradientTape() as tape:
            parameters, values = networks(observations)
            log_probs = log_prob(networks.actions, parameters, networks.log_std, actions)
            entropies = tf.reduce_mean(entropy(networks.actions, parameters, networks.log_std))
            log_ratio = log_probs - old_log_probs
            ratio = tf.exp(log_ratio)
            policy_loss = clipped_surrogate_loss(ratio, advantages, config.clip)
            # Detail 10 (value loss coefficient ½). Where the networks share nothing, neither loss moves the other's.
            value_loss = 0.5 * tf.reduce_mean(tf.square(values - targets))
            loss = policy_loss - config.entropy_coefficient * entropies + value_loss
            cloning_losses = []
            if demonstrated:
                shown, taken = demonstrated
                parameters, _ = networks(networks.scaled(shown))
                cloning_losses = [-tf.reduce_mean(log_prob(networks.actions, parameters, networks.log_std, taken))]
                loss += config.cloning_coefficient * cloning_losses[0]
        policy_weights = networks.policy_weights
        gradients = tape.gradient(loss, [*policy_weights, *networks.value_weights])
        # Detail 12: the KL estimate (r - 1) - ln r, which is unbiased and never negative (Schulman 2020).
        approx_kl = tf.reduce_mean(ratio - 1.0 - log_ratio)
        left = brake(approx_kl, config.target_kl) if config.target_kl else 1.0
        self.policy_adam.learning_rate = ceiling * self.caution * left
        self.policy_optimizer.apply(gradients[: len(policy_weights)])
        if networks.actions.kind == "gaussian":
            networks.log_std.assign(tf.maximum(networks.log_std, math.log(config.min_std)))
        self.value_optimizer.apply(gradients[len(policy_weights) :])
        if config.target_kl:
            caution = tf.convert_to_tensor(self.caution)
            adapted = adapted_caution(caution, approx_kl, config.target_kl)
            self.caution.assign(tf.where(ceiling > 0.0, adapted, caution))  # who is held tells nothing
        clip_fraction = tf.reduce_mean(tf.cast(tf.abs(ratio - 1.0) > config.clip, tf.float32))
        return tf.stack([policy_loss, value_loss, entropies, approx_kl, clip_fraction, *cloning_losses])


def clipped_surrogate_loss(ratio: tf.Tensor, advantages: tf.Tensor, clip: float) -> tf.Tensor:
    """-E[min(r A, clip(r, 1 - ε, 1 + ε) A)] over ``[B]`` (Schulman et al. 2017, equation 7; detail 8)."""
    clipped = tf.clip_by_value(ratio, 1.0 - clip, 1.0 + clip)
    return -tf.reduce_mean(tf.minimum(ratio * advantages, clipped * advantages))


def adapted_caution(caution: tf.Tensor, kl: tf.Tensor, target_kl: float) -> tf.Tensor:
    """A tenth smaller where the policy has moved by more than twice the target, larger where by less than half of it.

    Args:
        caution: 1 for steps of full size, less for smaller ones.
        kl: from the policy that collected the rollout to the present one, in nats.
        target_kl: see `PPOConfig`.

    The rule of Rudin et al. (2022, appendix A), in gentler steps. The clipped surrogate alone does not bound how far a
    policy moves: where a Gaussian's deviation has become small, every step is a large one.
    """
    factor = tf.where(kl > 2.0 * target_kl, 1.0 / 1.1, tf.where(kl < 0.5 * target_kl, 1.1, 1.0))
    return tf.clip_by_value(caution * factor, SMALLEST_CAUTION, 1.0)


def brake(kl: tf.Tensor, target_kl: float) -> tf.Tensor:
    """What is left of a step at a distance of ``kl``: all of it at the start, and nothing from twice the target on.

    `adapted_caution` alone comes too late: a step size that grows until the policy has moved so far has it move several
    times as far before it has shrunk, and nothing takes it back. Means of Breakout's rounds came to 0.04 to 0.13 nats,
    where 0.01 was asked for (benchmarks/atari).

    Args:
        kl: ``[]``, in nats, as in `adapted_caution`.
        target_kl: see `PPOConfig`.
    """
    return tf.maximum(1.0 - kl / (2.0 * target_kl), 0.0)


def explained_variance(predictions: np.ndarray, targets: np.ndarray) -> float:
    """1 - Var[target - prediction] / Var[target]: 1 is perfect, 0 no better than a constant."""
    variance = targets.var()
    return float("nan") if variance == 0 else float(1.0 - (targets - predictions).var() / variance)
