"""What every generator can do."""

from typing import Protocol

import numpy as np

from agents.transitions import Transitions

Arrays = dict[str, np.ndarray]


class Generator(Protocol):
    """Makes transitions.

    A label says whether a transition is in the situation that the generator was conditioned on, see
    `expert_data.generator.situations`.
    """

    def sample(self, count: int, rate: float | None, rng: np.random.Generator) -> Transitions:
        """So many transitions, of which a share ``rate`` has the label; without one, as many as there really are."""
        ...

    def step(
        self, observations: np.ndarray, actions: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """What comes of an action.

        Args:
            observations: ``[M, D]``.
            actions: ``[M, K]`` in the policy's form.
            labels: bool ``[M]``.
            rng: of what is left to chance.

        Returns:
            The next observations, float32 ``[M, D]``, and whether the task ended, bool ``[M]``.
        """
        ...

    @property
    def arrays(self) -> Arrays:
        """All that it has learned beyond its dataset, by name."""
        ...


class Watcher(Protocol):
    """Is told how a fit goes."""

    def losses(self, minibatches: int, scalars: dict[str, float]) -> None:
        """After so many gradient steps; means over those since the last call."""
        ...

    def stands(self, minibatches: int, generator: Generator) -> None:
        """The generator as it is after so many gradient steps."""
        ...
