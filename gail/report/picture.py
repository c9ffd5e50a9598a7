"""Pictures as browsers take them: PNG, and animated GIF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image


@dataclass(frozen=True)
class Picture:
    """A file's content."""

    data: bytes
    width: int  # pixels
    height: int
    suffix: Literal["png", "gif"]

    @staticmethod
    def still(image: Image.Image) -> "Picture":
        """As PNG."""
        buffer = io.BytesIO()
        image.save(buffer, "PNG", optimize=True)
        return Picture(buffer.getvalue(), *image.size, "png")

    @staticmethod
    def animated(images: Sequence[Image.Image], frames_per_second: float) -> "Picture":
        """As GIF, which begins again when it has ended."""
        # One palette for all: with one each, browsers leave ghosts of the frame before.
        palette = images[len(images) // 2].quantize(255)
        shown = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
        buffer = io.BytesIO()
        duration = round(1000 / frames_per_second)  # milliseconds
        shown[0].save(buffer, "GIF", save_all=True, append_images=shown[1:], duration=duration, loop=0, disposal=1)
        return Picture(buffer.getvalue(), *images[0].size, "gif")
