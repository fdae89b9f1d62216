"""The head of an HTTP/1.1 message: its first line and its fields (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

END = b"\r\n\r\n"
"""What a head ends with."""
LONGEST_BYTES = 64 << 10

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIELD = re.compile(rf"({_TOKEN}):[ \t]*([^\x00\r\n]*?)[ \t]*")
_REQUEST = re.compile(rf"{_TOKEN} [\x21-\x7e]+ HTTP/1\.[01]")
_RESPONSE = re.compile(r"HTTP/1\.[01] \d{3}(?: [^\x00\r\n]*)?")


class HeadError(Exception):
    """These bytes are no head; the message is one sentence."""


@dataclass(frozen=True)
class Head:
    """The first line, and the fields in their order and spelling."""

    line: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def request(cls, raw: bytes) -> Head:
        """A request's, ``END`` left out; raises `HeadError`."""
        return cls._read(raw, _REQUEST)

    @classmethod
    def response(cls, raw: bytes) -> Head:
        """A response's, ``END`` left out; raises `HeadError`."""
        return cls._read(raw, _RESPONSE)

    @classmethod
    def _read(cls, raw: bytes, form: re.Pattern[str]) -> Head:
        line, *rest = raw.decode("latin-1").split("\r\n")
        found = [_FIELD.fullmatch(each) for each in rest]
        if not form.fullmatch(line) or not all(found):
            raise HeadError("This is no HTTP/1.1.")
        return cls(line, tuple((field[1], field[2]) for field in found if field))

    @property
    def target(self) -> str:
        """What a request asks for: path and query."""
        return self.line.split(" ")[1]

    @property
    def status(self) -> str:
        """A response's code and reason phrase."""
        return self.line.partition(" ")[2].strip()

    @property
    def upgrades(self) -> bool:
        """Whether a request asks for a WebSocket."""
        return self.first("upgrade").lower() == "websocket" and self.line.startswith("GET ")

    def all(self, name: str) -> list[str]:
        """The values of a field; ``name`` in lower case."""
        return [value for each, value in self.fields if each.lower() == name]

    def first(self, name: str) -> str:
        """The field's first value; empty where there is none."""
        return next(iter(self.all(name)), "")

    def addressed(self, target: str, host: str) -> Head:
        """The same request to another host, everything else as it is."""
        method, _, version = self.line.split(" ")
        fields = ((n, host if n.lower() == "host" else value) for n, value in self.fields)
        return Head(f"{method} {target} {version}", tuple(fields))

    def alone(self) -> Head:
        """The same request as the only one of its connection."""
        hop_by_hop = ("connection", "keep-alive", "proxy-connection")
        fields = (field for field in self.fields if field[0].lower() not in hop_by_hop)
        return Head(self.line, (*fields, ("Connection", "close")))

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        return head_bytes(self.line, self.fields)


def head_bytes(line: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """A head's bytes, its ``END`` with them."""
    lines = [line, *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(lines).encode("latin-1") + END
