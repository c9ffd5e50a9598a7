"""Which options make no sense, alone or together."""

from typing import Any

from envs.errors import InputError
from gail.config import COMPONENTS, TrainConfig

AT_LEAST_ONE = {
    "batch_size", "minibatch_size", "epochs", "replay_rounds", "penalty_samples", "frames", "latent_size", "members",
    "mixtures", "sequence_length", "real_steps", "random_steps", "rollouts", "num_envs", "horizon", "recent_rounds",
    "first_minibatches", "minibatches", "refit_minibatches", "pretraining_rounds",
}  # fmt: skip
NOT_NEGATIVE = {
    "gradient_penalty", "instance_noise", "target_kl", "beta", "free_nats", "foresight", "temperature", "negatives",
    "average_power",
}  # fmt: skip


def check(config: TrainConfig) -> None:
    """Refuse numbers that make no sense.

    Raises:
        InputError: naming the option and what it may be.
    """
    if not config.env:
        raise InputError("No environment is given; name one with --env, such as --env CartPole-v1.")
    for name in ("num_envs", "eval_episodes", "subsample", "total_timesteps", "eval_every", "checkpoint_every"):
        value = getattr(config, name)
        if value is not None and value < 1:
            raise InputError(f"--{name.replace('_', '-')} is {value}; it must be 1 or more.")
    for name in ("seed", "num_workers", "video_every", "bc_epochs", "hold_rounds"):
        value = getattr(config, name)
        if value is not None and value < 0:
            raise InputError(f"--{name.replace('_', '-')} is {value}; it must be 0 or more.")
    if config.control is not None and config.algo == "ppo":
        raise InputError("--control puts another in the expert's place, and --algo ppo has no expert; leave it out.")
    if config.control == "no_expert" and (config.algo == "bc" or config.bc_epochs):
        raise InputError("--control no_expert leaves nobody to clone; leave out --bc-epochs, or take another --algo.")
    if config.reward is not None and config.algo != "ppo":
        raise InputError("--reward takes the place of the task's own reward, which --algo ppo alone learns from.")
    one_frame = config.network.frames == 1 and config.inputs in ("state", "state_action")
    if config.discriminator.images == "changes" and one_frame:
        raise InputError("--discriminator.images changes needs two frames; give --network.frames 2, or more.")
    if config.discriminator.label_smoothing and config.algo == "wgail":
        raise InputError("--discriminator.label-smoothing has no meaning for the critic of --algo wgail; leave it out.")
    if config.network.initial_std < config.ppo.min_std:
        raise InputError(
            f"--network.initial-std is {config.network.initial_std}, below --ppo.min-std {config.ppo.min_std}; "
            "give a larger one, or a smaller --ppo.min-std."
        )
    if (config.latents or config.dream) and (config.algo == "airl" or config.reward is not None):
        raise InputError("The reward of --algo airl is one of observations, not of --latents; leave one of them out.")
    if config.dream and config.algo in ("bc", "ppo"):
        raise InputError(f"--dream imitates in a model, for which --algo {config.algo} has no use; take another.")
    _check_generator(config)
    _check_self_improvement(config)
    for group in COMPONENTS:
        for name, value in vars(getattr(config, group)).items():
            _check_component(f"--{group}.{name}".replace("_", "-"), name, value)


def _check_generator(config: TrainConfig) -> None:
    options = config.generator
    if options.fitted is None and options.expert is None:
        return
    if config.algo in ("bc", "ppo") or config.control == "no_expert":
        raise InputError("--generator helps imitation, and this run imitates nobody; leave it out.")
    if config.latents or (config.dream and options.expert is not None):
        raise InputError("--generator makes observations, not --latents; leave one of them out.")
    if not (0.0 <= options.share < 1.0 and 0.0 <= options.expert_share < 1.0):
        raise InputError("--generator.share and --generator.expert-share must be 0 or more, and below 1.")
    if options.rate is not None and not 0.0 <= options.rate <= 1.0:
        raise InputError(f"--generator.rate is {options.rate}; it must lie between 0 and 1.")


def _check_self_improvement(config: TrainConfig) -> None:
    if config.self_improvement.by is None:
        return
    if config.algo in ("bc", "ppo") or config.control == "no_expert":
        raise InputError("--self-improvement helps imitation, and this run imitates nobody; leave it out.")
    if config.latents or config.dream:
        raise InputError("--self-improvement keeps real episodes, not --latents; leave one of them out.")
    if config.generator.fitted is not None or config.generator.expert is not None:
        raise InputError("--self-improvement keeps real episodes, not those of --generator; leave one of them out.")


def _check_component(option: str, name: str, value: Any) -> None:
    if value is None:
        return
    if name in AT_LEAST_ONE and value < 1:
        raise InputError(f"{option} is {value}; it must be 1 or more.")
    if name == "image_size" and value < 16:
        raise InputError(f"{option} is {value}; it must be 16 or more, for fewer pixels show little.")
    if name == "discount" and not 0 <= value < 1:
        raise InputError(f"{option} is {value}; it must be 0 or more and below 1.")
    if name == "gae_lambda" and not 0 <= value <= 1:
        raise InputError(f"{option} is {value}; it must lie between 0 and 1.")
    if name in ("accuracy_gate", "label_smoothing") and not 0 <= value <= 1:
        raise InputError(f"{option} is {value}; it must lie between 0 and 1.")
    if name in NOT_NEGATIVE and not value >= 0:
        raise InputError(f"{option} is {value}; it must be 0 or more.")
    if name in ("learning_rate", "initial_std", "min_std", "clip", "max_gradient_norm") and not value > 0:
        raise InputError(f"{option} is {value}; it must be above 0.")
    if name == "hidden" and any(units < 1 for units in (value if isinstance(value, tuple) else (value,))):
        raise InputError(f"{option} is {value}; every layer needs 1 unit or more.")
