"""All options of a training run: one dataclass per component, composed at the end.

The command line is made from these classes, and so is ``config.json``; a field's sentence is its help text.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import tyro

from agents.config import BCConfig, NetworkConfig, PPOConfig, WorldModelConfig
from envs.errors import InputError

Config = TypeVar("Config")
Algorithm = Literal["gail", "gaifo", "airl", "wgail", "bc", "ppo"]
Control = Literal["constant_action", "shuffled_actions", "no_expert"]
Inputs = Literal["state_action", "state_next_state", "state", "state_action_next_state"]


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The network that tells expert from agent, and the reward made of its verdict.

    "Ablations" are those of benchmarks/quality/ablations.md: what becomes of each default where only it is changed.
    """

    hidden: tuple[int, ...] = (64, 64)
    """Units of each hidden layer (ablations: what 256, 256 gain on HalfCheetah they lose on LunarLander)."""
    inputs: Inputs | None = None
    """What it sees of a transition. By default state_action (Ho and Ermon 2016, equation 17), and state_next_state with
    --algo gaifo (Torabi et al. 2019, section 4)."""
    reward: Literal["logit", "minus_log_one_minus_d", "log_d"] = "logit"
    """Form of the reward, see gail/reward/forms.py (logit: best on demonstrations by programs, Orsini et al. 2021;
    ablations: the others learn as well, and no better)."""
    learning_rate: float = 1e-3
    """Adam's step size (ablations: 3e-4 learns LunarLander later, 3e-3 nothing sooner)."""
    minibatch_size: int = 256
    """Transitions of the agent, and as many of the expert, in each gradient step (ablations: 64 is worse on MountainCar
    and Pendulum, 1024 on LunarLander)."""
    epochs: int = 4
    """Times that each round's transitions are drawn, on average (ablations: 1 learns three of four tasks later)."""
    replay_rounds: int = 4
    """Rounds whose transitions it learns from: the present one and those before it (ablations: 1 is worse on two tasks
    and better on none)."""
    spectral_norm: bool = False
    """Divide each layer's weights by their largest singular value (Miyato et al. 2018; ablations: beside the penalty or
    in its place, it fails on LunarLander and Pendulum)."""
    gradient_penalty: float | None = None
    """Weight of the penalty on steep logits, see gail/reward/objectives.py; 0 for none. By default 1 (ablations:
    without it, Pendulum and HalfCheetah fail; 0.1 and 10 are worse), and 10 with --algo wgail (Gulrajani et al. 2017,
    section 4)."""
    penalty_samples: int | None = None
    """Points of each minibatch at which the penalty is taken. By default as many as its transitions of the agent; each
    costs several times what a transition does."""
    accuracy_gate: float = 1.0
    """It learns nothing from minibatches of which it gets a larger share right; 1 for no gate (ablations: with 0.8,
    LunarLander and HalfCheetah fail)."""
    images: Literal["frames", "changes"] = "frames"
    """What it sees of images: the frames, or what each changed of the one before. By default changes of Atari games,
    whose screens show the score, by which the agent is told from its expert whatever it does next."""
    image_size: int | None = 72
    """Images are halved, by means of 2 by 2 pixels, until their shorter side has fewer pixels: a quarter of the time,
    and of the memory of earlier rounds."""
    label_smoothing: float = 0.0
    """Probability, in its loss, that an expert's transition is not the expert's (Salimans et al. 2016, section 3.4;
    ablations: 0.1 gains nothing)."""
    instance_noise: float = 0.0
    """Deviation of the noise on what it learns from, where 1 is that of the demonstrated observations (Sønderby et al.
    2017, section 3; ablations: 0.3 gains nothing)."""


