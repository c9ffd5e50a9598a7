"""AIRL's reward function, which outlives its discriminator.

Adversarial inverse reinforcement learning (Fu et al. 2018, section 6) gives the discriminator the form

    D = exp f / (exp f + π(a|s)),    f(s, a, s') = g(s, a) + γ h(s') - h(s),

so that its logit ln D/(1-D) is f - ln π(a|s), and that f is a reward in its own right: its maximum-entropy policy is
the expert's. h is a potential, which changes no policy's rank (Ng et al. 1999); it stands at 0 behind a termination,
where the episode's rewards end. With ``--discriminator.inputs state`` g sees s alone and is the reward for any dynamics
(Fu et al., section 5).
"""

from typing import Any

import numpy as np
import tensorflow as tf

from agents.transitions import Transitions
from gail.config import DiscriminatorConfig
from gail.reward.features import Features
from gail.reward.logits import perceptron
from gail.reward.saved import SavedReward


class ShapedReward(tf.Module):
    """f, on rows that hold what g sees, s, s', and 1 where the episode goes on or 0 where it terminated."""

    def __init__(self, features: Features, config: DiscriminatorConfig, discount: float, seed: int):
        """With fresh weights, which follow from ``seed``."""
        super().__init__()
        self.features = features
        self.config = config
        self.discount = discount
        size = len(features.mean)
        self.num_columns = features.num_columns + 2 * size + 1
        self.g = perceptron(features.num_columns, config, seed)
        self.h = perceptron(size, config, seed + 50)

    @property
    def weights(self) -> list[Any]:
        """The variables that are trained."""
        return [*self.g.trainable_variables, *self.h.trainable_variables]

    def rows(self, transitions: Transitions) -> np.ndarray:
        """Transitions ``[...]`` → float32 ``[..., num_columns]``."""
        states = (self.features.scaled(s) for s in (transitions.observations, transitions.next_observations))
        goes_on = ~transitions.terminations[..., None]
        return np.concatenate([self.features(transitions), *states, goes_on.astype(np.float32)], -1)

    def __call__(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Rows ``[B, num_columns]`` → f ``[B]``."""
        size = len(self.features.mean)
        seen, state, next_state, goes_on = tf.split(rows, [self.features.num_columns, size, size, 1], axis=-1)
        potential, next_potential = (self.h(s, training=training) for s in (state, next_state))
        return (self.g(seen, training=training) + self.discount * goes_on * next_potential - potential)[:, 0]

    def saved(self, real_logit: float, absorbing_logit: float) -> SavedReward:
        """A copy that a folder can keep; arguments as `gail.reward.discriminator.occupancy_logits` returns them."""
        return SavedReward(
            self.features,
            self.config.hidden,
            self.config.spectral_norm,
            self.discount,
            real_logit,
            absorbing_logit,
            self.g.get_weights(),
            self.h.get_weights(),
        )

    @staticmethod
    def of(saved: SavedReward) -> "ShapedReward":
        """The inverse of `saved`."""
        config = DiscriminatorConfig(hidden=saved.hidden, spectral_norm=saved.spectral_norm)
        reward = ShapedReward(saved.features, config, saved.discount, seed=0)
        reward.g.set_weights(saved.g)
        reward.h.set_weights(saved.h)
        return reward
