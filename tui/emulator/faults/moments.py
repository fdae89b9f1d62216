"""Faults of a moment: what the client gets then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tui.core.fault import Fault
from tui.emulator.effects import Close, Drop, Effect, Pongs, Send
from tui.emulator.refusal import REASON_BYTES

DEADLINE = Close(1011, "Deadline expired before operation could complete.")
"""How a connection ends whose time is over (sokuji#179)."""
NO_CALL = ("function-call-0",)
"""The id of a call that nobody made."""

_TORN = b'{\n  "serverContent": {\n    "modelTurn": {\n      "parts": [\n        {\n          "te'


def effects(fault: Fault, calls: Sequence[str]) -> list[Effect]:
    """What it does at its moment; ``calls`` are the ids of the last tool call."""
    return _MOMENTS[fault.name](fault.values, calls)


def _go_away(values: Mapping[str, Any], _: Sequence[str]) -> list[Effect]:
    return [Send.of({"goAway": {"timeLeft": f"{values['left']:g}s"}})]


def _close(values: Mapping[str, Any], _: Sequence[str]) -> list[Effect]:
    reason = values["reason"].encode()[:REASON_BYTES].decode(errors="ignore")
    return [Close(values["code"], reason)]


def _drop(*_: object) -> list[Effect]:
    return [Drop()]


def _stall(*_: object) -> list[Effect]:
    return []


def _late_pongs(values: Mapping[str, Any], _: Sequence[str]) -> list[Effect]:
    return [Pongs(values["delay"])]


def _unknown_kind(*_: object) -> list[Effect]:
    return [Send.of({"futureMessage": {"of": "a server that is newer than its client"}})]


def _tool_cancel(_: object, calls: Sequence[str]) -> list[Effect]:
    return [Send.of({"toolCallCancellation": {"ids": [*calls]}})]


def _invalid_json(*_: object) -> list[Effect]:
    return [Send(_TORN)]


def _oversize(values: Mapping[str, Any], _: Sequence[str]) -> list[Effect]:
    size = round(values["size"] * 2**20)
    return [Send(Send.of({"serverContent": {}}).payload.ljust(size))]


_MOMENTS: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[str]], list[Effect]]]] = {
    "goaway": _go_away,
    "close": _close,
    "drop": _drop,
    "stall": _stall,
    "late-pongs": _late_pongs,
    "unknown-kind": _unknown_kind,
    "tool-cancel": _tool_cancel,
    "invalid-json": _invalid_json,
    "oversize": _oversize,
}
"""By the fault's name."""
