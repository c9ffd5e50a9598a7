"""What a run learns from: demonstrations, the reward of another run, or the task's own reward alone."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from gymnasium.vector import VectorEnv

from agents.observations import ObservationSpec
from agents.transitions import Experience
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from expert_data import formats, store
from expert_data.checks import check_fit, no_better_than_random
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episodes
from expert_data.spaces import fitted
from gail.config import TrainConfig
from gail.controls import control_demonstrations
from gail.generated import Generated, files_of_generators
from gail.reward.features import WITH_ACTION
from gail.reward.saved import FOLDER as REWARD_FOLDER
from gail.reward.saved import WEIGHTS, SavedReward
from gail.schedule import generator

HOLD_OUT_ONE_IN = 10  # episodes


@dataclass(frozen=True)
class Source:
    """Checked, and fit for the environment."""

    demonstrations: Demonstrations | None = None  # those asked for
    shown: Demonstrations | None = None  # those that imitation sees: the control's, or all but the ones held out
    held_out: Demonstrations | None = None  # for diagnosis
    expert: Experience | None = None  # of those shown, subsampled
    reward: SavedReward | None = None  # in the demonstrations' place
    warnings: list[str] = field(default_factory=list)
    generated: Generated = field(default_factory=Generated)

    @staticmethod
    def read(config: TrainConfig, env: VectorEnv, actions: ActionSpec, observations: ObservationSpec) -> "Source":
        """Read what the configuration names.

        Raises:
            InputError: it cannot be used, or does not belong to ``env``.
        """
        if config.reward is not None:
            return Source(reward=_reward(config, env, actions))
        path = demos_path(config)
        if path is None:
            return Source()
        limit = None if env.spec is None else env.spec.max_episode_steps
        recorded = fitted(formats.load(path, limit), env)
        warnings = check_fit(recorded, str(path), env, config.env, config.env_arguments)
        demonstrations, shown, held_out = _split(recorded, config.num_demos)
        shown = _shown(config, shown, actions)
        rng = generator(config.seed, "subsample")
        expert = shown.subsampled(actions, config.subsample, rng, observations.depth)
        _require_actions(config, expert)
        _require_scores(config, shown)
        generated = Generated.read(config, actions)
        expert = generated.stretched(expert, generator(config.seed, "synthetic expert"))
        warnings += generated.notes
        return Source(demonstrations, shown, held_out, expert, None, warnings, generated)

    def beside(self, random: Episodes) -> list[str]:
        """Warnings, each a sentence, that a random policy's episodes give reason for."""
        found = None if self.demonstrations is None else no_better_than_random(self.demonstrations, random)
        return [] if found is None else [f"Of the demonstrations, {found.sentence}"]


def demos_path(config: TrainConfig) -> Path | None:
    """The demonstration file of a run; None where its algorithm needs none.

    Raises:
        InputError: it needs one, none is given and none comes with the package.
    """
    if config.algo == "ppo":
        return None
    if config.demos is not None:
        return Path(config.demos)
    path = store.bundled(config.env)
    if path is None:
        raise InputError(f"No demonstrations of '{config.env}' come with the package; give a file with --demos.")
    return path


def source_path(config: TrainConfig) -> Path | None:
    """The file that a run learns from: its demonstrations, or the reward of another run; None where there is neither.

    Raises:
        InputError: as `demos_path`.
    """
    return demos_path(config) if config.reward is None else Path(config.reward) / REWARD_FOLDER / WEIGHTS


def fingerprint(config: TrainConfig) -> str | None:
    """SHA-256 of a run's source and its generators, so that a resumed run can tell whether they are still the same."""
    path = source_path(config)
    if path is None:
        return None
    digest = hashlib.sha256()
    for each in [*formats.files_of(path), *files_of_generators(config.generator)]:
        with each.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _split(
    recorded: Demonstrations, num_demos: int | None
) -> tuple[Demonstrations, Demonstrations, Demonstrations | None]:
    """The demonstrations asked for, those to show, and those to hold out for diagnosis.

    What was not asked for can be held out at no cost; otherwise it is a tenth, if there are enough.
    """
    if num_demos is not None:
        return recorded.first(num_demos), recorded.first(num_demos), recorded.after(num_demos)
    count = len(recorded) - len(recorded) // HOLD_OUT_ONE_IN
    return recorded, recorded.first(count), recorded.after(count)


def _shown(config: TrainConfig, demonstrations: Demonstrations, actions: ActionSpec) -> Demonstrations:
    if config.control is None or config.control == "no_expert":
        return demonstrations
    env = make(config.env, len(demonstrations), config.env_arguments)
    try:
        rng = generator(config.seed, "control")
        return control_demonstrations(demonstrations, config.control, env, actions, rng)
    finally:
        env.close()


def _require_actions(config: TrainConfig, expert: Experience) -> None:
    if expert.actions is not None:
        return
    cloning = config.algo == "bc" or config.bc_epochs
    if cloning or config.algo == "airl" or config.inputs in WITH_ACTION:
        who = "cloning" if cloning else "the discriminator"
        raise InputError(
            f"Demonstrations '{demos_path(config)}' have no actions, which {who} needs; imitate what their "
            "observations do with --algo gaifo."
        )


def _require_scores(config: TrainConfig, shown: Demonstrations) -> None:
    by = config.self_improvement.by
    if by == "task_reward" and shown.rewards is None:
        raise InputError(
            "The demonstrations have no rewards, by which --self-improvement.by task_reward would compare episodes; "
            "record them with rewards, or compare by learned_reward."
        )
    if by == "learned_reward" and len(shown) < 2:
        raise InputError(
            "--self-improvement.by learned_reward asks how far the expert's episodes lie apart, and there is one; give "
            "two or more."
        )


def _reward(config: TrainConfig, env: VectorEnv, actions: ActionSpec) -> SavedReward:
    assert config.reward is not None, "the caller looked"
    reward = SavedReward.load(Path(config.reward) / REWARD_FOLDER)
    if (reward.features.actions, reward.features.mean.shape) != (actions, env.single_observation_space.shape):
        raise InputError(
            f"The reward of '{config.reward}' is for an environment of other observations or actions than "
            f"'{config.env}'; give that of a run whose spaces are the same."
        )
    return reward
