"""The voice that all sessions share: what it keeps, and its process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest

from tui.emulator.effects import Speak
from tui.emulator.mouth.speaker import Speaker
from tui.emulator.mouth.speech import KEPT_CLAUSES, Speech
from tui.emulator.mouth.voice import BYTES_PER_S, Voice
from tui.emulator.terms.profiles import Timbre

PUCK, KORE = Timbre("en-US", 1.0), Timbre("en-US", 1.2)


class Parrot:
    """Speaks a clause as its own letters, and remembers how often it had to."""

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.may_speak = threading.Event()
        self.may_speak.set()
        self.closed = False

    def speak(self, clause: str, timbre: Timbre) -> bytes:
        assert self.may_speak.wait(10)
        self.spoken.append(clause)
        return f"{clause} {timbre.pitch}".encode()

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def speech(parrot: Parrot) -> Iterator[Speech]:
    with contextlib.closing(Speech(lambda: parrot)) as shared:
        yield shared


async def said(speech: Speech, clause: str, timbre: Timbre = PUCK) -> bytes:
    asked = Speak(1, clause, timbre)
    told, pcm = await speech.speak(asked)
    assert told is asked
    return pcm


async def test_a_clause_is_spoken_once_for_each_timbre(speech: Speech, parrot: Parrot) -> None:
    assert {await said(speech, "Hello.") for _ in range(3)} == {b"Hello. 1.0"}
    assert await said(speech, "Hello.", KORE) == b"Hello. 1.2"
    assert parrot.spoken == ["Hello."] * 2


async def test_sessions_that_ask_at_once_are_told_at_once(speech: Speech, parrot: Parrot) -> None:
    parrot.may_speak.clear()
    asking = [asyncio.create_task(said(speech, "Hello.")) for _ in range(20)]
    await asyncio.sleep(0)
    parrot.may_speak.set()
    assert set(await asyncio.gather(*asking)) == {b"Hello. 1.0"}
    assert parrot.spoken == ["Hello."]


async def test_what_was_asked_for_longest_ago_is_forgotten(speech: Speech, parrot: Parrot) -> None:
    await said(speech, "first")
    await said(speech, "second")
    for number in range(KEPT_CLAUSES - 2):
        await said(speech, str(number))
    await said(speech, "first")
    await said(speech, "one more")
    parrot.spoken.clear()
    await said(speech, "first")
    await said(speech, "second")
    assert parrot.spoken == ["second"]


async def test_what_nobody_waits_for_any_more_is_not_spoken(speech: Speech, parrot: Parrot) -> None:
    parrot.may_speak.clear()
    asking = [asyncio.create_task(said(speech, str(number))) for number in range(5)]
    await asyncio.sleep(0)
    for task in asking[1:]:
        task.cancel()
    await asyncio.sleep(0)
    parrot.may_speak.set()
    assert await asking[0] == b"0 1.0"
    await said(speech, "last")
    assert parrot.spoken == ["0", "last"]


def test_the_voice_is_closed_with_it(parrot: Parrot) -> None:
    Speech(lambda: parrot).close()
    assert parrot.closed


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    with contextlib.closing(Speaker()) as running:
        yield running


def test_a_voice_in_its_process_speaks_like_one_here(speaker: Speaker) -> None:
    ours, theirs = (voice.speak("What time is it?", KORE) for voice in (Voice(), speaker))
    assert len(theirs) == pytest.approx(len(ours), rel=0.1)
    assert len(speaker.speak("你好，世界。", PUCK)) / BYTES_PER_S > 0.2
    assert speaker.speak("a\nb {}", PUCK), "a clause of two lines is one clause"


def test_a_voice_whose_process_died_is_replaced(speaker: Speaker) -> None:
    assert speaker.speak("Hello.", PUCK)
    speaker._process.kill()
    speaker._process.wait()
    assert speaker.speak("Hello.", PUCK)
