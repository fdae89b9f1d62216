"""The unchanged google-genai SDK against the emulator, over TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google import genai
from google.genai.errors import APIError
from google.genai.live import AsyncSession
from google.genai.types import (
    AudioTranscriptionConfig,
    Content,
    HttpOptions,
    LiveConnectConfig,
    Modality,
    Part,
    SessionResumptionConfig,
    UsageMetadata,
)

from tui.authority import Authority
from tui.emulator.edge.server import serving

TEXT_MODEL, AUDIO_MODEL = "gemini-2.0-flash-exp", "gemini-3.8-live"
TEXT = LiveConnectConfig(response_modalities=[Modality.TEXT])
AUDIO = LiveConnectConfig(
    response_modalities=[Modality.AUDIO], output_audio_transcription=AudioTranscriptionConfig()
)


@pytest.fixture
async def options(tmp_path: Path) -> AsyncIterator[HttpOptions]:
    """How a client reaches a running emulator."""
    authority = Authority.of_user(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.path)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    async with serving(0, 0, authority.server_context(), silent) as ports:
        yield HttpOptions(
            base_url=f"https://localhost:{ports.wss}", async_client_args={"ssl": trusting}
        )


@pytest.fixture
def client(options: HttpOptions) -> genai.Client:
    return genai.Client(api_key="any", http_options=options)


def silent(line: str) -> None:
    pass


@dataclass
class Turn:
    """What one `receive()` gave."""

    words: str = ""
    pcm: bytes = b""
    seen: list[str] = field(default_factory=list)
    usage: UsageMetadata | None = None


async def turn(session: AsyncSession, *, interrupt_after_s: float | None = None) -> Turn:
    """Receive to the end of the turn; say stop after so much audio."""
    heard = Turn()
    async for message in session.receive():
        heard.usage = message.usage_metadata or heard.usage
        content = message.server_content
        if content is None:
            continue
        for part in (content.model_turn and content.model_turn.parts) or []:
            heard.words += part.text or ""
            if part.inline_data:
                assert part.inline_data.mime_type == "audio/pcm;rate=24000"
                heard.pcm += part.inline_data.data or b""
        if content.output_transcription:
            heard.words += content.output_transcription.text or ""
        for name in ("generation_complete", "interrupted", "turn_complete"):
            if getattr(content, name):
                heard.seen.append(name)
        if interrupt_after_s and len(heard.pcm) / 48_000 > interrupt_after_s:
            interrupt_after_s = None
            await session.send_client_content(turn_complete=False)
    return heard


async def ask(session: AsyncSession, text: str) -> Turn:
    await session.send_client_content(turns=Content(role="user", parts=[Part(text=text)]))
    return await turn(session)


async def test_text(client: genai.Client) -> None:
    async with client.aio.live.connect(model=TEXT_MODEL, config=TEXT) as session:
        hello = await ask(session, "Hello? Gemini are you there?")
        assert "not Gemini" in hello.words
        assert hello.seen == ["generation_complete", "turn_complete"]
        assert hello.pcm == b""
        await ask(session, "My number is 42.")
        told = await ask(session, "What number did I tell you?")
    assert told.words == "You told me the number 42."
    assert told.usage is not None
    assert hello.usage is not None
    assert (told.usage.prompt_token_count or 0) > (hello.usage.total_token_count or 0)


@pytest.mark.parametrize("model", [TEXT_MODEL, AUDIO_MODEL])
async def test_audio(client: genai.Client, model: str) -> None:
    async with client.aio.live.connect(model=model, config=AUDIO) as session:
        await session.send_realtime_input(text="What is 6 * 7?")
        heard = await turn(session)
    assert heard.words == "That is 42."
    assert heard.seen == ["generation_complete", "turn_complete"]
    samples = np.frombuffer(heard.pcm, "<i2").astype(np.float64) / 32768
    assert 0.8 < samples.size / 24_000 < 2.5
    loud = np.sqrt(np.mean(samples**2))
    assert 0.03 < loud < 0.4, "the level of speech"
    assert heard.usage is not None
    assert heard.usage.response_token_count == pytest.approx(samples.size / 24_000 * 25, abs=1)


async def test_vertex(options: HttpOptions) -> None:
    client = genai.Client(vertexai=True, api_key="any", http_options=options)
    async with client.aio.live.connect(model=TEXT_MODEL, config=TEXT) as session:
        assert session.session_id
        told = await ask(session, "What is 6 * 7?")
    assert told.words == "That is 42."
    assert told.usage is not None
    assert told.usage.traffic_type == "ON_DEMAND"
    assert told.usage.response_token_count == 3


async def test_interruption(client: genai.Client) -> None:
    async with client.aio.live.connect(model=AUDIO_MODEL, config=AUDIO) as session:
        await session.send_realtime_input(text="Tell me a very long story.")
        cut = await turn(session, interrupt_after_s=1.0)
        after = await ask(session, "What is 6 * 7?")
    assert cut.seen == ["interrupted", "turn_complete"]
    assert cut.words.startswith("Once upon a time")
    assert 1.0 < len(cut.pcm) / 48_000 < 5
    assert after.words == "That is 42."


REFUSALS: list[tuple[str, Any, int, str]] = [
    (AUDIO_MODEL, TEXT, 1007, "combination of response modalities (TEXT) is not supported"),
    ("gemini-9.9", AUDIO, 1008, "models/gemini-9.9 is not found for API version v1"),
    (
        AUDIO_MODEL,
        {"session_resumption": {"handle": "stale"}},
        1008,
        "BidiGenerateContent session not found",
    ),
]


@pytest.mark.parametrize(("model", "config", "code", "reason"), REFUSALS)
async def test_refusal(
    client: genai.Client, model: str, config: Any, code: int, reason: str
) -> None:
    with pytest.raises(APIError) as refused:
        async with client.aio.live.connect(model=model, config=config):
            pass
    assert refused.value.code == code
    assert reason in str(refused.value)


async def test_resumption(client: genai.Client) -> None:
    fresh = AUDIO.model_copy(update={"session_resumption": SessionResumptionConfig()})
    async with client.aio.live.connect(model=AUDIO_MODEL, config=fresh) as session:
        await session.send_realtime_input(text="42")
        await turn(session, interrupt_after_s=0.1)
        handle = await next_handle(session)
    resumed = AUDIO.model_copy(
        update={"session_resumption": SessionResumptionConfig(handle=handle)}
    )
    async with client.aio.live.connect(model=AUDIO_MODEL, config=resumed) as session:
        told = await ask(session, "What was the number?")
    assert told.words == "You told me the number 42."


async def next_handle(session: AsyncSession) -> str:
    """The handle that comes after the end of a turn."""
    async for message in session.receive():
        if update := message.session_resumption_update:
            return update.new_handle or ""
    raise AssertionError("no handle came")
