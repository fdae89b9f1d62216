from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest

from tui.core import clip
from tui.core.frame import BINARY, Direction, Frame

TONE = bytes(range(200)) * 2


def blob(pcm: bytes = TONE, mime_type: str = "audio/pcm;rate=24000") -> dict[str, str]:
    return {"mimeType": mime_type, "data": base64.b64encode(pcm).decode()}


def frame(message: Any, seq: int = 1, direction: Direction = Direction.RECEIVE) -> Frame:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return Frame(seq, 0.0, 0.0, direction, BINARY, payload)


def voice(*blobs: dict[str, str], seq: int = 1) -> Frame:
    parts = [{"inlineData": each} for each in blobs]
    return frame({"serverContent": {"modelTurn": {"parts": parts}}}, seq)


def test_media_are_found_wherever_they_are_in_either_spelling() -> None:
    picture = {"mime_type": "image/jpeg", "data": "_9j_"}
    message = {
        "client_content": {"turns": [{"parts": [{"text": "look"}, {"inline_data": picture}]}]},
        "deep": {"a": [[blob()]]},
    }
    found = clip.of_frame(frame(message))
    assert [(each.path, each.kind) for each in found] == [
        ("client_content.turns[0].parts[1].inline_data", "image"),
        ("deep.a[0][0]", "audio"),
    ]
    assert found[0].blob == {"mimeType": "image/jpeg", "data": "_9j_"}


def test_a_run_is_one_sound() -> None:
    whole = clip.joined([voice(blob(), seq=1), voice(blob(), blob(), seq=2), voice(seq=3)])
    assert whole == clip.Clip(TONE * 3, 24_000, True, 2)
    assert whole.seconds == pytest.approx(1200 / 2 / 24_000)


def test_one_of_several_can_be_wanted() -> None:
    both = voice(blob(), blob(TONE[:100]))
    path = "serverContent.modelTurn.parts[1].inlineData"
    assert clip.joined([both], path).pcm == TONE[:100]


@pytest.mark.parametrize(
    ("direction", "rate_hz"), [(Direction.SEND, 16_000), (Direction.RECEIVE, 24_000)]
)
def test_a_rate_that_is_not_named_is_the_protocols(direction: Direction, rate_hz: int) -> None:
    whole = clip.joined([frame({"a": blob(mime_type="audio/pcm")}, 1, direction)])
    assert (whole.rate_hz, whole.rate_named) == (rate_hz, False)


def test_it_ends_where_the_rate_changes() -> None:
    other = voice(blob(mime_type="audio/pcm;rate=16000"), seq=2)
    whole = clip.joined([voice(blob()), other, voice(blob(), seq=3)])
    assert (whole.pcm, whole.messages) == (TONE, 1)
    assert whole.problem == "Only as far as the rate stays: then it is 16,000 Hz."


def test_a_message_that_is_no_base64_is_left_out_and_said() -> None:
    broken = voice({"mimeType": "audio/pcm;rate=24000", "data": "!"}, seq=2)
    whole = clip.joined([voice(blob()), broken, voice(blob(), seq=3)])
    assert whole.pcm == TONE * 2
    assert whole.problem.startswith("#2 is missing. The media's `data` is not base64")


def test_half_a_sample_is_left_out() -> None:
    assert clip.joined([voice(blob(b"abc")), voice(blob(b"de"), seq=2)]).pcm == b"abde"


def test_very_long_runs_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip, "MOST_S", 0.01)
    whole = clip.joined(voice(blob(bytes(240)), seq=seq) for seq in range(1, 100))
    assert (whole.seconds, whole.messages) == (0.01, 2)
    assert whole.problem.startswith("Only the first")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({}, "There is no audio/pcm in it"),
        (b"rubbish", "There is no audio/pcm in it"),
        ({"a": blob(mime_type="audio/mpeg")}, "There is no audio/pcm in it"),
        ({"a": blob(b"")}, "Its sound is empty."),
        ({"a": {"mimeType": "audio/pcm", "data": "!"}}, "#1 is missing. "),
    ],
)
def test_what_cannot_be_heard_is_said(message: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        clip.joined([frame(message)])


def test_hostile_messages_are_looked_through_in_bounds() -> None:
    deep = orjson.loads(b'{"a":' * 1000 + orjson.dumps(blob()) + b"}" * 1000)
    assert clip.found(deep)[0].path.count(".") == 999
    assert len(clip.found([blob() for _ in range(1000)])) == clip.MOST_MEDIA
    assert clip.found([[[]] for _ in range(clip.MOST_VALUES)] + [blob()]) == []