@dataclass(frozen=True)
class DreamConfig:
    """How much of --dream is real, and how much is dreamt.

    Numbers that name no source are first choices, of which no ablation has been run.
    """

    real_steps: int = 256
    """Real steps of each round, over all environments."""
    random_steps: int | None = None
    """Steps of random play before the first round. By default as many as real_steps."""
    refresh: bool = True
    """Let the model learn from what each round meets. Without, it stays as it was fitted to demonstrations and random
    play, and what it does not know the policy never learns (Ha and Schmidhuber 2018, section 4)."""
    rollouts: int = 10
    """Dreams of --ppo.batch-size steps that are learned from in each round."""
    num_envs: int = 64
    """Dreams that go on together."""
    horizon: int = 30
    """Steps after which a dream is cut (Janner et al. 2019: short rollouts from real states keep a model's errors
    small)."""
    average_power: float = 3.0
    """The agent is an average of its policies after all lessons so far, in which the t-th counts in proportion to about
    t to this power (Shamir and Zhang 2013, section 4). Who plays against a discriminator circles round what both
    are after, and the average does not (Yazici et al. 2019)."""
    recent_rounds: int = 4
    """Half of the dreams begin where the agent was in the last so many rounds, and half where the expert was."""
    first_minibatches: int = 2000
    """Gradient steps of the autoencoder, and of the dynamics, before the first round."""
    minibatches: int = 400
    """Gradient steps of the dynamics in each round."""
    refit_minibatches: int = 1000
    """Of images: gradient steps of the autoencoder, and of the dynamics, whenever there is twice as much experience."""


@dataclass(frozen=True)
class GeneratorConfig:
    """Generated experience, of generators that ``python -m gail.generate`` has fitted and checked.

    Every share is multiplied by the gate's verdict, and a generator that the gate fails altogether is not used. Numbers
    are first choices, of which no ablation has been run.
    """

    fitted: str | None = None
    """Folder of a generator of the environment. Without one, nothing is generated."""
    pretraining_rounds: int = 20
    """Rounds in which the agent also learns in generated episodes. With --dream there are none, and the world model
    learns from generated transitions instead."""
    share: float = 0.8
    """Share of generated steps among all that are learned from in the first of these rounds; it falls to zero."""
    horizon: int = 30
    """Steps after which a generated episode is cut."""
    rate: float | None = None
    """Share of generated episodes that begin in the situation that the generator was fitted with. By default as in
    real play."""
    negatives: float = 0.0
    """Generated steps of the agent for each real one, from which the discriminator learns besides."""
    expert: str | None = None
    """Folder of a generator that was fitted with --only-demos."""
    expert_share: float = 0.5
    """Share of generated transitions among the expert's, with --generator.expert."""


