"""Records that belong together: of one kind, a call and its answer, a turn and its beginning."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from tui.core.frame import Frame, Record
from tui.core.journal import JournalError
from tui.core.log import SessionLog

MOST_READ = 2_000
"""So many candidates are looked into for an id."""

_PARTNERS = {
    "toolCall": (("toolResponse", "toolCallCancellation"), 1),
    "toolResponse": (("toolCall",), -1),
    "toolCallCancellation": (("toolCall",), -1),
    "setup": (("setupComplete",), 1),
    "setupComplete": (("setup",), -1),
}
"""What a kind's partner is, and which way it lies."""


def same_kind(log: SessionLog, row: int, step: int) -> int | None:
    """The nearest record whose first kind is the same; ``step`` is 1 for later, -1 for earlier."""
    kinds = log.kinds(row)[:1]
    return next(_of_kinds(log, row, kinds, step), None)


def partner(log: SessionLog, row: int) -> int | None:
    """The answer to a call, the call of an answer or cancellation, a set-up's acceptance and back.

    Calls are told apart by their ids, or by their names where a message has none.
    """
    for kind in log.kinds(row):
        if kind not in _PARTNERS:
            continue
        kinds, step = _PARTNERS[kind]
        candidates = _of_kinds(log, row, kinds, step)
        if kind.startswith("setup"):
            return next(candidates, None)
        wanted = _calls(_glance(log, row))
        read = islice(candidates, MOST_READ)
        return next((each for each in read if wanted & _calls(_glance(log, each))), None)
    return None


def turn_start(log: SessionLog, row: int) -> int:
    """The record that the turn of this one begins with."""
    return bisect_left(log.turns, log.turns[row], 0, row + 1)


def setup_of(log: SessionLog, row: int) -> int | None:
    """The set-up that the record's connection began with."""
    if "setup" in log.kinds(row):
        return row
    return next(_of_kinds(log, row, ("setup",), -1), None)


def _of_kinds(log: SessionLog, row: int, kinds: Iterable[str], step: int) -> Iterator[int]:
    """The records that have one of the kinds, from ``row`` on, the nearest first."""
    wanted, fits = frozenset(kinds), dict[int, bool]()
    for each in range(row + step, len(log) if step > 0 else -1, step):
        kind_id = log.kind_ids[each]
        fit = fits.get(kind_id)
        if fit is None:
            fit = fits[kind_id] = not wanted.isdisjoint(log.kinds(each))
        if fit:
            yield each


def _calls(record: Record | None) -> set[str]:
    """The ids of the calls that a message is about; names where it has no ids."""
    ids: set[str] = set()
    for fact in record.facts if isinstance(record, Frame) else ():
        value = fact.value if isinstance(fact.value, dict) else {}
        if fact.kind == "toolCallCancellation":
            ids.update(_texts(value.get("ids")))
        elif fact.kind in ("toolCall", "toolResponse"):
            rows = value.get("functionCalls", value.get("functionResponses"))
            for call in rows if isinstance(rows, list) else ():
                if isinstance(call, dict):
                    ids.update([*_texts([call.get("id"), call.get("name")])][:1])
    return ids


def _texts(values: Any) -> Iterator[str]:
    return (
        (each for each in values if isinstance(each, str)) if isinstance(values, list) else iter(())
    )


def _glance(log: SessionLog, row: int) -> Record | None:
    try:
        return log.glance(row)
    except JournalError:
        return None
