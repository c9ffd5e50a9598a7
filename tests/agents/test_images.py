"""Images: stacks of frames, the network that sees them, and learning from them."""

from pathlib import Path

import gymnasium
import numpy as np
import pytest
import tensorflow as tf
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import SyncVectorEnv
from tiny_envs import CountingEnv, quadrant

from agents.actor import RandomActor
from agents.bc import BehavioralCloning
from agents.config import BCConfig, NetworkConfig, PPOConfig
from agents.gae import generalized_advantages
from agents.observations import ObservationSpec
from agents.pixel_actor import PixelActor
from agents.pixels import PixelActorCritic
from agents.policy import Policy, load_policy
from agents.ppo import PPO
from agents.rollout import Rollout, collect, reset
from agents.shrinker import Shrinker
from agents.transitions import Transitions
from envs.actions import ActionSpec
from envs.make import make

FOUR = ActionSpec.of(Discrete(4))
NETWORK = NetworkConfig(frames=2, precision="float32")


class CountingFramesEnv(CountingEnv):
    """Observes a picture whose every pixel is 50 times the episode's number plus the step's."""

    def __init__(self, length: int = 3):
        super().__init__(length)
        self.observation_space = Box(0, 255, (8, 8), np.uint8)

    def _observation(self) -> np.ndarray:
        return np.full((8, 8), (50 * self.episode + self.count) % 256, np.uint8)


SHRINKER = Shrinker((8, 8), 72)  # with nothing to do


def counting(*lengths: int) -> SyncVectorEnv:
    return SyncVectorEnv([lambda length=length: CountingFramesEnv(length) for length in lengths], copy=False)


def roll(env: SyncVectorEnv, *steps: int) -> list[Rollout]:
    actor, rng = RandomActor(ActionSpec.of(env.single_action_space)), np.random.default_rng(0)
    cursor, rollouts = reset(env, 0, depth=3), []
    for count in steps:
        rollouts.append(collect(env, actor, cursor, count, rng))
        cursor = rollouts[-1].end
    return rollouts


def stacks(rollout: Rollout) -> list[list[list[int]]]:
    """One pixel of each frame of what was seen, ``[N][T + 1][k]``."""
    return rollout.table[rollout.rows][..., 0, 0].swapaxes(0, 1).tolist()


def test_stacks_begin_anew_with_each_episode() -> None:
    (rollout,) = roll(counting(2, 9), 5)
    # The episode of two steps: frames 0 1 2, then 50 51 52 of the next one.
    assert stacks(rollout)[0] == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [50, 50, 50], [50, 50, 51], [50, 51, 52]]
    assert stacks(rollout)[1] == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert rollout.frames.shape == (8, 2, 8, 8)  # every frame once, and two before the first


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_stacks_reach_back_into_the_rollout_before(cut: int) -> None:
    (whole,) = roll(counting(2, 3, 9), 8)
    first, second = roll(counting(2, 3, 9), cut, 8 - cut)
    for n in range(3):
        assert stacks(first)[n] == stacks(whole)[n][: cut + 1]
        assert stacks(second)[n] == stacks(whole)[n][cut:]


def test_transitions_hold_both_stacks() -> None:
    (rollout,) = roll(counting(2), 5)
    steps = rollout.steps
    taken = steps.take(np.arange(len(steps)))
    assert taken.observations[..., 0, 0].tolist() == [[0, 0, 0], [0, 0, 1], [50, 50, 50], [50, 50, 51]]
    assert taken.next_observations[..., 0, 0].tolist() == [[0, 0, 1], [0, 1, 2], [50, 50, 51], [50, 51, 52]]
    assert taken.terminations.tolist() == [False, True, False, True]


def test_stacks_are_those_of_gymnasium_pixel_for_pixel() -> None:
    theirs = gymnasium.wrappers.FrameStackObservation(gymnasium.make("CarRacing-v3"), 4)
    ours = make("CarRacing-v3", 1)
    spec = ObservationSpec.of(ours.single_observation_space.shape or (), 4)
    seen, (stack, _) = spec.first(ours.reset(seed=3)[0]), theirs.reset(seed=3)
    for step in range(8):
        np.testing.assert_array_equal(seen[0], stack)
        action = np.array([0.1 * step, 0.5, 0.0], np.float32)
        stack, *_ = theirs.step(action)
        seen = spec.next(seen, ours.step(action[None])[0], np.zeros(1, bool))


