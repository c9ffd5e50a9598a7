"""All that a run reports: TensorBoard, ``metrics.jsonl`` and the console. Nothing else writes there.

``rollout/`` is what the agent met while it learned, ``train/`` PPO's means over a round's minibatches,
``discriminator/`` the discriminator's, ``world_model/`` what the model of the environment has learned and what it is
worth, ``eval/`` fresh episodes by the most likely actions, ``time/`` the clock.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import metadata as custom_scalar_metadata
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from agents.atomic import atomic_write
from agents.rollout import Rollout
from expert_data.episodes import Episodes
from gail.report.console import ProgressLine, Status
from gail.report.episode_statistics import EpisodeStatistics
from gail.report.picture import Picture

LOG = "metrics.jsonl"
EVENTS = "events.out.tfevents.*"

CHARTS = {
    "Return of fresh episodes (the task's own reward)": r"eval/return_mean",
    "Return while learning": r"rollout/ep_rew_mean",
    "Discriminator: share it gets right": r"discriminator/accuracy_(expert|agent)",
}


class Metrics:
    """Writes every round, evaluation and video of a run.

    TensorBoard's events go to a new file in each segment between two checkpoints, so that a resumed run can drop what
    was written after the checkpoint that it goes on from. Segment 0 comes before the first round, segment 1 + i begins
    with round i.
    """

    def __init__(self, folder: Path, progress: ProgressLine):
        """For the run in ``folder``; `start_segment` comes before anything is written."""
        self._folder = folder
        self._progress = progress
        self._episodes = EpisodeStatistics()
        self._log = (folder / LOG).open("a", buffering=1)
        self._writer: tf.summary.SummaryWriter | None = None
        self._evaluation = "not evaluated yet"
        self._status = Status(0, 0.0, None, None, self._evaluation)

    def start_segment(self, number: int) -> None:
        """The environments begin new episodes, and events a new file."""
        self._episodes.restart()
        if self._writer is not None:
            self._writer.close()
        self._writer = tf.summary.create_file_writer(str(self._folder), filename_suffix=f".segment-{number:08d}")

    def configuration(self, config: Mapping[str, Any]) -> None:
        """The configuration as text and for the HParams page, and the layout of the custom scalars."""
        flat = _flattened(config)
        rows = "\n".join(f"| {name} | {value} |" for name, value in flat.items())
        messages: Any = layout_pb2  # generated, so that its names are known to nobody before it runs
        charts = [
            messages.Chart(title=title, multiline=messages.MultilineChartContent(tag=[tag]))
            for title, tag in CHARTS.items()
        ]
        layout = messages.Layout(category=[messages.Category(title="The three that matter", chart=charts)])
        with self._open().as_default(step=0):
            tf.summary.text("config", f"| option | value |\n| --- | --- |\n{rows}")
            options = {name: value for name, value in flat.items() if isinstance(value, str | int | float)}
            hparams.hparams_config([hparams.HParam(name) for name in options], [hparams.Metric("eval/return_mean")])
            hparams.hparams(options)
            tf.summary.write(
                custom_scalar_metadata.CONFIG_SUMMARY_TAG,
                tf.constant(layout.SerializeToString()),
                metadata=custom_scalar_metadata.create_summary_metadata(),
            )

    def cloning(self, epoch: int, scalars: dict[str, float]) -> None:
        """One epoch of behavioural cloning."""
        self._write(epoch, scalars, {"epoch": epoch})

    def round(
        self, index: int, steps: int, rollout: Rollout, rewards: np.ndarray, scalars: dict[str, float], seconds: float
    ) -> None:
        """One round: its losses, the episodes that ended in it, the reward that was learned from, and the clock."""
        returns, lengths = self._episodes.update(rollout)
        if len(returns):
            scalars = scalars | {"rollout/ep_rew_mean": returns.mean(), "rollout/ep_len_mean": lengths.mean()}
        if "discriminator/loss" in scalars:
            scalars = scalars | {"discriminator/reward_mean": rewards[rollout.valid].mean()}
        rate = rewards.size / seconds
        scalars = scalars | {"time/steps_per_second": rate}
        self._write(steps, scalars, {"round": index, "step": steps})
        expert, agent = (scalars.get(f"discriminator/accuracy_{side}") for side in ("expert", "agent"))
        self._status = Status(steps, rate, expert, agent, self._evaluation)
        self._progress.show(self._status)

    def evaluation(self, index: int, steps: int, evaluation: Episodes, diagnosis: Mapping[str, float]) -> None:
        """Fresh episodes, and what they tell of the agent beside its expert."""
        scalars = {
            "eval/return_mean": evaluation.return_mean,
            "eval/return_std": evaluation.return_std,
            "eval/length_mean": evaluation.length_mean,
            **diagnosis,
        }
        self._write(steps, scalars, {"round": index, "step": steps})
        self._evaluation = f"return {evaluation.return_mean:,.1f} ± {evaluation.return_std:,.1f} at {steps:,} steps"
        status = self._status
        self._status = Status(
            steps, status.steps_per_second, status.accuracy_expert, status.accuracy_agent, self._evaluation
        )
        self._progress.show(self._status, now=True)

    def histograms(self, steps: int, values: Mapping[str, np.ndarray]) -> None:
        """One histogram each."""
        with self._open().as_default(step=steps):
            for name, numbers in values.items():
                tf.summary.histogram(name, numbers)

    def picture(self, name: str, steps: int, picture: Picture) -> None:
        """One among TensorBoard's images, which plays it if it is animated."""
        # There is no summary for videos; an image summary takes any bytes that a browser can show.
        image = tf.constant([str(picture.width).encode(), str(picture.height).encode(), picture.data])
        metadata = image_metadata.create_summary_metadata(display_name=None, description=None)
        with self._open().as_default(step=steps):
            tf.summary.write(name, image, metadata=metadata)

    def world_model(self, index: int, steps: int, scalars: Mapping[str, float], kl: np.ndarray) -> None:
        """What the model is worth after a round, and the KL divergence of each number of a latent ``[Z]``."""
        self._write(steps, scalars, {"round": index, "step": steps})
        self.histograms(steps, {"world_model/kl": kl})

    def note(self, sentence: str) -> None:
        """Say something once on the console."""
        self._progress.note(sentence)

    def close(self) -> None:
        """Flush and close everything."""
        if self._writer is not None:
            self._writer.close()
        self._log.close()
        self._progress.close()

    def _open(self) -> tf.summary.SummaryWriter:
        assert self._writer is not None, "start_segment comes first"
        return self._writer

    def _write(self, step: int, scalars: Mapping[str, float], keys: Mapping[str, int]) -> None:
        # One call for all: tf.summary.scalar, for each, takes longer than some environments need for their steps.
        # Serialised messages end to end are the message of all their parts (Protocol Buffers, "Encoding").
        summary = b"".join(scalar_pb(name, value).SerializeToString() for name, value in scalars.items())
        with self._open().as_default():
            tf.summary.experimental.write_raw_pb(summary, step)
        self._log.write(json.dumps({**keys, **{name: float(value) for name, value in scalars.items()}}) + "\n")


def rewind(folder: Path, checkpointed: bool, rounds_done: int) -> None:
    """Drop what was reported after a checkpoint, so that a resumed run reports it only once.

    Args:
        folder: of the run.
        checkpointed: False if there is no checkpoint, and all is to be dropped.
        rounds_done: at the checkpoint.
    """
    last_segment = rounds_done if checkpointed else -1
    for events in folder.glob(EVENTS):
        if int(events.name.rpartition("-")[2]) > last_segment:
            events.unlink()
    log = folder / LOG
    if log.is_file():
        lines = (line for line in log.read_text().splitlines() if _segment_position(line) <= last_segment)
        with atomic_write(log) as file:
            file.writelines(f"{line}\n".encode() for line in lines)


def _segment_position(line: str) -> float:
    """0 for an epoch of cloning, 1 + i for round i."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:  # the process was killed while it wrote this line
        return math.inf
    return entry["round"] + 1 if "round" in entry else 0


def _flattened(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            flat |= _flattened(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
