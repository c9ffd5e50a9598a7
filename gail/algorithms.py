"""What each algorithm is: PPO, and where its reward comes from."""

from agents.transitions import Experience
from gail.reward.airl import LearnedReward, LogProbs, ShapedLogits
from gail.reward.discriminator import Discriminator
from gail.reward.features import Features
from gail.reward.logits import Logits, PlainLogits
from gail.reward.model import RandomReward, RewardModel, TaskReward
from gail.reward.objectives import CRITIC, classifier
from gail.reward.pixels import PixelLogits
from gail.reward.shaped import ShapedReward
from gail.schedule import derived_seed, lesson_shape
from gail.task import Task


def reward_model(task: Task, expert: Experience | None, log_probs: LogProbs) -> RewardModel:
    """That of the task's configuration, at the start of a run.

    Args:
        task: gives the configuration.
        expert: what is to be imitated, as the learner sees it.
        log_probs: of the policy that is to learn from the rewards.
    """
    config, source = task.config, task.source
    if config.algo == "ppo":
        return TaskReward() if source.reward is None else LearnedReward(source.reward, log_probs, config.ppo.discount)
    if config.algo == "bc":
        return TaskReward()
    if config.control == "no_expert":
        return RandomReward()
    assert expert is not None, "imitation has demonstrations"
    assert source.shown is not None, "imitation has demonstrations"
    seed = derived_seed(config.seed, "discriminator")
    objective = classifier(config.discriminator.label_smoothing)
    if config.algo == "wgail":
        objective = CRITIC
    logits = _logits(task, expert, log_probs, seed)
    rollout_shape = lesson_shape(config, task.collector.num_envs)
    return Discriminator(
        expert, source.shown.termination_rate, logits, objective, config.discriminator, config.ppo.discount,
        rollout_shape,
    )  # fmt: skip


def _logits(task: Task, expert: Experience, log_probs: LogProbs, seed: int) -> Logits:
    config = task.config
    if task.observations.is_image:
        seen = (task.observations, task.actions, config.inputs)
        return PixelLogits(expert, *seen, config.discriminator, config.network.precision, seed)
    features = Features.of(expert, task.actions, config.inputs)
    if config.algo == "airl":
        return ShapedLogits(ShapedReward(features, config.discriminator, config.ppo.discount, seed), log_probs)
    return PlainLogits(features, config.discriminator, seed)  # gail and gaifo differ in what they see alone
