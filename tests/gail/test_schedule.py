import dataclasses

import numpy as np
from gymnasium.spaces import Box, Discrete

from agents.config import PPOConfig
from envs.actions import ActionSpec
from gail.config import TrainConfig
from gail.schedule import Schedule, derived_seed, generator

DISCRETE, CONTINUOUS = ActionSpec.of(Discrete(2)), ActionSpec.of(Box(-1, 1, (1,)))


def test_steps_are_rounded_up_to_whole_rounds():
    config = TrainConfig(
        env="any", total_timesteps=1001, ppo=PPOConfig(batch_size=100), eval_every=250, checkpoint_every=301
    )
    schedule = Schedule.of(config, DISCRETE, num_envs=4)
    assert schedule.steps_per_env == 25
    assert schedule.rounds == 11
    assert schedule.steps(schedule.rounds) == 1100
    assert [i for i in range(11) if schedule.evaluates_after(i)] == [2, 5, 8, 10]
    assert [schedule.evaluation_number(i) for i in (2, 5, 8, 10)] == [1, 2, 3, 4]
    assert [i for i in range(11) if schedule.saves_after(i)] == [3, 7, 10]


def test_a_long_run_is_evaluated_more_often_than_it_is_saved():
    config = TrainConfig(env="any", total_timesteps=5_000_000, ppo=PPOConfig(batch_size=10_000))
    schedule = Schedule.of(config, DISCRETE, num_envs=8)
    assert (schedule.eval_every, schedule.checkpoint_every) == (25, 50)
    shorter = Schedule.of(dataclasses.replace(config, total_timesteps=1_000_000), DISCRETE, num_envs=8)
    assert (shorter.eval_every, shorter.checkpoint_every) == (10, 10)


def test_episodes_start_anew_exactly_where_a_resumed_run_would_begin():
    config = TrainConfig(env="any", total_timesteps=1000, ppo=PPOConfig(batch_size=100))
    schedule = Schedule.of(config, DISCRETE, num_envs=1)
    saved = {i + 1 for i in range(schedule.rounds - 1) if schedule.saves_after(i)}
    assert {i for i in range(schedule.rounds) if schedule.starts_episodes(i)} == {0} | saved


def test_a_policy_is_held_again_where_episodes_start_anew_if_that_is_asked_for():
    config = TrainConfig(env="any", total_timesteps=2000, ppo=PPOConfig(batch_size=100), checkpoint_every=800)
    schedule = Schedule.of(config, DISCRETE, num_envs=1)

    def held(rounds: int, restarts: bool) -> list[int]:
        return [i for i in range(schedule.rounds) if schedule.holds(i, rounds, restarts)]

    assert held(3, False) == [0, 1, 2]
    assert held(3, True) == [0, 1, 2, 8, 9, 10, 16, 17, 18]
    assert held(6, True) == [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 16, 17, 18, 19]  # no more than half of the rounds between
    assert held(0, True) == []


def test_more_environments_than_steps_of_a_batch_still_step_once():
    config = TrainConfig(env="any", total_timesteps=1000, ppo=PPOConfig(batch_size=32))
    assert Schedule.of(config, DISCRETE, num_envs=64).steps_per_env == 1


def test_the_length_of_a_run_depends_on_what_the_actions_are():
    config = TrainConfig(env="any")
    discrete, continuous = (Schedule.of(config, spec, num_envs=8) for spec in (DISCRETE, CONTINUOUS))
    assert continuous.steps(continuous.rounds) > discrete.steps(discrete.rounds)


def test_behavioural_cloning_takes_no_steps():
    assert Schedule.of(TrainConfig(env="any", algo="bc"), DISCRETE, num_envs=8).rounds == 0


def test_random_streams_depend_on_seed_purpose_and_round_alone():
    first = generator(1, "actor", 5).random(4)
    np.testing.assert_array_equal(first, generator(1, "actor", 5).random(4))
    for other in (generator(2, "actor", 5), generator(1, "reward", 5), generator(1, "actor", 6)):
        assert not np.array_equal(first, other.random(4))
    assert derived_seed(1, "a") == derived_seed(1, "a") != derived_seed(1, "b")
