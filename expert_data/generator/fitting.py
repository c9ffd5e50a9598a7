"""From real transitions to a generator of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from gymnasium.spaces import Space

from expert_data.generator.baselines import NaiveBayes, Noise
from expert_data.generator.config import GANConfig, Kind
from expert_data.generator.dataset import Dataset
from expert_data.generator.gan import TransitionGAN
from expert_data.generator.gaussians import Mixture
from expert_data.generator.generator import Generator, Watcher
from expert_data.generator.neighbourhoods import Neighbourhoods
from expert_data.generator.situations import Situation
from expert_data.rows import Rows


@dataclass(frozen=True)
class Material:
    """What a generator is made of besides its weights."""

    dataset: Dataset
    rows: Rows
    action_space: Space
    labels: np.ndarray  # [R] bool, of the tape's rows: is the transition in the situation that is asked for?

    @staticmethod
    def of(dataset: Dataset, rows: Rows, action_space: Space, situation: Situation) -> "Material":
        """With the labels of ``situation``."""
        leads = np.flatnonzero(dataset.tape.leads)
        labels = np.zeros(len(dataset.tape), bool)
        labels[leads] = situation(dataset.transitions(leads))
        return Material(dataset, rows, action_space, labels)

    @property
    def learned_labels(self) -> np.ndarray:
        """``[N]`` of the transitions that are learned from."""
        return self.labels[self.dataset.learned_rows]

    @cached_property
    def learned(self) -> np.ndarray:
        """The same transitions as rows, ``[N, F]``."""
        return self.rows(self.dataset.learned)

    @cached_property
    def situations(self) -> Neighbourhoods:
        """Around the transitions that are learned from."""
        return Neighbourhoods.of(self.dataset.learned, self.learned_labels, self.rows)


def fitted(kind: Kind, material: Material, config: GANConfig, seed: int, watcher: Watcher) -> Generator:
    """A generator that has learned.

    Args:
        kind: of generator.
        material: to learn from.
        config: of the GAN; the world model takes the gradient steps from it.
        seed: of everything random.
        watcher: told of gradient steps and losses.
    """
    rng = np.random.default_rng(seed)
    if kind == "gan":
        from expert_data.generator.gan_training import GANTraining  # imports TensorFlow

        training = GANTraining(material.dataset, material.labels, material.rows, config, seed)
        return training.train(rng, material.situations, watcher)
    if kind == "world_model":
        from expert_data.generator.latent import LatentGenerator  # imports TensorFlow

        generator = LatentGenerator(material.rows, material.situations, material.action_space, seed)
        generator.fit(material.dataset, config.minibatches, rng, watcher)
        return generator
    if kind == "mixture":
        return Mixture.fitted(material.rows, material.learned, material.learned_labels, seed)
    return _without_weights(kind, material)


def restored(kind: Kind, material: Material, arrays: Mapping[str, np.ndarray]) -> Generator:
    """A generator with the weights that `Generator.arrays` gave.

    Raises:
        KeyError, ValueError: they are those of another.
    """
    if kind == "gan":
        return TransitionGAN.from_arrays(material.rows, material.situations, arrays)
    if kind == "world_model":
        from expert_data.generator.latent import LatentGenerator  # imports TensorFlow

        generator = LatentGenerator(material.rows, material.situations, material.action_space, seed=0)
        generator.restore(arrays)
        return generator
    if kind == "mixture":
        return Mixture.from_arrays(material.rows, material.learned_labels, arrays)
    return _without_weights(kind, material)


def _without_weights(kind: Kind, material: Material) -> Generator:
    made = {"noise": Noise, "naive_bayes": NaiveBayes}[kind]
    return made(material.rows, material.learned, material.learned_labels)
