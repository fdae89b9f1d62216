"""WebSocket messages found in the bytes of one direction; it waits for none and sends nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from websockets.exceptions import InvalidHandshake, PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import BINARY, CLOSE, DATA_OPCODES, TEXT, Close, Frame
from websockets.headers import parse_extension
from websockets.streams import StreamReader

from tui.core.frame import Direction
from tui.tap.head import Head

MAX_MESSAGE_BYTES = 64 << 20
"""A larger message passes, but is not read: compression can make much of little."""


class StreamError(Exception):
    """What follows in this direction cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Message:
    """A whole message: its opcode and its bytes, inflated and unmasked."""

    opcode: int
    payload: bytes


class MessageStream:
    """One direction after the handshake."""

    def __init__(self, direction: Direction, extensions: Sequence[Extension]) -> None:
        self._masked = direction is Direction.SEND
        self._extensions = extensions
        self._reader = StreamReader()
        self._parser = self._next_frame()
        self._opcode = TEXT
        self._joined: bytearray | None = None
        """The fragments of a message that has not ended."""

    def feed(self, data: bytes) -> Iterator[Message | Close]:
        """The messages, and the close, that these bytes complete; raises `StreamError`."""
        self._reader.feed_data(data)
        try:
            while (frame := self._parsed()) is not None:
                if frame.opcode is CLOSE:
                    yield Close.parse(frame.data)
                elif frame.opcode in DATA_OPCODES and (message := self._message(frame)):
                    yield message
        except (ProtocolError, PayloadTooBig, UnicodeDecodeError) as error:
            raise StreamError(f"{error}.") from error

    def _next_frame(self) -> Generator[None, None, Frame]:
        return Frame.parse(
            self._reader.read_exact,
            mask=self._masked,
            max_size=MAX_MESSAGE_BYTES,
            extensions=self._extensions,
        )

    def _parsed(self) -> Frame | None:
        try:
            next(self._parser)
        except StopIteration as done:
            self._parser = self._next_frame()
            frame: Frame = done.value
            return frame
        return None

    def _message(self, frame: Frame) -> Message | None:
        """The message that ends with this frame."""
        if frame.opcode in (TEXT, BINARY):
            self._opcode, self._joined = frame.opcode, bytearray()
        if self._joined is None:
            raise ProtocolError("a message is continued that was never begun")
        self._joined += frame.data
        if len(self._joined) > MAX_MESSAGE_BYTES:
            raise PayloadTooBig(None, MAX_MESSAGE_BYTES)
        if not frame.fin:
            return None
        payload, self._joined = bytes(self._joined), None
        return Message(self._opcode, payload)


def negotiated(response: Head, direction: Direction) -> list[Extension]:
    """How messages in that direction are to be read after the server's answer.

    Raises:
        StreamError: It names an extension that is not known here, or names it wrongly.
    """
    try:
        headers = map(parse_extension, response.all("sec-websocket-extensions"))
        return [_extension(*named, direction) for each in headers for named in each]
    except (InvalidHandshake, ValueError, AssertionError) as error:
        raise StreamError(f"The extensions are not known here: {error}.") from error


def _extension(
    name: str, parameters: Sequence[tuple[str, str | None]], direction: Direction
) -> Extension:
    if name != "permessage-deflate":
        raise ValueError(name)
    side = "client" if direction is Direction.SEND else "server"
    given = dict(parameters)
    return PerMessageDeflate(
        remote_no_context_takeover=f"{side}_no_context_takeover" in given,
        local_no_context_takeover=True,
        remote_max_window_bits=int(given.get(f"{side}_max_window_bits") or 15),
        local_max_window_bits=15,
    )
