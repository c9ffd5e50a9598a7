from agents.collector import LocalCollector, WorkerCollector
from gail.config import TrainConfig
from gail.task import Task


def test_an_environment_that_steps_all_copies_in_one_call_gets_many_and_no_workers():
    with Task.open(TrainConfig(env="CartPole-v1", algo="ppo")) as task:
        assert isinstance(task.collector, LocalCollector)
        assert task.collector.num_envs == 32


def test_an_environment_that_steps_its_copies_one_by_one_gets_workers():
    with Task.open(TrainConfig(env="MountainCar-v0", algo="ppo")) as task:
        assert isinstance(task.collector, WorkerCollector)
        assert task.collector.num_envs == 8


def test_the_user_decides_where_the_user_says_so():
    with Task.open(TrainConfig(env="MountainCar-v0", algo="ppo", num_envs=3, num_workers=0)) as task:
        assert isinstance(task.collector, LocalCollector)
        assert task.collector.num_envs == 3
