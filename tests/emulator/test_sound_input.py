"""Sound as clients send it: rates, odd lengths, chunks of any size, speech of any length."""

from __future__ import annotations

import base64

import pytest

from tests.emulator.driver import Client, seconds_of, tone
from tests.emulator.test_hearing import SPOKEN_TURN, TURN_END, activity, listening, order
from tui.emulator.perception.ears import KEPT_S, WINDOW_S


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_sound_of_any_rate_is_heard_at_its_true_length(rate_hz: int) -> None:
    client = listening()
    client.sound(1.0, rate_hz=rate_hz)
    client.sound(1.0, speech=0.9, rate_hz=rate_hz)
    client.sound(1.0, rate_hz=rate_hz)
    start, end = (float(offset[:-1]) for _, offset in activity(client))
    assert start == pytest.approx(1.0, abs=2 * WINDOW_S)
    assert end == pytest.approx(2.0, abs=2 * WINDOW_S)


@pytest.mark.parametrize("mime_type", ["audio/pcm", "audio/pcm;rate=0", "audio/pcm;rate=999999"])
def test_without_a_sensible_rate_it_is_16_khz(mime_type: str) -> None:
    client = listening()
    client.blob("audio", tone(1.0, 1.0) + tone(1.0, 0), mime_type)
    assert activity(client)[0] == ("ACTIVITY_START", "0.000s")
    client.run()
    assert activity(client)[1][1] == "1.024s"


def test_half_a_sample_harms_nothing() -> None:
    client = listening()
    for speech in (1.0, 0.0):
        for size in (1, 639, 641, 640, 1025, 3, 0) * 20:
            client.blob("audio", tone(0.1, speech)[:size], "audio/pcm;rate=16000")
    client.run()
    assert order(client) == [*SPOKEN_TURN, "generationComplete", TURN_END]


@pytest.mark.parametrize("chunk_s", [0.005, 0.02, 0.5, 4.0])
def test_the_size_of_chunks_does_not_matter(chunk_s: float) -> None:
    client = listening()
    sound = tone(1.0, 0) + tone(1.0, 1.0) + tone(2.0, 0)
    size = int(chunk_s * 32_000)
    for at in range(0, len(sound), size):
        client.blob("audio", sound[at : at + size], "audio/pcm;rate=16000")
    client.run()
    assert activity(client) == [("ACTIVITY_START", "0.992s"), ("ACTIVITY_END", "2.016s")]


def test_sound_in_media_chunks_is_heard() -> None:
    client = listening()
    data = base64.urlsafe_b64encode(tone(1.0, 1.0) + tone(1.0, 0)).decode()
    chunk = {"data": data, "mimeType": "audio/pcm;rate=16000"}
    client.send({"realtimeInput": {"mediaChunks": [chunk]}})
    client.run()
    assert order(client) == [*SPOKEN_TURN, "generationComplete", TURN_END]


def test_sound_that_is_no_pcm_is_refused() -> None:
    client = listening()
    client.blob("audio", b"RIFF", "audio/wav")
    assert client.closed is not None
    assert client.closed.reason == "Sound must be audio/pcm;rate=16000, not audio/wav."


def test_long_speech_is_transcribed_in_pieces_that_end_where_words_end() -> None:
    client = Client.ready("TEXT")
    client.understood.extend(["What is", "6 times 7?"])
    client.sound(3.0, speech=1.0)
    client.sound(0.25)
    client.sound(1.0, speech=1.0)
    client.sound(1.0)
    client.run()
    assert [round(seconds_of(pcm), 1) for pcm in client.transcribed] == [3.2, 1.3]
    assert client.words() == "That is 42."


def test_of_endless_speech_only_the_end_is_kept() -> None:
    client = Client.ready("AUDIO")
    client.understood.append("words")
    client.blob("audio", tone(90.0, 1.0), "audio/pcm;rate=16000")
    client.blob("audio", tone(2.0, 0), "audio/pcm;rate=16000")
    client.run()
    assert max(map(seconds_of, client.transcribed)) <= KEPT_S + WINDOW_S
