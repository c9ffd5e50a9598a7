"""Experts that know nothing, from whom imitation must not learn the task.

An agent that does well with one of them in the expert's place has learned from the method and not from the expert: with
an always-positive reward, say, any expert teaches it not to end its episodes.
"""

from dataclasses import dataclass, field

import numpy as np
from gymnasium.vector import VectorEnv

from envs.actions import ActionSpec
from envs.errors import InputError
from expert_data.demonstrations import Demonstrations
from expert_data.play import play
from gail.config import Control


def control_demonstrations(
    demonstrations: Demonstrations, control: Control, env: VectorEnv, spec: ActionSpec, rng: np.random.Generator
) -> Demonstrations:
    """As many episodes as the expert's, played in the environment by one who knows nothing.

    Args:
        demonstrations: the expert's.
        control: ``constant_action`` takes the same action at every step, ``shuffled_actions`` takes the expert's
            actions of each episode in another order.
        env: as many copies as there are episodes.
        spec: of its actions.
        rng: of the constant, the order and the episodes' seed.

    Raises:
        InputError: there are no actions to shuffle.
    """
    if control == "constant_action":
        scripts = [spec.sample(rng, 1)] * len(demonstrations)
    else:
        recorded = [episode.actions for episode in demonstrations if episode.actions is not None]
        if not recorded:
            raise InputError("The demonstrations have no actions that --control shuffled_actions could shuffle.")
        scripts = [rng.permutation(spec.from_env(actions)) for actions in recorded]
    episodes = play(env, Script(spec, scripts), int(rng.integers(2**31 - 1)), stochastic=False)
    return Demonstrations(**vars(episodes), metadata=demonstrations.metadata)


@dataclass
class Script:
    """An actor that does not look: the n-th of N environments gets the n-th list of actions, over and over."""

    actions: ActionSpec
    scripts: list[np.ndarray]  # each [L, K]
    depth: int = 1
    _step: int = field(default=-1, init=False)

    def mode(self, observations: np.ndarray) -> np.ndarray:
        """The next actions ``[N, K]``."""
        self._step += 1
        return np.stack([script[self._step % len(script)] for script in self.scripts])

    def sample(self, observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """See `mode`."""
        return self.mode(observations)
