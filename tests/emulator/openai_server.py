"""A server of chat completions for tests: real HTTP, and answers that a test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

Piece = dict[str, Any] | str | bytes | float
"""A delta, words, bytes as they are, or seconds to wait."""


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class OpenAIServer:
    """Answers each request with the next of ``answers``; the last one stays."""

    answers: list[list[Piece] | bytes] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["llama3.2"])
    key: str = ""
    requests: list[Request] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A client has left in the middle of an answer."""
    port: int = 0
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the chat completion requests."""
        return [request.body for request in self.requests if "chat" in request.path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    request = await self._read(reader)
                    self.requests.append(request)
                    await self._answer(request, reader, writer)
        except asyncio.CancelledError:  # the test is over; asyncio would log it as an error
            pass
        finally:
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        pairs = [line.partition(":") for line in head[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        return Request(head[0].split()[1], headers, json.loads(data) if data else None)

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            writer.write(error(401, {"error": {"message": "no key"}}))
        elif request.path == "/v1/models":
            writer.write(response({"data": [{"id": name} for name in self.models]}))
        else:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await self._stream(answer, reader, writer)
        await writer.drain()

    async def _stream(
        self, answer: list[Piece], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for piece in answer:
            if isinstance(piece, float):
                gone = asyncio.ensure_future(reader.read(1))
                done, _ = await asyncio.wait([gone], timeout=piece)
                if done:
                    self.left.set()
                    raise ConnectionResetError
                gone.cancel()
                continue
            data = piece if isinstance(piece, bytes) else event(piece)
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await writer.drain()
        writer.write(b"0\r\n\r\n")


def event(delta: dict[str, Any] | str) -> bytes:
    given = {"content": delta} if isinstance(delta, str) else delta
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": given}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def response(body: Any, status: str = "200 OK") -> bytes:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}"
    return head.encode() + b"\r\n\r\n" + data


def error(code: int, body: Any) -> bytes:
    return response(body, f"{code} Error")


@contextlib.asynccontextmanager
async def running(*answers: list[Piece] | bytes) -> AsyncIterator[OpenAIServer]:
    fake = OpenAIServer([*answers])
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        tasks = [task for task in fake.serving if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to close
