"""A function call in words: how it stands, what it was asked with, what it was answered with."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from tui.core import latency
from tui.core.board import Board
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.tool_call import CallState, ToolCall, Waits
from tui.core.values import dict_of, rows_of

LONGEST_ARGUMENT = 60
LONGEST_NAME = 20
MARKS = {
    CallState.PENDING: "▸",
    CallState.ANSWERED: "✓",
    CallState.FAILED: "✗",
    CallState.CANCELLED: "⊘",
    CallState.LOST: "⊘",
    CallState.LATE: "⚠",
}
_WANTED = {Waits.APPROVAL: "approve?", Waits.REPLY: "your reply?"}
_AWAITED = {Waits.APPROVAL: ": waits for your approval", Waits.REPLY: ": waits for your reply"}
_ENDS = {
    CallState.ANSWERED: "answered after {took}",
    CallState.FAILED: "answered with an error after {took}",
    CallState.CANCELLED: "cancelled by the server after {took}",
    CallState.LOST: "lost with its connection after {took}",
    CallState.LATE: "answered after {took}, {late} after it was {gone}: nobody waited",
}


def arguments(args: Any) -> str:
    """``city="Paris", days=3``; not safe for a terminal."""
    if not isinstance(args, Mapping):
        return "" if args is None else value(args)
    return ", ".join(f"{key}={value(each)}" for key, each in args.items())


def value(each: Any) -> str:
    """JSON on a line, cut where it is long; not safe for a terminal."""
    text = json.dumps(each, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_ARGUMENT else f"{text[: LONGEST_ARGUMENT - 1]}…"


def state(call: ToolCall) -> str:
    """In a word or two: what it waits for, or what became of it."""
    if not call.pending:
        return str(call.state)
    return _WANTED.get(call.waits, "running" if call.running else "pending")


def took(call: ToolCall, now_s: float) -> str:
    """How long it lasted; of one that is pending a clock of seconds."""
    seconds = call.lasted_s(now_s)
    return f"{int(seconds)} s" if call.pending else latency.text(seconds)


def sentence(call: ToolCall, now_s: float) -> str:
    """All that is known of it beyond its arguments and answers; not safe for a terminal."""
    said = [f"call {call.number}, turn {call.turn}"]
    if call.behavior:
        said.append(call.behavior)
    if call.pending:
        waited = _AWAITED.get(call.waits, ": its function runs" if call.running else "")
        said.append(f"pending for {took(call, now_s)}{waited}")
    else:
        answered_s, gone_s = call.answered_s or 0.0, call.gone_s or 0.0
        late, gone = answered_s - gone_s, "lost" if call.cancelled_s is None else "cancelled"
        words = _ENDS[call.state]
        said.append(words.format(took=took(call, now_s), late=latency.text(late), gone=gone))
    if call.by and call.answered_s is not None:
        said.append(f"by {call.by}")
    if call.hints and call.pending:
        said.append(f"it says that it {call.hints}")
    if len(call.answers) > 1 or (call.answers and call.pending):
        said.append(f"{len(call.answers)} answer{'s' * (len(call.answers) > 1)}")
    return " · ".join(said)


def head(board: Board) -> str:
    """How calls are answered, and how many there are of each kind."""
    counts: dict[str, int] = {}
    for call in board.calls:
        counts[call.state] = counts.get(call.state, 0) + 1
    listed = ", ".join(f"{counts[each]} {each}" for each in CallState if each in counts)
    mode = board.bench.words or "auto"
    return f"{mode} · {listed}" if listed else f"{mode} · no call yet"


def waiting(board: Board, now_s: float) -> str:
    """``▸ get_weather 7 s · b: reply``: the oldest that is pending, how many, what you must do.

    Not safe for a terminal; empty where none is.
    """
    pending = board.pending
    if not pending:
        return ""
    oldest = pending[0]
    name = oldest.name if len(oldest.name) <= LONGEST_NAME else f"{oldest.name[:LONGEST_NAME]}…"
    names = name if len(pending) == 1 else f"{len(pending)} calls"
    wanted = next((call.waits for call in pending if call.waits), None)
    act = f" · b: {'approve' if wanted is Waits.APPROVAL else 'reply'}" if wanted else ""
    return f"▸ {names} {took(oldest, now_s)}{act}"


def row_of(log: SessionLog, seq: int) -> int | None:
    """The row of the record with that number, if the log has it."""
    row = bisect_left(log.seqs, seq)
    if row < len(log) and log.seqs[row] == seq:
        return row
    return log.seqs.index(seq) if seq in log.seqs else None


def answers(log: SessionLog, call: ToolCall) -> list[dict[str, Any]]:
    """The responses as they went out, read from the journal; those that are gone are left out."""
    found = []
    for seq in call.answers:
        row = row_of(log, seq)
        try:
            record = log.record(row) if row is not None else None
        except JournalError:
            continue
        if isinstance(record, Frame):
            rows = (
                row
                for fact in record.facts
                if fact.kind == "toolResponse"
                for row in rows_of(dict_of(fact.value).get("functionResponses"))
            )
            named = [row for row in rows if (row.get("id") or "") == call.id]
            found += [dict(row) for row in named if call.id or row.get("name") == call.name][:1]
    return found


def exhibit(call: ToolCall, responses: list[dict[str, Any]]) -> dict[str, Any]:
    """Arguments, responses and what was printed, as an object to look at."""
    shown: dict[str, Any] = {"arguments": call.args if call.args is not None else {}}
    for number, row in enumerate(responses, 1):
        key = "response" if len(responses) == 1 else f"response {number}"
        shown[key] = row.get("response")
        how = {name: row[name] for name in ("scheduling", "willContinue", "parts") if name in row}
        shown |= {f"{name} {number}" if number > 1 else name: how[name] for name in how}
    if call.printed:
        shown["printed"] = call.printed
    return shown
