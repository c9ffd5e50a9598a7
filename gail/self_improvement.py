"""Self-improving imitation: the agent's best episodes take the places of the worst that it imitates.

An agent that imitates the best of what was shown and of what it has done itself can come to be better than its expert
(Liu et al. 2019; Guo et al. 2018 imitate the agent's best alone). What is best, the task's own reward says, where the
user allows it to be seen. Without, it is what the discriminator takes for the expert's, where the expert has been.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.rollout import Rollout
from agents.transitions import evenly
from expert_data import formats, store
from expert_data.demonstrations import Demonstrations
from expert_data.episodes import Episodes
from gail.checkpoint import KEEP
from gail.learner import Learner
from gail.lessons import RealLessons, Taught
from gail.own_episodes import OwnEpisodes
from gail.reward.discriminator import Discriminator
from gail.schedule import Schedule, generator
from gail.state_distance import state_distance
from gail.task import Task

FOLDER = "self_improvement"  # of a run
MOST_STEPS = 256  # of an episode, from which its learned reward is estimated


@dataclass(frozen=True)
class ExpertSet:
    """E episodes to imitate, and where they are from."""

    episodes: Demonstrations
    rounds: tuple[int | None, ...]  # [E] in which the agent played each; None for what was demonstrated

    @property
    def num_own(self) -> int:
        """The agent's."""
        return sum(played is not None for played in self.rounds)

    def with_best(self, played: Demonstrations, index: int, score: Callable[[Episodes], np.ndarray]) -> "ExpertSet":
        """The best E of these and of what was ``played`` in the round of this index.

        Args:
            played: P episodes.
            index: of a round.
            score: from episodes to a number for each.
        """
        kept = best(score(self.episodes), score(played))
        if kept.max() < len(self.rounds):
            return self
        episodes = dataclasses.replace(
            Demonstrations.joined([self.episodes, played]).chosen(kept), metadata=self.episodes.metadata
        )
        rounds = [*self.rounds, *[index] * len(played)]
        return ExpertSet(episodes, tuple(rounds[number] for number in kept))

    def changes(self, before: "ExpertSet", index: int) -> dict[str, float]:
        """What entered in the round of this index, and what left for it: how many, and their means."""
        entered = np.flatnonzero([played == index for played in self.rounds])
        figures = {"entered": float(len(entered))}
        if not len(entered):
            return figures
        measured = {"length": (self.episodes.lengths, before.episodes.lengths)}
        if self.episodes.rewards is not None:
            measured["return"] = (self.episodes.returns, before.episodes.returns)
        for name, (now, then) in measured.items():
            figures[f"entered_{name}_mean"] = float(now[entered].mean())
            # Those before, and those that entered, are those now, and those that left.
            figures[f"left_{name}_mean"] = float(then.sum() + now[entered].sum() - now.sum()) / len(entered)
        return figures


