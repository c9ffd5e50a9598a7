"""Options of everything in this folder.

They stand apart from the code that they steer because that code imports TensorFlow, for which ``--help`` must not wait.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class NetworkConfig:
    """Perceptrons of the policy and of the value function; of images, one convolutional network for both."""

    hidden: tuple[int, ...] = (64, 64)
    """Units of each hidden layer (PPO's own choice: Schulman et al. 2017, section 6.1; ablations: 256, 256 cost time
    and gain little)."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Nonlinearity of the hidden layers (tanh: Andrychowicz et al. 2021, section 3.2)."""
    initial_std: float = 0.5
    """Standard deviation of a Gaussian policy at the start, where 1 is half of the action's range (Andrychowicz et al.
    2021, section 3.2; ablations: with 0.2, a cloned policy learns HalfCheetah later)."""
    cnn: Literal["nature", "impala"] = "nature"
    """Of images: the network of Mnih et al. (2015), or the small residual one of Espeholt et al. (2018)."""
    image_size: int | None = None
    """Images are halved, by means of 2 by 2 pixels, until their shorter side has fewer pixels. By default they are seen
    as they are (of 84 by 84 pixels, with 72, a step takes less than half of the time, and of Breakout little is cloned,
    see benchmarks/atari)."""
    frames: int = 4
    """Of images: how many of the last are seen at once (Mnih et al. 2015, "Preprocessing")."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of convolutions. By default bfloat16 where the processor multiplies it, and float32 elsewhere."""


@dataclass(frozen=True)
class PPOConfig:
    """Proximal policy optimisation (Schulman et al. 2017).

    Batch, minibatch, epochs, step size, discount and clip are those of its table 3. "Ablations" are those of
    benchmarks/quality/ablations.md: what becomes of each default where only it is changed.
    """

    batch_size: int = 2048
    """Steps collected for each round, over all environments together."""
    minibatch_size: int = 64
    """Transitions in each gradient step."""
    epochs: int = 10
    """Passes over each round's transitions."""
    learning_rate: float = 3e-4
    """Adam's largest step size at the start; it falls linearly to zero over the run (Huang et al. 2022, detail 4;
    ablations: 1e-3 learns as well)."""
    target_kl: float = 0.02
    """Mean KL divergence, in nats, from the policy before a round to the policy after it, near which the step size
    keeps it (between the 0.01 and 0.03 of Schulman et al. 2017, section 6.1; ablations: 0.01 is slower); 0 for steps
    that do not adapt."""
    discount: float = 0.99
    """Gamma, per step."""
    gae_lambda: float = 0.9
    """Lambda of generalised advantage estimation (Schulman et al. 2016; 0.9: Andrychowicz et al. 2021, section 3.4;
    ablations: 0.95 learns HalfCheetah later)."""
    clip: float = 0.2
    """Epsilon: how far the probability ratio may move before the surrogate is cut."""
    entropy_coefficient: float = 0.0
    """Weight of the entropy bonus, per nat (none: Schulman et al. 2017, section 6.1)."""
    cloning_coefficient: float = 0.0
    """Weight of -ln π(a|s) of demonstrated actions beside the policy's loss, while a policy that was cloned learns
    (Jena et al. 2020; images have 1: without, a run of Breakout lost what was cloned, see benchmarks/atari)."""
    min_std: float = 0.1
    """Standard deviation below which a Gaussian policy does not fall, where 1 is half of the action's range. A
    discriminator pays it for being as sure as its expert, and one that is sure no longer learns from its mistakes
    (ablations: no task there comes so far)."""
    max_gradient_norm: float = 0.5
    """Norm at which each network's gradient is clipped (Huang et al. 2022, detail 11)."""


@dataclass(frozen=True)
class BCConfig:
    """Behavioural cloning: maximum likelihood of the demonstrated actions."""

    batch_size: int = 64
    """Transitions in each gradient step, as in PPO's."""
    learning_rate: float = 1e-3
    """Adam's step size (its authors' own: Kingma and Ba 2015, algorithm 1)."""


@dataclass(frozen=True)
class WorldModelConfig:
    """A variational autoencoder of what is seen, and recurrent dynamics of its latents.

    Numbers that name no source are first choices, of which no ablation has been run.
    """

    latent_size: int | None = None
    """Numbers in a latent. By default as many as an observation has, and 32 of images (Ha and Schmidhuber 2018,
    appendix A.1)."""
    hidden: int = 64
    """Units of each hidden layer, and of the memory."""
    beta: float = 1e-3
    """Weight of the KL divergence beside half of the squared error: the variance of what reconstructions leave open,
    where 1 is that of what is seen (Higgins et al. 2017)."""
    free_nats: float = 0.1
    """KL divergence of each number of a latent that costs nothing, in nats (Kingma et al. 2016, appendix C.8)."""
    foresight: int = 4
    """Of images, with --dream: the most steps ahead that a latent must tell what is seen; 0 for none."""
    members: int = 4
    """Dynamics that learn side by side, and whose disagreement ends a dream."""
    mixtures: int = 5
    """Gaussians from which the next latent is drawn (Ha and Schmidhuber 2018, appendix A.2)."""
    sequence_length: int = 8
    """Steps in a row that dynamics learn from."""
    open_loop: bool = False
    """Learn from them once more: the last three quarters, each as it is dreamt of from the one before."""
    batch_size: int = 32
    """Sequences in each gradient step, and observations in each of the autoencoder's."""
    learning_rate: float = 1e-3
    """Adam's step size."""
    temperature: float = 1.0
    """Of the next latent in a dream: above 1 the dream is less certain than the model (Ha and Schmidhuber 2018)."""
