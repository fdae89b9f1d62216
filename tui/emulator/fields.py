"""Typed reading of a client's message; what has the wrong type is refused by its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tui.emulator.refusal import wrong_type

_INT32 = 2**31 - 1


class Fields:
    """One object of a canonical message; a field that is absent or null reads as nothing."""

    def __init__(self, value: Mapping[str, Any] | None, path: str) -> None:
        self._value = value or {}
        self._path = path
        self.given = value is not None
        """The object is there, if empty."""

    def object(self, name: str) -> Fields:
        """A nested object; not `given` when it is absent."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, dict):
            raise wrong_type(self._at(name), value)
        return Fields(value, self._at(name))

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        path = self._at(name)
        for index, value in enumerate(self._list(name)):
            if not isinstance(value, dict):
                raise wrong_type(f"{path}[{index}]", value)
        return [Fields(value, f"{path}[{index}]") for index, value in enumerate(self._list(name))]

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        for index, value in enumerate(self._list(name)):
            if not isinstance(value, str):
                raise wrong_type(f"{self._at(name)}[{index}]", value)
        return self._list(name)

    def text(self, name: str) -> str:
        """A string."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, str):
            raise wrong_type(self._at(name), value)
        return value or ""

    def flag(self, name: str) -> bool:
        """A boolean."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, bool):
            raise wrong_type(self._at(name), value)
        return bool(value)

    def whole(self, name: str) -> int | None:
        """An int32, which JSON of protocol buffers may also give as a string."""
        value = self._value.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _INT32:
            raise wrong_type(self._at(name), value)
        return value

    def number(self, name: str) -> float | None:
        """A number, which JSON of protocol buffers may also give as a string."""
        value = self._value.get(name)
        if value is None:
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise wrong_type(self._at(name), value) from None

    def has(self, name: str) -> bool:
        """Whether the field is set, be it to nothing."""
        return self._value.get(name) is not None

    @property
    def raw(self) -> Mapping[str, Any]:
        """The object as it came."""
        return self._value

    def content_text(self) -> str:
        """The text of this object's parts, taken as a `Content`."""
        return "".join(part.text("text") for part in self.objects("parts"))

    def _list(self, name: str) -> list[Any]:
        value = self._value.get(name)
        if value is not None and not isinstance(value, list):
            raise wrong_type(self._at(name), value)
        return value or []

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
