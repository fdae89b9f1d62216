"""A server whose audio is not what the protocol promises: the words go on, nothing is lost."""

from __future__ import annotations

import base64
import wave
from collections.abc import Callable
from pathlib import Path

from tests.live.conftest import Talk
from tests.stage import Message, Peer, Stage
from tui.media.speaker import Speaker
from tui.options import Options

PCM = bytes(range(256)) * 30


def audio(data: str, mime_type: str = "audio/pcm;rate=24000") -> Message:
    blob = {"mimeType": mime_type, "data": data}
    return {"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}


def coded(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def answers(*pieces: Message) -> Callable[[Peer], object]:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(*pieces)
        await peer.send({"serverContent": {"outputTranscription": {"text": "still here"}}})
        await peer.send({"serverContent": {"generationComplete": True}})
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.listen()

    return script


class Saved(Talk):
    """With a speaker that writes WAV files and has no device."""

    def __init__(self, folder: Path) -> None:
        speaker = Speaker(sound=False, wav_folder=folder)
        super().__init__(Options(record=folder / "records"), lambda: (speaker, None))


def heard(on_stage: Callable[..., Stage], folder: Path, *pieces: Message) -> tuple[Talk, bytes]:
    """The conversation after the answer, and the samples of its WAV file."""
    on_stage(answers(*pieces))
    talk = Saved(folder)
    try:
        talk.connect()
        assert talk.ask("go") == "still here"
    finally:
        talk.stop()
    (path,) = folder.glob("*.wav")
    with wave.open(str(path)) as file:
        assert file.getframerate() == 24000
        return talk, file.readframes(file.getnframes())


def test_chunks_that_end_inside_a_sample_are_joined(
    on_stage: Callable[..., Stage], tmp_path: Path
) -> None:
    pieces = [audio(coded(PCM[at : at + 333])) for at in range(0, len(PCM), 333)]
    _, saved = heard(on_stage, tmp_path, *pieces)
    assert saved == PCM


def test_an_empty_chunk_an_absurd_rate_and_no_base64_lose_nothing_else(
    on_stage: Callable[..., Stage], tmp_path: Path
) -> None:
    talk, saved = heard(
        on_stage,
        tmp_path,
        audio(""),
        audio(coded(PCM), "audio/pcm;rate=99999999"),
        audio("%%%"),
        audio(coded(PCM)),
    )
    assert saved == PCM * 2
    assert "unreadable" in talk.events("error")[0]["message"]
