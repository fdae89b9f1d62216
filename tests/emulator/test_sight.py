"""Pictures: what is told of them, and to which turn they belong."""

from __future__ import annotations

import struct
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.emulator.driver import Client
from tui.core.picture_header import Header, header
from tui.emulator.perception import picture
from tui.emulator.perception.picture import SIDE_PX, thumbnail
from tui.emulator.perception.sight import Sight, colour

if TYPE_CHECKING:
    from tui.emulator.perception.picture import Thumbnail


def jpeg(width_px: int = 768, height_px: int = 432) -> bytes:
    """The beginning of a JPEG, with a comment, a fill byte and a progressive frame header."""
    frame = struct.pack(">BHHB", 8, height_px, width_px, 3)
    return b"\xff\xd8\xff\xfe\x00\x06\xff\xc0!!\xff\xff\xc2\x00\x11" + frame + bytes(9)


def plain(*rgb: int) -> Thumbnail:
    return np.full((SIDE_PX, SIDE_PX, 3), rgb, np.uint8)


def told(*pictures: Thumbnail) -> str:
    """What is told, a second later, of pictures that look like this."""
    queue = list(pictures)
    sight = Sight(lambda data: queue.pop(0))
    for number in range(len(pictures)):
        sight.see(jpeg(), float(number))
    return sight.told(float(len(pictures)))


HEADERS = {
    "JPEG": (jpeg(), Header("JPEG", 768, 432)),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 5, 7), Header("PNG", 5, 7)),
    "GIF": (b"GIF89a" + struct.pack("<HH", 5, 7), Header("GIF", 5, 7)),
    "a JPEG that is cut": (jpeg()[:16], None),
    "a JPEG of nothing": (b"\xff\xd8", None),
    "a PNG that is cut": (b"\x89PNG\r\n\x1a\n", None),
    "a segment without length": (b"\xff\xd8" + b"\xff\xe0\0\0" * 9, None),
    "text": (b"hello", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("data", "expected"), HEADERS.values(), ids=HEADERS)
def test_the_header_of(data: bytes, expected: Header | None) -> None:
    assert header(data) == expected


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((200, 20, 30), "red"),
        ((0, 0, 90), "dark blue"),
        ((120, 70, 20), "brown"),
        ((255, 140, 0), "orange"),
        ((250, 240, 40), "yellow"),
        ((40, 200, 60), "green"),
        ((0, 220, 220), "cyan"),
        ((160, 60, 220), "purple"),
        ((250, 90, 180), "pink"),
        ((250, 250, 250), "white"),
        ((10, 12, 9), "black"),
        ((128, 128, 128), "grey"),
    ],
)
def test_the_name_of_a_colour(rgb: tuple[int, int, int], name: str) -> None:
    assert colour(*rgb) == name


