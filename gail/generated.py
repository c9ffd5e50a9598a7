"""The generators of a run, as far as the gate trusts them, and what they add to what is known of the expert."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agents.transitions import Experience, Transitions
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from envs.errors import InputError
from gail.config import GeneratorConfig, TrainConfig

if TYPE_CHECKING:
    from expert_data.generator.saved import FittedGenerator  # imports scikit-learn, which other runs need not wait for


@dataclass(frozen=True)
class Trusted:
    """A generator, and how far it is trusted."""

    fitted: "FittedGenerator"
    verdict: float  # the gate's, above 0


@dataclass(frozen=True)
class Generated:
    """What --generator names, read and judged."""

    experience: Trusted | None = None  # of the environment
    expert: Trusted | None = None  # of what the expert does
    expert_share: float = 0.0  # of generated transitions among the expert's, before the verdict
    notes: list[str] = field(default_factory=list)  # for the user, each a sentence

    @staticmethod
    def read(config: TrainConfig, actions: ActionSpec) -> "Generated":
        """The generators of a run.

        Raises:
            InputError: one cannot be read, was not checked, or is of another environment.
        """
        options, notes = config.generator, []
        experience = None if options.fitted is None else _trusted(options.fitted, config, actions, notes)
        expert = None if options.expert is None else _trusted(options.expert, config, actions, notes)
        return Generated(experience, expert, options.expert_share, notes)

    def stretched(self, expert: Experience, rng: np.random.Generator) -> Experience:
        """The expert's transitions ``[M]`` with generated ones among them."""
        if self.expert is None or expert.actions is None:
            return expert
        share = self.expert_share * self.expert.verdict
        count = int(len(expert) * share / (1.0 - share))
        return joined(expert.take(np.arange(len(expert))), self.expert.fitted.generator.sample(count, None, rng))

    def tape(self, count: int, rng: np.random.Generator) -> Tape | None:
        """Generated transitions for a world model, for ``count`` real ones as many as the gate trusts."""
        if self.experience is None:
            return None
        drawn = self.experience.fitted.generator.sample(int(self.experience.verdict * count), None, rng)
        return tape_of(drawn) if len(drawn) else None


def files_of_generators(options: GeneratorConfig) -> list[Path]:
    """All that a run reads of its generators."""
    folders = [Path(folder) for folder in (options.fitted, options.expert) if folder is not None]
    if not folders:
        return []
    from expert_data.generator.saved import DESCRIPTION, GATE, TRANSITIONS, WEIGHTS  # see above

    return [folder / name for folder in folders for name in (DESCRIPTION, TRANSITIONS, WEIGHTS, GATE)]


def joined(first: Transitions, second: Transitions) -> Transitions:
    """``[M]`` and ``[N]``, both with actions, → ``[M + N]``."""
    assert first.actions is not None, "the caller has looked"
    assert second.actions is not None, "generated transitions have actions"
    return Transitions(
        np.concatenate([first.observations, second.observations]),
        np.concatenate([first.actions, second.actions]),
        np.concatenate([first.next_observations, second.next_observations]),
        np.concatenate([first.terminations, second.terminations]),
    )


def tape_of(transitions: Transitions) -> Tape:
    """Transitions ``[M]`` that stand alone, as a tape of 2 M rows."""
    assert transitions.actions is not None, "generated transitions have actions"
    first = np.arange(2 * len(transitions)) % 2 == 0
    seen = np.stack([transitions.observations, transitions.next_observations], 1)
    return Tape(
        seen.reshape(-1, *seen.shape[2:]),
        (~first).astype(np.int32),
        np.repeat(transitions.actions, 2, axis=0),
        np.full(len(first), np.nan, np.float32),
        np.repeat(transitions.terminations, 2) & first,
        first,
    )


def _trusted(folder: str, config: TrainConfig, actions: ActionSpec, notes: list[str]) -> Trusted | None:
    """None where the gate fails it; why, is noted."""
    from expert_data.generator.saved import FittedGenerator  # see above

    fitted = FittedGenerator.load(Path(folder))
    description, gate = fitted.description, fitted.gate
    if (description.env_id, description.env_kwargs) != (config.env, config.env_arguments):
        raise InputError(
            f"The generator in '{folder}' is of '{description.env_id}' with {description.env_kwargs}, not of "
            f"'{config.env}' with {config.env_arguments}; fit one of that."
        )
    assert fitted.material.rows.actions == actions, "one environment has one space of actions"
    if gate is None:
        raise InputError(f"No gate has checked '{folder}'; do so with python -m gail.generate check {folder}.")
    failed = ", ".join(gate["failed"])
    if not gate["verdict"] > 0.0:
        notes.append(f"The generator in '{folder}' is off, because the gate failed it ({failed}).")
        return None
    but = f", and failed it in {failed}" if failed else ""
    notes.append(
        f"Some experience of this run is synthetic: the gate trusts '{folder}' to {gate['verdict']:.2f} of 1{but}."
    )
    return Trusted(fitted, float(gate["verdict"]))
