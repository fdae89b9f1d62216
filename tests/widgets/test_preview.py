from __future__ import annotations

from dataclasses import replace

import pytest
from rich.color import Color
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.strip import Strip

from tui import theming
from tui.core.video import Lens, Picture, Video
from tui.widgets.preview import OFF, Preview, caption

RED, BLUE = (248, 0, 0), (0, 0, 248)
ON = Video(
    kind="camera",
    lens=Lens(name="film.avi", seen=True),
    connected=True,
    picture=Picture(b"x" * 21_500, 768, 432),
    age_s=0.42,
    next_in_s=0.58,
    sent=7,
)


class PreviewApp(App[None]):
    CSS = "Preview { max-height: 20; }"

    def __init__(self, colours: tuple[tuple[int, int, int], ...] = (RED, BLUE)) -> None:
        super().__init__()
        self.colours = colours
        self.decoded: list[tuple[bytes, int, int]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Preview(self.decode)

    def decode(self, picture: Picture, width_px: int, height_px: int) -> bytes:
        """Rows of the colours in turn."""
        self.decoded.append((picture.jpeg[:1], width_px, height_px))
        rows = (self.colours[y % len(self.colours)] for y in range(height_px))
        return b"".join(bytes(colour) * width_px for colour in rows)

    @property
    def preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def lines(self) -> list[Strip]:
        return [self.preview.render_line(y) for y in range(self.preview.size.height)]


@pytest.mark.parametrize(
    ("shape", "box", "cells"),
    [
        ((768, 432), Size(64, 20), (64, 18)),
        ((768, 432), Size(40, 20), (39, 11)),
        ((432, 768), Size(64, 20), (20, 18)),
        ((768, 1), Size(64, 20), (64, 1)),
    ],
)
async def test_the_picture_keeps_its_shape(
    shape: tuple[int, int], box: Size, cells: tuple[int, int]
) -> None:
    app = PreviewApp()
    async with app.run_test(size=(box.width, 30)) as pilot:
        app.preview.show(replace(ON, picture=Picture(b"x", *shape)))
        await pilot.pause()
        assert app.decoded[-1][1:] == (cells[0], 2 * cells[1])
        drawn = [line.text.strip() for line in app.lines]
        assert drawn.count("▀" * cells[0]) == cells[1]
        assert {line.cell_length for line in app.lines} == {box.width}


async def test_each_cell_is_two_pixels() -> None:
    app = PreviewApp()
    async with app.run_test(size=(64, 30)) as pilot:
        app.preview.show(ON)
        await pilot.pause()
        (segment,) = (each for each in app.lines[0] if "▀" in each.text)
        assert segment.text == "▀" * 64
        assert segment.style is not None
        assert segment.style.color == Color.from_rgb(*RED)
        assert segment.style.bgcolor == Color.from_rgb(*BLUE)


async def test_a_picture_is_drawn_once() -> None:
    app = PreviewApp()
    async with app.run_test(size=(64, 30)) as pilot:
        for age_s in (0.1, 0.2, 0.3):
            app.preview.show(replace(ON, age_s=age_s))
            await pilot.pause()
        assert len(app.decoded) == 1
        app.preview.show(replace(ON, picture=Picture(b"y", 768, 432)))
        await pilot.pause()
        assert [first for first, _, _ in app.decoded] == [b"x", b"y"]


@pytest.mark.parametrize("no_color", ["", "1"])
async def test_without_colours_there_are_shades(
    monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    app = PreviewApp(((255, 255, 255), (255, 255, 255), (0, 0, 0), (0, 0, 0)))
    async with app.run_test(size=(64, 30)) as pilot:
        app.preview.show(ON)
        await pilot.pause()
        first, second = (app.lines[y].text.strip() for y in (0, 1))
        assert (first, second) == (("█" * 64, "") if no_color else ("▀" * 64, "▀" * 64))


async def test_a_picture_that_cannot_be_decoded_leaves_the_caption() -> None:
    app = PreviewApp(())
    app.decode = lambda picture, width_px, height_px: b""  # type: ignore[method-assign]
    async with app.run_test(size=(64, 30)) as pilot:
        app.preview.show(ON)
        await pilot.pause()
        assert "CAMERA on" in "".join(line.text for line in app.lines)


async def test_while_all_is_off_it_is_one_line_that_says_the_keys() -> None:
    app = PreviewApp()
    async with app.run_test(size=(64, 30)) as pilot:
        assert [line.text.rstrip() for line in app.lines] == [OFF]
        app.preview.show(ON)
        await pilot.pause()
        assert app.preview.size.height > 10
        app.preview.show(Video(picture=ON.picture))
        await pilot.pause()
        assert [line.text.rstrip() for line in app.lines] == [OFF]
        assert not app.preview.can_focus


def said(video: Video, width: int) -> list[str]:
    return ["".join(text for _, text in line) for line in caption(video, width)]


def test_the_caption_says_everything_where_there_is_room() -> None:
    assert said(ON, 100) == [
        "CAMERA on  sent 0.4 s ago  next 0.6 s  768x432  22 kB  ~258 tok est.  film.avi"
    ]
    assert said(ON, 46) == [
        "CAMERA on  sent 0.4 s ago  next 0.6 s  768x432",
        "22 kB  ~258 tok est.  film.avi",
    ]


def test_the_caption_says_what_is_wrong_in_words() -> None:
    lost = replace(ON, lens=Lens(name="camera 0", seen=True, problem="It has gone."), skipped=3)
    assert said(lost, 100) == [
        "CAMERA lost  sent 0.4 s ago  768x432  22 kB  ~258 tok est.  camera 0  3 skipped"
    ]
    assert caption(lost, 100)[0][0][0] == "problem"
    assert said(Video(kind="screen"), 100) == ["SCREEN opening"]


def test_a_name_cannot_draw_on_the_terminal() -> None:
    evil = replace(ON, lens=Lens(name="\x1b[2Jevil.avi", seen=True))
    assert "␛[2Jevil.avi" in said(evil, 200)[0]
