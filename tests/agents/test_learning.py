"""Everything in this folder together learns what has to be done in each state."""

import numpy as np
import pytest
from gymnasium.vector import VectorEnv
from tiny_agents import actor_of, networks_of

from agents.actor import RandomActor
from agents.config import PPOConfig
from agents.gae import generalized_advantages
from agents.networks import ActorCritic
from agents.normalizer import Normalizer
from agents.ppo import PPO
from agents.rollout import collect, reset
from envs.actions import ActionSpec
from envs.make import make

CONFIG = PPOConfig(minibatch_size=32, epochs=4, learning_rate=0.02, discount=0.5)


def mean_reward(env: VectorEnv, actor, sampled: bool) -> float:
    """Of the steps of an episode in each environment."""
    observations, _ = env.reset(seed=100)
    rng, total = np.random.default_rng(0), 0.0
    for _ in range(8):
        actions = actor.sample(observations, rng) if sampled else actor.mode(observations)
        observations, rewards, *_ = env.step(actor.actions.to_env(actions))
        total += float(rewards.mean()) / 8
    return total


def train(env: VectorEnv, rounds: int) -> PPO:
    spec, rng = ActionSpec.of(env.single_action_space), np.random.default_rng(0)
    networks = networks_of(spec, inputs=4)
    ppo, cursor = PPO(networks, CONFIG), reset(env, 0)
    for round_index in range(rounds):
        rollout = collect(env, actor_of(networks), cursor, 32, rng)
        cursor = rollout.end
        table = Normalizer.identity(4)(rollout.table)
        log_probs, values = ppo.predict(table, rollout)
        ends = (rollout.terminations, rollout.truncations, rollout.valid)
        advantages = generalized_advantages(rollout.rewards, values, *ends, 0.0, CONFIG.discount, CONFIG.gae_lambda)
        returns = advantages + values[:-1]
        ppo.update(table, rollout, log_probs, advantages, returns, 1.0 - round_index / rounds, rng)
    return ppo


# Chance pays 1/4 for one of four answers, 1/2 for each of two bits, and less than 0.4 for numbers: a uniform one is on
# average 0.78 away from +-0.75 and 0.53 from +-0.25.
@pytest.mark.parametrize(
    ("kind", "chance", "learned"),
    [("discrete", 0.25, 0.95), ("multi_discrete", 0.5, 0.95), ("multi_binary", 0.5, 0.95), ("box", 0.34, 0.85)],
)
def test_ppo_learns_what_to_do_in_each_state(kind: str, chance: float, learned: float) -> None:
    env = make("tiny_envs:IdentityEnv", 16, {"kind": kind})
    random = RandomActor(ActionSpec.of(env.single_action_space))
    assert mean_reward(env, random, sampled=True) == pytest.approx(chance, abs=0.15)
    networks = train(env, rounds=12).networks
    assert isinstance(networks, ActorCritic)
    actor = actor_of(networks)
    assert mean_reward(env, actor, sampled=False) > learned
    assert mean_reward(env, actor, sampled=True) > (chance + learned) / 2
