"""TensorBoard's events of a generator: losses while it learns, the gate's figures over time, and pictures."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from expert_data.quality.gate import Judgement


class GeneratorEvents:
    """Writes to a generator's folder; steps are gradient steps."""

    def __init__(self, folder: Path):
        """Opens a new file of events."""
        self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One number each."""
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def judgement(self, step: int, judgement: Judgement) -> None:
        """The verdict, and each line's value and score."""
        lines = {f"gate/{line.name}": line.value for line in judgement.lines}
        scores = {f"gate_score/{line.name}": line.score for line in judgement.lines}
        self.scalars(step, {"gate/verdict": judgement.verdict} | lines | scores)

    def picture(self, step: int, png: bytes) -> None:
        """Real and synthetic transitions."""
        with self._writer.as_default(step=step):
            tf.summary.image("generator/real_and_synthetic", tf.image.decode_png(png, channels=3)[None])

    def close(self) -> None:
        """Flush and close."""
        self._writer.close()
