"""``python -m tests.bench.hour OUT.jsonl [--hours H]``: a long conversation as a journal.

An hour is 133,504 messages and about 550 MB: 25 microphone frames a second up, 10 audio messages a
second down, a 58 kB JPEG a second, a turn every 20 s with transcriptions, voice activity, usage and
handles; every fourth turn calls a tool, every twentieth is interrupted, and before the 58th minute
the server goes away and the session is resumed. Equal arguments give equal bytes. What the person
says is noise in syllables, what they do not say is digital silence; the pictures can be decoded.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from tui.core.frame import BINARY, TEXT, Direction
from tui.core.journal import Journal
from tui.core.secrets import Mask

MESSAGES_AN_HOUR = 133_504
TURN_S = 20
TURNS_AN_HOUR = 3600 // TURN_S
TURNS_A_CONNECTION = 171
"""57 minutes: gemini-3.8-live closes at 58:00 (protocol.md, 5.3)."""
MODEL = "gemini-3.8-live"
START_TIME_S = 1_795_363_200.0
SPOKEN_S, CHUNK_S = 8, 0.04
PICTURE_BYTES = 58_000
INTERRUPTED_S = 15.0
NEEDLE = "albatross"
"""Said once, by the model, in the last turn."""

_WORDS = (
    *("the", "lamp", "on", "a", "ridge", "was", "seen", "from", "every", "boat", "that", "night"),
    *("and", "nobody", "could", "say", "who", "had", "lit", "it", "so", "they", "rowed", "in"),
    *("turns", "counting", "strokes", "until", "morning", "showed", "them", "an", "empty"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """What crosses the wire ``at_s`` into the turn."""

    at_s: float
    direction: Direction
    payload: bytes


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of this side."""

    at_s: float
    name: str
    detail: dict[str, Any]


