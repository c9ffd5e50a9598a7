"""``gail.generate fit``."""

import shutil
import sys

import numpy as np

from envs.actions import ActionSpec
from expert_data.generator.fitting import Material, fitted
from expert_data.generator.generator import Generator
from expert_data.generator.saved import Description, FittedGenerator
from expert_data.generator.situations import known_situations, situation
from expert_data.quality.gate import judge
from expert_data.rows import Rows
from gail.command import without_chatter
from gail.config import TrainConfig
from gail.divergence import refuse_divergence
from gail.generate.collect import actor_of, collected, demonstrations_of
from gail.generate.command import Fit
from gail.generate.reality import opened_reality
from gail.schedule import derived_seed

LOOKS = 4  # of the gate while a GAN learns
LOOKED_AT = 1000  # transitions at each


def fit(arguments: Fit) -> None:
    """Collect, learn, and write the folder.

    Raises:
        InputError: something given cannot be used; nothing was written.
        TrainingDivergedError: a loss is no longer a number; nothing was written.
    """
    kwargs = TrainConfig(env_kwargs=arguments.env_kwargs).env_arguments
    demonstrations = demonstrations_of(arguments.env, kwargs, arguments.demos, arguments.num_demos)
    policy = None if arguments.policy is None else actor_of(arguments.policy, arguments.env, kwargs)
    random_steps = 0 if arguments.only_demos else arguments.random_steps
    policy_steps = 0 if arguments.only_demos else arguments.policy_steps
    dataset, space = collected(
        arguments.env, kwargs, demonstrations, arguments.subsample, random_steps, policy, policy_steps, arguments.seed
    )
    rows = Rows.of(dataset.learned, ActionSpec.of(space))
    name = arguments.situation or next(iter(known_situations(dataset, rows)))
    material = Material.of(dataset, rows, space, situation(name, dataset, rows))
    kept = f", one transition in {arguments.subsample}" if arguments.subsample > 1 else ""
    sources = [f"{len(demonstrations)} demonstrations{kept}"]
    sources += [f"{random_steps:,} steps of random play"] if random_steps else []
    sources += [f"{policy_steps:,} steps of '{arguments.policy}'"] if policy is not None and policy_steps else []
    description = Description(arguments.env, kwargs, arguments.kind, name, sources, arguments.seed, arguments.gan)
    print(f"{len(dataset.learned):,} transitions to learn from, {len(dataset.held_out):,} held out")
    try:
        watcher = Watcher(material, description, arguments)
        seed = derived_seed(arguments.seed, "generator")
        made = FittedGenerator(description, material, fitted(arguments.kind, material, arguments.gan, seed, watcher))
        watcher.close()
        made.save(arguments.out)
    except BaseException:
        shutil.rmtree(arguments.out, ignore_errors=True)  # nothing half
        raise
    print(f"{arguments.out}: {arguments.kind}, of {', '.join(sources)}")
    print(f"check it: python -m gail.generate check {arguments.out}")


class Watcher:
    """Writes how a fit goes to TensorBoard and to the console, see `expert_data.generator.generator.Watcher`."""

    def __init__(self, material: Material, description: Description, arguments: Fit):
        """Events go to the folder that is being made."""
        with without_chatter():
            from gail.report.generated import GeneratorEvents

        self._events = GeneratorEvents(arguments.out)
        self._arguments = arguments
        self._reality = opened_reality(material, description)
        self._every = -(-arguments.gan.minibatches // LOOKS)
        self._looks = 0

    def losses(self, minibatches: int, scalars: dict[str, float]) -> None:
        """See there."""
        refuse_divergence(scalars, f"gradient step {minibatches} of the generator")
        self._events.scalars(minibatches, scalars)
        if not self._arguments.quiet:
            shown = "  ".join(f"{name.rpartition('/')[2]} {value:.4f}" for name, value in scalars.items())
            print(f"{minibatches:,} gradient steps  {shown}", file=sys.stderr)

    def stands(self, minibatches: int, generator: Generator) -> None:
        """See there."""
        if minibatches // self._every == self._looks:
            return
        self._looks = minibatches // self._every
        rng = np.random.default_rng(derived_seed(self._arguments.seed, "look", minibatches))
        sampled = generator.sample(min(LOOKED_AT, len(self._reality.held_out)), None, rng)
        judgement = judge(sampled, self._reality, self._arguments.seed)
        self._events.judgement(minibatches, judgement)

    def close(self) -> None:
        """Close the events."""
        self._events.close()
