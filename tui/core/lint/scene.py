"""What the checks of the linter share: the session so far, the connection, and where to report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tui.core import models
from tui.core.frame import Event, Frame, Record
from tui.core.journal import JournalError
from tui.core.lint.finding import Finding, Findings
from tui.core.lint.rule import rules
from tui.core.media import Elided
from tui.core.models import Model
from tui.core.session import Session
from tui.core.turn import Turn
from tui.core.values import dict_of
from tui.core.wire import Fact


@dataclass
class Link:
    """One connection, as its setup asked for it."""

    number: int
    origin: str = ""
    """The event's word for the service: "gemini", "vertex", "emulator"; empty where none tells."""
    told: bool = False
    """An event told of it; otherwise it began with its setup."""
    opening_s: float = 0.0
    model: Model = field(default_factory=lambda: models.model(""))
    setup: Mapping[str, Any] = field(default_factory=dict)
    setup_row: int | None = None
    setup_s: float = 0.0
    complete_s: float | None = None
    """When `setupComplete` came."""
    closed: bool = False

    @property
    def whole(self) -> bool:
        """Whether its beginning is here; in an excerpt much may have gone before."""
        return self.setup_row is not None

    @property
    def vertex(self) -> bool:
        """Whether Vertex AI answers, whose rules differ."""
        path = str(self.setup.get("model", ""))
        return self.origin == "vertex" or path.startswith(("projects/", "publishers/"))

    @property
    def modalities(self) -> list[str]:
        """What the setup asks for; nothing means AUDIO (ai.google.dev, Live API capabilities)."""
        asked = dict_of(self.setup.get("generationConfig")).get("responseModalities")
        return [str(each) for each in asked] if isinstance(asked, list) and asked else []

    @property
    def manual(self) -> bool:
        """Whether the client tells when somebody speaks."""
        return self.detection.get("disabled") is True

    @property
    def detection(self) -> Mapping[str, Any]:
        """`automaticActivityDetection` of the setup."""
        config = dict_of(self.setup.get("realtimeInputConfig"))
        return dict_of(config.get("automaticActivityDetection"))


class Scene:
    """The state that every check reads, and `report`, through which findings come."""

    def __init__(self, read: Callable[[int], Record] | None, timed: bool) -> None:
        self._read = read
        self.timed = timed
        """Whether the records' times are those of the wire; otherwise all of them are 0."""
        self.session = Session()
        self.link = Link(0)
        self.findings = Findings()
        self.row = 0
        """Index of the record that is being looked at."""
        self.now_s = 0.0
        self.unix_s = 0.0
        self.record: Record | None = None
        self._merged: dict[tuple[int, str, object], Finding] = {}

    @property
    def frame(self) -> Frame:
        """The message that is being looked at."""
        assert isinstance(self.record, Frame)
        return self.record

    @property
    def turn(self) -> Turn | None:
        """The turn that the server is at, else the one it completed last."""
        return self.session.conversation.last

    @property
    def completed(self) -> Turn | None:
        """The turn that this record completed."""
        conversation = self.session.conversation
        turn = conversation.turns[conversation.at - 1] if conversation.at else None
        return turn if turn is not None and turn.completed_s == self.now_s else None

    def blob(self, row: int, fact: Fact) -> Mapping[str, Any]:
        """The Blob of a fact, read again where a glance has left its media out.

        Raises ValueError where that cannot be.
        """
        blob = dict_of(fact.value)
        if not isinstance(blob.get("data"), Elided):
            return blob
        try:
            whole = self._read(row) if self._read is not None else None
        except JournalError as error:
            raise ValueError(str(error)) from None
        facts = whole.facts if isinstance(whole, Frame) else ()
        return next((dict_of(each.value) for each in facts if each.path == fact.path), {})

    def report(self, rule: str, *rows: int, key: object = None, **figures: Any) -> Finding:
        """A finding, on the record that is being looked at where no rows are given.

        With a ``key`` the same finding of one connection is reported once; what comes again counts
        and is further evidence, and the last figures hold.
        """
        rows = rows or (self.row,)
        known = None if key is None else self._merged.get((self.link.number, rule, key))
        if known is not None:
            known.count += 1
            known.figures |= figures
            self.findings.extend(known, rows)
            return known
        turn = self.turn
        number = turn.number if turn is not None else 0
        found = Finding(rules()[rule], number, self.now_s, [*rows], figures)
        self.findings.add(found)
        if key is not None:
            self._merged[self.link.number, rule, key] = found
        return found


class Check:
    """One group of rules: handlers by the kind of a fact, or the name of an event.

    Handlers run after the session has taken the record in. A check forgets what it knew of a
    connection in `begin`.
    """

    sent: ClassVar[Mapping[str, Callable[[Any, Fact], None]]] = {}
    received: ClassVar[Mapping[str, Callable[[Any, Fact], None]]] = {}
    happened: ClassVar[Mapping[str, Callable[[Any, Event], None]]] = {}

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.begin()

    def begin(self) -> None:
        """A connection begins."""

    def tick(self, now_s: float) -> None:
        """So late it is, and nothing has come since the record before."""
