"""From a discriminator's logit to a reward.

The sign convention is part of the name: the logit is high where the discriminator believes it sees the expert,
D = sigmoid(logit) is its probability of that.

-ln(1-D) is always positive, so that by itself it rewards an agent for living; ln D is always negative and rewards it
for dying (Kostrikov et al. 2019, section 4.1). The library gives the state behind a termination a reward of its own,
which takes that bias from every form (see `gail.reward.discriminator`).
"""

from typing import Literal

import numpy as np

RewardForm = Literal["logit", "minus_log_one_minus_d", "log_d"]


def reward_from_logits(logits_expert_is_high: np.ndarray, form: RewardForm) -> np.ndarray:
    """Rewards of the same shape as the logits.

    ``logit``: ln D - ln(1-D), AIRL's (Fu et al. 2018, section 5); of either sign.
    ``minus_log_one_minus_d``: -ln(1-D), GAIL's usual one (Ho and Ermon 2016, with the classes' names exchanged).
    ``log_d``: ln D.
    """
    if form == "logit":
        return logits_expert_is_high
    if form == "minus_log_one_minus_d":
        return np.logaddexp(0.0, logits_expert_is_high)
    return -np.logaddexp(0.0, -logits_expert_is_high)
