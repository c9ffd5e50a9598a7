"""Demonstrations in pictures."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from agents.atomic import atomic_write
from expert_data.demonstrations import Demonstrations
from gail.command import without_chatter

MOST_STATES = 5_000  # points in a picture
MOST_COMPONENTS = 8  # of actions, each with a histogram of its own


def plot(made: Demonstrations, title: str, out: Path | None, logdir: Path | None) -> None:
    """Write the picture to a file and to TensorBoard, as asked."""
    png = draw(made, title)
    if out is not None:
        with atomic_write(out) as file:
            file.write(png)
        print(f"{out}: returns, lengths, actions and states of {len(made)} episodes")
    if logdir is not None:
        _to_tensorboard(made, png, logdir)
        print(f"look at it: tensorboard --logdir {logdir}")


def draw(made: Demonstrations, title: str) -> bytes:
    """A PNG: returns, lengths, how often which action, and where the states lie by their principal components."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(9, 7), layout="constrained")
    figure.suptitle(f"{title}: {len(made)} episodes, {made.num_steps:,} steps")
    if made.rewards is None:
        axes[0, 0].set_title("returns: not recorded")
    else:
        _histogram(axes[0, 0], made.returns, "return")
    _histogram(axes[0, 1], made.lengths, "steps in an episode")
    _actions(axes[1, 0], made)
    _states(axes[1, 1], made)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    pyplot.close(figure)
    return buffer.getvalue()


def principal_components(states: np.ndarray) -> tuple[np.ndarray, float]:
    """States ``[N, D]`` → ``[N, 2]`` along the two directions of most variance, and their share of it.

    Each number is scaled by its deviation before.
    """
    flat = states.reshape(len(states), -1).astype(np.float64)
    scaled = (flat - flat.mean(0)) / np.maximum(flat.std(0), 1e-8)
    _, values, directions = np.linalg.svd(scaled, full_matrices=False)
    variance = np.square(values)
    share = float(variance[:2].sum() / variance.sum()) if variance.sum() > 0 else 1.0
    return scaled @ directions[:2].T, share


def _histogram(axis: Any, values: np.ndarray, name: str) -> None:
    axis.hist(values, bins=min(30, max(5, len(values))))
    axis.set_title(f"{name}: {values.mean():,.1f} ± {values.std():,.1f}")
    axis.set_ylabel("episodes")


def _actions(axis: Any, made: Demonstrations) -> None:
    axis.set_title("actions: not recorded" if made.actions is None else "actions")
    if made.actions is None:
        return
    taken = made.actions[np.arange(made.num_steps)].reshape(made.num_steps, -1)
    if taken.dtype.kind in "biu" and taken.shape[1] == 1:
        values, counts = np.unique(taken, return_counts=True)
        axis.bar(values.astype(str), counts / made.num_steps)
        axis.set_ylabel("share of steps")
        return
    for k in range(min(taken.shape[1], MOST_COMPONENTS)):
        axis.hist(taken[:, k], bins=40, histtype="step", density=True, label=f"number {k}")
    axis.legend(fontsize="small")
    axis.set_ylabel("density")


def _states(axis: Any, made: Demonstrations) -> None:
    """The first episodes' colours tell whether they differ."""
    count = len(made.observations)
    rows = np.linspace(0, count - 1, min(count, MOST_STATES)).astype(np.int64)
    places, share = principal_components(made.observations[rows])
    episodes = np.searchsorted(made.starts + np.arange(len(made)), rows, side="right") - 1
    second = places[:, 1] if places.shape[1] > 1 else np.zeros(len(places))
    axis.scatter(places[:, 0], second, c=episodes, s=3, cmap="viridis")
    axis.set_title(f"states: two directions with {share:.0%} of the variance")


def _to_tensorboard(made: Demonstrations, png: bytes, logdir: Path) -> None:
    with without_chatter():
        import tensorflow as tf

    with tf.summary.create_file_writer(str(logdir)).as_default():
        tf.summary.image("demos/overview", tf.image.decode_png(png, channels=3)[None], step=0)
        if made.rewards is not None:
            tf.summary.histogram("demos/returns", made.returns, step=0)
        tf.summary.histogram("demos/lengths", made.lengths, step=0)
        if made.actions is not None:
            tf.summary.histogram("demos/actions", made.actions[np.arange(made.num_steps)], step=0)
