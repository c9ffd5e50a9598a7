"""Dynamics of latents, learned from a tape and stepped as an environment."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf
from gymnasium.spaces import Space

from agents.compiled import mean_over
from agents.config import WorldModelConfig
from agents.optimizer import FlatOptimizer
from agents.world_model.dynamics import LatentDynamics, Sequences, apply
from agents.world_model.mixture import of_member
from agents.world_model.tape import Tape, draw
from envs.actions import ActionSpec
from envs.imagined import Imagined, State

STARTS = 2048  # situations that dreams begin in, drawn anew whenever the model has learned
# Where members disagree by more than they do on this share of the steps that dreams begin with, a dream ends.
TRUSTED_SHARE = 0.99
MAX_GRADIENT_NORM = 100.0  # of a likelihood that is sharp where the next latent is certain
DREAM_WEIGHT = 5.0  # of a dream's squared error, beside -ln of likelihoods; a first choice
LOSSES = ("step_loss", "end_loss", "reward_loss")


class WorldModel(tf.Module):
    """See `envs.imagined.Dynamics`; what is seen in it are latents."""

    def __init__(self, size: int, actions: ActionSpec, action_space: Space, config: WorldModelConfig, seed: int):
        """At the initial weights, which follow from ``seed``.

        Args:
            size: Z, of a latent.
            actions: of the policy.
            action_space: of the environment.
            config: of the dynamics.
            seed: see above.
        """
        super().__init__()
        self.actions = actions
        self.action_space = action_space
        self.config = config
        self.observation_size = size
        self.dynamics = LatentDynamics(size, actions.num_parameters, config, seed)
        adam = keras.optimizers.Adam(config.learning_rate, global_clipnorm=MAX_GRADIENT_NORM)
        self.optimizer = FlatOptimizer(adam, self.dynamics.weights)
        # Apart, so that the norm of its gradient clips nobody else's.
        self.probe_optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), self.dynamics.reward)
        self.trusted = tf.Variable(tf.constant(np.inf, tf.float32), trainable=False, name="trusted")
        # Not by XLA, whose products of batches of matrices take ten times as long on a processor as TensorFlow's.
        self._learn = tf.function(self._learn_minibatches, autograph=False, reduce_retracing=True)
        self._remember = tf.function(self._memory_behind, autograph=False, reduce_retracing=True)
        self._imagine = tf.function(self._imagine_step, autograph=False, reduce_retracing=True)
        self._expect = tf.function(self._expected_step, autograph=False, reduce_retracing=True)
        self._starts: State = {}

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All that it has learned, by name; not where dreams `start`, which is drawn from a tape."""
        return {f"variable_{i}": variable.numpy() for i, variable in enumerate(self._learned)}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up `arrays`.

        Raises:
            KeyError, ValueError: they are those of another model.
        """
        for i, variable in enumerate(self._learned):
            variable.assign(arrays[f"variable_{i}"])

    @property
    def _learned(self) -> list[tf.Variable]:
        units = [self.dynamics.latent_mean, self.dynamics.latent_std, self.dynamics.step_std]
        return [*self.dynamics.weights, *self.dynamics.reward, *units, self.trusted]

    def scale(self, tape: Tape) -> None:
        """Take the units of latents and of their steps; comes before the first `update`."""
        rows = np.flatnonzero(tape.leads)
        self.dynamics.latent_mean.assign(tape.frames.mean(0))
        self.dynamics.latent_std.assign(tape.frames.std(0) + 1e-6)
        self.dynamics.step_std.assign((tape.frames[rows + 1] - tape.frames[rows]).std(0) + 1e-6)

    def update(
        self, tape: Tape, groups: Sequence[np.ndarray], minibatches: int, rng: np.random.Generator
    ) -> dict[str, float]:
        """Learn from sequences of a tape, in one compiled call; `prepare` comes next.

        Args:
            tape: in latents.
            groups: rows that sequences begin with, see `draw`.
            minibatches: gradient steps.
            rng: draws the rows.

        Returns:
            Means over the minibatches, under ``world_model/``: ``step_loss`` and ``end_loss``, -ln of the likelihood of
            the next latent and of a termination, ``reward_loss``, a squared error, and ``dream_error``, see
            `LatentDynamics.dream_error`, of those who learn in open loop.
        """
        config = self.config
        starts = draw(groups, (minibatches, config.members, config.batch_size), rng).astype(np.int32)
        columns = [tf.constant(column) for column in self._columns(tape)]
        means = self._learn(columns, tf.constant(starts), tf.constant(minibatches))
        return {f"world_model/{name}": float(value) for name, value in means.items()}

    def start(self, count: int, rng: np.random.Generator) -> tuple[State, np.ndarray]:
        """See `envs.imagined.Dynamics`: situations that were real, each believed in by one member."""
        chosen = rng.integers(0, len(self._starts["latents"]), count)
        state = {name: values[chosen] for name, values in self._starts.items()}
        return state | {"member": rng.integers(0, self.config.members, count, np.int32)}, state["latents"]

    def step(self, state: State, actions: np.ndarray, rng: np.random.Generator) -> Imagined:
        """See `envs.imagined.Dynamics`."""
        count = len(actions)
        features = self._features(self.actions.from_env(actions))
        noise = (
            rng.gumbel(size=(count, self.config.mixtures)).astype(np.float32),
            rng.standard_normal((count, self.observation_size), np.float32),
            rng.random(count, np.float32),
        )
        inputs = (state["latents"], state["memory"], state["member"], features, *noise)
        latents, memory, rewards, ended, doubtful = (
            each.numpy() for each in self._imagine(*(tf.constant(each) for each in inputs))
        )
        after = {"latents": latents, "memory": memory, "member": state["member"]}
        return Imagined(after, latents, rewards, ended, doubtful)

    def remembered(self, latents: np.ndarray, actions: np.ndarray) -> State:
        """The state of those who came along real latents and have not acted on the last; see `step`.

        Args:
            latents: ``[B, W, Z]``, with nothing before them.
            actions: ``[B, W - 1, K]`` between them, in the policy's form.
        """
        memory = self.dynamics.first_memory(len(latents))
        features = self._features(actions)
        for t in range(actions.shape[1]):
            now = (tf.constant(latents[:, t]), tf.constant(features[:, t]))
            _, memory = self._expect(*self._for_all(*now), memory)
        members = np.arange(len(latents), dtype=np.int32) % self.config.members
        return {"latents": latents[:, -1], "memory": memory.numpy().swapaxes(0, 1), "member": members}

    def foreseen(self, latents: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """What each member expects of actions that were taken, open loop: it sees no more than ``latents``.

        Args:
            latents: ``[B, W, Z]``, as of `remembered`.
            actions: ``[B, W - 1 + H, K]``, of which the last H are taken unseen.

        Returns:
            ``[E, B, H, Z]``, the first a step after the last of ``latents``.
        """
        seen = latents.shape[1]
        memory = tf.constant(self.remembered(latents, actions[:, : seen - 1])["memory"].swapaxes(0, 1))
        (expected,) = self._for_all(tf.constant(latents[:, -1]))
        steps = []
        for taken in self._features(actions[:, seen - 1 :]).swapaxes(0, 1):
            expected, memory = self._expect(expected, *self._for_all(tf.constant(taken)), memory)
            steps.append(expected.numpy())
        return np.stack(steps, 2)

    def _features(self, actions: np.ndarray) -> np.ndarray:
        return self.actions.features(self.actions.executed(actions))

    def _columns(self, tape: Tape) -> list[np.ndarray]:
        flags = (column.astype(np.float32) for column in (tape.rewards, tape.terminations, tape.leads))
        return [tape.frames, self._features(tape.actions), *flags]

    def prepare(self, tape: Tape, groups: Sequence[np.ndarray], rng: np.random.Generator) -> None:
        """Draw the situations to `start` in, remembered as far back as the model has learned to.

        Args:
            tape: in latents.
            groups: rows that lead somewhere, see `draw`.
            rng: draws them.
        """
        rows = draw(groups, (STARTS,), rng)
        back = rows[:, None] + np.arange(-self.config.sequence_length, 1)
        latents, actions, _, _, leads = (column[np.maximum(back, 0)] for column in self._columns(tape))
        leads[back < 0] = 0.0  # nothing comes before the tape
        memory, doubt = self._remember(*(tf.constant(each) for each in (latents, actions, leads)))
        self.trusted.assign(float(np.quantile(doubt.numpy(), TRUSTED_SHARE)))
        self._starts = {"latents": tape.frames[rows], "memory": memory.numpy().swapaxes(0, 1)}

    def _learn_minibatches(self, columns: list[tf.Tensor], starts: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
        config = self.config
        names = (*LOSSES, "dream_error") if config.open_loop else LOSSES
        offsets = tf.range(config.sequence_length + 1)
        last = tf.shape(columns[0])[0] - 1

        def step(i: tf.Tensor) -> tf.Tensor:
            rows = tf.minimum(tf.expand_dims(starts[i], -1) + offsets, last)
            latents, *others = (tf.gather(column, rows) for column in columns)
            sequences = Sequences(latents, *(other[:, :, :-1] for other in others))
            with tf.GradientTape() as tape:
                losses = [*self.dynamics.losses(sequences)]
                loss = tf.add_n(losses)
                if config.open_loop:
                    losses.append(self.dynamics.dream_error(sequences, 3 * config.sequence_length // 4))
                    loss += DREAM_WEIGHT * losses[-1]
            weights, probe = self.dynamics.weights, self.dynamics.reward
            gradients = tape.gradient(loss, [*weights, *probe])
            self.optimizer.apply(gradients[: len(weights)])
            self.probe_optimizer.apply(gradients[len(weights) :])
            return tf.stack(losses)

        return mean_over(count, step, names)

    def _memory_behind(self, latents: tf.Tensor, actions: tf.Tensor, leads: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Of those who came along ``[B, L + 1]`` rows and have not acted on the last, and how far members disagree."""
        latents, actions, leads = self._for_all(latents, actions, leads)
        inputs = self.dynamics.inputs(latents, actions)
        memories = self.dynamics.memories(inputs, leads)
        prediction = self.dynamics.predict(inputs[:, :, -1], memories[:, :, -1])
        return memories[:, :, -2] * leads[:, :, -2, tf.newaxis], disagreement(prediction.steps.mean())

    def _imagine_step(self, latents, memory, member, actions, gumbel, normal, uniform) -> tuple[tf.Tensor, ...]:
        dynamics = self.dynamics
        inputs = dynamics.inputs(*self._for_all(latents, actions))
        memory = dynamics.remember(tf.transpose(memory, [1, 0, 2]), apply(dynamics.look, inputs))
        prediction = dynamics.predict(inputs, memory)
        doubtful = disagreement(prediction.steps.mean()) > self.trusted
        mine = prediction.steps.chosen(member)
        after = latents + dynamics.step_std * mine.sample(self.config.temperature, gumbel, normal)
        ended = uniform < tf.sigmoid(of_member(member, prediction.ends))
        return after, tf.transpose(memory, [1, 0, 2]), of_member(member, prediction.rewards), ended, doubtful

    def _expected_step(self, latents: tf.Tensor, actions: tf.Tensor, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean of the next latents, and the memory of it; everything ``[E, B, ...]``."""
        dynamics = self.dynamics
        inputs = dynamics.inputs(latents, actions)
        memory = dynamics.remember(memory, apply(dynamics.look, inputs))
        return latents + dynamics.step_std * dynamics.predict(inputs, memory).steps.mean(), memory

    def _for_all(self, *values: tf.Tensor) -> list[tf.Tensor]:
        return [tf.repeat(value[tf.newaxis], self.config.members, 0) for value in values]


def disagreement(means: tf.Tensor) -> tf.Tensor:
    """Deviation between members of what they expect, ``[E, B, Z]`` → ``[B]``, root mean square over ``Z``."""
    return tf.sqrt(tf.reduce_mean(tf.math.reduce_variance(means, 0), -1))
