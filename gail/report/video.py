"""An episode as an animated GIF, with the reward that the agent was trained on drawn below it."""

import numpy as np
from PIL import Image, ImageDraw

from gail.report.filming import FRAMES_PER_SECOND, Film
from gail.report.picture import Picture

STRIP = 48  # pixels of the reward's strip


def draw_video(film: Film, rewards: np.ndarray | None = None) -> Picture:
    """The film's frames above the return so far.

    Args:
        film: at `gail.report.filming.FRAMES_PER_SECOND`.
        rewards: ``[L]``, the discriminator's; where given, their curve is drawn as well.
    """
    returns = np.cumsum(film.rewards)
    images = [_compose(frame, int(step), returns, rewards) for frame, step in zip(film.frames, film.steps, strict=True)]
    return Picture.animated(images, FRAMES_PER_SECOND)


def _compose(frame: np.ndarray, step: int, returns: np.ndarray, rewards: np.ndarray | None) -> Image.Image:
    """The frame of one step ``[H, W, 3]`` above the return and the curve of the discriminator's rewards up to it."""
    height, width = frame.shape[:2]
    image = Image.new("RGB", (width, height + STRIP), "white")
    image.paste(Image.fromarray(frame))
    draw = ImageDraw.Draw(image)
    words = f"return {returns[step]:,.0f}"
    if rewards is not None:
        words += f"    discriminator's reward {rewards[step]:+.2f}"
        low, high = float(rewards.min()), float(rewards.max())
        so_far = rewards[: step + 1]
        x = np.arange(len(so_far)) * (width - 1) / max(1, len(rewards) - 1)
        y = height + STRIP - 3 - (so_far - low) / max(high - low, 1e-6) * (STRIP - 20)
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill="black")
    draw.text((4, height + 2), words, fill="black")
    return image