def test_it_tells_size_brightness_and_colours() -> None:
    half = plain(0, 0, 90)
    half[:, : SIDE_PX // 4] = (255, 255, 255)
    words = told(half)
    assert words.startswith(
        "One picture has come, the last 1.0 seconds ago. It is a JPEG of 768 by"
    )
    assert (
        "It is dark, at 28 percent brightness, and 75 percent dark blue, 25 percent white." in words
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [(0, "nothing moves: 0 percent"), (4, "little moves: 6 percent"), (20, "something moves: 31")],
)
def test_it_tells_what_moved(changed: int, words: str) -> None:
    after = plain(0, 0, 0)
    after[:changed] = 200
    assert words in told(plain(9, 9, 9), plain(0, 0, 0), after)


def test_what_was_never_seen_is_not_told() -> None:
    assert Sight().told(0.0) == "I have seen nothing yet: no picture has come."


def test_without_a_decoder_size_and_format_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cv2", "PIL"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(picture, "decodes", lambda: False)
    sight = Sight()
    sight.see(jpeg(), 0.0)
    assert "768 by 432 points. More I cannot tell without OpenCV or Pillow." in sight.told(1.0)


def test_a_picture_of_a_hundred_megapixels_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "_by_opencv", lambda data: 1 // 0)
    sight = Sight()
    sight.see(jpeg(10_000, 10_000), 0.0)
    assert "too large for me to look at" in sight.told(1.0)


def test_opencv_decodes_a_large_jpeg_at_an_eighth(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in where OpenCV is not installed; it sees colours as blue, green, red."""
    modes: list[int] = []

    def imdecode(data: Any, mode: int) -> Any:
        modes.append(mode)
        return np.full((54, 96, 3), (255, 0, 0), np.uint8)

    stand_in = types.ModuleType("cv2")
    vars(stand_in).update(
        imdecode=imdecode,
        resize=lambda image, size, interpolation: (
            image[:1, :1].repeat(SIDE_PX, 0).repeat(SIDE_PX, 1)
        ),
        IMREAD_COLOR=1,
        IMREAD_REDUCED_COLOR_8=65,
        INTER_AREA=3,
    )
    monkeypatch.setitem(sys.modules, "cv2", stand_in)
    for size in ((1024, 768), (320, 240)):
        small = thumbnail(jpeg(*size))
        assert small is not None
        assert small.shape == (SIDE_PX, SIDE_PX, 3)
        assert tuple(small[0, 0]) == (0, 0, 255)
    assert modes == [65, 1]


def watching(coverage: str = "", modality: str = "TEXT") -> Client:
    config = {"turnCoverage": coverage} if coverage else {}
    client = Client.ready(modality, realtimeInputConfig=config)
    client.understood.append("What do you see?")
    return client


@pytest.mark.parametrize("question", ["What do you see?", "Can you see me?", "what is this?"])
def test_a_question_about_pictures_is_answered_with_facts(question: str) -> None:
    client = watching()
    for _ in range(3):
        client.wait(1.0)
        client.blob("video", jpeg(), "image/jpeg")
    answer = client.answer(question)
    assert answer.startswith("3 pictures have come, the last 0.0 seconds ago.")
    assert "It is a JPEG of 768 by 432 points." in answer


def test_each_frame_of_video_counts_258_tokens_once() -> None:
    client = watching()
    for _ in range(3):
        client.blob("video", jpeg(), "image/jpeg")
    for total in (774, 774):
        client.answer("What do you see?")
        video = client.usage()["promptTokensDetails"][-1]
        assert video == {"modality": "VIDEO", "tokenCount": total}


def test_a_picture_in_a_turn_is_seen() -> None:
    client = watching()
    blob = {"mimeType": "image/png", "data": "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAH"}
    turn = {"role": "user", "parts": [{"inlineData": blob}]}
    client.send({"clientContent": {"turns": [turn], "turnComplete": True}})
    client.run()
    assert "It is a PNG of 5 by 7 points." in client.words()
    assert client.usage()["promptTokensDetails"] == [{"modality": "IMAGE", "tokenCount": 258}]


def test_pictures_in_media_chunks_are_seen() -> None:
    client = watching()
    chunk = {"mimeType": "image/jpeg", "data": "/9j/"}
    client.send({"realtimeInput": {"mediaChunks": [chunk]}})
    assert "One picture has come" in client.answer("What do you see?")


def test_an_empty_picture_is_one_that_cannot_be_read() -> None:
    client = watching()
    client.blob("video", b"", "image/jpeg")
    assert "in a format that I cannot read" in client.answer("What do you see?")


def test_by_only_activity_a_turn_has_the_pictures_that_came_while_somebody_spoke() -> None:
    client = watching("TURN_INCLUDES_ONLY_ACTIVITY")
    client.blob("video", jpeg(1, 1), "image/jpeg")
    assert "came only while nobody spoke" in client.answer("What do you see?")
    client.forget()
    client.sound(0.3, speech=1.0)
    client.blob("video", jpeg(2, 2), "image/jpeg")
    client.sound(0.3, speech=1.0)
    client.sound(1.5)
    client.run()
    assert client.words().startswith("One picture has come")
    assert "2 by 2 points" in client.words()


def test_a_spoken_question_about_pictures_is_answered() -> None:
    client = watching()
    client.blob("video", jpeg(), "image/jpeg")
    client.sound(0.6, speech=1.0)
    client.sound(1.0)
    client.run()
    assert "768 by 432" in client.words()
