"""Options of generators, apart from the code that imports TensorFlow for them."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gan", "world_model", "mixture", "noise", "naive_bayes"]


@dataclass(frozen=True)
class GANConfig:
    """The transition GAN.

    Numbers that name no source are first choices, of which no ablation has been run.
    """

    hidden: tuple[int, ...] = (128, 128)
    """Units of each hidden layer, of the generator and of the critic."""
    noise_size: int = 4
    """Numbers in the noise."""
    adversarial: float = 0.01
    """Weight of the critic's verdict beside the errors."""
    rollout: int = 3
    """Steps in a row that the generator foretells from its own."""
    batch_size: int = 256
    """Rows of steps in each gradient step."""
    minibatches: int = 6000
    """Gradient steps of the critic and of the generator, in turn; of a world model, of each of its two parts."""
    learning_rate: float = 2e-3
    """Adam's step size at the start, of the generator; it falls to zero by a cosine (Loshchilov and Hutter 2017)."""
    critic_learning_rate: float = 5e-4
    """Adam's step size of the critic."""