def quarters(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Stacks ``[count, 2, 8, 8]`` and the number of the newest frame's quarter ``[count, 1]``."""
    numbers = rng.integers(0, 4, (count, 2))
    frames = np.array([[quadrant(number, 8) for number in pair] for pair in numbers])
    return frames, numbers[:, 1:].astype(np.int32)


def test_cloning_learns_to_tell_images_apart() -> None:
    networks = PixelActorCritic(ObservationSpec((8, 8), 2), FOUR, NETWORK, seed=0)
    frames, answers = quarters(np.random.default_rng(0), 256)
    expert = Transitions(frames, answers, frames, np.zeros(256, bool))
    cloning = BehavioralCloning(networks, BCConfig(batch_size=32))
    losses = [cloning.epoch(expert, SHRINKER, np.random.default_rng(i))["bc/loss"] for i in range(15)]
    assert losses[0] > 0.3 > 0.1 > losses[-1]
    unseen, right = quarters(np.random.default_rng(1), 100)
    np.testing.assert_array_equal(PixelActor(networks, SHRINKER).mode(unseen), right)


def test_ppo_learns_what_to_do_with_each_image() -> None:
    env, rng = make("tiny_envs:QuadrantEnv", 16), np.random.default_rng(0)
    networks = PixelActorCritic(ObservationSpec((8, 8), 2), ActionSpec.of(env.single_action_space), NETWORK, seed=0)
    config = PPOConfig(minibatch_size=64, epochs=3, learning_rate=2e-3, discount=0.5, target_kl=0.0)
    ppo, actor, cursor = PPO(networks, config), PixelActor(networks, SHRINKER), reset(env, 0, depth=2)
    paid = []
    for index in range(25):
        rollout = collect(env, actor, cursor, 32, rng)
        cursor = rollout.end
        paid.append(rollout.rewards[rollout.valid].mean())
        log_probs, values = ppo.predict(rollout.table, rollout)
        ends = (rollout.terminations, rollout.truncations, rollout.valid)
        advantages = generalized_advantages(rollout.rewards, values, *ends, 0.0, config.discount, config.gae_lambda)
        returns, remaining = advantages + values[:-1], 1.0 - index / 25
        ppo.update(rollout.table, rollout, log_probs, advantages, returns, remaining, rng)
    assert paid[0] < 0.4
    assert np.mean(paid[-5:]) > 0.9


def test_predictions_do_not_depend_on_what_is_predicted_beside_them() -> None:
    networks = PixelActorCritic(ObservationSpec((8, 8), 3), ActionSpec.of(Discrete(2)), NETWORK, seed=0)
    ppo = PPO(networks, PPOConfig())
    (rollout,) = roll(counting(*range(2, 34)), 20)  # more than are predicted at once
    log_probs, values = ppo.predict(rollout.table, rollout)
    parameters, alone = networks(networks.scaled(tf.constant(rollout.table[rollout.rows[7]])))
    np.testing.assert_allclose(values[7], alone.numpy() * ppo.value_std.numpy() + ppo.value_mean.numpy(), rtol=1e-4)
    chosen = np.take_along_axis(parameters.numpy(), rollout.actions[7], -1)[:, 0]
    expected = chosen - np.log(np.exp(parameters.numpy()).sum(-1))
    np.testing.assert_allclose(log_probs[7], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("frame", [(8, 8), (40, 36), (80, 72), (100, 96, 3)])
@pytest.mark.parametrize("cnn", ["nature", "impala"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_policy_that_sees_images_is_kept_and_loaded(tmp_path: Path, frame, cnn, precision) -> None:
    config = NetworkConfig(cnn=cnn, frames=2, precision=precision)
    shrinker = Shrinker(frame, 72)
    networks = PixelActorCritic(shrinker.seen(ObservationSpec(frame, 2)), FOUR, config, seed=0)
    networks.mean.assign(np.random.default_rng(1).uniform(0.0, 255.0, shrinker.small))
    actor = PixelActor(networks, shrinker)
    Policy(actor, "Tiny-v0", {}).save(tmp_path)
    loaded = load_policy(tmp_path)
    seen = np.random.default_rng(0).integers(0, 255, (5, 2, *frame), np.uint8)
    assert isinstance(loaded.actor, PixelActor)
    assert loaded.actor.observations == ObservationSpec(frame, 2)
    np.testing.assert_array_equal(loaded.actor.parameters(seen), actor.parameters(seen))
    assert loaded.act(seen[0]) == actor.mode(seen[:1])[0, 0]
    alone = PixelActor(networks, Shrinker(shrinker.small, None))
    np.testing.assert_array_equal(alone.parameters(shrinker(seen)), actor.parameters(seen))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_mean_image_is_taken_away(precision) -> None:
    networks = PixelActorCritic(ObservationSpec((8, 8), 2), FOUR, NetworkConfig(precision=precision), seed=0)
    networks.mean.assign(np.full((8, 8), 87.0))
    frames = np.full((3, 2, 8, 8), 87, np.uint8)
    frames[0, 1, 2, 3] = 138
    scaled = tf.cast(networks.scaled(tf.constant(frames)), tf.float32).numpy()
    assert scaled[0, 1, 2, 3] == pytest.approx(0.2, rel=0.01)  # 51 / 255
    assert np.count_nonzero(scaled) == 1


def test_both_precisions_say_nearly_the_same() -> None:
    seen = np.random.default_rng(0).integers(0, 255, (8, 4, 84, 84), np.uint8)
    spec = ObservationSpec((84, 84), 4)
    outputs = []
    for precision in ("float32", "bfloat16"):
        networks = PixelActorCritic(spec, FOUR, NetworkConfig(precision=precision), seed=0)
        outputs.append(networks(networks.scaled(tf.constant(seen)))[1].numpy())
    assert outputs[0].std() > 0.01
    np.testing.assert_allclose(outputs[0], outputs[1], atol=0.05)
