"""From coloured pictures to small gray ones, in NumPy alone and alike to the bit on every machine."""

from functools import lru_cache

import numpy as np

SLIVER = 1e-3  # of a pixel, or of a part that is smaller: overlaps below this are errors of rounding, and left out
AT_ONCE = 64  # images: so few stay in a processor's cache, which makes `halved` four times as fast


def luma(picture: np.ndarray) -> np.ndarray:
    """uint8 ``[H, W, C]``, C at least 3 and the first three red, green and blue → uint8 ``[H, W]``, gray.

    ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue, in whole multiples of 2**-16 and rounded, as Pillow's mode "L"
    computes it. The Arcade Learning Environment's grays are those of its colours by the same formula.
    """
    red, green, blue = (picture[..., k].astype(np.uint32) for k in range(3))
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)


def area_resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 ``[H, W]`` → uint8 ``[height, width]``: each pixel the mean of what it covers.

    For smaller images it is OpenCV's ``INTER_AREA``, bit for bit (but where both sides are halved: there OpenCV rounds
    halves up, and this, as always, to even): sums in float32 along rows and then along columns, in its order, because a
    mean halfway between two grays falls to one or the other by the last bit. (A matrix product sums in an order that
    depends on the machine.) A larger image repeats pixels, and mixes those that share one.
    """
    rows, columns = image.shape
    if rows % height == 0 and columns % width == 0:  # whole blocks: one sum, scaled once
        blocks = image.reshape(height, rows // height, width, columns // width)
        means = blocks.sum((1, 3), np.float32) * (height * width / image.size)
    else:
        means = _part_means(_part_means(image, width).T, height).T
    return np.rint(means).astype(np.uint8, order="C")


def halved(images: np.ndarray) -> np.ndarray:
    """uint8 ``[M, H, W(, C)]`` → uint8 ``[M, H // 2, W // 2(, C)]``: the means of squares of 2 by 2 pixels.

    Halves are rounded up. A last row or column that has no other beside it is left out.
    """
    count, height, width, *channels = images.shape
    rows, columns = height // 2, width // 2
    means = np.empty((count, rows, columns, *channels), np.uint8)
    for first in range(0, count, AT_ONCE):
        some = images[first : first + AT_ONCE, : 2 * rows, : 2 * columns]
        pairs = some[:, ::2].astype(np.uint16)
        pairs += some[:, 1::2]
        means[first : first + AT_ONCE] = (pairs[:, :, ::2] + pairs[:, :, 1::2] + 2) >> 2
    return means


def _part_means(lines: np.ndarray, count: int) -> np.ndarray:
    """``[L, length]`` → float32 ``[L, count]``: the means of the ``count`` equal parts of each line."""
    pixels, shares = _parts(lines.shape[1], count)
    means = lines[:, pixels[0]] * shares[0]
    for k in range(1, len(pixels)):
        means += lines[:, pixels[k]] * shares[k]
    return means


@lru_cache(maxsize=32)
def _parts(length: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels ``[K, count]`` that each equal part of a line covers, and their float32 shares ``[K, count]`` of it.

    K is the most pixels that a part can touch; those that it does not touch have the share 0.
    """
    scale = length / count
    edges = np.arange(count + 1) * scale
    pixels = edges[:-1].astype(np.intp) + np.arange(int(np.ceil(scale)) + 1)[:, None]
    overlaps = np.minimum(pixels + 1, edges[1:]) - np.maximum(pixels, edges[:-1])
    shares = np.where(overlaps < SLIVER * min(scale, 1.0), 0.0, overlaps) / scale
    return np.minimum(pixels, length - 1), shares.astype(np.float32)
