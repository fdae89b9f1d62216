"""Transcription and translation of a recorded person, through the unchanged SDK over TLS."""

from __future__ import annotations

import asyncio

import pytest
from google.genai import Client
from google.genai.live import AsyncSession
from google.genai.types import (
    AudioTranscriptionConfig,
    LiveConnectConfig,
    LiveServerContent,
    Modality,
    TranslationConfig,
)

from tests.emulator.cast import TRANSCRIBE, TRANSLATE
from tests.emulator.test_emulator_sdk import client, options
from tests.emulator.test_spoken_conversation import TEXTS, overlap, recorded, speak
from tui.emulator.perception import detector, recognizer

__all__ = ["client", "options"]  # fixtures

SILENCE = bytes(32_000)

pytestmark = pytest.mark.skipif(
    not (recognizer.installed() and detector.installed()),
    reason="needs the extra `local` (moonshine-voice) and a silero-vad",
)


async def contents(session: AsyncSession, last: str) -> list[LiveServerContent]:
    """All that comes of a spoken greeting, until ``last`` is there."""
    speaking = asyncio.create_task(speak(session, recorded("greeting") + SILENCE))
    found: list[LiveServerContent] = []
    async for message in session.receive():
        if content := message.server_content:
            found.append(content)
            if getattr(content, last):
                break
    await speaking
    return found


async def test_speech_is_transcribed_as_it_comes_and_then_for_good(client: Client) -> None:
    config = LiveConnectConfig(
        response_modalities=[Modality.TEXT],
        input_audio_transcription=AudioTranscriptionConfig(word_timestamp=True),
    )
    async with client.aio.live.connect(model=TRANSCRIBE, config=config) as session:
        found = await asyncio.wait_for(contents(session, "generation_complete"), 60)
    assert any(content.interim_input_transcription for content in found)
    [final] = [one.input_transcription for one in found if one.input_transcription]
    assert overlap(final.text or "", TEXTS["greeting"]) > 0.7
    assert final.words
    assert " ".join(word.word or "" for word in final.words) == final.text
    assert not any(content.model_turn or content.turn_complete for content in found)


async def test_speech_is_said_in_the_other_language(client: Client) -> None:
    config = LiveConnectConfig(
        response_modalities=[Modality.AUDIO],
        output_audio_transcription=AudioTranscriptionConfig(),
        translation_config=TranslationConfig(target_language_code="de"),
    )
    async with client.aio.live.connect(model=TRANSLATE, config=config) as session:
        found = await asyncio.wait_for(contents(session, "model_turn"), 60)
    said = "".join(
        (one.output_transcription.text or "") for one in found if one.output_transcription
    )
    assert "Emulator:" in said
    assert not any(content.turn_complete for content in found)
