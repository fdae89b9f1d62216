"""The board: every function call of a session, how it stands, and how calls are answered here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tui.core.area import Area
from tui.core.bench import Bench
from tui.core.frame import Event, Frame
from tui.core.tool_call import ToolCall, Waits
from tui.core.values import dict_of, rows_of

if TYPE_CHECKING:
    from tui.core.session import Session
    from tui.core.turn import Turn

ERROR_CHARS = 500


@dataclass
class Board:
    """All calls, oldest first. Changed by the session's reducer alone."""

    calls: list[ToolCall] = field(default_factory=list)
    bench: Bench = field(default_factory=Bench)
    loading: bool = False
    """Whether the tools are being loaded, which may take as long as a server starts."""
    trouble: str = ""
    """Why the files of tools cannot be used, in a sentence."""
    behaviors: Mapping[str, str] = field(default_factory=dict)
    """Of the functions that are declared now, by their names."""
    version: int = 0
    """Changes whenever anything here does."""
    _pending: dict[int, ToolCall] = field(default_factory=dict)
    """By number."""
    _by_id: dict[str, ToolCall] = field(default_factory=dict)
    """The latest of each id."""

    @property
    def pending(self) -> list[ToolCall]:
        """The calls that the server waits for, oldest first."""
        return list(self._pending.values())

    def call(self, number: object) -> ToolCall | None:
        """The call of that number, if there is one."""
        if isinstance(number, int) and 0 < number <= len(self.calls):
            return self.calls[number - 1]
        return None

    def of_message(self, seq: int) -> Sequence[ToolCall]:
        """The calls that the last message with any asks for, if it is that one."""
        first = len(self.calls)
        while first and self.calls[first - 1].seq == seq:
            first -= 1
        return self.calls[first:]

    def declare(self, tools: Any) -> None:
        """These tools of a set-up are offered from now on."""
        rows = (row for tool in rows_of(tools) for row in rows_of(tool.get("functionDeclarations")))
        self.behaviors = {str(row.get("name")): str(row.get("behavior") or "") for row in rows}

    def ask(self, row: Mapping[str, Any], turn: Turn, frame: Frame) -> None:
        """The model calls a function."""
        call = ToolCall(
            str(row.get("id") or ""),
            str(row.get("name", "")),
            row.get("args"),
            frame.mono_s,
            number=len(self.calls) + 1,
            turn=turn.number,
            seq=frame.seq,
        )
        call.behavior = self.behaviors.get(call.name, "")
        self.version += 1
        turn.calls.append(call)
        self.calls.append(call)
        self._pending[call.number] = call
        if call.id:
            self._by_id[call.id] = call

    def answer(self, response: Mapping[str, Any], frame: Frame) -> None:
        """A response goes out. What answers no call is no news of the board."""
        call = self._meant(response)
        if call is None or call.answered_s is not None:
            return
        call.answers.append(frame.seq)
        self.version += 1
        error = dict_of(response.get("response")).get("error")
        call.error = str(error)[:ERROR_CHARS] if error else ""
        if response.get("willContinue") is not True:
            call.answered_s = frame.mono_s
            self._settled(call)

    def cancel(self, ids: Any, at_s: float) -> None:
        """The server takes calls back. One that was answered keeps its answer: they crossed."""
        for key in ids if isinstance(ids, list) else ():
            call = self._by_id.get(key) if isinstance(key, str) else None
            if call is not None and call.pending:
                call.cancelled_s = at_s
                self._settled(call)

    def lose(self, at_s: float) -> None:
        """The connection is gone, and with it what it has asked for."""
        for call in self.pending:
            call.lost_s = at_s
            self._settled(call)

    def _settled(self, call: ToolCall) -> None:
        call.waits, call.running = Waits.NOBODY, False
        self.version += 1
        self._pending.pop(call.number, None)

    def _meant(self, response: Mapping[str, Any]) -> ToolCall | None:
        """By its id; by its name where there is none, the oldest that waits before others."""
        key, name = response.get("id"), response.get("name")
        if key:
            return self._by_id.get(key) if isinstance(key, str) else None
        named = (call for call in self.pending if call.name == name)
        gone = (call for call in reversed(self.calls) if call.name == name)
        return next(named, None) or next(gone, None)


# ---- what happens on this side


def _moded(session: Session, event: Event) -> Area:
    session.board.bench = Bench.of(event.detail)
    return _changed(session)


def _loading(session: Session, event: Event) -> Area:
    session.board.loading = True
    return Area.CONNECTION


def _declared(session: Session, event: Event) -> Area:
    session.board.loading = False
    session.board.trouble = str(event.detail.get("message", ""))
    return _changed(session) | Area.CONNECTION


def _held(session: Session, event: Event) -> Area:
    call, waits = session.board.call(event.detail.get("call")), event.detail.get("waits")
    if call is not None and call.pending and waits in list(Waits):
        hints = event.detail.get("hints")
        call.waits, call.running = Waits(waits), False
        call.hints = ", ".join(map(str, hints)) if isinstance(hints, list) else ""
    return _changed(session)


def _started(session: Session, event: Event) -> Area:
    call = session.board.call(event.detail.get("call"))
    if call is not None and call.pending:
        call.waits, call.running = Waits.NOBODY, True
    return _changed(session)


def _ended(session: Session, event: Event) -> Area:
    call = session.board.call(event.detail.get("call"))
    if call is not None:
        call.by = str(event.detail.get("by", ""))
        call.printed = str(event.detail.get("printed", ""))
    return _changed(session)


def _failed(session: Session, event: Event) -> Area:
    session.problem = str(event.detail.get("message", ""))
    return _ended(session, event)


def _changed(session: Session) -> Area:
    session.board.version += 1
    return Area.TRANSCRIPT | Area.NOTICE


BOARD_EVENTS: Final[Mapping[str, Callable[[Session, Event], Area]]] = {
    "tools.loading": _loading,
    "tools.loaded": _declared,
    "tools.failed": _declared,
    "tool.mode": _moded,
    "tool.held": _held,
    "tool.started": _started,
    "tool.answered": _ended,
    "tool.refused": _ended,
    "tool.cancelled": _ended,
    "tool.failed": _failed,
}
"""By name; ``call`` is the number of the call that an event is about."""
