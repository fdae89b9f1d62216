"""A Live server that sends as fast as it is read: ``python -m tests.bench.stream TURNS RATE``.

It accepts any set-up. The next message, whatever it asks, starts ``TURNS`` spoken turns, ``RATE``
frames a second (0: no limit). One JSON line on stdout says where it is, one more for every start
when that was, on `time.perf_counter`, which all processes of a machine share on Linux.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tui.authority import Authority

CHUNKS = 100
"""Of a turn: as many audio frames as words, 20 s of speech."""
FRAMES_A_TURN = 2 * CHUNKS + 2
LAST_WORD = "quoderatdemonstrandum"

_SAMPLES = 4800
_PCM = b"".join(struct.pack("<h", int(9000 * math.sin(n * n / 4e4))) for n in range(_SAMPLES))
_AUDIO = {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(_PCM).decode()}
_WORDS = ("every", "frame", "of", "both", "directions", "is", "on", "the", "screen")


def turn(last: bool) -> Iterator[bytes]:
    """One spoken answer: 200 ms of audio (13 kB) and a word in turns, then its two ends."""
    for number in range(CHUNKS):
        word = LAST_WORD if last and number == CHUNKS - 1 else _WORDS[number % len(_WORDS)]
        yield _message(serverContent={"modelTurn": {"parts": [{"inlineData": _AUDIO}]}})
        yield _message(serverContent={"outputTranscription": {"text": f"{word} "}})
    yield _message(serverContent={"generationComplete": True})
    usage = {"promptTokenCount": 40, "responseTokenCount": 500, "totalTokenCount": 540}
    yield _message(serverContent={"turnComplete": True}, usageMetadata=usage)


def _message(**fields: Any) -> bytes:
    return json.dumps(fields, indent=2).encode()


async def main(turns: int, rate: float) -> None:
    """Serve until killed."""
    frames = [frame for number in range(turns) for frame in turn(number == turns - 1)]

    async def session(connection: ServerConnection) -> None:
        try:
            await connection.recv()
            await connection.send(_message(setupComplete={}))
            async for _ in connection:
                start_s = time.perf_counter()
                print(json.dumps({"start_s": start_s}), flush=True)
                for number, frame in enumerate(frames):
                    if rate:
                        await asyncio.sleep(start_s + number / rate - time.perf_counter())
                    await connection.send(frame)
        except ConnectionClosed:
            pass

    authority = Authority.of_user()
    tls = authority.server_context()
    async with serve(session, "localhost", 0, ssl=tls, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"port": port, "ca": str(authority.path)}), flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
