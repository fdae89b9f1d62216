"""Why a connection ended: one sentence, or all that a recording shows of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from tui.core.frame import Event
from tui.core.lint.finding import Finding
from tui.core.log import SessionLog
from tui.core.text import safe

_WHO = {
    "server": "The server",
    "client": "This side",
    "network": "The network",
    "tap": "A fault of the tap",
}

MAX_REASON_BYTES = 123
"""A close frame holds 125 bytes, two of them the code (RFC 6455, section 5.5)."""
LAST = 5
"""So many kinds of messages of each direction are told, and rows of evidence."""
RECENT = 30
"""What was sent or came among so many last records may have led to the end."""
LONG_S = 9 * 60.0

_NAMES = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1006: "no close frame",
    1007: "invalid payload",
    1008: "policy violation",
    1009: "message too big",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
}
"""RFC 6455, section 7.4.1, and the IANA registry."""


@cache
def _closes() -> list[dict[str, Any]]:
    table = tomllib.loads(resources.files(__package__).joinpath("closes.toml").read_text("utf-8"))
    closes: list[dict[str, Any]] = table["close"]
    return closes


def describe(code: int | None, reason: str, by: str, last_sent: str = "") -> str:
    """The sentence for a close code.

    Without a code there never was a session. ``by`` is "server", "client" or "network";
    ``last_sent`` is the kind of the last message sent.
    A normal end on request (1000 by this side) is not worth a sentence: the result is empty then.
    """
    if by == "client" and code in (1000, 1001):
        return ""
    who = "No connection" if code is None else f"{_WHO.get(by, by)} closed the connection ({code})"
    said = f"{who}: {reason or 'no reason given'}"
    known = next((row["try"] for row in _closes() if _says(row, reason)), "")
    sent = f"Last sent: {last_sent}." if last_sent else ""
    return " ".join(filter(None, (said if said.endswith(".") else f"{said}.", known, sent)))


def _says(row: Mapping[str, Any], reason: str) -> bool:
    return "contains" in row and row["contains"] in reason


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it may have been closed."""

    says: str
    source: str
    evident: bool = False
    """The recording shows it; otherwise it is known of other sessions."""
    rows: tuple[int, ...] = ()
    """Where it shows it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Messages of one kind that were sent, or came, in succession."""

    row: int
    """Of the last one."""
    count: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A close, and all that the recording shows of it. Rows are indices of the log."""

    row: int
    code: int | None
    """None when no session came about."""
    name: str
    reason: str
    """In full; empty when none was given."""
    cut: bool
    """It is as long as a close frame allows, so that the service will have cut it."""
    by: str
    """"server", "client" or "network"."""
    opened: bool
    """`setupComplete` had come."""
    age_s: float | None
    """Since then; None when it never came, or the recording has no times."""
    model: str
    sent: tuple[Alike, ...]
    """The last messages sent, the newest first."""
    received: tuple[Alike, ...]
    means: str
    causes: tuple[Cause, ...]
    """The likeliest first: those that the recording shows."""
    tries: tuple[str, ...]
    source: tuple[str, ...]

    @property
    def who(self) -> str:
        """Who closed, at the beginning of a sentence."""
        return _WHO.get(self.by, "The other side")

    @property
    def sentence(self) -> str:
        """Who, code and reason; safe for a terminal."""
        said = safe(self.reason) or "no reason given"
        if self.code is None:
            return f"No session came about: {said}"
        name = f" ({self.name})" if self.name else ""
        return f"{self.who} closed the connection with {self.code}{name}: {said}"


def explain(log: SessionLog, row: int, findings: Iterable[Finding] = ()) -> Explanation:
    """All about the close that the record of ``row`` tells, a `connection.closed` event.

    ``findings`` are the linter's; those of another connection are no evidence.

    Raises:
        JournalError: The record cannot be read again.
        ValueError: It tells of no close.
    """
    event = log.record(row)
    if not isinstance(event, Event) or event.name != "connection.closed":
        raise ValueError(f"Record {row} is no connection.closed event.")
    detail = event.detail
    code, reason = detail.get("code"), str(detail.get("reason") or "")
    code = code if isinstance(code, int) else None
    past = _Past(log, row, findings)
    known = _known(code, reason)
    return Explanation(
        row=row,
        code=code,
        name=_NAMES.get(code or 0, ""),
        reason=reason,
        cut=_is_cut(reason),
        by=str(detail.get("by") or ""),
        opened=past.opened is not None,
        age_s=past.age_s,
        model=past.model,
        sent=past.last("s"),
        received=past.last("r"),
        means=known.get("means", ""),
        causes=_causes(known, past),
        tries=tuple(filter(None, (known.get("try", ""), *known.get("tries", ())))),
        source=tuple(known.get("source", ())),
    )


def _is_cut(reason: str) -> bool:
    """A character that does not fit is left out whole, so that up to three bytes are missing."""
    return len(reason.encode()) > MAX_REASON_BYTES - 3


def _known(code: int | None, reason: str) -> dict[str, Any]:
    """The row of the table that fits; an empty one when none does."""
    fits = (row for row in _closes() if _says(row, reason))
    codes = (row for row in _closes() if row["code"] == code and "contains" not in row)
    return next(fits, None) or next(codes, {})


def _causes(known: Mapping[str, Any], past: _Past) -> tuple[Cause, ...]:
    evident, possible = [], []
    for row in known.get("causes", ()):
        when = row.get("when")
        if when is None:
            possible.append(Cause(row["says"], row["source"]))
        elif (rows := past.shows(when)) is not None:
            evident.append(Cause(row["says"], row["source"], evident=True, rows=rows))
    return (*evident, *possible)


class _Past:
    """The connection before its close, as the columns of the log tell it."""

    def __init__(self, log: SessionLog, row: int, findings: Iterable[Finding]) -> None:
        self._log, self._row = log, row
        self._first = row
        self.model = ""
        while self._first and log.kinds(self._first) != ("connection.opening",):
            self._first -= 1
            if log.kinds(self._first) == ("connection.closed",):
                self._first += 1
                break
        self._found = {
            each.rule.id: tuple(each.rows[-LAST:])
            for each in findings
            if any(self._first <= at <= row for at in each.rows)
        }
        opening = log.record(self._first)
        if isinstance(opening, Event):
            self.model = str(opening.detail.get("model", ""))

    @cached_property
    def opened(self) -> int | None:
        """The row of `setupComplete`."""
        rows = range(self._first, self._row)
        return next((row for row in rows if "setupComplete" in self._log.kinds(row)), None)

    @property
    def age_s(self) -> float | None:
        """How long the session was open."""
        if self.opened is None or self._log.header.get("timed") is False:
            return None
        return self._log.mono_s[self._row] - self._log.mono_s[self.opened]

    def last(self, direction: str) -> tuple[Alike, ...]:
        """The last messages of a direction, the newest first."""
        log, found = self._log, list[Alike]()
        for row in range(self._row - 1, self._first - 1, -1):
            if log.directions[row] != ord(direction):
                continue
            if found and log.kind_ids[row] == log.kind_ids[found[-1].row]:
                found[-1] = Alike(found[-1].row, found[-1].count + 1)
            elif len(found) == LAST:
                break
            else:
                found.append(Alike(row, 1))
        return tuple(found)

    def shows(self, condition: str) -> tuple[int, ...] | None:
        """The rows that show a condition of the table; None when none does."""
        if condition.startswith("finding "):
            return self._found.get(condition.removeprefix("finding "))
        return _CONDITIONS[condition](self)

    def _recent(self, *kinds: str) -> tuple[int, ...] | None:
        start = max(self._first, self._row - RECENT)
        rows = [at for at in range(start, self._row) if {*kinds} & {*self._log.kinds(at)}]
        return tuple(rows[-LAST:]) or None

    def _anywhere(self, kind: str) -> tuple[int, ...] | None:
        rows = (at for at in range(self._row - 1, self._first - 1, -1))
        return next(((at,) for at in rows if kind in self._log.kinds(at)), None)

    def _calls(self) -> tuple[int, ...] | None:
        return self._recent("toolCall", "toolResponse")

    def _pending(self) -> tuple[int, ...] | None:
        called, answered = self._anywhere("toolCall"), self._anywhere("toolResponse")
        return called if called is not None and called > (answered or (-1,)) else None

    def _setup_last(self) -> tuple[int, ...] | None:
        last = next(iter(self.last("s")), None)
        only = last is not None and "setup" in self._log.kinds(last.row)
        return (last.row,) if last is not None and only else None

    def _resumed(self) -> tuple[int, ...] | None:
        opening = self._log.record(self._first)
        carried = isinstance(opening, Event) and opening.detail.get("carry") == "handle"
        return (self._first,) if carried else None

    def _long(self) -> tuple[int, ...] | None:
        return (self._row,) if self.age_s is not None and self.age_s >= LONG_S else None


_CONDITIONS: dict[str, Callable[[_Past], tuple[int, ...] | None]] = {
    "setup last": _Past._setup_last,
    "resumed": _Past._resumed,
    "go away": lambda past: past._anywhere("goAway"),
    "calls": _Past._calls,
    "pending call": _Past._pending,
    "video": lambda past: past._recent("realtimeInput.video"),
    "long": _Past._long,
}
