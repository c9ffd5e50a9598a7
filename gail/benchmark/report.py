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
    """A PNG: each learner's score in each environment, with its runs as dots."""
    # Matplotlib is an extra.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    envs, learners = _axes(results)
    figure, axes = pyplot.subplots(figsize=(1.5 + 1.8 * len(envs), 3.6), layout="constrained")
    width = 0.8 / len(learners)
    for i, who in enumerate(learners):
        for j, env in enumerate(envs):
            values = scores(results, env, who)
            if not len(values):
                continue
            estimate = interquartile_mean([values])
            x = j + (i - (len(learners) - 1) / 2) * width
            axes.bar(x, estimate.mean, 0.9 * width, color=f"C{i}", alpha=0.6, label=who if j == 0 else None)
            axes.vlines(x, estimate.low, estimate.high, color=f"C{i}", linewidth=2)
            axes.plot([x] * len(values), values, ".", color="black", markersize=4)
    axes.axhline(1.0, color="gray", linestyle="--", linewidth=1)
    axes.set_xticks(range(len(envs)), envs)
    axes.set_ylabel("return (0: random, 1: expert)")
    figure.legend(loc="outside upper center", ncols=len(learners), frameon=False)
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
