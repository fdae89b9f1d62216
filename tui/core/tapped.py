"""A tapped session in one line: what its log says of it now."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core import status
from tui.core.frame import Event
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.recording import start_time_s

LIVE = "live"


@dataclass(frozen=True)
class Tapped:
    """``end`` is `LIVE`, or how it ended; ``began_s`` is Unix time."""

    model: str
    began_s: float
    age_s: float
    messages: int
    turns: int
    end: str
    healthy: bool
    """Whether it goes on, or ended on request."""

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.end != LIVE

    @property
    def clock(self) -> str:
        """How long it has gone on, or did."""
        return status.clock(self.age_s)


def tapped(log: SessionLog, now_s: float) -> Tapped:
    """The line at the Unix time ``now_s``."""
    rows, header = len(log), log.header
    began_s = start_time_s(header)
    ended = _ended(log, rows - 1) if rows else None
    return Tapped(
        model=str(header.get("model") or "no set-up"),
        began_s=began_s,
        age_s=log.mono_s[rows - 1] if ended else max(0.0, now_s - began_s),
        messages=rows - log.directions[:rows].count(b"e"),
        turns=log.turns[rows - 1] if rows else 0,
        end=_words(ended) if ended else LIVE,
        healthy=ended is None or ended.detail.get("code") in (1000, 1001),
    )


def _ended(log: SessionLog, row: int) -> Event | None:
    if log.kinds(row) != ("connection.closed",):
        return None
    try:
        record = log.record(row)
    except JournalError:
        return None
    return record if isinstance(record, Event) else None


def _words(closed: Event) -> str:
    """``1011 Internal error encountered. (server)``."""
    code, reason, by = (closed.detail.get(key) for key in ("code", "reason", "by"))
    parts = (str(code) if code else "failed:", str(reason or ""), f"({by})" if by else "")
    return " ".join(filter(None, parts))
