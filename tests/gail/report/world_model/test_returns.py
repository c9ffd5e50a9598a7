"""Returns in dreams and in truth, by hand."""

import numpy as np
from gymnasium.spaces import Discrete, Space

from agents.actor import RandomActor
from envs.actions import ActionSpec
from envs.imagined import Imagined, State
from gail.report.world_model.returns import dream_returns, real_returns


class Stairs:
    """Each step goes up by one and pays the height it comes to; at 3 it ends, and from then on pays -100."""

    def __init__(self) -> None:
        self.observation_size = 1
        self.action_space: Space = Discrete(2)

    def start(self, count: int, rng: np.random.Generator) -> tuple[State, np.ndarray]:
        raise AssertionError("the caller says where to begin")

    def step(self, state: State, actions: np.ndarray, rng: np.random.Generator) -> Imagined:
        heights = state["height"] + 1.0
        paid = np.where(heights > 3, -100.0, heights).astype(np.float32)
        seen = heights[:, None].astype(np.float32)
        return Imagined({"height": heights}, seen, paid, heights == 3, np.ones(len(heights), bool))


def test_a_dream_pays_until_it_ends_or_is_cut() -> None:
    heights = np.array([0.0, 2.0, -10.0])
    actor = RandomActor(ActionSpec.of(Discrete(2)))
    seen = heights[:, None].astype(np.float32)
    made = dream_returns(Stairs(), actor, {"height": heights}, seen, 4, np.random.default_rng(0))
    assert made.tolist() == [1 + 2 + 3, 3, -9 - 8 - 7 - 6]  # doubt ends nothing


def test_real_returns_of_the_steps_ahead() -> None:
    rewards = np.array([1.0, 2.0, 4.0, np.nan, 8.0, 16.0, np.nan])
    leads = np.array([True, True, True, False, True, True, False])
    terminations = np.array([False, False, True, False, False, False, False])  # the second episode was cut
    made = real_returns(rewards, leads, terminations, horizon=2)
    np.testing.assert_array_equal(made, [3.0, 6.0, 4.0, np.nan, 24.0, np.nan, np.nan])
