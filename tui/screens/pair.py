"""Two sessions at once: what each says, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from tui.choice_line import Choice, ChoiceLine
from tui.core import cost, side_by_side, status
from tui.core.cost import Prices
from tui.core.instant import Instant
from tui.core.lint import words
from tui.core.lint.finding import Findings
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.session import Area
from tui.core.side_by_side import Side, SideBySide
from tui.core.text import safe
from tui.keys import PAIR, bindings
from tui.screens.writing import Writing
from tui.widgets.meter import Meter
from tui.widgets.side_by_side import SideBySideView
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.transcript import Transcript

PANES = ("left", "right", "differences")
NAMES = ("A", "B")
HEARD, SILENT, ENDED = "● HEARD", "○ not heard: H, F12", "ended"
UNHEARD = "○ read, not heard: Ctrl+T"
"""Of the one that would be heard if its answers were not received as text."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a side shows: a session as it is taken in."""

    log: SessionLog
    findings: Findings
    recording: str
    """Name of its file; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Now:
    """What has changed in it, and what its devices say."""

    area: Area
    instant: Instant
    hearing: str
    """Whether it is heard, in words."""


class SessionSide(Vertical):
    """One of the two: who it is, whether it is heard, its state, its words."""

    def __init__(self, name: str, source: Source, prices: Prices, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pair-side")
        self._title, self._source, self._prices = name, source, prices
        self._head = Static(classes="pair-head", markup=False)
        self._strip = StatusStrip()
        self._notice = NoticeBar()
        self.transcript = Transcript()
        self._dollars: float | None = None
        self._headed = ""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._head
        yield self._strip
        yield self._notice
        yield self.transcript

    def show(self, now: Now) -> None:
        """Bring it up to date."""
        session, source = self._source.log.session, self._source
        if now.area & Area.USAGE:
            self._dollars = cost.of_session(session, self._prices).dollars
        found = words.counts(source.findings, Severity.NOTE)
        said = status.readout(session, now.instant, source.recording, found, self._dollars)
        self._strip.show(replace(said, model=""))
        self._notice.show(status.notice(session, now.instant))
        if now.area or now.instant.playback.playing:
            self.transcript.show(session, now.instant.playback)
        model = session.connection.model if session.connection else ""
        hearing = UNHEARD if now.hearing == HEARD and session.view != "audio" else now.hearing
        head = f"{self._title}  {safe(model)}  {hearing}"
        if head != self._headed:
            self._headed = head
            self._head.update(head)
            self.set_class(now.hearing == HEARD, "-heard")


class PairScreen(Screen[None]):
    """Both sessions beside each other, or one at a time where there is no room.

    Args:
        sources: of the first and of the second session.
        prices: for what they cost.
    """

    PLACE: ClassVar[str] = PAIR
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PAIR)]
    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, sources: Sequence[Source], prices: Prices) -> None:
        super().__init__(classes="-left")
        self.sources, self._prices = tuple(sources), prices
        self._speaker_level = Meter("OUT", id="speaker-level")
        self._microphone_level = Meter("MIC", id="microphone-level")
        self._sides = [
            SessionSide(name, source, prices, id=pane)
            for name, source, pane in zip(NAMES, sources, PANES[:2], strict=True)
        ]
        self._differences = SideBySideView(id="differences")
        self._panes: dict[str, Widget] = {
            "left": self._sides[0].transcript,
            "right": self._sides[1].transcript,
            "differences": self._differences.exchanges,
        }
        self._tabs = ChoiceLine(id="pair-tabs")
        self.writing = Writing()
        self._found: SideBySide | None = None

    def compose(self) -> ComposeResult:
        """Levels, the two sides, what differs, where a person types."""
        with Horizontal(id="levels"):
            yield self._speaker_level
            yield self._microphone_level
        yield self._tabs
        with Horizontal(id="pair-sides"):
            yield from self._sides
        yield self._differences
        yield self.writing
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the first session."""
        self._tabs.chosen = "left"

    def show(self, now: Sequence[Now]) -> None:
        """Bring it up to date."""
        heard = next(number for number, each in enumerate(now) if each.hearing == HEARD)
        for side, each in zip(self._sides, now, strict=True):
            side.show(each)
        self._show_levels(now, heard)
        sessions = [source.log.session for source in self.sources]
        names = (
            f"{name} ●" if number == heard and sessions[number].view == "audio" else name
            for number, name in enumerate(NAMES)
        )
        choices = zip(PANES, (*names, "differences"), strict=True)
        self._tabs.choices = tuple(Choice(pane, (words,)) for pane, words in choices)
        files = self.writing.composer.files > 0
        reasons = [status.blocked(session, files=files) for session in sessions]
        self.writing.block("" if "" in reasons else reasons[0])
        if any(each.area for each in now):
            self._compare()

    def _compare(self) -> None:
        left, right = (Side.of(each.log.session, each.findings) for each in self.sources)
        self._found = side_by_side.side_by_side(left, right, self._prices, self._found)
        self._differences.show(self._found)

    def _show_levels(self, now: Sequence[Now], heard: int) -> None:
        playback, capture = now[heard].instant.playback, now[0].instant.capture
        words_ = "no sound" if playback.problem else ""
        self._speaker_level.show(playback.level_db, playback.peak_db, words_, playback.playing)
        session = self.sources[heard].log.session
        words_, note = status.microphone(capture), status.voice(session, capture)
        self._microphone_level.show(capture.level_db, capture.peak_db, words_, note=note)

    # ---- actions on the panes

    @on(ChoiceLine.Chosen, "#pair-tabs")
    def _choose(self, event: ChoiceLine.Chosen) -> None:
        self.action_pane(event.value)

    def action_pane(self, name: str) -> None:
        """Go to a side, or to what differs; narrow terminals show only that."""
        for pane in PANES:
            self.set_class(pane == name, f"-{pane}")
        self._tabs.chosen = name
        self._panes[name].focus()

    def action_compose_text(self) -> None:
        """Go to where a person types."""
        self.writing.composer.focus()
