import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, Space

from agents.actor import PolicyActor
from agents.bc import BehavioralCloning
from agents.config import BCConfig, NetworkConfig
from agents.distillation import distill
from agents.networks import ActorCritic
from agents.normalizer import Normalizer
from agents.observations import ObservationSpec
from envs.actions import ActionSpec

PLAIN = Normalizer(np.zeros(3), np.ones(3), 0.0)


@pytest.mark.parametrize("space", [Discrete(2), Box(-1.0, 1.0, (2,))])
def test_a_policy_does_the_same_where_it_sees_the_same_otherwise(space: Space) -> None:
    rng = np.random.default_rng(0)
    before = rng.standard_normal((2000, 3)).astype(np.float32)
    after = before[:, [2, 0, 1]] * np.float32(-1.5)
    actions = ActionSpec.of(space)
    steep = rng.standard_normal((3, actions.num_parameters)).astype(np.float32) * 3.0
    deviation = np.full(actions.num_components if actions.kind == "gaussian" else 0, -1.5, np.float32)
    bias = np.zeros(actions.num_parameters, np.float32)
    teacher = PolicyActor(actions, PLAIN, [(steep, bias)], "tanh", deviation)
    networks = ActorCritic(ObservationSpec((3,)), actions, NetworkConfig(), seed=0)

    def apart() -> float:
        kernels = networks.policy.get_weights()
        layers = list(zip(kernels[::2], kernels[1::2], strict=True))
        pupil = PolicyActor(actions, PLAIN, layers, networks.activation, networks.log_std.numpy())
        return float(np.abs(pupil.mode(after) - teacher.mode(before)).mean())

    first = apart()
    distill(BehavioralCloning(networks, BCConfig()), teacher, before, after, PLAIN, rng)
    assert apart() < 0.15 * first
    np.testing.assert_array_equal(networks.log_std.numpy(), deviation)
