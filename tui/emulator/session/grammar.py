"""Whether a message's values have the types of the protocol, after JSON of protocol buffers.

The types are google-genai's (`tui.core.field_guide`): integers and numbers may be strings, bytes
are base64 of both alphabets, and enums are names.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from tui.core import field_guide
from tui.emulator.refusal import wrong_type

INT32 = 2**31
_LOWER_CASE_TOO = ("Type", "AudioTranscriptionConfigMode")
"""Enums whose values the service also takes in lower case (seen by third parties)."""
_WHOLE = re.compile(r"-?\d+(?:\.0+)?")


def check(message: Mapping[str, Any], kind: str, path: str) -> None:
    """Raises `Refusal` for the first value below ``path`` that is none of its field's type.

    ``kind`` is the type of the message, which must be canonical and have no unknown fields.
    """
    for name, value in message.items():
        if value is not None:
            _check(value, field_guide.type_of(kind, name), f"{path}.{name}")


def _check(value: Any, kind: str, path: str) -> None:
    if kind.endswith("[]"):
        for index, one in enumerate(_of(list, value, path)):
            _check(one, kind.removesuffix("[]"), f"{path}[{index}]")
    elif kind.endswith("{}"):
        for key, one in _of(dict, value, path).items():
            _check(one, kind.removesuffix("{}"), f"{path}.{key}")
    elif field_guide.is_message(kind):
        check(_of(dict, value, path), kind, path)
    elif not _fits(value, kind):
        raise wrong_type(path, value)


def _of(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, kind):
        raise wrong_type(path, value)
    return value


def _fits(value: Any, kind: str) -> bool:
    values = field_guide.values_of(kind)
    if values:
        name = value.upper() if kind in _LOWER_CASE_TOO and isinstance(value, str) else value
        return name in values
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "integer":
            return _whole(value)
        case "number":
            return _number(value)
        case "bytes":
            return isinstance(value, str) and _base64(value)
    return True


def _whole(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_WHOLE.fullmatch(value)) and abs(float(value)) < INT32
    return _number(value) and float(value).is_integer() and abs(value) < INT32


def _number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(re.fullmatch(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _base64(value: str) -> bool:
    digits = value.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        return False
    return True
