"""From a coloured picture to a small gray one."""

import cv2
import numpy as np
import pytest
from PIL import Image

from envs.resize import area_resize, halved, luma


def resized(rows: list[list[int]], height: int, width: int) -> list[list[int]]:
    return area_resize(np.array(rows, np.uint8), height, width).tolist()


def test_the_gray_of_a_colour_is_its_brightness_to_the_eye() -> None:
    red, green, blue, white = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]
    grays = luma(np.array([[red, green, blue, white]], np.uint8))
    assert grays.tolist() == [[76, 150, 29, 255]]  # 255 times 0.299, 0.587, 0.114 and 1
    assert grays.dtype == np.uint8


def test_gray_is_that_of_pillow() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    np.testing.assert_array_equal(luma(colours), np.asarray(Image.fromarray(colours).convert("L")))


def test_the_fourth_channel_is_no_colour() -> None:
    assert luma(np.array([[[255, 0, 0, 9]]], np.uint8)).tolist() == [[76]]


def test_whole_blocks_become_their_means() -> None:
    image = [[0, 4, 10, 10], [8, 12, 10, 10], [255, 255, 0, 0], [255, 255, 0, 3]]
    assert resized(image, 2, 2) == [[6, 10], [255, 1]]  # the last mean is 0.75


def test_a_pixel_that_two_parts_share_counts_in_each_by_what_it_covers() -> None:
    # Parts are one and a half pixels long: the first row becomes (0 + 30/2) / 1.5 = 10 and (30/2 + 60) / 1.5 = 50, the
    # others 100 and 140, 190 and 230; and the columns alike.
    assert resized([[0, 30, 60], [90, 120, 150], [180, 210, 240]], 2, 2) == [[40, 80], [160, 200]]


def test_height_and_width_are_their_own() -> None:
    assert resized([[0, 30, 60], [0, 30, 60]], 1, 2) == [[10, 50]]
    assert resized([[0, 0], [30, 30], [60, 60]], 2, 1) == [[10], [50]]


def test_the_same_size_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 11), np.uint8)
    np.testing.assert_array_equal(area_resize(image, 9, 11), image)


def test_larger_images_repeat_pixels_and_mix_those_that_share_one() -> None:
    assert resized([[0, 90]], 1, 4) == [[0, 0, 90, 90]]
    assert resized([[0, 90]], 2, 3) == [[0, 45, 90]] * 2


def test_the_result_lies_in_memory_row_by_row() -> None:
    assert area_resize(np.zeros((21, 16), np.uint8), 8, 9).flags.c_contiguous


@pytest.mark.parametrize("shape", [(210, 160), (250, 160), (400, 600)])
@pytest.mark.parametrize("size", [8, 10, 33, 64, 84, 100, 160])
@pytest.mark.parametrize("colours", [256, 3])
def test_smaller_images_are_those_of_opencv_to_the_bit(shape: tuple[int, int], size: int, colours: int) -> None:
    rng = np.random.default_rng(size)
    image = rng.choice(rng.integers(0, 256, colours, np.uint8), shape)  # of few colours: many means halfway between two
    expected = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(area_resize(image, size, size), expected)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_halved_images_are_those_of_opencv_but_for_a_last_row_and_column(channels: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (70, 9, 13, *channels), np.uint8)
    expected = [cv2.resize(image[:8, :12], (6, 4), interpolation=cv2.INTER_AREA) for image in images]
    np.testing.assert_array_equal(halved(images), expected)


@pytest.mark.parametrize("length", [8, 9, 96, 210, 513])
def test_one_colour_stays_itself_at_every_size(length: int) -> None:
    image = np.full((length, length), 251, np.uint8)
    for size in range(8, 513, 7):
        assert (area_resize(image, size, size) == 251).all()
