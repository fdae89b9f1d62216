"""A payload as it crossed the wire, in lines: as text, or byte by byte."""

from __future__ import annotations

from array import array

from tui.core.json_tree import Line, wrapped
from tui.core.text import safe

_PRINTABLE = bytes(byte if 0x20 <= byte < 0x7F else ord(".") for byte in range(256))


class TextDump:
    """The payload's text, wrapped; bytes that are no UTF-8 stand in hexadecimal."""

    def __init__(self, payload: bytes, width: int) -> None:
        self._text = payload.decode("utf-8", "backslashreplace")
        self._starts = array("Q")
        start = 0
        for line in self._text.split("\n"):
            if 2 * len(line) <= width:
                self._starts.append(start)
            else:
                self._starts.extend(start + piece for piece, _ in wrapped(line, width))
            start += len(line) + 1
        if len(self._starts) > 1 and self._text.endswith("\n"):
            self._starts.pop()

    def __len__(self) -> int:
        return len(self._starts)

    def line(self, at: int) -> Line:
        """One line; safe for a terminal."""
        end = self._starts[at + 1] if at + 1 < len(self) else len(self._text)
        return [(safe(self._text[self._starts[at] : end].removesuffix("\n")), "text")]


class HexDump:
    """Offset, bytes in hexadecimal, and what of them is printable ASCII."""

    def __init__(self, payload: bytes, width: int) -> None:
        self._payload = payload
        self._step = next((step for step in (32, 16, 8) if 10 + step * 4 <= width), 4)

    def __len__(self) -> int:
        return max(1, -(-len(self._payload) // self._step))

    def line(self, at: int) -> Line:
        """One line."""
        start = at * self._step
        row = self._payload[start : start + self._step]
        return [
            (f"{start:06x}  ", "dim"),
            (f"{row.hex(' '):<{self._step * 3}} ", "number"),
            (row.translate(_PRINTABLE).decode(), "text"),
        ]
