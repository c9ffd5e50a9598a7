"""What is to be learned: the environment and, for imitation, the demonstrations."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from gymnasium.vector import SyncVectorEnv, VectorEnv

from agents.collector import Collector, LocalCollector, WorkerCollector
from agents.transitions import Transitions
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from envs.registry import find_spec, portable
from expert_data import store
from expert_data.checks import check_fit
from expert_data.episodes import Demonstrations
from gail import saved_reward
from gail.config import TrainConfig
from gail.controls import control_demonstrations
from gail.features import WITH_ACTION
from gail.saved_reward import WEIGHTS, SavedReward
from gail.schedule import generator

HOLD_OUT_ONE_IN = 10  # episodes
NUM_ENVS, NUM_WORKERS = 8, 2  # two cores are what every machine has, and the results depend on both numbers
# An environment that steps all its copies in one call steps 32 in little more time than 8, and sooner than a message
# reaches another process.
NUM_ENVS_IN_ONE_CALL, NUM_WORKERS_IN_ONE_CALL = 32, 0


@dataclass(frozen=True)
class Task:
    """Environments that can be stepped, their spaces as policies see them, and checked demonstrations.

    A context manager: the environments are closed at the end.
    """

    config: TrainConfig
    collector: Collector
    actions: ActionSpec
    observation_size: int  # D
    demonstrations: Demonstrations | None
    shown: Demonstrations | None  # those that imitation sees: the control's, or all but the ones held out
    held_out: Demonstrations | None
    expert: Transitions | None  # of those shown, subsampled
    reward: SavedReward | None  # to learn from in the demonstrations' place
    warnings: list[str]

    @staticmethod
    def open(config: TrainConfig) -> "Task":
        """Build the environments and read the demonstrations that the configuration names.

        Raises:
            InputError: either cannot be used, or they do not belong together.
        """
        env = make(config.env, 1, config.env_arguments)
        try:
            actions = ActionSpec.of(env.single_action_space)
            recorded, warnings = _demonstrations(config, env)
            demonstrations = shown = held_out = expert = None
            if recorded is not None:
                demonstrations, shown, held_out = _split(recorded, config.num_demos)
                shown = _shown(config, shown, actions)
                expert = shown.transitions(actions, config.subsample, generator(config.seed, "subsample"))
                _require_actions(config, expert)
            size = math.prod(env.single_observation_space.shape or ())
            reward = _reward(config, size, actions)
            one_by_one = isinstance(env.unwrapped, SyncVectorEnv)
        finally:
            env.close()
        collector = _open_collector(config, one_by_one)
        return Task(config, collector, actions, size, demonstrations, shown, held_out, expert, reward, warnings)

    def __enter__(self) -> "Task":
        """Nothing more to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the environments."""
        self.collector.close()


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
    return demos_path(config) if config.reward is None else Path(config.reward) / saved_reward.FOLDER / WEIGHTS


def fingerprint(path: Path | None) -> str | None:
    """SHA-256 of a run's source, so that a resumed run can tell whether it is still the same."""
    return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def _demonstrations(config: TrainConfig, env: VectorEnv) -> tuple[Demonstrations | None, list[str]]:
    path = demos_path(config)
    if path is None:
        return None, []
    demonstrations = store.load(path)
    return demonstrations, check_fit(demonstrations, str(path), env, config.env)


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


def _reward(config: TrainConfig, observation_size: int, actions: ActionSpec) -> SavedReward | None:
    if config.reward is None:
        return None
    reward = SavedReward.load(Path(config.reward) / saved_reward.FOLDER)
    if (reward.features.actions, len(reward.features.mean)) != (actions, observation_size):
        raise InputError(
            f"The reward of '{config.reward}' is for an environment of other observations or actions than "
            f"'{config.env}'; give that of a run whose spaces are the same."
        )
    return reward


def _require_actions(config: TrainConfig, expert: Transitions) -> None:
    if expert.actions is not None:
        return
    cloning = config.algo == "bc" or config.bc_epochs
    if cloning or config.algo == "airl" or config.inputs in WITH_ACTION:
        who = "cloning" if cloning else "the discriminator"
        raise InputError(
            f"Demonstrations '{demos_path(config)}' have no actions, which {who} needs; imitate what their "
            "observations do with --algo gaifo."
        )


def _open_collector(config: TrainConfig, one_by_one: bool) -> Collector:
    num_envs = config.num_envs or (NUM_ENVS if one_by_one else NUM_ENVS_IN_ONE_CALL)
    num_workers = config.num_workers
    if num_workers is None:
        num_workers = NUM_WORKERS if one_by_one else NUM_WORKERS_IN_ONE_CALL
    spec = find_spec(config.env)
    if num_workers and portable(spec):
        return WorkerCollector(spec, num_envs, config.env_arguments, num_workers)
    return LocalCollector(make(config.env, num_envs, config.env_arguments))
