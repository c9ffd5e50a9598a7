"""``gail.generate sample``: generated transitions as a demonstration file."""

import time

import numpy as np

from agents.transitions import Transitions
from envs.actions import ActionSpec
from expert_data import store
from expert_data.demonstrations import Demonstrations
from expert_data.generator.saved import FittedGenerator
from gail.command import without_chatter
from gail.generate.command import Sample
from gail.schedule import generator


def sample(arguments: Sample) -> None:
    """Draw and write.

    Raises:
        InputError: there is no generator in the folder, or it cannot be read.
    """
    with without_chatter():
        found = FittedGenerator.load(arguments.folder)
    description, gate = found.description, found.gate
    if gate is None:
        print(f"Warning: no gate has checked it; do so with python -m gail.generate check {arguments.folder}.")
    drawn = found.generator.sample(arguments.count, arguments.rate, generator(arguments.seed, "sample"))
    metadata = {
        "env_id": description.env_id,
        "env_kwargs": description.env_kwargs,
        "source": f"a generator of kind {description.kind}, of {', '.join(description.sources)}",
        "synthetic": {"kind": description.kind, "verdict": None if gate is None else gate["verdict"]},
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    made = episodes_of_one(drawn, found.material.rows.actions, metadata)
    store.save(arguments.out, made)
    ended = int(made.terminated.sum())
    print(f"{arguments.out}: {len(made):,} synthetic transitions, of which {ended:,} end the task")


def episodes_of_one(transitions: Transitions, actions: ActionSpec, metadata: dict) -> Demonstrations:
    """Transitions ``[M]`` as M episodes of one step each."""
    assert transitions.actions is not None, "generated transitions have actions"
    seen = np.stack([transitions.observations, transitions.next_observations], 1)
    return Demonstrations(
        seen.reshape(-1, *seen.shape[2:]),
        actions.to_env(transitions.actions),
        None,
        np.ones(len(transitions), np.int64),
        transitions.terminations,
        ~transitions.terminations,
        metadata=metadata,
    )
