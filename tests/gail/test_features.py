import numpy as np
import pytest
from gymnasium.spaces import Box

from envs.actions import ActionSpec
from expert_data.episodes import Transitions
from gail.config import Inputs
from gail.features import Features

SPEC = ActionSpec.of(Box(-2.0, 2.0, (1,), np.float32))
STATES = np.array([[10.0, 7.0], [30.0, 7.0]], np.float32)  # mean (20, 7), deviation (10, 0)
EXPERT = Transitions(STATES, np.zeros((2, 1), np.float32), STATES, 0.0)
STATE, NEXT_STATE = np.array([[25.0, 7.0], [1e9, 7.0]]), np.array([[20.0, 7.0], [0.0, 7.0]])
ACTION = np.array([[0.5], [3.0]], np.float32)

# (25 - 20) / 10 = 0.5, and far away is cut at 10 deviations. The action 3 is beyond the edge, which stands at 1.
SCALED_STATE, SCALED_ACTION, SCALED_NEXT_STATE = [[0.5, 0.0], [10.0, 0.0]], [[0.5], [1.0]], [[0.0, 0.0], [-2.0, 0.0]]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("state", [SCALED_STATE]),
        ("state_action", [SCALED_STATE, SCALED_ACTION]),
        ("state_next_state", [SCALED_STATE, SCALED_NEXT_STATE]),
        ("state_action_next_state", [SCALED_STATE, SCALED_ACTION, SCALED_NEXT_STATE]),
    ],
)
def test_a_row_holds_what_the_inputs_say(inputs: Inputs, expected: list[list[list[float]]]):
    rows = Features(EXPERT, SPEC, inputs)(STATE, ACTION, NEXT_STATE)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, np.concatenate(expected, -1))


def test_actions_may_be_missing_where_they_are_not_seen():
    expert = Transitions(STATES, None, STATES, 0.0)
    assert Features(expert, SPEC, "state_next_state")(STATE, None, NEXT_STATE).shape == (2, 4)
