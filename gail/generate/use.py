"""Does a generator help an agent? The gate's line of use, for what looks real in every measure may still teach nothing.

An agent learns by imitation in the generator's environment alone, and is evaluated in the real one. Two others, of two
seeds, learn in the real one, as many steps from the same demonstrations with the same settings. All of them see only
what the expert's observations did (Torabi et al. 2019): which actions do the same they can learn from the dynamics
alone, so that nobody who learned wrong ones is saved by actions copied from the expert.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from agents.actor import Actor, RandomActor
from agents.collector import LocalCollector
from agents.observations import ObservationSpec
from envs.imagined import ImaginedEnv
from envs.make import make
from expert_data.demonstrations import Demonstrations
from expert_data.generator.fitting import Material
from expert_data.generator.saved import FittedGenerator
from expert_data.quality.gate import Line
from gail.config import TrainConfig
from gail.divergence import TrainingDivergedError, refuse_divergence
from gail.learner import Learner
from gail.lessons import RealLessons
from gail.report.evaluation import evaluate, open_env
from gail.schedule import Schedule, derived_seed
from gail.source import Source
from gail.task import NUM_ENVS, Task

STEPS = 40_960  # of each agent


@dataclass(frozen=True)
class Use:
    """Mean returns in the real environment, by the task's own reward."""

    random: float
    generated: float  # of the agent that learned in the generator's environment
    real: tuple[float, float]  # of those that learned in the real one

    @property
    def line(self) -> Line | None:
        """Of the gate: what was gained on a random policy, as a share of what both real agents gained in the mean.

        None where one of them gained nothing: so few steps tell nothing of a generator then.
        """
        gained = float(np.mean(self.real)) - self.random
        if min(self.real) <= self.random:
            return None
        return Line("use", (self.generated - self.random) / gained, (min(self.real) - self.random) / gained)


def options(found: FittedGenerator, seed: int) -> TrainConfig:
    """Of all three agents."""
    description = found.description
    kwargs = json.dumps(description.env_kwargs)
    return TrainConfig(description.env_id, kwargs, algo="gaifo", seed=seed, total_timesteps=STEPS)


def used(found: FittedGenerator, config: TrainConfig) -> Use:
    """Let agents learn, who all begin with the same networks.

    Args:
        found: with an expert's steps among its own, for the agents to imitate.
        config: of the agents; see `options`.
    """
    material, seed = found.material, config.seed
    actions, shown = material.rows.actions, demonstrated(material)
    real = make(config.env, NUM_ENVS, config.env_arguments)
    generated = ImaginedEnv(found.dynamics(config.generator.rate), NUM_ENVS, config.generator.horizon)
    test = open_env(config.env, config.env_arguments, config.eval_episodes)
    seen = ObservationSpec.of(real.single_observation_space.shape or (), config.network.frames)
    source = Source(shown=shown, expert=shown.steps(actions))
    learner = Learner(Task(config, LocalCollector(real), actions, seen, source, material.action_space))

    def worth(actor: Actor, stochastic: bool = False) -> float:
        return evaluate(test, actor, config.eval_episodes, derived_seed(seed, "use"), stochastic).return_mean

    try:
        with tempfile.TemporaryDirectory() as folder:
            beginning = tf.train.Checkpoint(learner=learner)
            path = beginning.write(str(Path(folder) / "beginning"))
            returns = []
            for env, chance in ((generated, seed), (real, seed), (real, derived_seed(seed, "another agent"))):
                beginning.read(path).assert_consumed()
                returns.append(worth(_taught(learner, LocalCollector(env), chance)))
        return Use(worth(RandomActor(actions), stochastic=True), returns[0], (returns[1], returns[2]))
    finally:
        real.close()
        test.close()


def _taught(learner: Learner, collector: LocalCollector, seed: int) -> Actor:
    """What the learner comes to where ``collector`` steps; who diverges knows nothing."""
    schedule = Schedule.of(learner.config, learner.networks.actions, collector.num_envs)
    lessons = RealLessons(learner, schedule)
    collector.restart(derived_seed(seed, "environment"))
    try:
        for index in range(schedule.rounds):
            actor_seed = derived_seed(seed, "actor", index)
            rollout = collector.collect(learner.actor(), schedule.steps_per_env, actor_seed)
            refuse_divergence(lessons.learn(rollout, index)[1], f"round {index}")
    except TrainingDivergedError:
        return RandomActor(learner.networks.actions)
    return learner.actor()


def demonstrated(material: Material) -> Demonstrations:
    """The expert's episodes, as they lie on a generator's tape."""
    tape, expert = material.dataset.tape, material.dataset.expert
    leads, terminations = tape.leads[expert], tape.terminations[expert]
    last = np.flatnonzero(~leads)  # rows of last observations
    lengths, terminated = np.diff(last, prepend=-1) - 1, terminations[last - 1]
    actions = material.rows.actions.to_env(tape.actions[expert][leads])
    return Demonstrations(tape.frames[expert], actions, None, lengths, terminated, ~terminated)
