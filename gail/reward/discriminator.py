"""The discriminator: which transitions are the expert's, and what reward follows.

Occupancy matching (Ho and Ermon 2016, section 5) asks for the reward ln D/(1-D) = ln ρ_E(s, a) / ρ_π(s, a), where ρ
counts every state that is visited, and an episode that terminates goes on to visit one absorbing state for ever
(Kostrikov et al. 2019, section 4.2). Episodes that terminate at rate p a step make m = p / (1 - γ) discounted steps in
the absorbing state for each real one, so that a share m / (1 + m) of ρ lies there. That state is a single point, hence
the best classifier is known there without a network, and the network need only tell real transitions apart:

    absorbing:  ln D/(1-D) = ln m_E / (1 + m_E) - ln m_π / (1 + m_π)
    elsewhere:  ln D/(1-D) = h(s, a) - ln (1 + m_E) + ln (1 + m_π)

h is the network's logit, learned from as many real transitions of the expert as of the agent. The state behind a
termination has the value reward / (1 - γ). So an agent whose episodes end more often than the expert's is punished for
ending them, one whose episodes end less often is rewarded for it, with every form of the reward.

An expert that was hardly ever seen to terminate gives a bound of m_E and no estimate, while the network's logits know
no bound: where it is sure of itself, steps would cost more than an end for ever, and the agent would learn to end its
episodes. No state can be less like such an expert's than one that it never visits. There the absorbing logit is
therefore no higher than the lowest of the agent's steps.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from agents.compiled import compiled, mean_over
from agents.optimizer import FlatOptimizer
from agents.rollout import Rollout
from agents.transitions import Experience, Transitions, evenly, in_blocks
from gail.config import DiscriminatorConfig
from gail.reward.features import Features
from gail.reward.forms import reward_from_logits
from gail.reward.logits import Logits, PlainLogits
from gail.reward.objectives import Objective, gradient_penalty
from gail.reward.replay import Pieces, Replay

MOST_IN_HISTOGRAM = 2000  # transitions of each side
RATE_DECAY = 0.9  # per round, of the agent's terminations per step
# m never counts as less than this, one termination in 10,000 steps where γ is 0.99: an event that was never seen may
# still be possible.
SMALLEST_MASS = 0.01


class Discriminator(tf.Module):
    """Learns from each rollout, then rewards it. Every variable is in one checkpoint of the module."""

    def __init__(
        self,
        expert: Experience,
        termination_rate: float,
        logits: Logits,
        objective: Objective,
        config: DiscriminatorConfig,
        discount: float,
        rollout_shape: tuple[int, int],
    ):
        """Before its first round.

        Args:
            expert: the demonstrated transitions, ``[M]``.
            termination_rate: terminations per step of the episodes that they come from.
            logits: the network.
            objective: what the network is trained for.
            config: of the discriminator.
            discount: of the policy's returns.
            rollout_shape: steps T of a rollout, and its environments N.
        """
        super().__init__()
        self.config = config
        self.discount = discount
        self.imitate(expert, termination_rate)
        self.network = logits
        self.objective = objective
        given = config.gradient_penalty
        self.penalty_weight = objective.gradient_penalty if given is None else given
        self.optimizer = FlatOptimizer(keras.optimizers.Adam(config.learning_rate), logits.weights)
        self.agent_rate = tf.Variable(tf.constant(termination_rate, tf.float64), name="agent_rate")
        self.history = tf.Variable(tf.zeros([2], tf.float64), name="history")  # the agents' terminations, and steps
        self.lowest_logit = tf.Variable(tf.constant(0.0), name="lowest_logit")  # of the last round's steps
        self.midpoint = tf.Variable(tf.constant(0.0), name="midpoint")  # see `Objective`
        self.rollout_shape = rollout_shape
        self.replay = Replay(config.replay_rounds, logits.pieces_shape(*rollout_shape), logits.dtype)
        self._learn = compiled(self._learn_minibatches, images=logits.dtype == "uint8")
        self._logits = tf.function(lambda rows: logits(logits.scaled(rows)), autograph=False, reduce_retracing=True)

    def update(self, rollout: Rollout, rng: np.random.Generator) -> dict[str, float]:
        """Learn to tell the rollout's valid steps from the expert's, in one compiled call.

        Returns:
            Means over the round's minibatches, under ``discriminator/``.
        """
        terminations, steps = rollout.terminations.sum(), max(1, rollout.valid.sum())
        self.history.assign_add([terminations, steps])
        rate = terminations / steps
        self.agent_rate.assign(RATE_DECAY * self.agent_rate + (1.0 - RATE_DECAY) * rate)
        self.replay.remember(self.network.pieces(rollout.steps))
        shape = self._minibatches_shape
        # Drawn with replacement, so that ten demonstrated steps serve as well as ten thousand.
        drawn = in_blocks(self.expert, rng.integers(0, len(self.expert), math.prod(shape)))
        expert = np.concatenate([self.network.rows(block) for block in drawn])
        agent = self.replay.draw(shape, rng)
        shares = rng.random((*shape, 1), np.float32)
        # NumPy draws normal numbers many times faster than XLA does.
        noise = rng.standard_normal(self._noise_shape(shape), np.float32)
        means = self._learn(
            *(tf.constant(array) for array in (expert.reshape(*shape, -1), agent, shares, noise)),
            tf.constant(shape[0]),
        )
        scalars = {name: float(value) for name, value in means.items()}
        self.midpoint.assign(scalars.pop("midpoint"))
        return {f"discriminator/{name}": value for name, value in scalars.items()}

    def imitate(self, expert: Experience, termination_rate: float) -> None:
        """Take other transitions for the expert's from now on; the arguments are as at the start."""
        self.expert = expert
        self.expert_mass = termination_rate / (1.0 - self.discount)

    def see_anew(self, expert: Experience) -> None:
        """Take the expert's transitions as another encoder sees them; what is remembered of the agent's stays."""
        assert isinstance(self.network, PlainLogits), "only latents can be encoded anew"
        self.expert = expert
        features = self.network.features
        self.network.features = Features.of(expert, features.actions, features.inputs)

    def remember(self, agent: Transitions) -> None:
        """Learn from steps ``[M]`` of vectors as the agent's, too, until newer ones take their place."""
        rows, most = self.network.rows(agent), self.replay.shape.transitions
        for start in range(0, len(rows), most):
            self.replay.remember(Pieces.whole(rows[start : start + most]))

    def compile(self) -> None:
        """Compile the update before it is first needed."""
        shape = self._minibatches_shape
        expert = tf.zeros([*shape, self.network.num_columns], self.network.dtype)
        shares = tf.zeros([*shape, 1])
        self._learn(expert, tf.zeros(shape, tf.int64), shares, tf.zeros(self._noise_shape(shape)), tf.constant(0))

    def reward(self, rollout: Rollout) -> np.ndarray:
        """Rewards ``[T, N]`` of the rollout's steps, the lowest of which bounds `termination_value` from now on."""
        logits = np.zeros(rollout.valid.shape, np.float32)
        if rollout.valid.any():
            blocks = self.network.pieces(rollout.steps).blocks()
            logits[rollout.valid] = np.concatenate([self._step_logits(rows) for rows in blocks])
        self.lowest_logit.assign(logits[rollout.valid].min(initial=0.0))
        return reward_from_logits(logits, self.config.reward)

    def ends(self, rollout: Rollout) -> np.ndarray:
        """Terminations, bool ``[T, N]``: a lost life leads to a state that the discriminator sees like any other."""
        return rollout.terminations

    @property
    def termination_value(self) -> float:
        """Of the state behind a termination: its reward, for ever."""
        absorbing = self._bounded(self._occupancy_logits()[1])
        return float(reward_from_logits(np.array(absorbing), self.config.reward)) / (1.0 - self.discount)

    def step_rewards(self, transitions: Transitions) -> np.ndarray:
        """Transitions ``[...]`` → rewards ``[...]``."""
        return reward_from_logits(self._step_logits(self.network.rows(transitions)), self.config.reward)

    def share_taken_for_expert(self, transitions: Transitions) -> float:
        """Of transitions ``[B]``, those that are likelier the expert's than the agent's."""
        return float((self._predict(self.network.rows(transitions)) > self.midpoint.numpy()).mean())

    @property
    def occupancy_logits_of_history(self) -> tuple[float, float]:
        """What termination alone tells of the expert, beside all agents since the start of the run.

        It outlives the run: the last agent ends its episodes as often as the expert does, and says nothing any more.
        """
        terminations, steps = self.history.numpy()
        real, absorbing = occupancy_logits(self.expert_mass, terminations / max(1.0, steps) / (1.0 - self.discount))
        return real, self._bounded(absorbing)

    def logits(self, rollout: Rollout) -> dict[str, np.ndarray]:
        """h of the expert's and of the rollout's transitions, ``[M]`` and ``[B]``, for histograms."""
        sides = {"expert": self.expert, "agent": rollout.steps}
        return {
            f"discriminator/logits_{side}": self._predict(self.network.rows(evenly(steps, MOST_IN_HISTOGRAM)))
            for side, steps in sides.items()
        }

    @property
    def _minibatches_shape(self) -> tuple[int, int]:
        size = self.config.minibatch_size
        return max(1, self.config.epochs * math.prod(self.rollout_shape) // size), size

    def _noise_shape(self, minibatches: tuple[int, int]) -> tuple[int, int, int]:
        """For both sides of each minibatch; without noise there is none."""
        count, size = minibatches
        return (count, 2 * size, self.network.num_smooth) if self.config.instance_noise else (count, 0, 0)

    def _occupancy_logits(self) -> tuple[float, float]:
        return occupancy_logits(self.expert_mass, float(self.agent_rate.numpy()) / (1.0 - self.discount))

    def _bounded(self, absorbing: float) -> float:
        """By the lowest logit of the agent's steps, where the expert was hardly ever seen to terminate."""
        return min(absorbing, float(self.lowest_logit.numpy())) if self.expert_mass < SMALLEST_MASS else absorbing

    def _step_logits(self, rows: np.ndarray) -> np.ndarray:
        """ln D/(1-D) of rows ``[..., num_columns]``, with what termination alone tells."""
        real, _ = self._occupancy_logits()
        return self._predict(rows) + np.float32(real - self.midpoint.numpy())

    def _predict(self, rows: np.ndarray) -> np.ndarray:
        """h of rows ``[..., num_columns]``."""
        return self._logits(tf.constant(rows.reshape(-1, rows.shape[-1]))).numpy().reshape(rows.shape[:-1])

    def _learn_minibatches(
        self, expert: tf.Tensor, agent: tf.Tensor, shares: tf.Tensor, noise: tf.Tensor, count: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        def step(i: tf.Tensor) -> tf.Tensor:
            return self._step(tf.concat([expert[i], self.replay.rows(agent[i])], 0), shares[i], noise[i])

        return mean_over(count, step, ("loss", "gradient_penalty", "accuracy_expert", "accuracy_agent", "midpoint"))

    def _step(self, rows: tf.Tensor, shares: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """On a minibatch ``[2 B, num_columns]`` whose first half is the expert's."""
        config, network = self.config, self.network
        rows = network.scaled(rows)
        expert, agent = tf.split(rows, 2)
        if config.instance_noise:
            abrupt = tf.zeros_like(rows[:, network.num_smooth :])
            rows += tf.concat([tf.cast(config.instance_noise * noise, rows.dtype), abrupt], -1)
        with tf.GradientTape() as tape:
            expert_logits, agent_logits = tf.split(network(rows, training=True), 2)
            loss = self.objective.loss(expert_logits, agent_logits)
            penalty = tf.constant(0.0)
            if self.penalty_weight:
                pairs = (tf.cast(shares, rows.dtype), expert, agent)
                shares, expert, agent = (of_all[: config.penalty_samples] for of_all in pairs)
                penalty = gradient_penalty(network, shares * expert + (1.0 - shares) * agent)
            total = loss + self.penalty_weight * penalty
        midpoint = self.objective.midpoint(expert_logits, agent_logits)
        correct = [tf.reduce_mean(tf.cast(p, tf.float32)) for p in (expert_logits > midpoint, agent_logits < midpoint)]
        gradients = tape.gradient(total, network.weights)
        if config.accuracy_gate < 1.0:
            unsure = tf.add_n(correct) / 2.0 <= config.accuracy_gate
            tf.cond(unsure, lambda: self.optimizer.apply(gradients), lambda: None)
        else:
            self.optimizer.apply(gradients)
        return tf.stack([loss, penalty, *correct, midpoint])


def occupancy_logits(expert_mass: float, agent_mass: float) -> tuple[float, float]:
    """ln D/(1-D) that termination alone gives to real steps and to the absorbing state; see the module's derivation.

    Args:
        expert_mass: m_E, discounted steps in the absorbing state for each real step.
        agent_mass: m_π.
    """
    expert, agent = (max(mass, SMALLEST_MASS) for mass in (expert_mass, agent_mass))
    real = np.log1p(agent) - np.log1p(expert)
    return float(real), float(np.log(expert) - np.log(agent) + real)
