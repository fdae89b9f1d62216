"""Many Live clients in one process: ``python -m tests.bench.crowd PORT SESSIONS CHUNK_MS SECONDS``.

Each streams a microphone in real time (``CHUNK_MS`` 0: none) and asks for answers in AUDIO, the
next when it has heard the last. Frames are made before and shared, and what comes back is only
counted: the clients are to cost little beside the server. One JSON line says when all are there,
another what was measured.
"""

from __future__ import annotations

import base64
import heapq
import json
import random
import selectors
import socket
import statistics
import sys
import time
import wave
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from websockets.frames import CLOSE, TEXT, Frame

from tui.emulator.mouth.voice import BYTES_PER_S
from tui.emulator.session.delivery import AUDIO_PACE, BURST_S

VOICES = Path(__file__).parents[1] / "data/voices"
RATE_HZ = 16_000
TRACK_S = 200
"""Somebody says one sentence in so long, each client at another time; else there is faint noise."""
NOISE = 0.0005
RAMP_S = 10.0
NEW_WORDS = 10
"""One answer in so many has words that were not spoken before."""
DEFLATE = "permessage-deflate; client_no_context_takeover"

_DEFLATED = 0x40

HEAD = (
    "GET /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=any "
    "HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{extension}\r\n"
)


class Client:
    """One session: a socket, and what has come of the answer it is listening to."""

    def __init__(self, port: int, number: int, *, deflate: bool) -> None:
        self.number, self.asked = number, 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        extension = f"Sec-WebSocket-Extensions: {DEFLATE}\r\n" if deflate else ""
        self.socket.sendall(HEAD.format(extension=extension).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.socket.recv(1)
        assert b" 101 " in answer, answer
        self._inflate = zlib.decompressobj(wbits=-15) if deflate else None
        self._buffer = bytearray()
        self._arrived: list[tuple[float, float]] = []
        """When each chunk of the answer came, and when after its first one it was due."""
        self._heard_s, self._cut = 0.0, False
        self.late_s: list[tuple[float, float]] = []
        """When, and how late, each chunk came of answers that are over."""

    def received(self, now: float) -> bool:
        """Read what has come; whether the next question is to be asked."""
        data = self.socket.recv(1 << 18)
        assert data, f"client {self.number} was closed on"
        self._buffer += data
        return any([self._message(payload, now) for payload in self._payloads()])

    def _payloads(self) -> list[bytes]:
        payloads, at, buffer = [], 0, self._buffer
        while len(buffer) - at >= 2:
            size, body = buffer[at + 1], at + 2
            if size >= 126:
                body += 2 if size == 126 else 8
                size = int.from_bytes(buffer[at + 2 : body], "big")
            if len(buffer) < body + size:
                break
            payload = bytes(buffer[body : body + size])
            assert buffer[at] & 0x0F != CLOSE, payload
            if buffer[at] & _DEFLATED and self._inflate:
                payload = self._inflate.decompress(payload + b"\x00\x00\xff\xff")
            payloads.append(payload)
            at = body + size
        del buffer[:at]
        return payloads

    def _message(self, payload: bytes, now: float) -> bool:
        if not payload.startswith(b'{\n  "serverContent"'):
            return False
        content = orjson.loads(payload)["serverContent"]
        if "modelTurn" in content:
            due_s = max(0.0, self._heard_s - BURST_S) / AUDIO_PACE
            self._arrived.append((now, due_s))
            data = content["modelTurn"]["parts"][0]["inlineData"]["data"]
            self._heard_s += len(data) * 3 // 4 / BYTES_PER_S
        self._cut |= content.get("interrupted", False)
        if not content.get("turnComplete"):
            return False
        cut = self._cut
        self.settle()
        return not cut

    def settle(self) -> None:
        """The answer is over: against its chunk that was most on time the others are late."""
        start = min((now - due_s for now, due_s in self._arrived), default=0.0)
        self.late_s += [(now, now - due_s - start) for now, due_s in self._arrived]
        self._arrived, self._heard_s, self._cut = [], 0.0, False

    def question(self) -> dict[str, Any]:
        """Asks for some ten seconds of speech; the same ones come again."""
        self.asked += 1
        turn = self.number + self.asked
        text = f"Count to {10 + turn % 20}."
        if turn % NEW_WORDS == 0:
            text = (
                f"Say: this is answer {self.asked} to client {self.number}, nobody had it before."
            )
        return {"realtimeInput": {"text": text}}


class Crowd:
    """All clients, on one thread."""

    def __init__(self, port: int, count: int, chunk_ms: int, *, deflate: bool) -> None:
        self._deflate = deflate
        self.clients = [Client(port, number, deflate=deflate) for number in range(count)]
        self._selector = selectors.DefaultSelector()
        self._chunk_s = chunk_ms / 1000
        self._track = self._microphone(chunk_ms) if chunk_ms else []
        self._dice = random.Random(7)
        self.sent_late_s: list[float] = []
        setup = self._frame({"setup": {"model": "models/gemini-3.8-live"}})
        for client in self.clients:
            client.socket.sendall(setup)
            client.socket.setblocking(False)
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        now = time.monotonic()
        self._due = [
            (now + self._dice.random() * RAMP_S, client.number, -1) for client in self.clients
        ]
        if chunk_ms:
            for client in self.clients:
                at = self._dice.randrange(len(self._track))
                self._due.append((now + self._dice.random() * self._chunk_s, client.number, at))
        heapq.heapify(self._due)

    def run(self, seconds: float) -> None:
        """Talk and listen for so long."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            due, number, at = self._due[0] if self._due else (end, 0, 0)
            if due <= now:
                self._send(due, now, number, at)
                continue
            for key, _ in self._selector.select(min(due, end) - now):
                client: Client = key.data
                if client.received(time.monotonic()):
                    self._say(client, self._frame(client.question()))

    def _send(self, due: float, now: float, number: int, at: int) -> None:
        client = self.clients[number]
        if at < 0:
            heapq.heappop(self._due)
            self._say(client, self._frame(client.question()))
            return
        self.sent_late_s.append(now - due)
        self._say(client, self._track[at])
        following = (due + self._chunk_s, number, (at + 1) % len(self._track))
        heapq.heapreplace(self._due, following)

    def _say(self, client: Client, frame: bytes) -> None:
        sent = client.socket.send(frame)
        assert sent == len(frame), "the server has stopped to read"

    def _microphone(self, chunk_ms: int) -> list[bytes]:
        noise = np.random.default_rng(7).normal(0, NOISE, TRACK_S * RATE_HZ)
        samples = (noise * 32767).astype("<i2")
        with wave.open(str(VOICES / "weather.wav")) as file:
            speech = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples[: speech.size] = speech
        pcm, size = samples.tobytes(), 2 * RATE_HZ * chunk_ms // 1000
        chunks = (pcm[at : at + size] for at in range(0, len(pcm), size))
        return [self._frame({"realtimeInput": {"audio": _blob(chunk)}}) for chunk in chunks]

    def _frame(self, message: dict[str, Any]) -> bytes:
        payload = json.dumps(message).encode()
        if not self._deflate:
            return _masked(payload, 0)
        squeeze = zlib.compressobj(wbits=-15)
        squeezed = squeeze.compress(payload) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        return _masked(squeezed[:-4], _DEFLATED)


def _masked(payload: bytes, flags: int) -> bytes:
    """A text frame masked with zeros, so that all clients can share it."""
    frame = Frame(TEXT, payload).serialize(mask=False)
    head = bytearray(frame[: -len(payload)])
    head[0] |= flags
    head[1] |= 0x80
    return bytes(head) + bytes(4) + payload


def _blob(pcm: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(pcm).decode(), "mimeType": f"audio/pcm;rate={RATE_HZ}"}


def main(port: int, count: int, chunk_ms: int, seconds: int, *, deflate: bool) -> None:
    """Let all come, then measure."""
    crowd = Crowd(port, count, chunk_ms, deflate=deflate)
    crowd.run(RAMP_S + 2)
    crowd.sent_late_s.clear()
    print(json.dumps({"ready": count}), flush=True)
    start, spent_s = time.monotonic(), time.process_time()
    crowd.run(seconds)
    spent_s = time.process_time() - spent_s
    for client in crowd.clients:
        client.settle()
    late_s = [late for client in crowd.clients for now, late in client.late_s if now >= start]
    found = {
        "chunks": len(late_s),
        "late_ms": _percentiles_ms(late_s),
        "sent_late_ms": _percentiles_ms(crowd.sent_late_s) if chunk_ms else [0.0, 0.0, 0.0],
        "processor_s": spent_s,
    }
    print(json.dumps(found), flush=True)


def _percentiles_ms(late_s: list[float]) -> list[float]:
    """p50, p99 and the most."""
    cuts = statistics.quantiles(late_s, n=100)
    return [round(value * 1000, 2) for value in (cuts[49], cuts[98], max(late_s))]


if __name__ == "__main__":
    port, count, chunk_ms, seconds = map(int, sys.argv[1:5])
    main(port, count, chunk_ms, seconds, deflate="deflate" in sys.argv)
