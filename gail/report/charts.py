"""Line charts and bars, drawn by Pillow, so that no run needs a plotting library."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 300, 170  # pixels of a panel
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 24, 20  # pixels around its chart
FINE = 2  # drawn so many times as large, so that lines are smooth
AXIS, GRID, TEXT = (120, 120, 120), (225, 225, 225), (40, 40, 40)
BLUE, ORANGE, GREEN, RED = (31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40)
COLOURS = (BLUE, ORANGE, GREEN, RED, (148, 103, 189), (140, 86, 75), (227, 119, 194), (23, 190, 207))


@dataclass(frozen=True)
class Line:
    """N values; NaN leaves a gap at either end."""

    values: np.ndarray  # [N]
    colour: tuple[int, int, int] = BLUE
    label: str = ""
    spread: np.ndarray | None = None  # [N] to both sides, as a band


@dataclass(frozen=True)
class Panel:
    """A chart of lines over the same N places, or of one line's values as bars."""

    title: str
    lines: Sequence[Line]
    places: np.ndarray  # [N] along the horizontal axis
    bars: bool = False
    mark: float | None = None  # a place where something begins
    floor: float | None = None  # a value that is shown in any case
    names: Sequence[str] = field(default_factory=tuple)  # of bars


def draw_panels(panels: Sequence[Panel], columns: int) -> Image.Image:
    """Panels row by row, RGB on white."""
    rows = -(-len(panels) // columns)
    image = Image.new("RGB", (FINE * WIDTH * min(columns, len(panels)), FINE * HEIGHT * rows), "white")
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        image.paste(_drawn(panel), (FINE * WIDTH * column, FINE * HEIGHT * row))
    return image.resize((image.width // FINE, image.height // FINE), Image.Resampling.LANCZOS)


def limits(panel: Panel) -> tuple[float, float]:
    """The lowest and the highest value that a panel shows, never the same."""
    bands = [(line.values, 0.0 if line.spread is None else line.spread) for line in panel.lines]
    edges = [values + side * spread for values, spread in bands for side in (-1, 1)]
    values = np.concatenate([*edges, [] if panel.floor is None else [panel.floor]])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > 1e-9 * max(1.0, abs(high)) else (low - 0.5, high + 0.5)


class _Chart:
    """One panel on its own image, `FINE` times as large."""

    left, right, top, bottom = (FINE * each for each in (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM))

    def __init__(self, panel: Panel):
        self.image = Image.new("RGB", (FINE * WIDTH, FINE * HEIGHT), "white")
        self.draw = ImageDraw.Draw(self.image, "RGBA")
        self.font = ImageFont.load_default(10 * FINE)
        self.low, self.high = limits(panel)
        self.first, self.last = float(panel.places[0]), float(panel.places[-1])

    def x(self, place: float) -> float:
        return self.left + (place - self.first) / max(self.last - self.first, 1e-9) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def points(self, places: np.ndarray, values: np.ndarray) -> list[tuple[float, float]]:
        return [(self.x(place), self.y(value)) for place, value in zip(places.tolist(), values.tolist(), strict=True)]

    def words(self, place: tuple[float, float], text: str, anchor: str, colour: tuple[int, int, int] = TEXT) -> None:
        self.draw.text(place, text, colour, self.font, anchor=anchor)


def _drawn(panel: Panel) -> Image.Image:
    chart = _Chart(panel)
    for value in (chart.low, (chart.low + chart.high) / 2, chart.high):
        chart.draw.line([(chart.left, chart.y(value)), (chart.right, chart.y(value))], GRID, FINE)
        chart.words((chart.left - 3 * FINE, chart.y(value)), f"{value:.3g}", "rm")
    chart.words((chart.left, FINE * 4), panel.title, "la")
    if panel.bars:
        _draw_bars(chart, panel)
    else:
        _draw_lines(chart, panel)
    return chart.image


def _draw_lines(chart: _Chart, panel: Panel) -> None:
    for place, anchor in ((chart.first, "la"), (chart.last, "ra")):
        chart.words((chart.x(place), chart.bottom + 3 * FINE), f"{place:g}", anchor)
    if panel.mark is not None:
        chart.draw.line([(chart.x(panel.mark), chart.top), (chart.x(panel.mark), chart.bottom)], AXIS, FINE)
    end = chart.right
    for line in reversed(panel.lines):  # the first lies above
        known = np.isfinite(line.values)
        places, values = panel.places[known], line.values[known]
        if len(values) < 2:
            continue
        if line.spread is not None:
            above = chart.points(places, values + line.spread[known])
            below = chart.points(places, values - line.spread[known])
            chart.draw.polygon([*above, *below[::-1]], (*line.colour, 60))
        chart.draw.line(chart.points(places, values), line.colour, 2 * FINE)
        if line.label:
            chart.words((end, FINE * 4), line.label, "ra", line.colour)
            end -= int(chart.font.getlength(line.label)) + 6 * FINE


def _draw_bars(chart: _Chart, panel: Panel) -> None:
    (line,) = panel.lines
    width = (chart.right - chart.left) / len(line.values)
    base = chart.y(min(max(0.0, chart.low), chart.high))
    for i, value in enumerate(line.values.tolist()):
        left = chart.left + i * width
        if np.isfinite(value):
            top, bottom = sorted((base, chart.y(value)))
            chart.draw.rectangle([(left + 0.1 * width, top), (left + 0.9 * width, bottom)], line.colour)
        name = panel.names[i] if panel.names else str(i)
        if width >= chart.font.getlength(name) or i % max(1, round(chart.font.getlength("000") / width)) == 0:
            chart.words((left + width / 2, chart.bottom + 3 * FINE), name, "ma")
