"""Latents in TensorBoard's embedding projector."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from agents.atomic import atomic_write
from agents.observations import ObservationSpec
from gail.report.world_model.pictures import depicted_image

FOLDER, CONFIG = "projector", "projector_config.pbtxt"
MOST_POINTS = 1000
SPRITE = 32  # pixels of a point's picture


def write_projector(
    run: Path, latents: np.ndarray, seen: np.ndarray, spec: ObservationSpec, labels: np.ndarray
) -> None:
    """Write what the projector shows of a run.

    Args:
        run: the folder that TensorBoard reads.
        latents: ``[N, Z]``.
        seen: ``[N, *shape]``, what they stand for; images are shown in the points' places.
        spec: of these.
        labels: ``[N, C]`` what is known of each point, in columns, the first row being their names.
    """
    tables = {"latents.tsv": latents.astype(str), "metadata.tsv": labels}
    for name, rows in tables.items():
        with atomic_write(run / FOLDER / name) as file:
            file.writelines(("\t".join(row) + "\n").encode() for row in rows)
    lines = ['tensor_name: "latents"']
    for key, name in zip(("tensor_path", "metadata_path"), tables, strict=True):
        lines.append(f'{key}: "{FOLDER}/{name}"')
    if spec.is_image:
        with atomic_write(run / FOLDER / "sprites.png") as file:
            file.write(_sprites([depicted_image(spec, each) for each in seen]))
        sizes = " ".join([f"single_image_dim: {SPRITE}"] * 2)
        lines.append(f'sprite {{ image_path: "{FOLDER}/sprites.png" {sizes} }}')
    body = "\n".join(f"  {line}" for line in lines)
    with atomic_write(run / CONFIG) as file:
        file.write(f"embeddings {{\n{body}\n}}\n".encode())


def _sprites(pictures: list[np.ndarray]) -> bytes:
    """A square of them, row by row."""
    side = int(np.ceil(np.sqrt(len(pictures))))
    sheet = Image.new("RGB", (side * SPRITE, side * SPRITE))
    for number, picture in enumerate(pictures):
        row, column = divmod(number, side)
        small = Image.fromarray(picture).resize((SPRITE, SPRITE), Image.Resampling.BOX)
        sheet.paste(small, (column * SPRITE, row * SPRITE))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()
