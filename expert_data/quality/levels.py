"""The level that generated transitions must reach in each measure, and why it is this one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """Of one line of the gate."""

    means: str
    passes: float  # as good as need be
    worthless: float  # as bad as knowing nothing: who is there is not used at all
    beyond_real: bool  # what counts is how far the value is above that of real transitions in the generator's place
    reason: str

    def score(self, value: float, real: float) -> float:
        """1 from `passes` on, 0 from `worthless` on, a straight line between.

        Args:
            value: of the generator.
            real: of as many real transitions in its place.
        """
        counted = value - real if self.beyond_real else value
        return min(1.0, max(0.0, (self.worthless - counted) / (self.worthless - self.passes)))


LEVELS = {
    "ks": Level(
        "largest Kolmogorov-Smirnov distance of a column", 0.1, 0.5, False,
        "a tenth of the transitions would have to move",
    ),
    "rank_correlation": Level(
        "largest difference of Spearman correlations", 0.1, 0.6, True,
        "0.1 is 1 % of a column's variance told otherwise; two real samples differ by a few hundredths",
    ),
    "one_step_error": Level(
        "error of the next observation after the same step", 0.2, 1.0, True,
        "in deviations of the change: 0.2 leaves 4 % of its variance open, and at 1 the mean change does as well",
    ),
    "classifier": Level(
        "accuracy of a classifier, real or synthetic", 0.6, 1.0, False,
        "0.5 is chance; at 0.6 four of five verdicts are still guessed",
    ),
    "mmd_p": Level(
        "permutation p of the maximum mean discrepancy", 0.01, 0.0, False,
        "of 500 of each side, which is what a discriminator sees at once; of 100 real samples one fails",
    ),
    "density": Level(
        "real neighbourhoods a synthetic transition is in", 0.75, 0.0, False,
        "1 is expected of real ones; below 0.75 one in four lies where real ones hardly do",
    ),
    "coverage": Level(
        "real neighbourhoods with a synthetic transition", 0.85, 0.0, False,
        "0.97 is expected of real ones; below 0.85 modes are missing",
    ),
    "copies": Level(
        "share of transitions copied from those learned", 0.1, 1.0, True,
        "one in ten may be a copy by chance, beyond those that real ones are by theirs",
    ),
    "strata": Level(
        "largest relative error of a rare situation's rate", 0.3, 1.0, True,
        "a situation that is due once in ten steps comes 7 to 13 times in a hundred; at 1 it never comes",
    ),
    "learned_error": Level(
        "error on real steps of a model that learned from it", 0.2, 1.0, True,
        "train on synthetic, test on real, beyond a model that learned from real ones; units of one_step_error",
    ),
    "use": Level(
        "what an agent that learns in it gains of a real one's", 0.8, 0.0, False,
        "of what agents gain on chance by as many real steps; two of them differ by a fifth easily; at 0 it is chance",
    ),
}  # fmt: skip
