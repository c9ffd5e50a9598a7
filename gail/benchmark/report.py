"""The table and the plot of a suite's results."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gail.benchmark.aggregate import Estimate, interquartile_mean

Result = dict[str, Any]


def returns(results: Sequence[Result], env: str, learner: str) -> np.ndarray:
    """``[S]``: of the runs of one learner in one environment, each a mean over its episodes."""
    chosen = [run for run in results if (run["env"], run["learner"]) == (env, learner)]
    return np.array([run["agent"]["return_mean"] for run in chosen])


def measures(results: Sequence[Result], env: str) -> tuple[float, float]:
    """Returns of a random policy (the mean over runs) and of the expert."""
    ours = [run for run in results if run["env"] == env and "expert" in run]
    return float(np.mean([run["random"]["return_mean"] for run in ours])), ours[0]["expert"]["return_mean"]


def scores(results: Sequence[Result], env: str, learner: str) -> np.ndarray:
    """Returns on the scale where a random policy has 0 and the expert 1."""
    random, expert = measures(results, env)
    return (returns(results, env, learner) - random) / (expert - random)


def table(results: Sequence[Result]) -> str:
    """Markdown: a row a learner, with interquartile means, their intervals, and the median seconds of a run."""
    envs, learners = _axes(results)
    steps = {env: max(run["steps"] for run in results if run["env"] == env) for env in envs}
    header = ["", *(f"{env}, {round(steps[env], -3):,} steps" for env in envs), "all"]
    rows = [header, ["---"] * len(header)]
    for i, who in enumerate(("random", "expert")):
        rows.append([who, *(f"{measures(results, env)[i]:,.1f}" for env in envs), f"{i:.2f}"])
    for who in learners:
        tasks = [scores(results, env, who) for env in envs if len(returns(results, env, who))]
        cells = (_cell([run for run in results if (run["env"], run["learner"]) == (env, who)]) for env in envs)
        rows.append([who, *cells, _estimate(interquartile_mean(tasks), 2)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def plot(results: Sequence[Result], path: Any) -> None:
    """A PNG: a panel an environment and a line a learner, with its mean score, the interval, and its runs as dots."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    envs, learners = _axes(results)
    size = (2.5 + 2.5 * len(envs), 1.0 + 0.3 * len(learners))
    figure, axes = pyplot.subplots(1, len(envs), sharey=True, squeeze=False, figsize=size, layout="constrained")
    for panel, env in zip(axes[0], envs, strict=True):
        for line, who in enumerate(learners):
            values = scores(results, env, who)
            if not len(values):
                continue
            estimate = interquartile_mean([values])
            panel.barh(line, estimate.mean, 0.7, color="C0", alpha=0.5)
            panel.hlines(line, estimate.low, estimate.high, color="C0", linewidth=2)
            panel.plot(values, [line] * len(values), ".", color="black", markersize=4)
        panel.axvline(1.0, color="gray", linestyle="--", linewidth=1)
        panel.set_title(env)
    axes[0, 0].set_yticks(range(len(learners)), learners)
    axes[0, 0].set_ylim(len(learners) - 0.5, -0.5)  # the first at the top
    figure.supxlabel("return (0: random, 1: expert)")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _axes(results: Sequence[Result]) -> tuple[list[str], list[str]]:
    """Environments whose random and expert returns are known, and learners that have met one of them."""
    envs = list(dict.fromkeys(run["env"] for run in results if "expert" in run))
    return envs, list(dict.fromkeys(run["learner"] for run in results if run["env"] in envs))


def _cell(runs: list[Result]) -> str:
    if not runs:
        return ""
    estimate = interquartile_mean([np.array([run["agent"]["return_mean"] for run in runs])])
    return f"{_estimate(estimate, 1)}, {np.median([run['seconds'] for run in runs]):,.0f} s"


def _estimate(estimate: Estimate, digits: int) -> str:
    return f"**{estimate.mean:,.{digits}f}** ({estimate.low:,.{digits}f} to {estimate.high:,.{digits}f})"
