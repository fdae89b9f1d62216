"""Sessions without turns leave as what they are: no question, no answer, no turn."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest

from tests.core.script import TRANSCRIBE, Continuous, pcm
from tui.core import cost, fleet
from tui.core.statistics import statistics
from tui.exporters.formats import FORMATS, write
from tui.exporters.material import gather
from tui.stats import page


@pytest.fixture
def script() -> Continuous:
    """A second of translation that was played from 3.5 s on, and one that nobody heard."""
    made = Continuous()
    made.event(0.9, "speech.started")
    made.heard(1.0, "Good morning *everybody*.", languageCode="en")
    made.content(3.0, modelTurn={"parts": [{"inlineData": pcm(1.0, 24000)}]})
    made.made(3.0, "Guten Morgen allerseits.", languageCode="de")
    made.event(3.5, "playback.started", caption=1, device="d")
    made.event(4.5, "playback.drained", caption=1, heard_s=1.0, received_s=1.0)
    made.heard(8.0, "Two.")
    made.content(9.0, modelTurn={"parts": [{"inlineData": pcm(1.0, 24000)}]})
    made.made(9.0, "Zwei.")
    made.event(9.1, "playback.started", caption=2, device="d")
    made.event(9.1, "playback.flushed", caption=2, heard_s=0.0, received_s=1.0)
    return made


def exported(script: Continuous, form: str, tmp_path: Path) -> Path:
    out = tmp_path / f"out{FORMATS[form].suffix}"
    write(gather(script.log, name="a session"), FORMATS[form], out)
    return out


def test_markdown_has_passages(script: Continuous, tmp_path: Path) -> None:
    text = exported(script, "md", tmp_path).read_text()
    assert "- 2 passages without turns" in text and "turns in" not in text
    assert "## 0:01.0\n\n**Source (en)**\n\n> Good morning \\*everybody\\*." in text
    assert "**Translation (de), 2.00 s behind**\n\n> Guten Morgen allerseits." in text
    assert "You" not in text and "Model" not in text


def test_subtitles_stand_when_it_was_said_and_heard(script: Continuous, tmp_path: Path) -> None:
    text = exported(script, "srt", tmp_path).read_text()
    assert "00:00:00,900 --> " in text and "Source: Good morning" in text
    assert "00:00:03,500 --> " in text and "Translation: Guten Morgen allerseits." in text
    assert "Zwei" not in text, "nobody heard it"


def test_words_that_were_never_final_are_marked(tmp_path: Path) -> None:
    script = Continuous(TRANSCRIBE)
    script.guessed(1.0, "Good mourning")
    assert "*Never final: Good mourning*" in exported(script, "md", tmp_path).read_text()


def test_the_sound_is_that_of_captions(script: Continuous, tmp_path: Path) -> None:
    with wave.open(io.BytesIO(exported(script, "wav", tmp_path).read_bytes())) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(4.5, abs=0.05)
    folder = exported(script, "turns", tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "caption-0001-model.wav",
        "caption-0002-model.wav",
    ]


def test_figures_are_of_passages(script: Continuous) -> None:
    script.receive(9.5, usageMetadata={"promptTokenCount": 90, "totalTokenCount": 100})
    figures = statistics(script.log, "a session", cost.shipped())
    assert (figures.turns.total, figures.passages) == (0, 2)
    assert figures.talk.received_s == 2.0 and figures.talk.model_s == 1.0
    text = "\n".join(page(figures))
    assert "2 of what was heard: such a session has no turns" in text
    assert "first words to those of their translation" in text
    assert "n/a (whether token counts of a session without turns add up" in text
    assert fleet.session_row(figures)["passages"] == 2
