import numpy as np
import pytest
from gymnasium.spaces import Box

from agents.transitions import Transitions
from envs.actions import ActionSpec
from gail.config import Inputs
from gail.reward.features import Features

SPEC = ActionSpec.of(Box(-2.0, 2.0, (1,), np.float32))
STATES = np.array([[10.0, 7.0], [30.0, 7.0]], np.float32)  # mean (20, 7), deviation (10, 0)
NEVER = np.zeros(2, bool)
EXPERT = Transitions(STATES, np.zeros((2, 1), np.float32), STATES, NEVER)
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
    features = Features.of(EXPERT, SPEC, inputs)
    rows = features(Transitions(STATE, ACTION, NEXT_STATE, NEVER))
    assert rows.dtype == np.float32
    assert rows.shape == (2, features.num_columns)
    np.testing.assert_allclose(rows, np.concatenate(expected, -1))


def test_actions_may_be_missing_where_they_are_not_seen():
    watched = Transitions(STATES, None, STATES, NEVER)
    assert Features.of(watched, SPEC, "state_next_state")(watched).shape == (2, 4)
