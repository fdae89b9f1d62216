"""What the unchanged google-genai makes of a message, and which call of it makes one.

Nothing is imitated: `AsyncSession` itself reads the message from, or writes it to, a socket that is
not there. Blocks for as long as the SDK takes; its import alone takes a second.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from google.genai.errors import APIError
from google.genai.live import AsyncSession
from pydantic import ValidationError

from tui.core import wire
from tui.core.json_diff import changes
from tui.core.sdk_call import CONNECT, Call, NoCall, call

if TYPE_CHECKING:
    from google.genai.types import LiveServerMessage

MAX_BYTES = 1 << 20
"""A larger message never gets to the SDK: ``max_size`` of `websockets.connect`, whose default
google-genai leaves as it is."""

_SDK = {"google-genai": version("google-genai")}

MOST_PATHS = 100
"""How many lost or added fields are listed."""


class _Asked(Exception):
    """The SDK wants another message."""


class _Socket:
    """Gives one message, and keeps what is sent."""

    def __init__(self, payload: bytes = b"") -> None:
        self._payloads = [payload]
        self.sent: list[str] = []

    async def recv(self, decode: bool | None = None) -> bytes:
        """The message; raises `_Asked` the second time."""
        if not self._payloads:
            raise _Asked
        return self._payloads.pop()

    async def send(self, text: str) -> None:
        """Keep it."""
        self.sent.append(text)


def received(payload: bytes, vertex: bool) -> dict[str, Any]:
    """What a program gets from `AsyncSession.receive` for a server's message.

    Always JSON, with the SDK's version. ``breaks`` says on what it breaks; else ``message`` is the
    object's fields, ``text`` and ``data`` its shortcuts, ``drops`` and ``adds`` the paths in which
    it differs from the wire, and ``receive`` whether the loop goes on.
    """
    if len(payload) > MAX_BYTES:
        return _SDK | {
            "breaks": f"It closes the connection with 1009: the message is over {MAX_BYTES:,} "
            "bytes, and max_size is not set."
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            message, ended = asyncio.run(_read(payload, vertex))
        except Exception as error:
            return _SDK | {"breaks": f"receive() raises {_sentence(error)}"}
        return _SDK | _described(payload, message, ended)


def sent(payload: bytes, vertex: bool) -> dict[str, Any]:
    """Which call makes a client's message, as JSON.

    ``call`` is its name and ``arguments`` what it is given, or ``no call`` says why none does it.
    ``drops`` and ``adds`` are the paths in which the message that it really makes differs, or
    ``breaks`` says why it refuses.
    """
    try:
        message = wire.parse(payload)
        made_by = call(message)
    except (wire.Undecodable, NoCall) as error:
        return _SDK | {
            "no call": f"No call of google-genai makes this message: {error}".rstrip(".") + "."
        }
    shown = _SDK | {"call": _NAMES.get(made_by.method, f"session.{made_by.method}")}
    if made_by.method == CONNECT:
        return shown | {"arguments": _json(made_by.arguments)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            written = asyncio.run(_written(made_by, vertex))
        except Exception as error:
            return shown | {"arguments": _json(made_by.arguments), "breaks": _sentence(error)}
    differs = _differs(wire.canonical(message), wire.canonical(json.loads(written)))
    return shown | {"arguments": _json(made_by.arguments)} | differs


async def _read(payload: bytes, vertex: bool) -> tuple[LiveServerMessage, bool]:
    """The object, and whether `receive` ends with it."""
    messages = _session(_Socket(payload), vertex).receive()
    message = await anext(messages)
    try:
        await anext(messages)
    except StopAsyncIteration:
        return message, True
    except _Asked:
        pass
    return message, False


async def _written(made_by: Call, vertex: bool) -> str:
    """The message that a call makes."""
    socket = _Socket()
    await getattr(_session(socket, vertex), made_by.method)(**made_by.arguments)
    return socket.sent[0]


def _session(socket: _Socket, vertex: bool) -> AsyncSession:
    return AsyncSession(
        api_client=cast(Any, SimpleNamespace(vertexai=vertex)), websocket=cast(Any, socket)
    )


def _described(payload: bytes, message: LiveServerMessage, ended: bool) -> dict[str, Any]:
    logger = logging.getLogger("google_genai.types")
    said, logger.disabled = logger.disabled, True  # .text and .data warn of parts they leave out
    try:
        text, data = message.text, message.data
    finally:
        logger.disabled = said
    fields = json.loads(message.model_dump_json(exclude_none=True))
    shown: dict[str, Any] = {
        "message": fields,
        "text": text,
        "data": None if data is None else f"{len(data):,} bytes",
    }
    by_alias = json.loads(message.model_dump_json(exclude_none=True, by_alias=True))
    shown |= _differs(wire.canonical(wire.parse(payload)), by_alias)
    return shown | {"receive": "ends with this message" if ended else "goes on"}


def _differs(wanted: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The paths that only one of them has. Null is not set, and so no difference."""
    differs: dict[str, list[str]] = {"drops": [], "adds": []}
    for change in changes(wanted, found):
        name = {"-": "drops", "+": "adds"}.get(change.sign)
        unset = change.before is None and change.after is None
        if name and not unset and len(differs[name]) < MOST_PATHS:
            differs[name].append(change.path)
    return {name: paths for name, paths in differs.items() if paths}


def _json(arguments: Any) -> Any:
    """Arguments as JSON: bytes in base64."""
    if isinstance(arguments, bytes):
        return base64.b64encode(arguments).decode()
    if isinstance(arguments, list):
        return [_json(each) for each in arguments]
    if isinstance(arguments, Mapping):
        return {key: _json(value) for key, value in arguments.items()}
    return arguments


def _sentence(error: Exception) -> str:
    """An exception in one sentence, less what pydantic repeats."""
    if isinstance(error, ValidationError):
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong[:5])
    elif isinstance(error, APIError):
        said = f"code {error.code}"
    else:
        said = str(error)[:200]
    return f"{type(error).__name__}: {said}".rstrip(".") + "."


_NAMES = {CONNECT: "client.aio.live.connect"}
