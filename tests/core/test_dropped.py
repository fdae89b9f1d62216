"""What terminals paste when files are dropped on them, and text that is none of it."""

from __future__ import annotations

import pytest

from tui.core.dropped import readings


@pytest.mark.parametrize(
    ("pasted", "paths"),
    [
        ("/home/a/cat.png", ["/home/a/cat.png"]),
        ("/home/a/cat.png \n", ["/home/a/cat.png"]),
        ("'/home/a/my cat.png' ", ["/home/a/my cat.png"]),
        ('"/home/a/my cat.png"', ["/home/a/my cat.png"]),
        (r"/home/a/my\ cat\(1\).png", ["/home/a/my cat(1).png"]),
        ("file:///home/a/my%20cat.png", ["/home/a/my cat.png"]),
        ("file:///C:/Users/a/cat.png", ["C:/Users/a/cat.png"]),
        ("file:///a/b.png\r\nfile:///a/c.wav\r\n", ["/a/b.png", "/a/c.wav"]),
        ("'/a/b c.png' '/a/d.txt'", ["/a/b c.png", "/a/d.txt"]),
        (r"/a/b\ c.png /a/d.txt", ["/a/b c.png", "/a/d.txt"]),
        ("~/notes.txt", ["~/notes.txt"]),
        (r"C:\Users\a\cat.png", [r"C:\Users\a\cat.png"]),
        (r'"C:\Users\a b\cat.png"', [r"C:\Users\a b\cat.png"]),
        ("/a/it's.png", ["/a/it's.png"]),
        ("/a/#1.png", ["/a/#1.png"]),
    ],
)
def test_paths_are_found_however_they_are_quoted(pasted: str, paths: list[str]) -> None:
    assert paths in list(readings(pasted))


def test_a_path_that_nobody_quoted_is_a_later_reading() -> None:
    assert list(readings("/home/a/my cat.png"))[-1] == ["/home/a/my cat.png"]


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        " \n",
        "What is 6*7?",
        "see /a/b.png",
        "it's",
        "cat.png",
        "/a/b.png and more",
        "x" * 20_000,
    ],
)
def test_words_are_no_paths(pasted: str) -> None:
    assert all(reading == [pasted.strip()] for reading in readings(pasted))
