"""The message list: every record of a session a row, drawn when it is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from tui.core.lint.finding import Findings
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.row_text import ARROWS, row_text, shown_of
from tui.core.rows import Matches, Rows
from tui.core.wire import Family
from tui.line_view import LineView, fit
from tui.message_columns import Columns

HIGHLIGHT_DELAY_S = 0.05
"""How long the cursor rests before the inspector is told; key repeat is faster."""

TAIL_DELAY_S = 0.25
"""The same while the cursor rides on the last row."""

_UNKNOWN = frozenset({"field-unknown", "field-unknown-sent"})
"""Rules that say no more than the mark that is there without them."""


class MessageList(LineView):
    """All records of a session log, or those of one family, and the one under the cursor.

    It follows the log while it is scrolled to its end, and the cursor with it while that is on the
    last row. Scrolling up or moving the cursor up ends that.
    """

    DEFAULT_CSS = """
    MessageList {
        border-bottom: solid $border-blurred;
        border-subtitle-align: right;
        border-subtitle-color: $foreground;
        & > .message-list--sent { color: $bd-sent; }
        & > .message-list--received { color: $bd-received; }
        & > .message-list--event { color: $bd-family-events; }
        & > .message-list--server-content { color: $bd-family-server-content; }
        & > .message-list--events { color: $bd-family-events; }
        & > .message-list--metadata { color: $bd-family-metadata; }
        & > .message-list--client { color: $bd-family-client; }
        & > .message-list--dim { color: $bd-family-metadata; }
        & > .message-list--hit { color: $accent; text-style: bold; }
        & > .message-list--unknown { color: $bd-unknown; text-style: bold; }
        & > .message-list--error { color: $text-error; text-style: bold; }
        & > .message-list--warn { color: $text-warning; text-style: bold; }
        & > .message-list--note { color: $bd-family-events; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"message-list--{name}"
        for name in (
            *("sent", "received", "event", "dim", "hit", "unknown", "error", "warn", "note"),
            *("server-content", "events", "metadata", "client"),
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "Follow", id="messages.follow"),
        Binding("enter", "fold", "Fold", id="messages.fold", tooltip="Fold or unfold a run"),
        Binding("right", "fold(False)", "Unfold audio", id="messages.unfold", show=False),
        Binding("left", "fold(True)", "Fold audio", id="messages.refold", show=False),
        Binding("a", "fold_all", "Fold all", id="messages.fold_all"),
        Binding("1", "show_family", "All messages", id="messages.all", show=False),
        *(
            Binding(
                key,
                f"show_family('{family}')",
                f"Only {family}",
                id=f"messages.{family}",
                show=False,
            )
            for key, family in zip("2345", Family, strict=True)
        ),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor rests on this record of the log; None when there is none."""

        record_row: int | None

    @dataclass
    class Unfiltered(Message):
        """All records are shown again, since one was gone to that the filter hides."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows = Rows(SessionLog(lambda offset, size: b""))
        self._marked: Matches | None = None
        self._marked_hits = 0
        self._sought: int | None = None
        """The record that the cursor returns to when the filter has come to it."""
        self._findings = Findings()
        self._flagged = 0
        """How many of the rows that findings stand on are drawn so."""
        self._left_at: dict[Family | None, int] | None = None
        """The counts when following ended; None while following."""
        self._told: int | None = None
        self._telling: Timer | None = None

    @property
    def line_count(self) -> int:
        """How many rows are shown."""
        return len(self.rows)

    @property
    def following(self) -> bool:
        """Whether the list moves on as records come."""
        return self._left_at is None

    @property
    def record_row(self) -> int | None:
        """The record under the cursor, the first of a folded run; None when there is none."""
        return self.rows.record(self.cursor) if self.rows else None

    @property
    def run(self) -> list[int]:
        """The records that the row under the cursor stands for."""
        return [*self.rows.frames(self.cursor)] if self.rows else []

    @property
    def family(self) -> Family | None:
        """The family shown; None is all."""
        return self.rows.family

    @property
    def counts(self) -> dict[Family | None, int]:
        """How many records there are of each family; of None, all."""
        return {family: self.rows.count(family) for family in (None, *Family)}

    def show(
        self, log: SessionLog, findings: Findings | None = None, *, follow: bool = True
    ) -> None:
        """List another log: follow it from its end, or stay at its beginning.

        Rows that ``findings`` stand on are marked, as they are found.
        """
        family, folding = self.rows.family, self.rows.folding
        self.rows = Rows(log, family, folding=folding)
        self._marked = self._sought = None
        self._findings = Findings() if findings is None else findings
        self._flagged = 0
        self.redraw()
        if follow:
            self.action_cursor_end()
        else:
            self.action_cursor_home()
            self._hold()
        self._tell()

    def sync(self, *, news: bool = True) -> None:
        """List what has come since the last time; without ``news`` it counts as seen."""
        shown, rides = self.rows.shown, self._rides
        grown = self.rows.extend() | self._newly_flagged()
        self._mark_new_hits()
        if grown or self.rows.shown != shown:
            self.redraw_lines(grown)
        if self.rows.shown == shown and self.rows.matches is None:
            return
        if rides:
            self.cursor = self.line_count - 1
        if self.following:
            self._scroll_to_end()
        elif not news:
            self._left_at = self.counts
        self._return_to_sought()
        if self.record_row != self._told:  # another record has come to where the cursor is
            self._tell_soon()
        self._say_state()

    def set_filter(self, matches: Matches | None) -> None:
        """Show only what matches, or all with None; the cursor returns to its record or near it."""
        if matches is None and self.rows.matches is None:
            return
        sought = self._sought if self._sought is not None else self.record_row
        rides = self._rides
        self._relist(partial(self.rows.match, matches))
        self._sought = None if rides else sought
        self._return_to_sought()

    def mark(self, matches: Matches | None) -> None:
        """Mark what matches, and hide nothing."""
        self._marked, self._marked_hits = matches, 0
        self.redraw()

    def set_family(self, family: Family | None) -> None:
        """Show one family, or all with None; the cursor stays on its record or the one before."""
        if family is not self.family:
            self._relist(partial(self.rows.show, family))

    def go_to(self, record_row: int, *, unfold: bool = True) -> None:
        """Put the cursor on a record, wherever it is hidden, or else on the run that hides it."""
        if not self.rows.shows(record_row):
            self.set_family(None)
        if not self.rows.shows(record_row):
            self.set_filter(None)
            self.post_message(self.Unfiltered())
        row = self.rows.row_of(record_row)
        if unfold and row is not None and self.rows.fold(row, False):
            self.redraw()
        self.move_cursor(self.rows.row_of(record_row) or 0)

    def stand_by(self, record_row: int) -> None:
        """Put the cursor on the last row that had begun with a record; nothing is unfolded."""
        line = bisect_right(range(len(self.rows)), record_row, key=self.rows.record) - 1
        if line >= 0 and line != self.cursor:
            self.move_cursor(line)

    def selected_text(self) -> str:
        """The row under the cursor in words, as if the list were wide."""
        return self.draw(self.cursor, 400).text.rstrip() if self.rows else ""

    def action_follow(self) -> None:
        """Follow the log from its end, or stay here."""
        if self.following:
            self._hold()
        else:
            self.action_cursor_end()

    def action_fold(self, folded: bool | None = None) -> None:
        """Fold or unfold the run under the cursor."""
        run = self.rows[self.cursor].run if self.rows else None
        if run is not None:
            self._hold()
            target = not run.folded if folded is None else folded
            self._relist(partial(self.rows.fold, self.cursor, target))

    def action_fold_all(self) -> None:
        """Fold or unfold every run."""
        self._relist(partial(self.rows.fold_all, not self.rows.folding))

    def action_show_family(self, name: str | None = None) -> None:
        """Show the family of that name, or all."""
        self.set_family(None if name is None else Family(name))

    def activate(self) -> None:
        """A double click folds."""
        self.action_fold()

    def move_cursor(self, line: int) -> None:
        """Put the cursor on the row; on the last one the list follows again."""
        super().move_cursor(line)
        self._sought = None
        if self.cursor < self.line_count - 1:
            self._hold()
        else:
            self._resume()

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell the inspector soon, once for all moves until then."""
        super().watch_cursor(before, after)
        self._tell_soon()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up ends following, reaching the end begins it."""
        super().watch_scroll_y(old_value, new_value)
        if old_value < new_value >= self.max_scroll_y:
            self._resume()
        elif old_value > new_value < self.max_scroll_y:
            self._hold()

    def on_mount(self) -> None:
        """Say the state from the beginning."""
        self._say_state()

    def on_resize(self, event: events.Resize) -> None:
        """The end is elsewhere now."""
        if self.following:
            self._scroll_to_end()

    def selection_updated(self, selection: Selection | None) -> None:
        """Text that is being selected must not move away."""
        super().selection_updated(selection)
        if selection is not None:
            self._hold()

    def draw(self, line: int, width: int) -> Strip:
        """One row."""
        text, columns, dim = row_text(self.rows, line), Columns.fitting(width), self._color("dim")
        left = (
            (text.seq, columns.seq),
            (text.time, columns.time),
            (text.delta, columns.delta),
        )
        kinds = [
            Segment(f"{' +' if number else ''}{kind}", self._color(family.replace("_", "-")))
            for number, (kind, family) in enumerate(text.kinds)
        ]
        count, marked = f" {text.count}" if text.count else "", self._marked
        size = f"{text.size:>{columns.size}} " if columns.size else ""
        segments = [
            Segment("".join(f"{cell:>{room}} " for cell, room in left if room), dim),
            Segment(ARROWS[text.direction] + (text.mark or " "), self._color(text.direction)),
            *fit(kinds, columns.kind, [Segment(count, dim)]),
            Segment(f" {size}", dim),
            Segment("● " if marked and self.rows.has_hit(line, marked) else "", self._color("hit")),
            self._mark(line, text.unknown),
            Segment(text.gist),
        ]
        return Strip(fit(segments, width))

    def _mark(self, line: int, unknown: bool) -> Segment:
        """What is wrong with the row, the gravest of it."""
        row = self.rows[line]
        finding = self._findings.gravest(row.first, row.last)
        if finding is not None and row.count > 1:
            here = (each for at in self.rows.frames(line) for each in self._findings.at(at)[:1])
            finding = max(here, key=lambda each: each.severity, default=None)
        if finding is None or finding.severity is Severity.CHAT or finding.rule.id in _UNKNOWN:
            return Segment("⚑ unknown " if unknown else "", self._color("unknown"))
        return Segment(f"⚑ {finding.rule.id} ", self._color(finding.severity.word))

    def _newly_flagged(self) -> set[int]:
        """The lines of records that became evidence since the last time."""
        flagged = self._findings.marked[self._flagged :]
        self._flagged += len(flagged)
        lines = (self.rows.row_of(record) for record in flagged)
        return {line for line in lines if line is not None}

    @property
    def _rides(self) -> bool:
        """Whether the cursor moves on with the list."""
        return self.following and self.cursor >= self.line_count - 1

    def _color(self, name: str) -> Style:
        return self.get_component_rich_style(f"message-list--{name}", partial=True)

    def _mark_new_hits(self) -> None:
        hits = len(self._marked.hits) if self._marked is not None else 0
        if hits != self._marked_hits:
            self._marked_hits = hits
            self.redraw()

    def _return_to_sought(self) -> None:
        """Put the cursor where it was, when the filter has come to its record."""
        matches, sought = self.rows.matches, self._sought
        if sought is None or (matches is not None and matches.upto <= sought):
            return
        self._sought = None
        self.cursor = self.rows.row_of(sought) or 0
        self.reveal(self.cursor)

    def _relist(self, change: Callable[[], object]) -> None:
        """Change which rows there are; cursor and end stay where they are."""
        record_row, rides = self.record_row, self._rides
        change()
        self.redraw()
        row = None if record_row is None else self.rows.row_of(record_row)
        self.cursor = self.line_count - 1 if rides or row is None else row
        if self.following:
            self._scroll_to_end()
        else:
            self.reveal(self.cursor)
        self._say_state()
        self._tell_soon()

    def _scroll_to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _hold(self) -> None:
        if self.following:
            self._left_at = self.counts
            self._say_state()

    def _resume(self) -> None:
        if not self.following:
            self._left_at = None
            self._say_state()

    def _say_state(self) -> None:
        new = 0 if self._left_at is None else self.rows.shown - self._left_at[self.family]
        if self._left_at is None:
            state = "following"
        else:
            state = f"{new:,} new — press f" if new > 0 else "not following — press f"
        self.border_subtitle = shown_of(self.rows) + state

    def _tell_soon(self) -> None:
        if self._telling is None:
            delay_s = TAIL_DELAY_S if self._rides else HIGHLIGHT_DELAY_S
            self._telling = self.set_timer(delay_s, self._tell_if_moved)

    def _tell_if_moved(self) -> None:
        self._telling = None
        if self.record_row != self._told:
            self._tell()

    def _tell(self) -> None:
        self._told = self.record_row
        self.post_message(self.Highlighted(self.record_row))
