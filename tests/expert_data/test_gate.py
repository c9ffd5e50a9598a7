"""The gate passes what is real, and fails generators that are broken on purpose."""

import dataclasses

import numpy as np
import point_mass
import pytest

from agents.transitions import Transitions
from expert_data.generator.baselines import NaiveBayes, Noise
from expert_data.generator.gaussians import Mixture
from expert_data.quality.gate import Judgement, Line, Reality, judge
from expert_data.quality.levels import LEVELS, Level
from expert_data.quality.neighbours import copied_share


@pytest.fixture(scope="module")
def reality() -> Reality:
    return point_mass.reality(point_mass.dataset())


def judged(synthetic: Transitions, reality: Reality) -> Judgement:
    return judge(synthetic, reality, seed=0)


def test_scores_are_a_line_from_worthless_to_good_enough() -> None:
    level = Level("", passes=0.2, worthless=1.0, beyond_real=False, reason="")
    assert [level.score(value, 0.5) for value in (0.0, 0.2, 0.6, 1.0, 9.0)] == pytest.approx([1, 1, 0.5, 0, 0])
    beyond = dataclasses.replace(level, beyond_real=True)
    assert beyond.score(1.1, 0.5) == pytest.approx(0.5)
    more_is_better = Level("", passes=0.8, worthless=0.0, beyond_real=False, reason="")
    assert [more_is_better.score(value, 0.0) for value in (0.9, 0.4, 0.0)] == pytest.approx([1, 0.5, 0])


def test_the_verdict_is_the_lowest_score() -> None:
    lines = [Line("ks", 0.05, 0.0), Line("classifier", 0.7, 0.5), Line("coverage", 0.85, 0.97)]
    judgement = Judgement(lines, 10, 10)
    assert judgement.verdict == pytest.approx(0.75)  # 0.7 is a quarter of the way from 0.6 to 1
    assert judgement.failed == ["classifier"]


def test_every_level_has_its_reason() -> None:
    assert all(level.means and level.reason and level.passes != level.worthless for level in LEVELS.values())


def test_real_transitions_pass(reality: Reality) -> None:
    judgement = judged(point_mass.fresh(900), reality)
    assert judgement.failed == []
    assert judgement.verdict == 1.0
    assert (judgement.synthetic, judgement.held_out) == (900, len(reality.held_out))


def test_a_collapsed_generator_fails(reality: Reality) -> None:
    few = point_mass.fresh(8)
    judgement = judged(few.take(np.arange(900) % 8), reality)
    assert "coverage" in judgement.failed
    assert "copies" not in judgement.failed  # of real ones that it never saw
    assert judgement.verdict < 0.4


def test_a_shuffled_generator_fails_though_each_number_is_right(reality: Reality) -> None:
    real = point_mass.fresh(900)
    changes = np.random.default_rng(0).permutation(real.next_observations - real.observations)
    shuffled = dataclasses.replace(real, next_observations=real.observations + changes)
    judgement = judged(shuffled, reality)
    assert {"rank_correlation", "classifier", "one_step_error", "learned_error"} <= set(judgement.failed)
    assert "ks" not in judgement.failed
    assert judgement.verdict == 0.0


def test_a_memorising_generator_fails_by_its_copies_alone(reality: Reality) -> None:
    rng = np.random.default_rng(0)
    copied = reality.learned.take(rng.integers(0, len(reality.learned), 900))
    judgement = judged(copied, reality)
    assert judgement.failed == ["copies"]
    assert judgement.verdict < 0.1
    assert copied_share(reality.learned_rows, reality.rows(point_mass.fresh(900))) < 0.05


@pytest.mark.parametrize("known", [True, False])
def test_wrong_dynamics_fail_with_a_simulator_and_without(known: bool) -> None:
    # Half of the pushes lead the wrong way.
    real = point_mass.fresh(900)
    assert real.actions is not None
    wrong = np.where(np.arange(900)[:, None] % 2 == 0, real.actions, 1 - real.actions)
    made = dataclasses.replace(real, next_observations=point_mass.after(real.observations, wrong))
    judgement = judged(made, point_mass.reality(point_mass.dataset(), known))
    assert {"one_step_error", "learned_error"} <= set(judgement.failed)
    assert "ks" not in judgement.failed
    assert judgement.verdict < 0.5


def test_a_generator_that_never_ends_an_episode_fails(reality: Reality) -> None:
    real = point_mass.fresh(1500)
    alive = real.take(np.flatnonzero(~reality.situations["near_termination"](real)))
    judgement = judged(alive, reality)
    assert "strata" in judgement.failed


def test_baselines_are_ranked_as_they_should_be(reality: Reality) -> None:
    rows, learned = reality.rows, reality.learned_rows
    labels, rng = np.zeros(len(learned), bool), np.random.default_rng(0)
    makers = NaiveBayes(rows, learned, labels), Noise(rows, learned, labels), Mixture.fitted(rows, learned, labels, 0)
    naive, noise, mixture = (judged(made.sample(900, None, rng), reality).verdict for made in makers)
    assert naive == 0.0
    assert naive < noise < mixture