class SelfImprovingLessons(RealLessons):
    """See `gail.lessons.Lessons`. Cloning is of what was demonstrated alone."""

    def __init__(self, learner: Learner, schedule: Schedule, task: Task, run: Path):
        """``learner`` is changed by `learn`; ``run`` is the folder of the run."""
        super().__init__(learner, schedule)
        assert task.source.shown is not None, "imitation has demonstrations"
        assert isinstance(learner.reward_model, Discriminator), "other rewards were refused"
        self._model = learner.reward_model
        self._task = task
        self._shown = task.source.shown
        self._reach = 0.0
        if learner.config.self_improvement.by == "learned_reward":
            self._reach = reach(self._shown)
        self._own = OwnEpisodes(task.actions)
        self._folder = run / FOLDER
        self.expert = ExpertSet(self._shown, (None,) * len(self._shown))

    def learn(self, rollout: Rollout, index: int) -> Taught:
        """See `gail.lessons.Lessons`."""
        if self._schedule.starts_episodes(index):
            self._own.restart()
        rewards, scalars = super().learn(rollout, index)
        ended, before = self._own.update(rollout), self.expert
        if ended:
            self._compare(Demonstrations.of(ended), index)
        changes = self.expert.changes(before, index)
        scalars |= {f"self_improvement/{name}": value for name, value in changes.items()}
        scalars["self_improvement/own_episodes"] = float(self.expert.num_own)
        if self.expert.episodes.rewards is not None:
            scalars["self_improvement/return_mean"] = self.expert.episodes.return_mean
        return rewards, scalars

    def _compare(self, played: Demonstrations, index: int) -> None:
        """Let the best of what was played into the set."""
        if self._shown.actions is None:
            played = dataclasses.replace(played, actions=None)
        if self._learner.config.self_improvement.by == "learned_reward":
            near = [n for n in range(len(played)) if state_distance(played.chosen([n]), self._shown) <= self._reach]
            if not near:
                return
            played = played.chosen(np.array(near))
        before = self.expert
        self.expert = before.with_best(played, index, self._scores)
        if self.expert is not before:
            self._teach()

    def _scores(self, episodes: Episodes) -> np.ndarray:
        """``[E]``: returns by the task's own reward, or by the learned one, with what lies behind a termination."""
        if self._learner.config.self_improvement.by == "task_reward":
            return episodes.returns
        task, model = self._task, self._model
        each = (episodes.chosen([n]).steps(task.actions, depth=task.observations.depth) for n in range(len(episodes)))
        means = np.array([model.step_rewards(evenly(steps, MOST_STEPS)).mean() for steps in each])
        return learned_returns(means, episodes, model.termination_value)

    def _teach(self) -> None:
        """Let the discriminator take the set for the expert's from now on."""
        task, episodes = self._task, self.expert.episodes
        rng = generator(task.config.seed, "subsample")
        steps = episodes.subsampled(task.actions, task.config.subsample, rng, task.observations.depth)
        self._model.imitate(steps, episodes.termination_rate)

    def save(self) -> None:
        """See `gail.lessons.Lessons`: the set, as a demonstration file like any other, which tells what is whose."""
        metadata = {"source": "demonstrations and the agent's best episodes", "rounds": self.expert.rounds}
        config = self._task.config
        known = {"env_id": config.env, "env_kwargs": config.env_arguments} | metadata
        self._folder.mkdir(exist_ok=True)
        store.save(self._file, dataclasses.replace(self.expert.episodes, metadata=known))
        for older in sorted(self._folder.glob("*.npz"))[:-KEEP]:
            older.unlink()

    def restore(self) -> None:
        """See `gail.lessons.Lessons`."""
        episodes = formats.load(self._file, None)
        self.expert = ExpertSet(episodes, tuple(episodes.metadata["rounds"]))
        self._teach()

    @property
    def findings(self) -> list[str]:
        """See `gail.lessons.Lessons`."""
        returns = ""
        if self.expert.episodes.rewards is not None:
            now, before = self.expert.episodes.return_mean, self._shown.return_mean
            returns = f", with a mean return of {now:,.1f} where the demonstrations have {before:,.1f}"
        return [
            f"Of the {len(self.expert.rounds)} episodes that were imitated at the end, {self.expert.num_own} are the "
            f"agent's own{returns}: they are in '{self._file}'."
        ]

    @property
    def _file(self) -> Path:
        return self._folder / f"expert-{int(self._learner.rounds_done):08d}.npz"


def best(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Where the ``len(scores)`` highest of ``scores`` and ``others`` stand in both together; of equals, the first."""
    together = np.concatenate([scores, others])
    return np.sort(np.argsort(-together, kind="stable")[: len(scores)])


def learned_returns(means: np.ndarray, episodes: Episodes, termination_value: float) -> np.ndarray:
    """Learned rewards over whole episodes ``[E]``, of their ``means`` by step, with what lies behind a termination."""
    return means * episodes.lengths + episodes.terminated * termination_value


def reach(shown: Demonstrations) -> float:
    """The median distance of a demonstrated episode from all the others.

    Half of the expert's own episodes are farther. With the largest distance in its place, the set filled with episodes
    that ended early, and agents were worse than with the expert alone.
    """
    numbers = range(len(shown))
    others = (shown.chosen([m for m in numbers if m != n]) for n in numbers)
    return float(np.median([state_distance(shown.chosen([n]), rest) for n, rest in enumerate(others)]))
