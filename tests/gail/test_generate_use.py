"""The gate's line of use: who learns in a generator's environment must have learned what is so in the real one."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Discrete

from agents.config import PPOConfig
from agents.world_model.tape import Tape
from envs.actions import ActionSpec
from expert_data.generator.config import GANConfig
from expert_data.generator.dataset import Dataset
from expert_data.generator.fitting import Material
from expert_data.generator.saved import Description, FittedGenerator
from expert_data.quality.gate import Line
from expert_data.rows import Rows
from gail.config import DiscriminatorConfig
from gail.generate.use import Use, demonstrated, options, used


class Moves:
    """What `tiny_envs.PointEnv` does, the right way or the wrong way round."""

    arrays: dict[str, np.ndarray] = {}  # noqa: RUF012

    def __init__(self, way: float):
        self.way = way

    def step(self, observations, actions, labels, rng) -> tuple[np.ndarray, np.ndarray]:
        after = np.clip(observations + self.way * (0.2 * actions - 0.1), -1.0, 1.0)
        return after.astype(np.float32), np.zeros(len(after), bool)

    def sample(self, count, rate, rng):
        raise NotImplementedError


def found(way: float) -> FittedGenerator:
    """Of ten episodes of an expert, who goes to 0, and ten of chance."""
    rng, moves, tapes = np.random.default_rng(0), Moves(1.0), []
    for n in range(20):
        seen, taken = [rng.uniform(-1.0, 1.0, 1).astype(np.float32)], []
        for _ in range(20):
            taken.append([int(seen[-1][0] < 0.0) if n < 10 else int(rng.integers(2))])
            seen.append(moves.step(seen[-1][None], np.array(taken[-1:]), None, rng)[0][0])
        tapes.append(Tape.of_episode(np.stack(seen), np.array(taken, np.int32), np.zeros(20), terminated=False))
    tape = Tape.joined(tapes)
    dataset = Dataset.of(tape, np.arange(len(tape)) < 10 * 21, rng)
    rows = Rows.of(dataset.learned, ActionSpec.of(Discrete(2)))
    material = Material.of(dataset, rows, Discrete(2), lambda transitions: transitions.observations[:, 0] > 0.5)
    description = Description("tiny_envs:PointEnv", {}, "gan", "", [], 0, GANConfig())
    return FittedGenerator(description, material, Moves(way))


def test_who_learned_in_wrong_dynamics_fails_where_those_who_learned_in_real_ones_pass() -> None:
    made = found(-1.0)
    ppo = PPOConfig(batch_size=256, learning_rate=3e-3, discount=0.9)
    changes: dict[str, Any] = {"ppo": ppo, "discriminator": DiscriminatorConfig(minibatch_size=64)}
    learned = used(made, dataclasses.replace(options(made, seed=0), total_timesteps=256 * 20, **changes))
    assert learned.line is not None
    assert dataclasses.replace(learned, generated=min(learned.real)).line == Line(
        "use", learned.line.real, learned.line.real
    )
    assert learned.line.level.score(learned.line.real, 1.0) == 1.0
    assert learned.line.score == 0.0


def test_what_is_gained_is_a_share_of_what_real_steps_gain() -> None:
    line = Use(random=10.0, generated=40.0, real=(50.0, 90.0)).line
    assert line is not None
    assert (line.value, line.real) == pytest.approx((0.5, 2 / 3))
    assert line.score == pytest.approx(0.5 / 0.8)
    assert Use(random=10.0, generated=40.0, real=(5.0, 90.0)).line is None


def test_the_experts_episodes_are_found_on_the_tape() -> None:
    shown = demonstrated(found(1.0).material)
    assert (len(shown), shown.num_steps, shown.termination_rate) == (10, 200, 0.0)
    assert shown.actions is not None
    seen = np.asarray(shown.observations)[:20, 0]
    np.testing.assert_array_equal(np.asarray(shown.actions)[:20], seen < 0.0)
