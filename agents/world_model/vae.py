"""The variational autoencoder: what is seen, in a few numbers (Kingma and Welling 2014)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.config import WorldModelConfig
from agents.encoded import Encoder, PerceptronEncoder
from agents.image_scale import ImageScale
from agents.observations import ObservationSpec
from agents.optimizer import FlatOptimizer
from agents.world_model import networks
from agents.world_model.image_encoder import ImageEncoder
from agents.world_model.tape import Tape, draw
from envs.actions import ActionSpec

SMALLEST_STD = 1e-4  # of numbers that never change
MOVED = 10.0  # bytes by which a pixel differs from the frame before, where it counts as moved
MOST_WEIGHT = 100.0  # of a pixel that moved, so that one that moves alone does not drown all others
MAX_GRADIENT_NORM = 100.0
MINIBATCHES_AT_ONCE = 200  # of what is seen, which stacks make larger than the tape that it is put together from
# Of the pictures that one is to be told from, so many are from the same few steps of an episode: from those of other
# episodes it differs by far more than by how fast things move. These numbers and the next are first choices.
NEIGHBORS, APART = 8, 6
CONTRAST = 10.0  # weight of -ln p of the right picture, beside half of the squared error of a pixel
# What will be seen [..., *shape] after actions [..., K, A] in steps [...], and the rows of the tape where it is.
Future = tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
# Of ln of the variance of a latent: exponentials of what lies beyond overflow, or say no more.
LOWEST_LOG_VARIANCE, HIGHEST_LOG_VARIANCE = -15.0, 10.0


class VAE(tf.Module):
    """Encodes what is seen as the mean of a Gaussian over latents.

    Latents of images can be asked to foresee: to tell, given the actions, which of many pictures is seen a few steps
    later (contrastive predictive coding, van den Oord et al. 2018, equation 4; of games Anand et al. 2019). By its
    reconstruction alone, what a picture tells counts by the pixels that it changes. A pole that leans by a fraction of
    one changes next to nothing, and yet decides what comes.
    """

    def __init__(
        self, observations: ObservationSpec, actions: ActionSpec, size: int, config: WorldModelConfig, seed: int
    ):
        """At the initial weights, which follow from ``seed``; `fit` comes before anything else."""
        super().__init__()
        self.observations = observations
        self.actions = actions
        self.size = size
        self.config = config
        # Each number of a vector has units of its own, and all pixels have the same.
        units = () if observations.is_image else observations.frame
        self.mean = tf.Variable(tf.zeros(observations.frame), trainable=False, name="mean")
        self.std = tf.Variable(tf.ones(units), trainable=False, name="std")
        self.encoder = networks.encoder(observations, config.hidden, 2 * size, seed)
        self.decoder = networks.decoder(observations, size, config.hidden, seed + 10)
        self.transition: Any = None
        if observations.is_image and config.foresight:
            self.transition = networks.transition(size, actions.num_parameters, 2 * config.hidden, seed + 20)
        adam = keras.optimizers.Adam(config.learning_rate, global_clipnorm=MAX_GRADIENT_NORM)
        self.optimizer = FlatOptimizer(adam, self.weights)
        self._learn = compiled(self._learn_minibatches, images=observations.is_image)

    @property
    def weights(self) -> list[Any]:
        """The variables that are trained."""
        parts = [self.encoder, self.decoder, *([] if self.transition is None else [self.transition])]
        return [weight for part in parts for weight in part.trainable_variables]

    def scale(self, frames: np.ndarray) -> None:
        """Take the units of what is seen from ``[R, *frame]``."""
        if self.observations.is_image:
            scale = ImageScale.of(frames)
            self.mean.assign(scale.mean)
            self.std.assign(max(1.0, np.sqrt(scale.distance / scale.mean.size)))
            return
        self.mean.assign(frames.mean(0))
        self.std.assign(np.maximum(frames.std(0), SMALLEST_STD))

    def scaled(self, seen: tf.Tensor) -> tf.Tensor:
        """What is seen ``[B, *shape]``, with mean 0 and deviation 1."""
        return (tf.cast(seen, tf.float32) - self.mean) / self.std

    def posterior(self, scaled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and ln of the variance of the latents, ``[B, Z]`` each."""
        mean, log_variance = tf.split(self.encoder(scaled), 2, -1)
        return mean, tf.clip_by_value(log_variance, LOWEST_LOG_VARIANCE, HIGHEST_LOG_VARIANCE)

    @property
    def mirror(self) -> Encoder:
        """The mean of the posterior: of vectors a copy in NumPy, of images the network itself."""
        if self.observations.is_image:
            return ImageEncoder(self.observations, self.size, self.encoder, self.mean.numpy(), float(self.std.numpy()))
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
        """Latents ``[..., Z]`` → what they stand for, ``[..., *shape]``, in its own units and of its own dtype."""
        flat = tf.constant(latents.reshape(-1, self.size))
        decoded = (tf.convert_to_tensor(self.decoder(flat)) * self.std + self.mean).numpy()
        if self.observations.is_image:
            decoded = np.clip(np.round(decoded), 0, 255).astype(np.uint8)
        return decoded.reshape(*latents.shape[:-1], *self.observations.shape)

    def fit(
        self, tape: Tape, groups: Sequence[np.ndarray], minibatches: int, rng: np.random.Generator
    ) -> dict[str, float]:
        """`scale`, and `learn`; the arguments are those of `learn`."""
        self.scale(tape.frames[np.concatenate(groups)])
        return self.learn(tape, groups, minibatches, rng)

    def learn(
        self, tape: Tape, groups: Sequence[np.ndarray], minibatches: int, rng: np.random.Generator
    ) -> dict[str, float]:
        """Learn from what is seen in a tape, and from what comes of it.

        Args:
            tape: as the environment shows it.
            groups: rows to learn from, see `draw`.
            minibatches: gradient steps, rounded up to a multiple of `MINIBATCHES_AT_ONCE`.
            rng: draws the minibatches and the noise.

        Returns:
            Means over the last `MINIBATCHES_AT_ONCE`, in nats: ``reconstruction`` and ``kl``, and ``prediction``, see
            `contrast`, where latents must foresee.
        """
        means: dict[str, float] = {}
        for _ in range(-(-minibatches // MINIBATCHES_AT_ONCE)):
            chosen = self._drawn(tape, groups, rng)
            noise = rng.standard_normal((*chosen.shape, self.size), np.float32)
            seen = tf.constant(tape.seen(self.observations, chosen))
            future = self._future(tape, chosen, rng)
            totals = self._learn(seen, tf.constant(noise), future, tf.constant(len(chosen)))
            means = {name: float(value) for name, value in totals.items()}
        return means

    def _drawn(self, tape: Tape, groups: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """Rows of minibatches, ``[M, B]``; where latents must foresee, `NEIGHBORS` of them together."""
        if self.transition is None:
            return draw(groups, (MINIBATCHES_AT_ONCE, self.config.batch_size), rng)
        places = -(-self.config.batch_size // NEIGHBORS)
        first = draw(groups, (MINIBATCHES_AT_ONCE, places, 1), rng)
        near = tape.ahead(first, rng.integers(0, APART + 1, (MINIBATCHES_AT_ONCE, places, NEIGHBORS)))
        return near.reshape(MINIBATCHES_AT_ONCE, -1)[:, : self.config.batch_size]

    def _future(self, tape: Tape, rows: np.ndarray, rng: np.random.Generator) -> Future | None:
        """What comes of rows ``[M, B]``, each after 1 to K steps, or as many as there are; None for no foresight."""
        if self.transition is None:
            return None
        reached = tape.ahead(rows, rng.integers(1, self.config.foresight + 1, rows.shape))
        taken = np.minimum(rows[..., None] + np.arange(self.config.foresight), len(tape) - 1)
        actions = self.actions.features(self.actions.executed(tape.actions[taken]))
        columns = (tape.seen(self.observations, reached), actions, (reached - rows).astype(np.int32), reached)
        seen, actions, steps, reached = (tf.constant(column) for column in columns)
        return seen, actions, steps, reached

    def _learn_minibatches(
        self, seen: tf.Tensor, noise: tf.Tensor, future: Future | None, count: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        def step(i: tf.Tensor) -> tf.Tensor:
            if future is None:
                return self._step(seen[i], noise[i])
            after, actions, steps, reached = future
            return self._step(seen[i], noise[i], (after[i], actions[i], steps[i], reached[i]))

        names = ("reconstruction", "kl") if future is None else ("reconstruction", "kl", "prediction")
        return mean_over(count, step, names)

    def _step(self, seen: tf.Tensor, noise: tf.Tensor, future: Future | None = None) -> tf.Tensor:
        scaled = self.scaled(seen)
        with tf.GradientTape() as tape:
            mean, log_variance = self.posterior(scaled)
            latents = mean + tf.exp(0.5 * log_variance) * noise
            reconstruction = self._error(latents, seen)
            divergence = kl_divergence(mean, log_variance)
            loss = reconstruction + self.config.beta * free(divergence, self.config.free_nats)
            figures = [reconstruction, tf.reduce_sum(divergence)]
            if future is not None:
                after, actions, steps, reached = future
                there, _ = self.posterior(self.scaled(after))
                prediction = contrast(self._ahead(mean, actions, steps), there, reached)
                loss += CONTRAST * math.prod(self.observations.shape) * prediction
                figures.append(prediction)
        self.optimizer.apply(tape.gradient(loss, self.weights))
        return tf.stack(figures)

    def _error(self, latents: tf.Tensor, seen: tf.Tensor) -> tf.Tensor:
        """Half of the squared error of what latents ``[B, Z]`` stand for, a mean over the batch."""
        weights = motion_weights(seen) if self.observations.is_image else tf.constant(1.0)
        squares = weights * tf.square(self.decoder(latents) - self.scaled(seen))
        return 0.5 * tf.reduce_mean(tf.reduce_sum(squares, range(1, len(seen.shape))))

    def _ahead(self, latents: tf.Tensor, actions: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
        """Latents ``[B, Z]`` so many ``steps [B]`` later, by ``actions [B, K, A]``."""
        for k in range(self.config.foresight):
            changes = self.transition(tf.concat([latents, actions[:, k]], -1))
            latents += tf.where(steps[:, tf.newaxis] > k, changes, 0.0)
        return latents


def contrast(predicted: tf.Tensor, there: tf.Tensor, which: tf.Tensor) -> tf.Tensor:
    """-ln p of telling the picture that comes from all others of a minibatch, in nats, a mean over it.

    Van den Oord et al. (2018), equation 4, where one is the likelier the likelier N(predicted, 1) makes its latent.

    Args:
        predicted: ``[B, Z]``.
        there: ``[B, Z]``, latents of the pictures that came.
        which: int ``[B]``; two of the same number are the same picture, which is not to be told from itself.
    """
    logits = -0.5 * tf.reduce_sum(tf.square(predicted[:, tf.newaxis] - there), -1)
    others = tf.cast(1 - tf.eye(tf.shape(which)[0], dtype=tf.int32), tf.bool)
    logits = tf.where((which[:, tf.newaxis] == which) & others, -np.inf, logits)
    labels = tf.range(tf.shape(which)[0])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """From N(0, 1), of each number of a latent, in nats, over a batch ``[B, Z]``: ``[Z]``.

    Kingma and Welling (2014), appendix B.
    """
    return 0.5 * tf.reduce_mean(tf.square(mean) + tf.exp(log_variance) - log_variance - 1.0, 0)


def free(divergence: tf.Tensor, nats: float) -> tf.Tensor:
    """The sum of ``[Z]``, in which each counts as ``nats`` at least (Kingma et al. 2016, equation 18)."""
    return tf.reduce_sum(tf.maximum(divergence, nats))


def motion_weights(seen: tf.Tensor) -> tf.Tensor:
    """How much each pixel counts in stacks of frames ``[B, k, H, W(, C)]``: float32, about 1 on average in each.

    Half of the weight is on what moved since the frame before, however small it is, because what moves is what a game
    is about; but no pixel has more than `MOST_WEIGHT`. The first frame is compared with the next. Where nothing moved,
    all pixels count alike.
    """
    frames = tf.cast(seen, tf.float32)
    steps = tf.abs(frames[:, 1:] - frames[:, :-1])
    moved = tf.cast(tf.concat([steps[:, :1], steps], 1) > MOVED, tf.float32)
    share = tf.reduce_mean(moved, axis=range(1, len(seen.shape)), keepdims=True)
    weights = tf.minimum(0.5 + 0.5 * tf.math.divide_no_nan(moved, share), MOST_WEIGHT)
    return tf.where(share > 0.0, weights, 1.0)
