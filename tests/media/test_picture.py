from __future__ import annotations

import numpy as np
import pytest

from tests.media.films import BLUE, RED, cv2, plain
from tui.media.picture import encoded, pixels


@pytest.mark.parametrize(
    ("width_px", "height_px", "side_px", "expected"),
    [
        (1280, 720, 768, (768, 432)),
        (720, 1280, 768, (432, 768)),
        (640, 480, 768, (640, 480)),
        (768, 768, 768, (768, 768)),
        (3000, 2, 768, (768, 1)),
        (1, 1, 16, (1, 1)),
        (1280, 720, 320, (320, 180)),
    ],
)
def test_pictures_fit_the_square_and_are_never_enlarged(
    width_px: int, height_px: int, side_px: int, expected: tuple[int, int]
) -> None:
    picture = encoded(plain(RED, width_px, height_px), side_px)
    decoded = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert (picture.width_px, picture.height_px) == expected == decoded.shape[1::-1]
    assert picture.jpeg.startswith(b"\xff\xd8")


def test_a_fourth_channel_is_left_out() -> None:
    screen = cv2.cvtColor(plain(BLUE, 64, 64), cv2.COLOR_BGR2BGRA)
    red, green, blue = pixels(encoded(screen, 768), 1, 1)
    assert (red, green) < (20, 20)
    assert blue > 200


@pytest.mark.parametrize("size", [(1, 1), (64, 36), (31, 7), (320, 180), (500, 400)])
def test_pixels_are_red_green_and_blue_at_the_size_asked_for(size: tuple[int, int]) -> None:
    image = plain(RED, 1000, 600)
    image[300:] = plain(BLUE, 1000, 300)
    rgb = pixels(encoded(image, 768), *size)
    assert len(rgb) == 3 * size[0] * size[1]
    if size[1] > 1:
        (red, _, _), (_, _, blue) = rgb[:3], rgb[-3:]
        assert red > 200
        assert blue > 200


def test_a_damaged_picture_has_no_pixels() -> None:
    picture = encoded(plain(RED), 768)
    assert pixels(type(picture)(b"\xff\xd8 no picture", 320, 180), 32, 18) == b""
