"""A point on a line, pushed left or right: small enough that a generator learns it in seconds."""

import numpy as np
from gymnasium.spaces import Discrete

from agents.transitions import Transitions
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from expert_data.generator.dataset import Dataset
from expert_data.generator.fitting import Material
from expert_data.generator.situations import known_situations
from expert_data.quality.gate import Reality
from expert_data.rows import Rows

SPACE = Discrete(2)
ACTIONS = ActionSpec.of(SPACE)


def after(observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """Place and speed ``[M, 2]`` and pushes ``[M, 1]`` → a step later."""
    place, speed = observations.T
    return np.stack([place + 0.1 * speed, 0.95 * speed + 0.2 * (2 * actions[:, 0] - 1)], -1).astype(np.float32)


def episode(rng: np.random.Generator, expert: bool) -> Tape:
    """Twenty steps, or until the place is beyond 1; chance pushes anyhow, the expert mostly back to 0."""
    seen, actions, ended = [rng.uniform(-0.8, 0.8, 2).astype(np.float32)], [], False
    while len(actions) < 20 and not ended:
        wise = int(seen[-1].sum() < 0.0)
        actions.append([wise if expert and rng.random() < 0.8 else int(rng.integers(2))])
        seen.append(after(seen[-1][None], np.array(actions[-1:]))[0])
        ended = bool(abs(seen[-1][0]) > 1.0)
    return Tape.of_episode(
        np.stack(seen), np.array(actions, np.int32), -np.abs(np.array(seen)[1:, 0]), terminated=ended
    )


def dataset(seed: int = 1, episodes: int = 300) -> Dataset:
    """As many of chance as of the expert."""
    rng = np.random.default_rng(seed)
    tapes = [episode(rng, expert=n % 2 == 0) for n in range(episodes)]
    expert = np.repeat(np.arange(episodes) % 2 == 0, [len(tape) for tape in tapes])
    return Dataset.of(Tape.joined(tapes), expert, rng)


def material(made: Dataset) -> Material:
    """The situation is to be on the right."""
    return Material.of(made, Rows.of(made.learned, ACTIONS), SPACE, on_the_right)


def on_the_right(transitions: Transitions) -> np.ndarray:
    """Of transitions ``[M]``, bool ``[M]``: two in ten."""
    return transitions.observations[:, 0] > 0.4


def reality(made: Dataset, known: bool = True) -> Reality:
    """With the simulator, if it is ``known``."""
    rows = Rows.of(made.learned, ACTIONS)
    situations = known_situations(made, rows)
    return Reality(made.learned, made.held_out, made.beside, rows, situations, after if known else None)


def fresh(count: int, seed: int = 7) -> Transitions:
    """Real transitions that nobody has seen."""
    made = dataset(seed)
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(made.tape.leads))[:count]
    return made.transitions(rows)
