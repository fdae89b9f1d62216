"""An answer that was interrupted by mistake is gone on with, from the words that were heard."""

from __future__ import annotations

import pytest

from tests.emulator.driver import Client
from tui.core.going_on import Rest
from tui.emulator.mind.recital import STORY


def request(heard: str, lost: str = "", heard_s: float | None = 3.0) -> str:
    return Rest(2, heard, lost, heard_s, 9.0).request


def interrupted(modality: str, asks: str = "Tell me a very long story.") -> tuple[Client, str]:
    """A client that has stopped an answer in its course, and what had left of it."""
    client = Client.ready(modality, outputAudioTranscription={})
    client.ask(asks)
    client.wait(1.5)
    client.send({"clientContent": {"turnComplete": False}})
    client.run()
    told = client.words().strip()
    assert "interrupted" in client.kinds()
    return client, told


@pytest.mark.parametrize("modality", ["TEXT", "AUDIO"])
def test_it_goes_on_where_it_was_heard(modality: str) -> None:
    client, told = interrupted(modality)
    assert STORY.startswith(told) and 0 < len(told) < len(STORY) / 2
    heard, lost = (" ".join(part) for part in (told.split()[:-3], told.split()[-3:]))
    answer = client.answer(request(heard, lost))
    assert f"{heard} {answer}" == STORY


@pytest.mark.parametrize("modality", ["TEXT", "AUDIO"])
def test_an_answer_between_them_is_no_hindrance(modality: str) -> None:
    client, told = interrupted(modality)
    client.answer("Hm.")
    assert f"{told} {client.answer(request(told))}" == STORY


def test_an_answer_that_is_no_story_too() -> None:
    client, told = interrupted("AUDIO", "count to one hundred")
    answer = client.answer(request(told))
    assert answer.endswith("100.") or "hundred" in answer
    assert not answer.startswith("1,")


def test_who_heard_nothing_is_told_all() -> None:
    client, _ = interrupted("AUDIO")
    assert client.answer(request("", "", 0.0)) == STORY


def test_the_bare_words_go_on_after_what_left() -> None:
    client, told = interrupted("TEXT")
    assert f"{told} {client.answer('Please go on.')}" == STORY


def test_what_is_not_remembered_is_not_made_up() -> None:
    client = Client.ready("TEXT")
    assert "do not have the rest" in client.answer(request("of something that nobody ever said"))
