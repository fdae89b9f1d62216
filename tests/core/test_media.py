from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core import media


def pcm(size_bytes: int, mime_type: str = "audio/pcm;rate=24000") -> dict[str, Any]:
    return {"mimeType": mime_type, "data": base64.b64encode(bytes(size_bytes)).decode()}


@pytest.mark.parametrize(
    "text",
    ["+/+/AA==", "-_-_AA==", "+/-_AA", "+/+/\r\nAA==\n", " + / + / A A = = "],
)
def test_both_alphabets_decode_padded_or_not_and_broken_into_lines(text: str) -> None:
    blob = {"data": text}
    assert media.data_bytes(blob) == b"\xfb\xff\xbf\x00"
    assert media.size_bytes(blob) == 4


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "AA*A", "AA==AA==", "AAAA...<truncated 9 chars>", "é"]
)
def test_what_is_no_base64_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^The media's `data` is not base64: .+\.$"):
        media.data_bytes({"data": text})


@pytest.mark.parametrize("value", [{}, {"data": None}, {"data": 5}, {"data": ["AAAA"]}])
def test_a_blob_without_data_has_no_size_and_no_bytes(value: dict[str, Any]) -> None:
    assert media.size_bytes(value) == 0
    assert media.audio_seconds({"mimeType": "audio/pcm", **value}, 24_000) == 0
    with pytest.raises(ValueError, match="no base64 text in `data`"):
        media.data_bytes(value)


@pytest.mark.parametrize(
    ("mime_type", "rate_hz"),
    [
        ("audio/pcm;rate=24000", 24_000),
        ("audio/pcm; rate=16000", 16_000),
        ("audio/pcm;Rate = 8000 ;channels=1", 8_000),
        ("audio/pcm;channels=1;rate=48000", 48_000),
        ("audio/pcm", 7),
        ("audio/pcm;rate=", 7),
        ("audio/pcm;rate=7999", 7),
        ("audio/pcm;rate=48001", 7),
        ("audio/pcm;rate=99999999999999999999", 7),
        ("audio/pcm;bitrate=16000", 7),
        ("audio/pcm;rate=16000Hz", 7),
        ("", 7),
    ],
)
def test_the_rate_is_the_mime_types_if_it_can_be_one(mime_type: str, rate_hz: int) -> None:
    assert media.pcm_rate_hz(mime_type, 7) == rate_hz


@pytest.mark.parametrize(
    ("blob", "seconds"),
    [
        (pcm(9_600), 0.2),  # the chunks of real recordings
        (pcm(11_520, "audio/pcm"), 0.24),
        (pcm(3_200, "audio/pcm;rate=16000"), 0.1),
        (pcm(48_000, "Audio/PCM ; rate=48000"), 0.5),
        (pcm(0), 0),
        (pcm(9_600, "audio/mp3"), 0),
        (pcm(9_600, "image/jpeg"), 0),
        ({"data": "AAAA"}, 0),
        ({"data": "AAAA", "mimeType": 5}, 0),
    ],
)
def test_raw_pcm_lasts_as_long_as_its_samples(blob: dict[str, Any], seconds: float) -> None:
    assert media.audio_seconds(blob, media.OUTPUT_RATE_HZ) == pytest.approx(seconds)


@settings(deadline=None)
@given(st.binary(), st.booleans(), st.booleans())
def test_the_size_needs_no_decoding(data: bytes, url_safe: bool, padded: bool) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(data).decode()
    blob = {"data": text if padded else text.rstrip("=")}
    assert media.data_bytes(blob) == data
    assert media.size_bytes(blob) == len(data)
