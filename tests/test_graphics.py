"""Pictures by the terminal's own means, on a terminal that answers as a capable one does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.media.films import GREEN, cv2, plain
from tests.pseudo_terminal import Terminal
from tui import graphics

CELL = "\x1b[6;20;10t"
SIXEL = "\x1b[?62;4c"
NO_SIXEL = "\x1b[?62c"
KITTY = "\x1b_Gi=1;OK\x1b\\"
PLACEHOLDER = "\U0010eeee".encode()
HALF_BLOCKS = "▀▀▀▀▀▀▀▀▀".encode()


def shown(tmp_path: Path, way: str, answers: str, drawn: bytes, said: str = "") -> bytes:
    """All that has been written once that is drawn and the words are on the screen.

    The answers are there before they are asked for, so that no slow machine is late with them.
    """
    cv2.imwrite(str(tmp_path / "still.png"), plain(GREEN))
    words = ("--picture", way, "--camera", str(tmp_path / "still.png"), "--watch", "camera")
    with Terminal(*words, "--no-sound", "--no-record") as terminal:
        terminal.press(answers)
        terminal.until(lambda text: "CAMERA on" in text and "320x180" in text)
        terminal.until(lambda text: drawn in terminal.raw and said in text)
        terminal.press("\x11")
        assert terminal.end() == 0
        return terminal.raw


def test_half_blocks_are_the_default(tmp_path: Path) -> None:
    green = b"\x1b[38;2;0;200;0;48;2;0;200;0m"
    raw = shown(tmp_path, "half", "", green + HALF_BLOCKS)
    assert b"\x1bP" not in raw
    assert b"\x1b_G" not in raw


def test_sixel(tmp_path: Path) -> None:
    raw = shown(tmp_path, "sixel", SIXEL + CELL, b"\x1bP")
    assert HALF_BLOCKS not in raw


def test_kitty(tmp_path: Path) -> None:
    raw = shown(tmp_path, "kitty", NO_SIXEL + KITTY + CELL + KITTY, PLACEHOLDER)
    assert b"\x1b_G" in raw.partition(PLACEHOLDER)[0]
    assert HALF_BLOCKS not in raw


@pytest.mark.parametrize("way", ["sixel", "kitty"])
def test_a_terminal_that_cannot_gets_half_blocks_and_is_told(tmp_path: Path, way: str) -> None:
    shown(tmp_path, way, NO_SIXEL + CELL, HALF_BLOCKS, "Half blocks are drawn: this terminal")


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_image", None)
    assert graphics.image("kitty") == (
        None,
        "Half blocks are drawn: --picture kitty needs textual-image. Install it with "
        "pip install 'bidiscope[pictures]'.",
    )
