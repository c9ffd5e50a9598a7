"""The network of a discriminator that sees images."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from agents.image_scale import MOST_FRAMES, ImageScale
from agents.observations import ObservationSpec
from agents.pixels import ImageLayers, channels_last
from agents.rollout import RolloutSteps
from agents.shrinker import Shrinker
from agents.transitions import Experience, Transitions, evenly
from envs.actions import ActionSpec
from gail.config import DiscriminatorConfig, Inputs
from gail.reward.features import WITH_ACTION, WITH_NEXT_STATE
from gail.reward.replay import Pieces, PiecesShape

# Filters, their size and their stride: the policy's network (Mnih et al. 2015) with half as many filters and a quarter
# of the features. What they should be has not been tried.
CONVOLUTIONS = ((16, 8, 4), (32, 4, 2), (32, 3, 1))
FEATURES = 128
UNITS = 64  # where what is seen and the action meet
# Squared distance of what is seen of a transition from what is usual, on average, after scaling: a slope of 1, which
# the gradient penalty allows, then changes a logit by some nats, as it does for vectors. No other number has been
# tried in a whole run.
SPREAD = 16.0


def factor(scale: ImageScale, planes: int) -> float:
    """By which bytes are multiplied where ``planes`` frames, or changes of them, are seen together."""
    return math.sqrt(SPREAD / (planes * max(scale.distance, 1.0)))  # images that are all alike differ by a byte


class PixelLogits(tf.Module):
    """A convolutional network on the frames of a transition or their changes, see `gail.reward.logits.Logits`.

    What has come about before is seen in frames, such as a score, and tells expert from agent whatever they do next: of
    rollouts of a cloned policy of Pong, the discounted returns by what was learned of frames are correlated with those
    of the game with 0.22, of changes with 0.83 (benchmarks/atari).

    A row holds the bytes of the frames, the oldest first, and where the action is seen those of its features, of which
    0 is -1 and 255 is 1.
    """

    dtype = "uint8"

    def __init__(
        self,
        expert: Experience,
        observations: ObservationSpec,
        actions: ActionSpec,
        inputs: Inputs,
        config: DiscriminatorConfig,
        precision: str,
        seed: int,
    ):
        """With fresh weights, which follow from ``seed``, on images in the units of those that ``expert`` shows."""
        super().__init__()
        self.actions = actions
        self._shrinker = Shrinker(observations.frame, config.image_size)
        self.inputs: Inputs = inputs
        # What is new in the next observation is one frame.
        self.depth = observations.depth + (inputs in WITH_NEXT_STATE)
        self.observations = self._shrinker.seen(observations)
        self.frame_columns = self.depth * math.prod(self.observations.frame)
        self.action_columns = actions.num_parameters * (inputs in WITH_ACTION)
        self.num_columns = self.frame_columns + self.action_columns
        self.changes = config.images == "changes"
        self.planes = self.depth - self.changes
        self.plane_columns = self.planes * math.prod(self.observations.frame)
        self.num_smooth = self.plane_columns + self.action_columns
        height, width, *channels = self.observations.frame
        layers = ImageLayers(precision, seed, config.spectral_norm)
        self._dtype = layers.compute_dtype
        scale = self._scale(evenly(expert, MOST_FRAMES))
        self._mean = tf.constant(scale.mean.ravel(), self._dtype)
        self._factor = factor(scale, self.planes)
        images = keras.Input((height, width, self.planes * math.prod(channels)), dtype=layers.compute_dtype)
        x: Any = images
        for filters, kernel, stride in CONVOLUTIONS:
            x = layers.conv(x, filters, kernel, stride, "same", "relu")
        self.torso = keras.Model(images, layers.flat_dense(x, FEATURES))
        # What an action is worth depends on what is seen: they meet before the last layer.
        both = keras.Input((self.torso.output_shape[-1] + self.action_columns,))
        hidden = layers.dense(UNITS, "relu", math.sqrt(2.0), "float32")(both)
        self.head = keras.Model(both, layers.dense(1, None, 1.0, "float32")(hidden))

    @property
    def weights(self) -> list[Any]:
        """See `gail.reward.logits.Logits`."""
        return [*self.torso.trainable_variables, *self.head.trainable_variables]

    def rows(self, transitions: Transitions) -> np.ndarray:
        """See `gail.reward.logits.Logits`."""
        batch = transitions.terminations.shape
        every = (slice(None),) * len(batch)
        # One frame of the stack after the other: whole stacks would be copied first, because what is seen before a step
        # and after it lies in one array.
        frames = [transitions.observations[*every, k] for k in range(self.observations.depth)]
        if self.inputs in WITH_NEXT_STATE:
            frames.append(transitions.next_observations[*every, -1])
        parts = [*map(self._shrinker, frames), self._action_bytes(transitions.actions, batch)]
        return np.concatenate([part.reshape(*batch, -1) for part in parts], -1)

    def pieces(self, steps: RolloutSteps) -> Pieces:
        """See `gail.reward.logits.Logits`: frames, each of which is in many transitions."""
        rollout, numbers = steps.rollout, steps.numbers
        rows = rollout.rows.reshape(-1, rollout.depth)
        where = rows[numbers]
        if self.inputs in WITH_NEXT_STATE:
            newest = rows[numbers + rollout.valid.shape[1], -1:]
            where = np.concatenate([where, newest], -1)
        table = self._shrinker(rollout.table).reshape(len(rollout.table), -1)
        return Pieces(table, where, self._action_bytes(steps.actions, numbers.shape))

    def pieces_shape(self, steps: int, num_envs: int) -> PiecesShape:
        """See `gail.reward.logits.Logits`."""
        table = ((self.observations.depth + steps) * num_envs, math.prod(self.observations.frame))
        return PiecesShape(steps * num_envs, table, self.depth, self.action_columns)

    def _scale(self, shown: Transitions) -> ImageScale:
        """Of the newest frames, or of what they change of those before."""
        newest = self._shrinker(shown.observations[:, -1])
        if self.changes:
            return ImageScale.of_changes(newest, self._shrinker(shown.next_observations[:, -1]))
        return ImageScale.of(newest)

    def _action_bytes(self, actions: np.ndarray | None, batch: tuple[int, ...]) -> np.ndarray:
        """Uint8 ``[*batch, action_columns]``."""
        if self.inputs not in WITH_ACTION:
            return np.empty((*batch, 0), np.uint8)
        assert actions is not None, "the demonstrations were checked"
        features = self.actions.features(self.actions.executed(actions))
        return np.round((np.clip(features, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8)

    def scaled(self, rows: tf.Tensor) -> tf.Tensor:
        """See `gail.reward.logits.Logits`."""
        rows = tf.cast(rows, self._dtype)
        frames = tf.reshape(rows[:, : self.frame_columns], [-1, self.depth, self.frame_columns // self.depth])
        planes = frames[:, 1:] - frames[:, :-1] if self.changes else frames - self._mean
        seen = tf.reshape(planes * self._factor, [-1, self.plane_columns])
        return tf.concat([seen, (rows[:, self.frame_columns :] - 127.5) / 127.5], -1)

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """See `gail.reward.logits.Logits`."""
        stacks = tf.reshape(rows[:, : self.plane_columns], [-1, self.planes, *self.observations.frame])
        actions = tf.cast(rows[:, self.plane_columns :], tf.float32)
        features = tf.cast(self.torso(channels_last(stacks), training=training), tf.float32)
        return self.head(tf.concat([features, actions], -1), training=training)[:, 0]
