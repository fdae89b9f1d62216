"""The reducer: records in, state of the session out. Live, replay and tests take this one path."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from tui.core import anchoring
from tui.core.area import Area as Area
from tui.core.attachment import Broadcast
from tui.core.board import Board
from tui.core.captions import Captions, Passage
from tui.core.connection import (
    Complaint,
    Connection,
    GoAway,
    Handle,
    Interrupt,
    Misfortune,
    Renewal,
)
from tui.core.continuous import CONTINUOUS
from tui.core.conversation import Conversation
from tui.core.events import EVENTS
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.playback import CAPTIONS
from tui.core.received import RECEIVED
from tui.core.sent import SENT
from tui.core.turn import ANSWER_LANES, Lane, Turn, Usage
from tui.core.utterances import Utterances
from tui.core.wire import Fact

AWAITED_S = 4.0
"""What was said may be transcribed or answered so long after its end."""


@dataclass
class Session:
    """The state of a conversation. Changed by `apply` alone; equal records give equal sessions."""

    connection: Connection | None = None
    opened: list[Connection] = field(default_factory=list)
    """All connections, the one that is now the last."""
    view: str = "audio"
    """How answers are received: "audio" (played), "text view" (audio discarded) or "text"."""
    conversation: Conversation = field(default_factory=Conversation)
    captions: Captions = field(default_factory=Captions)
    """What came over connections that have no turns."""
    utterances: Utterances = field(default_factory=Utterances)
    board: Board = field(default_factory=Board)
    handle: Handle | None = None
    """The newest of this connection."""
    handles: list[Handle] = field(default_factory=list)
    """The newest of all connections, oldest first."""
    renewal: Renewal | None = None
    """A connection is going to be made again."""
    go_away: GoAway | None = None
    interrupt: Interrupt | None = None
    misfortune: Misfortune | None = None
    """The last fault on this connection that was asked of the emulator."""
    complaint: Complaint | None = None
    """The emulator's last one."""
    speech: bool | None = None
    """The server's own voice activity; None until it says anything."""
    talking: bool = False
    """`activityStart` was sent, and `activityEnd` not yet."""
    broadcast: Broadcast | None = None
    """A file whose sound is being sent."""
    playing_turn: int = 0
    """Number of the turn being played; 0 is silence."""
    pings_ms: list[float] = field(default_factory=list)
    """Round trips of WebSocket pings (`ping`)."""
    problem: str = ""
    """The last thing that went wrong, in words."""
    now_s: float = 0.0
    """Time of the last record."""

    @property
    def connections(self) -> int:
        """How many connections were begun."""
        return len(self.opened)

    @property
    def turns(self) -> list[Turn]:
        """The turns of the conversation, oldest first."""
        return self.conversation.turns

    @property
    def said(self) -> list[Turn | Passage]:
        """All that was said, with turns and without, in the order in which it began."""
        passages = self.captions.passages
        return (
            sorted([*self.turns, *passages], key=attrgetter("started_s"))
            if passages
            else [*self.turns]
        )

    @property
    def sounding(self) -> int:
        """The number under which the sound that comes is played; 0 where there is none."""
        if self.continuous:
            made = len(self.captions.targets)
            return CAPTIONS + made if made else 0
        turn = self.conversation.last
        return turn.number if turn is not None else 0

    @property
    def connected(self) -> bool:
        """Whether the server has accepted the setup and nobody has closed."""
        return (
            self.connection is not None
            and self.connection.open_s is not None
            and self.connection.closed_s is None
        )

    @property
    def connecting(self) -> bool:
        """Whether a connection is on its way."""
        return (
            self.connection is not None
            and self.connection.open_s is None
            and self.connection.closed_s is None
        )

    @property
    def continuous(self) -> bool:
        """Whether the session goes on without turns."""
        return self.connection is not None and self.connection.continuous

    @property
    def usage(self) -> Usage:
        """All turns together; of a turn's cumulative snapshots only the last counts."""
        counted = (*(turn.usage for turn in self.turns), *(each.replayed for each in self.opened))
        return sum((usage for usage in counted if usage), Usage())

    @property
    def context(self) -> int | None:
        """Tokens of the conversation by the server's last count, that answer included."""
        usage = next((turn.usage for turn in reversed(self.turns) if turn.usage), None)
        if self.continuous:
            usage = self.captions.usage
        return usage.prompt + usage.response if usage is not None else None

    @property
    def latency_s(self) -> float | None:
        """The latency of the last turn that has one."""
        return next((t.latency_s for t in reversed(self.turns) if t.latency_s is not None), None)

    def awaited(self, now_s: float) -> bool:
        """Whether somebody has just spoken, and no turn has come of it yet."""
        last = self.turns[-1] if self.turns else None
        after_s = max(last.completed_s or last.started_s if last else 0.0, now_s - AWAITED_S)
        return self.utterances.end(after_s, now_s) is not None

    def asked_to_interrupt(self, turn: Turn, at_s: float) -> bool:
        """Whether a wish of the person's, or a later question, interrupted a turn at that time."""
        wished = self.interrupt is not None and self.interrupt.confirmed_s == at_s
        return wished or any(later.typed for later in self.turns[turn.number :])

    def apply(self, record: Record) -> Area:
        """Take the next record in; returns what it changed. Never raises on a frame's content."""
        self.now_s = record.mono_s
        if isinstance(record, Event):
            handler = EVENTS.get(record.name)
            return handler(self, record) if handler else Area.NOTHING
        area = Area.NOTHING
        if record.direction is Direction.SEND:
            table = SENT
        else:
            table = CONTINUOUS if self.continuous else RECEIVED
            if self.connection is not None:
                self.connection.heard_s = record.mono_s
        facts = record.facts
        for fact in sorted(facts, key=_ends_turn) if len(facts) > 1 else facts:
            handle = table.get(fact.kind)
            if handle is not None:
                changed = handle(self, fact, record)
                area = area | changed if area else changed  # a Flag's union takes a microsecond
        return area

    def connect(self, connection: Connection) -> None:
        """A connection is on its way; all that belonged to the one before is over."""
        self.conversation.cut(connection.opening_s)
        self.board.lose(connection.opening_s)
        before, connection.context_before = self.connection, self.context
        if before is not None and self.renewal is not None and self.renewal.fresh:
            connection.refused = f"{before.code or ''} {before.reason or 'no reason given'}".strip()
        if before is not None:  # an attempt that failed opens no gap of its own
            connection.lost_s = before.lost_s if before.open_s is None else before.closed_s
        self.connection = self.conversation.connection = connection
        self.renewal = None
        self.opened.append(connection)
        self.utterances.connect()
        self.captions.connect(connection)
        self.handle = self.go_away = self.interrupt = self.speech = None
        self.talking = False
        self.problem = ""
        if self.misfortune is not None and not self.misfortune.happened:
            self.misfortune = None

    # ---- the answer, and the question that it is measured from

    def say(self, lane: Lane, text: Any, frame: Frame) -> Area:
        """The answer goes on in one of its lanes; what is no text is none."""
        if isinstance(text, str):
            turn = self.answering(frame)
            if lane in ANSWER_LANES and text:
                turn.answer_begins(frame.mono_s)
            turn.say(lane, text)
        return Area.TRANSCRIPT

    def answering(self, frame: Frame) -> Turn:
        """The turn that is answered by a message, measured from what it answers."""
        turn = self.conversation.answering(frame.mono_s)
        if not turn.anchor:
            anchoring.anchor(turn, self.turns, self.utterances)
        return turn

    def anchor_late(self) -> None:
        """A mark of the end of speech may come after the answer has begun, or the words."""
        if self.continuous:
            self.captions.hushed(self.utterances)
            return
        turn = self.conversation.last
        if turn is not None and turn.answered and not turn.typed:
            anchoring.anchor(turn, self.turns, self.utterances)


def _ends_turn(fact: Fact) -> bool:
    """What shares a frame with `turnComplete` belongs to that turn, on either side of it."""
    return fact.kind == "serverContent.turnComplete"
