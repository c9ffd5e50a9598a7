"""What the figures of a trained agent mean to its user: sentences for those that are bad."""

from dataclasses import dataclass

# What is said to be bad. A test holds these against the returns of all runs in benchmarks/quality.
FAR = 0.03
SEVERAL_EXPERTS = 0.1
TIMES_AS_FAR = 4.0  # as the expert's own episodes are from each other
TOLD_APART = 0.97
BY_HEART = 0.2
OTHER_LENGTH = 1.1
FOLLOWS_LENGTH = 0.5


@dataclass(frozen=True)
class Diagnosis:
    """Figures of an evaluation; None where they have no meaning."""

    state_distance: float  # between the agent's states and those of demonstrations that were held out of training
    state_distance_expert: float | None  # between those and the demonstrations that were shown
    accuracy_shown: float | None  # share of the shown transitions that the discriminator takes for the expert's
    accuracy_held_out: float | None  # the same of those held out
    accuracy_agent: float | None  # share of the agent's that it takes for the agent's
    length_correlation: float | None  # of the learned return with the length of episodes
    agent_length: float  # mean, in steps
    expert_lengths: tuple[int, int]  # the shortest and the longest

    @property
    def scalars(self) -> dict[str, float]:
        """By the names of TensorBoard."""
        names = ("state_distance", "accuracy_shown", "accuracy_held_out", "accuracy_agent", "length_correlation")
        values = ((name, getattr(self, name)) for name in names)
        return {f"eval/{name}": value for name, value in values if value is not None}

    @property
    def findings(self) -> list[str]:
        """What is off, a sentence each with what to do."""
        found = []
        expert = self.state_distance_expert
        far = self.state_distance > max(FAR, TIMES_AS_FAR * (expert or 0.0))
        if far:
            beside = "" if expert is None else f", and the expert's own episodes differ by {expert:.2f}"
            found.append(
                f"The agent visits other states than the expert (distance {self.state_distance:.2f}, where 0 is the "
                f"same and 1 is apart{beside}): train longer, or give more demonstrations."
            )
        if expert is not None and expert > SEVERAL_EXPERTS:
            found.append(
                f"The demonstrations that were held out visit other states than those shown (distance {expert:.2f}), "
                "as if they were not of one expert: look at them with gail.demos plot, and give those of one."
            )
        shortest, longest = self.expert_lengths
        too_long, too_short = self.agent_length > OTHER_LENGTH * longest, self.agent_length < shortest / OTHER_LENGTH
        if too_long or too_short:
            follows = (self.length_correlation or 0.0) * (1 if too_long else -1) > FOLLOWS_LENGTH
            steps = f"{self.agent_length:,.0f} steps, the expert's {shortest:,} to {longest:,}"
            what_to_do = "train longer, or give more demonstrations."
            if follows:
                steps += f", and the learned reward pays for {'long' if too_long else 'short'} ones"
                what_to_do = "check that the demonstrations end as the environment's episodes do."
            found.append(f"The agent's episodes last {steps}: {what_to_do}")
        if self.accuracy_shown is None or self.accuracy_agent is None:
            return found
        held_out = self.accuracy_shown if self.accuracy_held_out is None else self.accuracy_held_out
        if far and self.accuracy_shown - held_out > BY_HEART:  # what leads the agent to the right states does no harm
            found.append(
                f"The discriminator knows the demonstrations by heart (it takes {self.accuracy_shown:.0%} of those "
                f"shown for the expert's, and {held_out:.0%} of those held out): give more demonstrations, or a larger "
                "--discriminator.gradient-penalty."
            )
        if far and min(self.accuracy_shown, self.accuracy_agent) > TOLD_APART:
            found.append(
                f"The discriminator tells nearly all transitions apart ({self.accuracy_shown:.0%} of the expert's, "
                f"{self.accuracy_agent:.0%} of the agent's), so that the agent is still far from its expert's actions."
            )
        if far and max(held_out, self.accuracy_agent) < 1.0 - BY_HEART and held_out + self.accuracy_agent < 1.1:
            found.append(
                "The discriminator no longer tells the two apart, though they differ: give it a larger "
                "--discriminator.learning-rate or more --discriminator.epochs."
            )
        return found
