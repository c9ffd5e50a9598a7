"""Charts, by what is drawn where."""

import numpy as np

from gail.report.charts import BLUE, HEIGHT, ORANGE, TOP, WIDTH, Line, Panel, draw_panels, limits


def near(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Rows and columns of pixels of about this colour."""
    return np.argwhere(np.abs(image.astype(int) - colour).max(-1) < 60)


def test_a_line_that_rises_is_drawn_rising_and_from_edge_to_edge() -> None:
    image = np.asarray(draw_panels([Panel("up", [Line(np.arange(5.0))], np.arange(5))], columns=1))
    assert image.shape == (HEIGHT, WIDTH, 3)
    found = near(image, BLUE)
    left, right = found[found[:, 1].argmin()], found[found[:, 1].argmax()]
    assert left[0] > right[0] + 100
    assert right[1] - left[1] > 0.7 * WIDTH
    assert found[:, 0].min() >= TOP - 2


def test_panels_stand_in_rows() -> None:
    panel = Panel("one", [Line(np.zeros(2))], np.arange(2))
    assert draw_panels([panel] * 3, columns=2).size == (2 * WIDTH, 2 * HEIGHT)
    assert draw_panels([panel], columns=4).size == (WIDTH, HEIGHT)


def test_limits_hold_every_line_its_band_and_the_floor() -> None:
    lines = [Line(np.array([1.0, 2.0]), spread=np.array([0.0, 3.0])), Line(np.array([np.nan, 4.0]))]
    assert limits(Panel("", lines, np.arange(2))) == (-1.0, 5.0)
    assert limits(Panel("", [Line(np.array([2.0, 3.0]))], np.arange(2), floor=0.0)) == (0.0, 3.0)
    assert limits(Panel("", [Line(np.array([2.0, 2.0]))], np.arange(2))) == (1.5, 2.5)
    assert limits(Panel("", [Line(np.full(2, np.nan))], np.arange(2))) == (0.0, 1.0)


def test_what_is_not_known_is_a_gap() -> None:
    values = np.array([0.0, 1.0, np.nan, np.nan, np.nan])
    other = Line(np.linspace(0.0, 1.0, 5), ORANGE)
    found = near(np.asarray(draw_panels([Panel("", [Line(values), other], np.arange(5))], columns=1)), BLUE)
    assert found[:, 1].max() < WIDTH / 2


def test_bars_are_as_high_as_their_values() -> None:
    panel = Panel("", [Line(np.array([1.0, 2.0, -1.0]))], np.arange(3), bars=True, floor=0.0)
    found = near(np.asarray(draw_panels([panel], columns=1)), BLUE)
    thirds = np.array_split(np.unique(found[:, 1]), 3)
    heights = [np.ptp(found[found[:, 1] == columns[len(columns) // 2], 0]) for columns in thirds]
    assert abs(heights[1] - 2 * heights[0]) < 6
    assert abs(heights[2] - heights[0]) < 6
