"""Real and synthetic transitions in a picture: each number's distribution, and phase portraits."""

import io

import numpy as np

from agents.transitions import Transitions
from expert_data.rows import Rows

MOST_COLUMNS = 6  # of the observation, each with a histogram and a portrait
MOST_POINTS = 2000  # of each side


def draw(real: Transitions, synthetic: Transitions, rows: Rows, title: str) -> bytes:
    """A PNG: above, histograms of the observation's first numbers; below, the change of each over itself."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    count = min(MOST_COLUMNS, len(rows.mean))
    figure, axes = pyplot.subplots(2, count, figsize=(2.6 * count, 5.2), layout="constrained", squeeze=False)
    figure.suptitle(title)
    for k in range(count):
        both = np.concatenate([real.observations[:, k], synthetic.observations[:, k]])
        low, high = np.quantile(both, [0.001, 0.999])
        bins = np.linspace(low, high, 40)
        for side, name, colour in ((real, "real", "tab:blue"), (synthetic, "synthetic", "tab:orange")):
            axes[0, k].hist(side.observations[:, k], bins, density=True, histtype="step", color=colour, label=name)
            few = np.linspace(0, len(side) - 1, min(len(side), MOST_POINTS)).astype(int)
            changes = side.next_observations[few, k] - side.observations[few, k]
            axes[1, k].scatter(side.observations[few, k], changes, s=2, alpha=0.4, color=colour)
        axes[0, k].set_title(f"observation {k}", fontsize="small")
    axes[0, 0].legend(fontsize="small")
    axes[1, 0].set_ylabel("change with a step")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    pyplot.close(figure)
    return buffer.getvalue()
