from __future__ import annotations

import pytest

from tui.core import models
from tui.core.attachment import (
    Attachment,
    Description,
    Medium,
    prefill_refusal,
    refusal,
    size_words,
)

ANY, HISTORY, NONE = (
    "gemini-3.8-live",
    "gemini-3.1-flash-live-preview",
    "gemini-3.5-live-translate-preview",
)


def file(medium: Medium, tokens: int = 10) -> Attachment:
    return Attachment(Description("a", medium, 10, tokens=tokens), b"")


IMAGE, AUDIO, TEXT = map(file, Medium)


@pytest.mark.parametrize(
    ("model", "text", "files", "words"),
    [
        (ANY, "hi", [IMAGE, AUDIO, TEXT], ""),
        (ANY, "", [IMAGE], ""),
        (HISTORY, "hi", [IMAGE, TEXT], ""),
        (HISTORY, "", [IMAGE, AUDIO], ""),
        (HISTORY, "hi", [AUDIO], "answers sound and words apart"),
        (HISTORY, "", [AUDIO, TEXT], "answers sound and words apart"),
        (HISTORY, "", [IMAGE], "add words"),
        (NONE, "", [AUDIO], ""),
        (NONE, "hi", [], "takes no text and no pictures"),
        (NONE, "hi", [AUDIO], "takes no text and no pictures"),
        (NONE, "", [IMAGE], "takes no text and no pictures"),
        (ANY, "", [file(Medium.TEXT, 131_073)], "has room for 131,072"),
        (ANY, "x" * 8, [file(Medium.TEXT, 131_071)], "131,073 tokens"),
    ],
)
def test_what_a_model_cannot_take_in_one_turn_is_said(
    model: str, text: str, files: list[Attachment], words: str
) -> None:
    said = refusal(model, text, files)
    assert words in said and bool(words) == bool(said)


def test_every_model_takes_a_prefilled_turn_or_says_why_not() -> None:
    for name in models.names():
        assert bool(prefill_refusal(name)) == (models.model(name).client_content != "any")
    assert "system instruction (S)" in prefill_refusal(HISTORY)
    assert prefill_refusal(ANY, [IMAGE, TEXT]) == ""
    assert "by itself" in prefill_refusal(ANY, [AUDIO])


def test_a_description_survives_its_event_and_junk_in_its_place() -> None:
    about = Description("a.png", Medium.IMAGE, 1234, 640, 480, 1.5, 3, 258)
    assert Description.read(about.detail) == about
    assert about.words == "a.png · image · 640x480 · 1.5 s · 1 kB · ~258 tok"
    junk = Description.read({"file": None, "size": "x", "seconds": [], "chars": -4, "width": {}})
    assert (junk.size_bytes, junk.seconds, junk.chars) == (0, 0.0, 0)
    assert "\x1b" not in Description("\x1b[2J", "\x1b", 1).words


def test_sizes_in_words() -> None:
    assert [*map(size_words, (0, 812, 1500, 2_340_000))] == ["", "812 B", "2 kB", "2.3 MB"]
