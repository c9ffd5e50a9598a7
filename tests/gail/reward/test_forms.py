import numpy as np
import pytest

from gail.reward.forms import RewardForm, reward_from_logits

# D = sigmoid(logit): logit 0 is D = 1/2, ln 3 is D = 3/4, -ln 3 is D = 1/4.
LOGITS = np.array([0.0, np.log(3.0), -np.log(3.0)])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("logit", [0.0, 1.0986123, -1.0986123]),  # ln D/(1-D) = ln 1, ln 3, ln 1/3
        ("minus_log_one_minus_d", [0.6931472, 1.3862944, 0.2876821]),  # -ln 1/2, -ln 1/4, -ln 3/4
        ("log_d", [-0.6931472, -0.2876821, -1.3862944]),  # ln 1/2, ln 3/4, ln 1/4
    ],
)
def test_forms_follow_from_the_probability_of_the_expert(form: RewardForm, expected: list[float]):
    np.testing.assert_allclose(reward_from_logits(LOGITS, form), expected, rtol=1e-6)


@pytest.mark.parametrize("form", ["logit", "minus_log_one_minus_d", "log_d"])
def test_what_looks_more_like_the_expert_earns_more(form: RewardForm):
    assert (np.diff(reward_from_logits(np.linspace(-5, 5, 11), form)) > 0).all()


@pytest.mark.parametrize("form", ["logit", "minus_log_one_minus_d", "log_d"])
def test_very_sure_logits_stay_finite(form: RewardForm):
    assert np.isfinite(reward_from_logits(np.array([-1e4, 1e4], np.float32), form)).all()
