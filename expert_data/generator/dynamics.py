"""A generator as an environment, see `envs.imagined`."""

import numpy as np
from scipy.spatial import KDTree

from agents.transitions import Transitions
from envs.imagined import Imagined, State
from expert_data.generator.fitting import Material
from expert_data.generator.generator import Generator
from expert_data.generator.neighbourhoods import drawn

# Where a situation is farther from all real ones than this share of real ones is from others, its end is in doubt.
TRUSTED_SHARE = 0.99
COMPARED = 2000  # real situations that tell how far they lie apart


class GeneratedDynamics:
    """See `envs.imagined.Dynamics`. Episodes begin at real observations, as often in the rare situation as asked for.

    The most similar real step lends a generated one its label and its reward, which is for reporting only.
    """

    def __init__(self, generator: Generator, material: Material, rate: float | None):
        """Steps of ``generator``, of whose beginnings a share ``rate`` is in the rare situation."""
        self.observation_size = len(material.rows.mean)
        self.action_space = material.action_space
        self._generator, self._rate = generator, rate
        dataset, self._rows = material.dataset, material.rows
        self._starts = dataset.learned.observations
        self._labels = material.learned_labels
        self._rewards = np.nan_to_num(dataset.tape.rewards[dataset.learned_rows])
        inputs = material.learned[:, : self._rows.num_inputs]
        self._tree = KDTree(inputs)
        distances = self._tree.query(inputs[:: max(1, len(inputs) // COMPARED)], k=2)[0][:, 1]
        self._trusted = 2.0 * float(np.quantile(distances, TRUSTED_SHARE))

    def start(self, count: int, rng: np.random.Generator) -> tuple[State, np.ndarray]:
        """See `envs.imagined.Dynamics`."""
        observations = self._starts[drawn(self._labels, count, self._rate, rng)]
        return {"observations": observations}, observations

    def step(self, state: State, actions: np.ndarray, rng: np.random.Generator) -> Imagined:
        """See `envs.imagined.Dynamics`."""
        before, spec = state["observations"], self._rows.actions
        taken = spec.executed(spec.from_env(actions))
        distances, nearest = self._tree.query(self._rows.inputs(before, taken))
        after, ended = self._generator.step(before, taken, self._labels[nearest], rng)
        rewards = self._rewards[nearest].astype(np.float32)
        return Imagined({"observations": after}, after, rewards, ended, distances > self._trusted)

    def transitions(self, observations: np.ndarray, actions: np.ndarray, rng: np.random.Generator) -> Transitions:
        """What comes of ``[M, D]`` and actions ``[M, K]`` in the policy's form, of those where it is not in doubt."""
        imagined = self.step({"observations": observations}, self._rows.actions.to_env(actions), rng)
        made = Transitions(observations, actions, imagined.observations, imagined.terminations)
        return made.take(~imagined.doubtful)
