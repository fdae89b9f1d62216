"""A client's payload → the one message that it is, in the protocol's own spelling."""

from __future__ import annotations

from typing import Any

from tui.core import schema, wire
from tui.emulator import refusal


def message(payload: bytes) -> dict[str, Any]:
    """The canonical message; raises `Refusal` for what is no message of the protocol.

    A value that stands alone where the protocol has a list is a list of one: the REST examples
    of the Gemini API's documentation have ``"parts": {"text": …}``.
    """
    try:
        given = _listed(wire.parse(payload), schema.client())
    except wire.Undecodable as error:
        raise refusal.invalid_json(str(error)) from None
    canonical, unknown = schema.read(given, schema.client())
    if unknown:
        raise refusal.unknown_field(unknown[0].removeprefix("."))
    kinds = {kind: fields for kind, fields in canonical.items() if fields is not None}
    if len(kinds) != 1:
        raise refusal.invalid_argument()
    return kinds


def _listed(
    value: dict[str, Any], message: schema.Message, depth: int = schema.MAX_DEPTH
) -> dict[str, Any]:
    """``value`` with a list wherever a field is repeated."""
    return {key: _field(item, message.get(key), depth) for key, item in value.items()}


def _field(item: Any, field: schema.Field | None, depth: int) -> Any:
    if field is None or item is None or depth == 0:
        return item
    if field.repeated and not isinstance(item, list):
        item = [item]
    below = field.message
    if below is None or field.keyed:
        return item
    if isinstance(item, list):
        return [_listed(one, below, depth - 1) if isinstance(one, dict) else one for one in item]
    return _listed(item, below, depth - 1) if isinstance(item, dict) else item