class Conversation:
    """Turns of a made-up conversation, each in the order of the wire."""

    def __init__(self, turns: int, seed: int) -> None:
        self._turns = turns
        self._random = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._pictures = _pictures()

    def turn(self, number: int) -> list[Message | Happening]:
        """Turn ``number``, from 1, with what opens and closes its connection."""
        all_of_it = [
            *self._connection(number),
            *self._heard(number),
            *self._seen(number),
            *self._asked(number),
            *self._answered(number),
        ]
        return sorted(all_of_it, key=lambda each: each.at_s)

    def _connection(self, number: int) -> Iterator[Message | Happening]:
        first = number % TURNS_A_CONNECTION == 1
        last = number % TURNS_A_CONNECTION == 0 or number == self._turns
        if first:
            carry = "new" if number == 1 else "handle"
            yield Happening(0.0, "connection.opening", _opening(carry, number - 1))
            yield _sent(0.01, _setup("" if number == 1 else _handle(number - 1)))
            yield _received(0.05, {"setupComplete": {}})
            yield _received(0.06, _resumable(number - 1))
        if last:
            if number != self._turns:
                yield _received(2.0, {"goAway": {"timeLeft": "50s"}})
            detail = {"code": 1000, "reason": "", "by": "client", "last_sent": 0, "message": ""}
            yield Happening(19.99, "connection.closed", detail)

    def _heard(self, number: int) -> Iterator[Message]:
        """What the microphone sends, 25 times a second."""
        spoken = [(0.1, SPOKEN_S)]
        if _interrupts(number):
            spoken.append((INTERRUPTED_S, TURN_S))
        if _interrupts(number - 1):
            spoken[0] = (0.0, SPOKEN_S)
        for at_s, pcm in self._sound(TURN_S, 16000, spoken):
            blob = _blob(pcm, "audio/pcm;rate=16000")
            yield _sent(0.07 + 0.996 * at_s, {"realtimeInput": {"audio": blob}})

    def _seen(self, number: int) -> Iterator[Message]:
        for second in range(TURN_S):
            jpeg = self._picture(number * TURN_S + second)
            yield _sent(second + 0.12, {"realtimeInput": {"video": _blob(jpeg, "image/jpeg")}})

    def _asked(self, number: int) -> Iterator[Message]:
        if not _interrupts(number - 1):
            yield _received(0.2, _voice("ACTIVITY_START", number, 0.2))
        for at_s in (2.5, 5.0, 8.2):
            text = {"text": " " + self._sentence(5)}
            yield _received(at_s, {"serverContent": {"inputTranscription": text}})
        yield _received(8.7, _voice("ACTIVITY_END", number, 8.7))

    def _answered(self, number: int) -> Iterator[Message | Happening]:
        begin_s = 9.2
        if number % 4 == 0:
            begin_s = 10.0
            key = f"fc_{4_740_069_056_133_000 + number}"
            call = {"name": "read_buoy", "args": {"buoy": number}, "id": key}
            yield _received(9.0, {"toolCall": {"functionCalls": [call]}})
            answer = {"id": key, "name": "read_buoy", "response": {"output": f"{number} cm"}}
            yield _sent(9.4, {"toolResponse": {"functionResponses": [answer]}})
        if number % 10 == 3:
            yield _received(begin_s - 0.1, {"serverContent": {}})
        yield from self._said(number, begin_s)
        yield Happening(begin_s + 0.1, "playback.started", {"turn": number})
        yield _received(begin_s + 4.1, {"serverContent": {"generationComplete": True}})
        end_s = begin_s + SPOKEN_S + 0.2
        if _interrupts(number):
            end_s = INTERRUPTED_S + 0.3
            yield _received(end_s - 0.1, _voice("ACTIVITY_START", number, end_s - 0.1))
            yield _received(end_s - 0.05, {"serverContent": {"interrupted": True}})
        fate = "playback.flushed" if _interrupts(number) else "playback.drained"
        heard_s = round(end_s - begin_s - 0.2, 3)
        yield Happening(end_s - 0.04, fate, {"turn": number, "heard_s": heard_s})
        done = {"serverContent": {"turnComplete": True}, "usageMetadata": _usage(number)}
        yield _received(end_s, done)
        yield _received(end_s + 0.05, _resumable(number))

    def _said(self, number: int, begin_s: float) -> Iterator[Message]:
        """Audio at twice its own pace, and its words."""
        for at_s, pcm in self._sound(SPOKEN_S, 24000, [(0, SPOKEN_S)]):
            part = {"inlineData": _blob(pcm, "audio/pcm;rate=24000")}
            content = {"modelTurn": {"parts": [part]}}
            yield _received(begin_s + at_s / 2, {"serverContent": content})
        for nth in range(13):
            said = NEEDLE if number == self._turns and nth == 12 else self._sentence(2)
            text = {"text": f" {said}"}
            yield _received(
                begin_s + 0.01 + nth * 0.3, {"serverContent": {"outputTranscription": text}}
            )

    def _sound(
        self, length_s: int, rate_hz: int, spoken: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[float, bytes]]:
        """Chunks of s16le with their times: four syllables a second while somebody speaks."""
        loudness = _loudness(length_s, rate_hz, *spoken)
        noise = self._noise.integers(-4000, 4000, len(loudness), dtype=np.int16)
        pcm = (noise * loudness).astype("<i2").tobytes()
        step = round(rate_hz * CHUNK_S) * 2
        for nth, start in enumerate(range(0, len(pcm), step)):
            yield nth * CHUNK_S, pcm[start : start + step]

    def _picture(self, second: int) -> bytes:
        """A JPEG, filled up to its size with a comment of chance."""
        jpeg = self._pictures[second % len(self._pictures)]
        size = PICTURE_BYTES - len(jpeg) - 4
        comment = b"\xff\xfe" + (size + 2).to_bytes(2, "big") + self._random.randbytes(size)
        return jpeg[:2] + comment + jpeg[2:]

    def _sentence(self, words: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=words))


def write(path: Path, hours: float = 1.0, seed: int = 4) -> int:
    """Write the recording (0600); returns how many messages it has."""
    turns = max(1, round(hours * TURNS_AN_HOUR))
    with path.open("wb", buffering=1 << 20) as file:
        path.chmod(0o600)
        journal = Journal(_Written(file), _header(), _NothingToMask())
        conversation = Conversation(turns, seed)
        return sum(
            _journal(journal, (number - 1) * TURN_S, conversation.turn(number))
            for number in range(1, turns + 1)
        )


def _journal(journal: Journal, start_s: float, turn: list[Message | Happening]) -> int:
    messages = 0
    for each in turn:
        mono_s = round(start_s + each.at_s, 6)
        time_s = START_TIME_S + mono_s
        if isinstance(each, Happening):
            journal.event(each.name, each.detail, time_s=time_s, mono_s=mono_s)
            continue
        opcode = TEXT if each.direction is Direction.SEND else BINARY
        journal.frame(each.direction, opcode, each.payload, time_s=time_s, mono_s=mono_s)
        messages += 1
    return messages


