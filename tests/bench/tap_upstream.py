"""A Live server that echoes: ``python -m tests.bench.tap_upstream``. One JSON line says where.

A message ``burst N`` gets N messages of `SIZE` bytes as fast as they are read.
"""

from __future__ import annotations

import asyncio
import json

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import BINARY, Frame

from tui.authority import Authority

SIZE = 1300
AT_ONCE = 50
PAYLOAD = b'{"serverContent": {"modelTurn": {"parts": [{"inlineData": {"data": "'.ljust(SIZE, b"A")
FRAME_BYTES = len(Frame(BINARY, PAYLOAD).serialize(mask=False))


async def session(connection: ServerConnection) -> None:
    """Until the client goes."""
    frames = Frame(BINARY, PAYLOAD).serialize(mask=False) * AT_ONCE
    try:
        while True:
            message = await connection.recv(decode=False)
            if not message.startswith(b"burst "):
                await connection.send(message)
                continue
            for _ in range(int(message.split()[1]) // AT_ONCE):
                connection.transport.write(frames)
                await connection.drain()
    except ConnectionClosed:
        pass


async def main() -> None:
    """Serve until killed."""
    authority = Authority.of_user()
    tls = authority.server_context()
    async with serve(session, "localhost", 0, ssl=tls, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"port": port, "ca": str(authority.path)}), flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
