"""When things happen in a run, in rounds: one rollout and what is learned from it."""

import math
from dataclasses import dataclass

import numpy as np

from agents.transitions import Experience
from envs.actions import ActionSpec, Kind
from expert_data.episodes import Episodes
from gail.config import TrainConfig

# Continuous control takes longer to learn: PPO's authors gave it a million steps by the task's own reward (Schulman et
# al. 2017, section 6.1), and a reward that has to be learned as well needs more.
DEFAULT_TIMESTEPS: dict[Kind, int] = {"categorical": 300_000, "bernoulli": 300_000, "gaussian": 3_000_000}
DREAMS_SAVE = 30  # of those steps a dreamer takes one
DEFAULT_EVALUATIONS = 10  # of a run, and as many checkpoints
MOST_STEPS_UNSEEN = 250_000  # between evaluations by default: of Atari's images, 10 to 25 minutes on one core
# Of cloning: enough for few demonstrations, bearable for many; in gradient steps where 100 epochs are fewer or more.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 100, 2_000, 20_000
MOST_STEPS_ON_IMAGES = 3_000  # each takes far longer; of nine games of Pong they are 47 epochs (benchmarks/atari)
FEWEST_HELD_ROUNDS = 5  # of a policy that was cloned


@dataclass(frozen=True)
class Schedule:
    """Whole numbers that follow from the configuration."""

    rounds: int
    steps_per_env: int  # T of a rollout
    num_envs: int
    eval_every: int  # rounds
    checkpoint_every: int  # rounds

    @staticmethod
    def of(config: TrainConfig, actions: ActionSpec, num_envs: int) -> "Schedule":
        """Round the options, which are in steps, up to whole rounds."""
        default = DEFAULT_TIMESTEPS[actions.kind] // (DREAMS_SAVE if config.dream else 1)
        total_timesteps = config.total_timesteps or default
        steps_per_env, _ = lesson_shape(config, num_envs)
        if config.dream:
            steps_per_env = max(1, config.dreaming.real_steps // num_envs)
        per_round = steps_per_env * num_envs
        rounds = 0 if config.algo == "bc" else -(-total_timesteps // per_round)
        every = max(1, total_timesteps // DEFAULT_EVALUATIONS)
        eval_every = config.eval_every or min(every, MOST_STEPS_UNSEEN)
        checkpoint_every = config.checkpoint_every or every
        eval_every, checkpoint_every = (max(1, -(-steps // per_round)) for steps in (eval_every, checkpoint_every))
        return Schedule(rounds, steps_per_env, num_envs, eval_every, checkpoint_every)

    def steps(self, rounds: int) -> int:
        """Environment steps taken after so many rounds."""
        return rounds * self.steps_per_env * self.num_envs

    def starts_episodes(self, round_index: int) -> bool:
        """Do the environments start new episodes here? They do where a resumed run would have to."""
        return round_index % self.checkpoint_every == 0

    def holds(self, round_index: int, held_rounds: int, restarts: bool) -> bool:
        """Does a cloned policy stay as it is in this round?

        It does in the first ``held_rounds``, and with ``restarts`` in as many after each start of new episodes, but in
        no more than half of those until the next.
        """
        since = round_index % self.checkpoint_every
        return round_index < held_rounds or (restarts and since < min(held_rounds, self.checkpoint_every // 2))

    def evaluates_after(self, round_index: int) -> bool:
        """Is there an evaluation after this round?"""
        return (round_index + 1) % self.eval_every == 0 or round_index + 1 == self.rounds

    def evaluation_number(self, round_index: int) -> int:
        """1 for the first evaluation, which comes after this round or before."""
        return -(-(round_index + 1) // self.eval_every)

    def saves_after(self, round_index: int) -> bool:
        """Is there a checkpoint after this round?"""
        return (round_index + 1) % self.checkpoint_every == 0 or round_index + 1 == self.rounds


def lesson_shape(config: TrainConfig, num_envs: int) -> tuple[int, int]:
    """Of the rollouts that a policy learns from, which with ``--dream`` are dreams: steps T, and environments N.

    Args:
        config: of the run.
        num_envs: real environments.
    """
    num_envs = config.dreaming.num_envs if config.dream else num_envs
    return max(1, config.ppo.batch_size // num_envs), num_envs


def cloning_epochs(config: TrainConfig, expert: Experience | None, is_image: bool) -> int:
    """Passes over the demonstrations, which show vectors or images; 0 where there is nothing to clone.

    ``gaifo`` clones nothing even where actions are at hand, because it is to show what imitation comes to without them.
    """
    if expert is None or expert.actions is None:
        return 0
    if config.bc_epochs is not None:
        return config.bc_epochs
    if config.algo == "gaifo" or config.control == "no_expert":
        return 0
    steps_per_epoch = max(1, len(expert) // config.bc.batch_size)
    most_steps = MOST_STEPS_ON_IMAGES if is_image else MOST_STEPS
    return max(-(-FEWEST_STEPS // steps_per_epoch), min(EPOCHS, max(1, most_steps // steps_per_epoch)))


def held_rounds(config: TrainConfig, shown: Episodes | None, epochs: int, steps_per_env: int) -> int:
    """Rounds for which a policy that was cloned in so many ``epochs`` stays as it is.

    Environments begin their episodes together. Before these are as long as the expert's, the value function and the
    discriminator have not seen how they end. Dreams begin anywhere.
    """
    if shown is None or not epochs:
        return 0
    if config.hold_rounds is not None:
        return config.hold_rounds
    return FEWEST_HELD_ROUNDS if config.dream else max(FEWEST_HELD_ROUNDS, math.ceil(shown.length_mean / steps_per_env))


def generator(seed: int, stream: str, index: int = 0) -> np.random.Generator:
    """Random numbers that depend on nothing but the run's seed, what they are for, and the round.

    No random state outlives a round, so none has to be saved for a run to be resumed.
    """
    return np.random.default_rng([seed, *stream.encode(), index])


def derived_seed(seed: int, stream: str, index: int = 0) -> int:
    """As `generator`, one number for who wants a seed of his own."""
    return int(generator(seed, stream, index).integers(2**31 - 1))