class _NothingToMask(Mask):
    """Looking for credentials would take half of the time."""

    def payload(self, payload: bytes) -> bytes:
        return payload


class _Written:
    """Lines written through a buffer: nothing is lost here that could not be made again."""

    problem = ""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = 0

    def append(self, line: bytes) -> int:
        offset = self._end
        self._file.write(line)
        self._end += len(line)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        self._file.flush()


def _header() -> dict[str, Any]:
    clock = {"time": START_TIME_S, "mono": 0}
    return {"tool": "tests.bench.hour", "model": MODEL, "origin": "gemini", "clock": clock}


def _opening(carry: str, turns: int) -> dict[str, Any]:
    place = {"origin": "gemini", "host": "generativelanguage.googleapis.com"}
    return {"model": MODEL, "modality": "AUDIO", **place, "carry": carry, "turns": turns}


def _setup(handle: str) -> dict[str, Any]:
    declared = {"name": "read_buoy", "description": "The height of the waves at a buoy."}
    return {
        "setup": {
            "model": f"models/{MODEL}",
            "generationConfig": {"responseModalities": ["AUDIO"]},
            "tools": [{"functionDeclarations": [declared]}],
            "sessionResumption": {"handle": handle} if handle else {},
            "contextWindowCompression": {"slidingWindow": {}},
            "outputAudioTranscription": {},
        }
    }


def _handle(number: int) -> str:
    return f"Cihkc2Vzc2lvbi1oYW5kbGUtb2YtdHVybi0{number:06}"


def _resumable(number: int) -> dict[str, Any]:
    return {"sessionResumptionUpdate": {"newHandle": _handle(number), "resumable": True}}


def _voice(kind: str, number: int, at_s: float) -> dict[str, Any]:
    offset = (number - 1) % TURNS_A_CONNECTION * TURN_S + at_s
    return {"voiceActivity": {"type": kind, "audioOffset": f"{offset:.3f}s"}}


def _usage(number: int) -> dict[str, Any]:
    """The context of the turn: it grows until the window is compressed."""
    prompt, response = 800 + 5 * 500 * (number % 40), 200 + number % 7
    return {
        "promptTokenCount": prompt,
        "responseTokenCount": response,
        "totalTokenCount": prompt + response,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": prompt}],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": response}],
    }


def _interrupts(number: int) -> bool:
    """Whether the person speaks into that turn's answer."""
    return number % 20 == 7


def _blob(data: bytes, mime_type: str) -> dict[str, str]:
    return {"mimeType": mime_type, "data": base64.b64encode(data).decode()}


def _sent(at_s: float, message: dict[str, Any]) -> Message:
    return Message(at_s, Direction.SEND, json.dumps(message).encode())


def _received(at_s: float, message: dict[str, Any]) -> Message:
    """As the service writes it: indented, and with a newline."""
    style = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return Message(at_s, Direction.RECEIVE, orjson.dumps(message, option=style))


@cache
def _loudness(
    length_s: int, rate_hz: int, *spoken: tuple[float, float]
) -> np.ndarray[Any, np.dtype[np.float32]]:
    at_s = np.arange(length_s * rate_hz) / rate_hz
    inside = [(at_s >= start) & (at_s < end) for start, end in spoken]
    syllables: np.ndarray[Any, Any] = np.sin(4 * np.pi * at_s) ** 2
    loudness: np.ndarray[Any, np.dtype[np.float32]] = syllables * np.logical_or.reduce(inside)
    return loudness.astype(np.float32)


def _pictures() -> list[bytes]:
    """A ball that crosses a sky once in ten seconds."""
    import cv2

    height, width = 432, 768
    sky = np.linspace(60, 200, height, dtype=np.uint8)[:, None, None]
    drawn = []
    for second in range(10):
        picture = np.broadcast_to(sky, (height, width, 3)).copy()
        cv2.circle(picture, (38 + 77 * second, 216), 60, (40, 90, 230), -1)
        drawn.append(cv2.imencode(".jpg", picture)[1].tobytes())
    return drawn


def main() -> None:
    """Write, and say what it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hour")
    parser.add_argument("out", type=Path)
    parser.add_argument("--hours", type=float, default=1.0)
    flags = parser.parse_args()
    start_s = time.perf_counter()
    messages = write(flags.out, flags.hours)
    size, took_s = flags.out.stat().st_size, time.perf_counter() - start_s
    print(f"{messages:,} messages, {size / 1e6:,.0f} MB, written in {took_s:.1f} s")


if __name__ == "__main__":
    main()
