"""What is to be learned: the environment, and what to learn it from."""

from dataclasses import dataclass

from gymnasium.spaces import Space
from gymnasium.vector import SyncVectorEnv, VectorEnv

from agents.actor import PolicyActor, TrainedActor
from agents.collector import Collector, LocalCollector, WorkerCollector
from agents.encoded import EncodedActor, EncodedEnv, Encoder
from agents.observations import ObservationSpec
from agents.policy import Policy
from agents.transitions import Experience
from envs.actions import ActionSpec
from envs.errors import InputError
from envs.make import make
from envs.registry import find_spec, portable
from expert_data.demonstrations import Demonstrations
from gail.config import TrainConfig
from gail.schedule import generator
from gail.source import Source

NUM_ENVS, NUM_WORKERS = 8, 2  # two cores are what every machine has, and the results depend on both numbers
# An environment that steps all its copies in one call steps 32 in little more time than 8, and sooner than a message
# reaches another process.
NUM_ENVS_IN_ONE_CALL, NUM_WORKERS_IN_ONE_CALL = 32, 0
NUM_ENVS_BESIDE_DREAMS = 4  # few lives that go on long show more than as many steps of new ones


@dataclass(frozen=True)
class Task:
    """Environments that can be stepped, their spaces as policies see them, and a source that fits them.

    A context manager: the environments are closed at the end.
    """

    config: TrainConfig
    collector: Collector
    actions: ActionSpec
    observations: ObservationSpec
    source: Source  # as the environment shows it
    action_space: Space  # of one action, as the environment takes it
    encoder: Encoder | None = None  # through which everything is seen, see `gail.latents`

    @staticmethod
    def open(config: TrainConfig) -> "Task":
        """Build the environments and read what the configuration names.

        Raises:
            InputError: either cannot be used, or they do not belong together.
        """
        env = make(config.env, 1, config.env_arguments)
        try:
            actions = ActionSpec.of(env.single_action_space)
            observations = ObservationSpec.of(env.single_observation_space.shape or (), config.network.frames)
            if observations.is_image and (config.algo == "airl" or config.reward is not None):
                raise InputError(f"'{config.env}' shows images, from which --algo airl learns no reward; take another.")
            source = Source.read(config, env, actions, observations)
            space = env.single_action_space
            one_by_one = isinstance(env.unwrapped, SyncVectorEnv)
        finally:
            env.close()
        return Task(config, _open_collector(config, one_by_one, observations), actions, observations, source, space)

    def seen(self, env: VectorEnv) -> VectorEnv:
        """Environments of this task as the learner sees them."""
        return env if self.encoder is None else EncodedEnv(env, self.encoder)

    def as_seen(self, demonstrations: Demonstrations) -> Demonstrations:
        """What was demonstrated as the learner sees it."""
        return demonstrations if self.encoder is None else demonstrations.encoded(self.encoder)

    def expert_as_seen(self) -> Experience | None:
        """What is imitated as the learner sees it, encoded anew; None where nothing was demonstrated."""
        if self.encoder is None or self.source.shown is None:
            return self.source.expert
        rng = generator(self.config.seed, "subsample")
        return self.as_seen(self.source.shown).subsampled(self.actions, self.config.subsample, rng)

    def policy(self, actor: TrainedActor) -> Policy:
        """A learner's actor as a user holds it, who sees what the environment shows."""
        if self.encoder is not None:
            assert isinstance(actor, PolicyActor), "latents are vectors"
            actor = EncodedActor(self.encoder, actor)
        return Policy(actor, self.config.env, self.config.env_arguments)

    def __enter__(self) -> "Task":
        """Nothing more to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the environments."""
        self.collector.close()


def _open_collector(config: TrainConfig, one_by_one: bool, observations: ObservationSpec) -> Collector:
    default = NUM_ENVS if one_by_one else NUM_ENVS_IN_ONE_CALL
    num_envs = config.num_envs or (NUM_ENVS_BESIDE_DREAMS if config.dream else default)
    num_workers = config.num_workers
    if num_workers is None:
        num_workers = NUM_WORKERS if one_by_one else NUM_WORKERS_IN_ONE_CALL
    spec = find_spec(config.env)
    # Who acts on images needs TensorFlow, which is too large to have in every process.
    if num_workers and portable(spec) and not observations.is_image:
        return WorkerCollector(spec, num_envs, config.env_arguments, num_workers)
    return LocalCollector(make(config.env, num_envs, config.env_arguments), observations.depth)
