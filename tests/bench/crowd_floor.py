"""A websockets server and nothing else, for a crowd: ``python -m tests.bench.crowd_floor``.

It drops what is said, and to each question sends the same ten seconds of sound on a timer.
"""

from __future__ import annotations

import asyncio
import json

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tui.emulator.mouth.voice import BYTES_PER_S
from tui.emulator.session.delivery import AUDIO_PACE, BURST_S, CHUNK_BYTES

CHUNK = CHUNK_BYTES[1]
CHUNKS = 50
CHUNK_S = CHUNK / BYTES_PER_S


def _payload(content: dict[str, object]) -> bytes:
    return json.dumps({"serverContent": content}, indent=2).encode()


BLOB = {"mimeType": "audio/pcm;rate=24000", "data": "QUJD" * (CHUNK // 3)}
AUDIO = _payload({"modelTurn": {"parts": [{"inlineData": BLOB}]}})
END = _payload({"turnComplete": True})


async def session(connection: ServerConnection) -> None:
    """Until the client goes; one answer at a time."""
    answers: list[asyncio.Task[None]] = []
    try:
        async for message in connection:
            if '"text"' in message[:40]:
                answers.append(asyncio.create_task(answer(connection)))
    except ConnectionClosed:
        pass
    finally:
        for each in answers:
            each.cancel()


async def answer(connection: ServerConnection) -> None:
    """At the pace of the emulator."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(CHUNKS):
        due = start + max(0.0, number * CHUNK_S - BURST_S) / AUDIO_PACE
        await asyncio.sleep(due - loop.time())
        await connection.send(AUDIO)
    await asyncio.sleep(start + CHUNKS * CHUNK_S - loop.time())
    await connection.send(END)


async def main() -> None:
    """Serve until killed."""
    async with serve(session, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"ws": f"ws://127.0.0.1:{port}"}), flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