@dataclass(frozen=True)
class SelfImprovementConfig:
    """The agent's best episodes take the places of the worst that it imitates (Liu et al. 2019)."""

    by: Literal["task_reward", "learned_reward"] | None = None
    """What tells that one episode is better than another: the task's own reward, which imitation does not see
    otherwise, or the discriminator's, of episodes that go where the expert has been. By default the expert's episodes
    are imitated and no others."""


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a run does: two runs of equal configurations are equal."""

    env: Annotated[str, tyro.conf.arg(aliases=["--env-id"])] = ""
    """Gymnasium id, or module:ID, or module:Class."""
    env_kwargs: Annotated[str, tyro.conf.arg(metavar="JSON")] = "{}"
    """Keyword arguments of the environment's constructor, as a JSON object; for Atari games, see
    envs/atari.py, how the game is played and seen."""
    pixels: int | None = None
    """Observe gray pictures of so many rows and columns: the environment's own images, or what it renders."""
    demos: str | None = None
    """Demonstration file (.npz); without one, those that come with the package."""
    num_demos: int | None = None
    """Use only the first N episodes of the file."""
    subsample: int = 1
    """Keep one transition in N, as in the GAIL paper."""
    algo: Algorithm = "gail"
    """gail: imitation; gaifo: imitation of what the expert's observations do, without its actions; airl: imitation that
    leaves a reward; wgail: imitation by a Wasserstein critic; bc: behavioural cloning; ppo: reinforcement by the task's
    own reward, to make experts, or by that of --reward."""
    reward: str | None = None
    """Folder of a run with --algo airl, whose reward --algo ppo learns from in place of the task's own."""
    control: Control | None = None
    """Put one who knows nothing in the expert's place, see gail/controls.py, or with no_expert a random reward in the
    discriminator's: a control experiment, which must fail."""
    bc_epochs: int | None = None
    """Passes of behavioural cloning over the demonstrations before the first round; 0 for none. By default about 100,
    see gail/schedule.py (ablations: 10 leave Pendulum behind). Before them one rollout of the untrained policy is
    collected for the scale of observations, which the steps of the run do not count."""
    latents: bool = False
    """Learn from the latents of an autoencoder, see --world-model, in the place of observations. It is fitted to the
    demonstrations and to random play before the first round, and stays as it is."""
    dream: bool = False
    """Learn in dreams, from --latents: each round collects a little real experience, refreshes a model of it, and
    learns in the model."""
    hold_rounds: int | None = None
    """Rounds for which a cloned policy stays as it is: what the value function and the discriminator say before they
    know it would undo it (ablations: with ten demonstrations nothing is undone). By default 5, or more until episodes
    have come to their ends, see gail/schedule.py."""
    hold_restarts: bool = False
    """Let a cloned policy stay as it is for as many rounds after each checkpoint, too, at which the environments start
    new episodes together (images: without, 500,000 steps of slow progress on Pong were lost in 100,000)"""
    total_timesteps: int | None = None
    """Environment steps of the run, over all environments. By default 300,000 for discrete actions, 3,000,000 for
    continuous ones, and a thirtieth of them with --dream."""
    num_envs: int | None = None
    """Environments that step together. By default 8, 32 of those that step all in one call, and 4 with --dream."""
    num_workers: int | None = None
    """Processes that step them; 0 for none but this. By default 2, and 0 for those that step all in one call."""
    seed: int = 0
    """Of everything random."""
    eval_episodes: int = 20
    """Episodes of each evaluation."""
    eval_every: int | None = None
    """Steps between evaluations. By default a tenth of the run, and at most 250,000."""
    video_every: int = 5
    """Evaluations from one video to the next; 0 for none. By default every fifth is filmed, of images every one."""
    checkpoint_every: int | None = None
    """Steps between checkpoints, at which the environments start new episodes. By default a tenth of the run."""
    target_return: float | None = None
    """Stop when an evaluation's mean return reaches this."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    ppo: PPOConfig = field(default_factory=PPOConfig)
    bc: BCConfig = field(default_factory=BCConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    world_model: WorldModelConfig = field(default_factory=WorldModelConfig)
    dreaming: DreamConfig = field(default_factory=DreamConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    self_improvement: SelfImprovementConfig = field(default_factory=SelfImprovementConfig)

    @property
    def inputs(self) -> Inputs:
        """What the discriminator sees."""
        return self.discriminator.inputs or ("state_next_state" if self.algo == "gaifo" else "state_action")

    @property
    def env_arguments(self) -> dict[str, Any]:
        """``env_kwargs`` as a dictionary, with ``pixels`` where they are asked for.

        Raises:
            InputError: it is no JSON object.
        """
        remedy = """write '{"name": value}'"""
        try:
            arguments = json.loads(self.env_kwargs)
        except json.JSONDecodeError as error:
            raise InputError(f"--env-kwargs '{self.env_kwargs}' is not JSON ({error}); {remedy}.") from error
        if not isinstance(arguments, dict):
            raise InputError(f"--env-kwargs '{self.env_kwargs}' is no JSON object; {remedy}.")
        return arguments if self.pixels is None else arguments | {"pixels": self.pixels}


COMPONENTS = {
    "network": NetworkConfig,
    "ppo": PPOConfig,
    "bc": BCConfig,
    "discriminator": DiscriminatorConfig,
    "world_model": WorldModelConfig,
    "dreaming": DreamConfig,
    "generator": GeneratorConfig,
    "self_improvement": SelfImprovementConfig,
}


def without_command(arguments: TrainConfig) -> TrainConfig:
    """The options of training alone, of a command that has others besides."""
    return TrainConfig(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(TrainConfig)})


def to_json(config: TrainConfig) -> dict[str, Any]:
    """Plain values, nested as the dataclasses are."""
    return dataclasses.asdict(config)


def from_json(fields: dict[str, Any]) -> TrainConfig:
    """The inverse of `to_json`.

    Raises:
        TypeError, KeyError: the fields are not those of this version.
    """
    return TrainConfig(**(fields | {name: _component(part, fields[name]) for name, part in COMPONENTS.items()}))


def _component(kind: type[Config], fields: dict[str, Any]) -> Config:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})
