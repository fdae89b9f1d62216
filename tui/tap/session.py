"""One tapped session: what has passed becomes the records of a journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from websockets.frames import Close, CloseCode

from tui.core import closing, models
from tui.core.frame import Direction, Frame
from tui.core.journal import Journal, JournalError, Storage
from tui.core.secrets import Mask
from tui.tap.fault import Fault, Kind
from tui.tap.head import END, LONGEST_BYTES, Head, HeadError
from tui.tap.stream import Message, MessageStream, StreamError, negotiated
from tui.tap.upstream import Upstream

Open = Callable[[str], Storage]
"""Makes the place for the recording of a session with that model."""

_SIDES = {Direction.SEND: "client", Direction.RECEIVE: "server"}


class Ending(NamedTuple):
    """How a session ended: see `tui.core.closing.describe`."""

    code: int | None
    reason: str
    by: str


class TappedSession:
    """Journals one WebSocket. ``at_s`` are seconds since the client's request.

    The journal begins with the client's first message, since that names the model, or with the end.
    """

    def __init__(self, request: Head, upstream: Upstream, time_s: float, open_: Open) -> None:
        """``time_s`` is the request's Unix time."""
        self._request, self._upstream, self._time_s = request, upstream, time_s
        self._open = open_
        self._mask = Mask(credentials(request))
        self._storage: Storage | None = None
        self._journal: Journal | None = None
        self._response = bytearray()
        self._early: list[tuple[bytes, float]] = []
        """What the client sends before the server's answer to its request."""
        self._streams: dict[Direction, MessageStream] | None = None
        """None before that answer; a direction that cannot be read (any more) is missing."""
        self._last_sent: Frame | None = None
        self._ending: Ending | None = None
        self.model = ""
        self.end = ""
        """How it ended, in a few words; empty while it goes on."""

    def passed(self, direction: Direction, data: bytes, at_s: float) -> None:
        """These bytes have passed; raises `JournalError` when the recording cannot be made."""
        if self._streams is not None:
            self._read(direction, data, at_s)
        elif direction is Direction.SEND:
            self._early.append((data, at_s))
        else:
            self._response += data
            self._shake_hands(at_s)

    def ended(self, direction: Direction, problem: str, at_s: float) -> None:
        """The side that sends in this direction is gone; the session ends with the first."""
        if self.end:
            return
        code, reason, by = self._ending or self._lost(_SIDES[direction], problem)
        last = self._last_sent
        kinds = "+".join(fact.kind for fact in last.facts) if last is not None else ""
        self._event(
            "connection.closed",
            at_s,
            code=code,
            reason=reason,
            by=by,
            last_sent=last.seq if last is not None else None,
            message=closing.describe(code, reason, by, kinds),
        )
        self.end = self._mask.text(f"{code or 'no session'} {reason}".rstrip())

    def fault(self, fault: Fault, at_s: float) -> None:
        """A person has brought this about; an end that comes of it is theirs."""
        detail = {key: value for key, value in asdict(fault).items() if value}
        self._event("fault", at_s, **detail)
        if fault.kind is Kind.CLOSE:
            self._ending = Ending(fault.code, fault.reason, "tap")
        elif fault.kind is Kind.DROP:
            self._ending = Ending(CloseCode.ABNORMAL_CLOSURE, "dropped by a fault", "tap")

    def close(self) -> None:
        """Let the recording go."""
        if self._journal is not None:
            self._journal.close()

    # ---- the handshake

    def _shake_hands(self, at_s: float) -> None:
        """Read the server's answer; it says whether there is a WebSocket, and how it is packed."""
        end = self._response.find(END)
        if end < 0 and len(self._response) < LONGEST_BYTES:
            return
        self._streams = {}
        try:
            response = Head.response(bytes(self._response[: max(end, 0)]))
        except HeadError:
            self._ending = Ending(None, "the answer to the handshake was no HTTP", "server")
            return
        if not response.status.startswith("101"):
            self._ending = Ending(None, f"HTTP {response.status}", "server")
            return
        rest = bytes(self._response[end + len(END) :])
        self._response.clear()
        for direction in Direction:
            try:
                self._streams[direction] = MessageStream(direction, negotiated(response, direction))
            except StreamError as error:
                self._unread(direction, error, at_s)
        for data, sent_s in self._early:
            self._read(Direction.SEND, data, sent_s)
        self._read(Direction.RECEIVE, rest, at_s)

    # ---- messages

    def _read(self, direction: Direction, data: bytes, at_s: float) -> None:
        assert self._streams is not None
        stream = self._streams.get(direction)
        if stream is None:
            return
        try:
            for found in stream.feed(data):
                if isinstance(found, Close):
                    self._ending = self._ending or Ending(
                        found.code, found.reason, _SIDES[direction]
                    )
                else:
                    self._message(direction, found, at_s)
        except StreamError as error:
            self._unread(direction, error, at_s)

    def _message(self, direction: Direction, message: Message, at_s: float) -> None:
        if self._journal is None and direction is Direction.SEND:
            self.model = models.asked(message.payload)
        payload, times = message.payload, self._times(at_s)
        frame, _ = self._begun().frame(direction, message.opcode, payload, **times)
        if direction is Direction.SEND:
            self._last_sent = frame
        if self._storage is not None and self._storage.problem:
            raise JournalError(self._storage.problem)

    def _unread(self, direction: Direction, error: StreamError, at_s: float) -> None:
        """Pass on what cannot be read, and say so."""
        assert self._streams is not None
        self._streams.pop(direction, None)
        lost = f"What the {_SIDES[direction]} sends from here on is passed on but not recorded"
        self._event("error", at_s, message=f"{lost}: {error}")

    def _lost(self, side: str, problem: str) -> Ending:
        """The end of a session that nobody has closed."""
        if self._streams is None:
            return Ending(None, problem or f"the {side} left before the handshake", side)
        gone = f"the {side} was lost without a close frame"
        return Ending(
            CloseCode.ABNORMAL_CLOSURE, ": ".join(filter(None, (gone, problem))), "network"
        )

    # ---- the journal

    def _event(self, name: str, at_s: float, **detail: Any) -> None:
        self._begun().event(name, detail, **self._times(at_s))

    def _begun(self) -> Journal:
        if self._journal is None:
            upstream, request = self._upstream, self._request
            about = {"model": self.model, "origin": upstream.origin, "host": upstream.place}
            header = {
                "tool": f"bidiscope {version('bidiscope')}",
                "sdk": request.first("x-goog-api-client") or request.first("user-agent"),
                **about,
                "tap": {"target": request.target},
                "clock": {"time": self._time_s, "mono": 0},
            }
            self._storage = self._open(self.model)
            self._journal = Journal(self._storage, header, self._mask)
            self._journal.event("connection.opening", about, **self._times(0.0))
        return self._journal

    def _times(self, at_s: float) -> dict[str, float]:
        return {"mono_s": round(at_s, 6), "time_s": round(self._time_s + at_s, 6)}


def credentials(request: Head) -> list[str]:
    """What must not be stored of a request, nor of what answers to it."""
    query = dict(parse_qsl(urlsplit(request.target).query))
    authorization = request.first("authorization").rpartition(" ")[2]
    known = (query.get("key"), query.get("access_token"), request.first("x-goog-api-key"))
    return [secret for secret in (*known, authorization) if secret]
