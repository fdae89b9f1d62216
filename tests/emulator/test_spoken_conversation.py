"""A recorded person speaks to the emulator, through the unchanged SDK over TLS."""

from __future__ import annotations

import asyncio
import re
import sys
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from google.genai import Client
from google.genai.live import AsyncSession
from google.genai.types import AudioTranscriptionConfig, Blob, LiveConnectConfig, Modality

from tests.emulator.test_emulator_sdk import AUDIO_MODEL, client, options
from tui.emulator.perception import detector, recognizer

__all__ = ["client", "options"]  # fixtures

VOICES = Path(__file__).parents[1] / "data/voices"
SPOKEN = LiveConnectConfig(
    response_modalities=[Modality.AUDIO],
    input_audio_transcription=AudioTranscriptionConfig(),
    output_audio_transcription=AudioTranscriptionConfig(),
)
CHUNK_BYTES = 640
TEXTS = {
    "greeting": "Hello there. It is nice to meet you.",
    "weather": "What is the weather like in Paris today?",
    "count": "One, two, three, four, five.",
    "long": "Please describe everything you can see on this table, beginning with the red cup on "
    "the left and ending with the small green book on the right.",
}

pytestmark = pytest.mark.skipif(
    not (recognizer.installed() and detector.installed()),
    reason="needs the extra `local` (moonshine-voice) and a silero-vad",
)


def recorded(name: str) -> bytes:
    with wave.open(str(VOICES / f"{name}.wav")) as file:
        return bytes(file.readframes(file.getnframes()))


async def speak(session: AsyncSession, pcm: bytes) -> None:
    """A microphone: 20 ms at a time, in real time."""
    start = asyncio.get_running_loop().time()
    for at in range(0, len(pcm), CHUNK_BYTES):
        late_s = asyncio.get_running_loop().time() - start - at / 32_000
        await asyncio.sleep(max(0.0, -late_s))
        chunk = Blob(data=pcm[at : at + CHUNK_BYTES], mime_type="audio/pcm;rate=16000")
        await session.send_realtime_input(audio=chunk)


@dataclass
class Turn:
    """What one `receive()` gave."""

    asked: str = ""
    answered: str = ""
    audio_s: float = 0.0
    order: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if self.order[-1:] != [what]:
            self.order.append(what)


async def turn(session: AsyncSession, *, enough_s: float = 60.0) -> Turn:
    """Receive to the end of the turn; say stop after so much audio."""
    heard = Turn()
    async for message in session.receive():
        if message.voice_activity and message.voice_activity.voice_activity_type:
            heard.note(message.voice_activity.voice_activity_type.value)
        content = message.server_content
        if content is None:
            continue
        if content.interim_input_transcription:
            heard.note("interim")
        if content.input_transcription:
            heard.asked += content.input_transcription.text or ""
            heard.note("asked")
        if content.output_transcription:
            heard.answered += content.output_transcription.text or ""
        for part in (content.model_turn and content.model_turn.parts) or []:
            assert part.inline_data
            heard.audio_s += len(part.inline_data.data or b"") / 48_000
            heard.note("audio")
        if heard.audio_s > enough_s:
            enough_s = 60.0
            await session.send_client_content(turn_complete=False)
        for name in ("generation_complete", "interrupted", "turn_complete"):
            if getattr(content, name):
                heard.note(name)
    return heard


def overlap(heard: str, said: str) -> float:
    """How many of the words that were said were heard."""
    words = set(re.findall(r"\w+", said.lower()))
    return len(words & set(re.findall(r"\w+", heard.lower()))) / len(words)


@pytest.fixture
async def session(client: Client) -> AsyncIterator[AsyncSession]:
    async with client.aio.live.connect(model=AUDIO_MODEL, config=SPOKEN) as session:
        yield session


@pytest.mark.parametrize("name", TEXTS)
async def test_a_spoken_question_is_transcribed_and_answered_by_voice(
    session: AsyncSession, name: str
) -> None:
    speaking = asyncio.create_task(speak(session, bytes(16_000) + recorded(name) + bytes(40_000)))
    heard = await turn(session, enough_s=1.0)
    speaking.cancel()
    assert overlap(heard.asked, TEXTS[name]) >= 0.8
    started, *rest = heard.order
    assert started == "ACTIVITY_START"
    assert [what for what in rest if what not in ("interim", "audio")] == [
        *("asked", "ACTIVITY_END", "interrupted", "turn_complete"),
    ]
    assert rest.index("asked") < rest.index("audio")
    assert "interim" not in rest[rest.index("asked") :]
    assert heard.audio_s > 1.0
    if name == "greeting":
        assert heard.answered.startswith("Hello!")


async def test_a_person_talks_over_the_answer_and_is_heard(session: AsyncSession) -> None:
    await session.send_realtime_input(text="Tell me a very long story.")
    speaking = asyncio.create_task(speak(session, bytes(48_000) + recorded("weather")))
    cut = await turn(session)
    silence = asyncio.create_task(speak_after(speaking, session, bytes(32_000)))
    heard = await turn(session, enough_s=0.5)
    await silence
    assert cut.order == ["audio", "ACTIVITY_START", "interrupted", "turn_complete"]
    assert cut.audio_s < 20
    assert overlap(heard.asked, TEXTS["weather"]) >= 0.8
    assert "audio" in heard.order


async def speak_after(speaking: asyncio.Task[None], session: AsyncSession, pcm: bytes) -> None:
    await speaking
    await speak(session, pcm)


async def test_push_to_talk(client: Client) -> None:
    manual: dict[str, Any] = {"automatic_activity_detection": {"disabled": True}}
    config = LiveConnectConfig.model_validate(
        SPOKEN.model_dump(exclude_none=True) | {"realtime_input_config": manual}
    )
    async with client.aio.live.connect(model=AUDIO_MODEL, config=config) as session:
        await session.send_realtime_input(activity_start={})
        for at in range(0, len(recorded("count")), CHUNK_BYTES):
            chunk = recorded("count")[at : at + CHUNK_BYTES]
            await session.send_realtime_input(
                audio=Blob(data=chunk, mime_type="audio/pcm;rate=16000")
            )
        await session.send_realtime_input(activity_end={})
        heard = await turn(session, enough_s=0.5)
    assert overlap(heard.asked, TEXTS["count"]) >= 0.8
    assert heard.order[-3:] == ["audio", "interrupted", "turn_complete"]


def test_without_its_library_nothing_is_recognized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognizer, "installed", lambda: False)
    assert recognizer.Recognizer().transcribe(recorded("count")) is None


def test_portaudio_is_neither_needed_nor_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    for name in [name for name in sys.modules if name.startswith("moonshine_voice")]:
        monkeypatch.delitem(sys.modules, name)
    assert (
        overlap(recognizer.Recognizer().transcribe(recorded("count")) or "", TEXTS["count"]) > 0.8
    )
