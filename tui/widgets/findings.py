"""The findings pane: what the linter found, the gravest first, and what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.core.closing import Explanation, explain
from tui.core.journal import JournalError
from tui.core.lint import words
from tui.core.lint.finding import Finding, Findings
from tui.core.lint.rule import CLOSES, Severity
from tui.core.log import SessionLog
from tui.line_view import LineView, fit

UNSEEN_WIDTH = 80
"""What lines are made for while the pane is hidden."""
SEVERITY_CELLS = 6
PLACE_CELLS = 15
TITLE_CELLS = 10


class _Line(NamedTuple):
    """One line of the pane: pieces of text with the name of their style."""

    entry: int
    pieces: tuple[tuple[str, str], ...]


class FindingsPane(LineView):
    """A line for each finding; the chosen one shows its advice, its source and its evidence.

    A close that was not asked for comes first, and is explained.
    """

    DEFAULT_CSS = """
    FindingsPane {
        border-bottom: solid $border-blurred;
        border-subtitle-align: right;
        border-subtitle-color: $foreground;
        & > .findings--error { color: $text-error; text-style: bold; }
        & > .findings--warn { color: $text-warning; text-style: bold; }
        & > .findings--note { color: $bd-family-events; }
        & > .findings--chat { color: $bd-family-metadata; }
        & > .findings--title { color: $bd-family-client; }
        & > .findings--dim { color: $bd-family-metadata; }
        & > .findings--text { color: $foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"findings--{name}" for name in ("error", "warn", "note", "chat", "title", "dim", "text")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "evidence(1)", "Evidence", id="findings.evidence",
                tooltip="Go to the message that it stands on; again, to the next one"),
        Binding("left", "evidence(-1)", "Evidence before", id="findings.back", show=False),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """The user wants to see this record of the log."""

        row: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._log = SessionLog(lambda offset, size: b"")
        self._findings = Findings()
        self._seen = (-1, "")
        """Version of the findings and the words of progress that are shown."""
        self._entries: list[Finding] = []
        self._closes: dict[int, Explanation | None] = {}
        """By their row, as far as they were looked at."""
        self._chosen = 0
        """Index of the entry that is open."""
        self._evidence = -1
        """Which of its rows was gone to last."""
        self._lines: list[_Line] = []

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def show(self, log: SessionLog, findings: Findings, progress: str = "") -> None:
        """Bring the pane up to date; ``progress`` says how far the log has been looked at."""
        seen = (findings.version, progress)
        if findings is self._findings and seen == self._seen:
            return
        chosen = self._entry if findings is self._findings else None
        self._log, self._findings, self._seen = log, findings, seen
        self._entries = [*_closes_first(findings)]
        self._chosen = self._entries.index(chosen) if chosen in self._entries else 0
        self.border_subtitle = " — ".join(filter(None, (words.counts(findings), progress)))
        self._lay_out()

    def selected_text(self) -> str:
        """The chosen finding with all that is said about it."""
        lines = (line for line in self._lines if line.entry == self._chosen)
        return "\n".join("".join(text for text, _ in line.pieces).rstrip() for line in lines)

    def action_evidence(self, step: int) -> None:
        """Go to the next row that the finding stands on, or the one before."""
        finding = self._entry
        if finding is not None and finding.rows:
            at = self._evidence + step if self._evidence >= 0 else 0
            self._evidence = at % len(finding.rows)
            self.post_message(self.Chosen(finding.rows[self._evidence]))

    def activate(self) -> None:
        """A double click goes to the evidence."""
        self.action_evidence(1)

    def action_cursor_by(self, lines: int) -> None:
        """To another finding; first to what is told of this one and out of view."""
        if not self._read_on(lines):
            self._choose(self._chosen + lines)

    def action_cursor_by_pages(self, pages: int) -> None:
        """The same by pages."""
        height = max(1, self.scrollable_content_region.height - 1)
        if not self._read_on(pages * height):
            self._choose(self._chosen + pages * height)

    def action_cursor_end(self) -> None:
        """To the last finding."""
        self._choose(len(self._entries) - 1)

    def move_cursor(self, line: int) -> None:
        """To the finding that the line belongs to."""
        if self._lines:
            self._choose(self._lines[max(0, min(line, len(self._lines) - 1))].entry)

    def on_resize(self, event: events.Resize) -> None:
        """The text is wrapped anew."""
        self._lay_out()

    def draw(self, line: int, width: int) -> Strip:
        """One line."""
        style = self.get_component_rich_style
        pieces = self._lines[line].pieces
        segments = (
            Segment(text, style(f"findings--{name}", partial=True)) for text, name in pieces
        )
        return Strip(fit(segments, width))

    @property
    def _entry(self) -> Finding | None:
        return self._entries[self._chosen] if self._entries else None

    def _choose(self, entry: int) -> None:
        entry = max(0, min(entry, len(self._entries) - 1))
        if entry != self._chosen:
            self._chosen, self._evidence = entry, -1
            self._lay_out()
        self._put_cursor()

    def _read_on(self, lines: int) -> bool:
        """Scroll within the chosen finding; returns False when its end is in view."""
        mine = [at for at, line in enumerate(self._lines) if line.entry == self._chosen]
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not mine or (mine[-1] < top + height if lines > 0 else mine[0] >= top):
            return False
        last_top, first_top = mine[-1] - height + 1, mine[0]
        target = min(top + lines, last_top) if lines > 0 else max(top + lines, first_top)
        self.scroll_to(y=target, animate=False, force=True)
        return True

    def _put_cursor(self) -> None:
        """On the head of the chosen finding, with as much under it in view as fits."""
        mine = [at for at, line in enumerate(self._lines) if line.entry == self._chosen]
        if mine:
            self.cursor = mine[0]
            self.reveal(mine[-1])
            self.reveal(mine[0])

    def _lay_out(self) -> None:
        width = self.text_width or UNSEEN_WIDTH
        if not self._entries:
            nothing = "Nothing found so far." if self._seen[1] else "Nothing found."
            self._lines = [_Line(0, ((nothing, "dim"),))]
        else:
            self._lines = [
                _Line(entry, pieces)
                for entry, finding in enumerate(self._entries)
                for pieces in self._told(entry, finding, width)
            ]
        self.redraw()
        mine = (at for at, line in enumerate(self._lines) if line.entry == self._chosen)
        self.cursor = next(mine, 0)

    def _told(
        self, entry: int, finding: Finding, width: int
    ) -> Iterator[tuple[tuple[str, str], ...]]:
        """The lines of one finding: one, or all when it is the chosen one."""
        close = self._explanation(finding)
        severity = finding.severity.word
        place = words.place(self._log, finding.rows[0]) if finding.rows else ""
        times = f" ×{finding.count:,}" if finding.count > 1 else ""
        where = f"{place}{times}"
        head = ((f"{severity:<{SEVERITY_CELLS}}", severity), (f"{where:<{PLACE_CELLS}} ", "dim"))
        said = close.sentence if close is not None else finding.sentence
        if entry != self._chosen:
            yield *head, (said, "text")
            return
        taken = sum(len(text) for text, _ in head)
        first, *rest = textwrap.wrap(said, max(20, width - taken), break_on_hyphens=False) or [""]
        yield *head, (first, "text")
        if rest:
            for more in _wrapped(" ".join(rest), width - SEVERITY_CELLS):
                yield (" " * SEVERITY_CELLS, "dim"), (more, "text")
        details = (
            words.explanation(close, self._log)
            if close is not None
            else words.details(finding, self._log)
        )
        for title, text in details:
            for number, line in enumerate(_wrapped(text, width - SEVERITY_CELLS - TITLE_CELLS)):
                shown = "" if number else title
                name = "dim" if title in ("Rule", "Source") else "text"
                yield (f"{'':<{SEVERITY_CELLS}}{shown:<{TITLE_CELLS}}", "title"), (line, name)

    def _explanation(self, finding: Finding) -> Explanation | None:
        if finding.rule.id not in CLOSES:
            return None
        row = finding.rows[-1]
        if row not in self._closes:
            try:
                self._closes[row] = explain(self._log, row, self._findings)
            except (JournalError, ValueError):
                self._closes[row] = None
        return self._closes[row]


def _closes_first(findings: Findings) -> list[Finding]:
    """The last close first, then the gravest."""
    found = findings.by_severity()
    grave = [each for each in found if each.rule.id in CLOSES and each.severity > Severity.NOTE]
    return [*reversed(grave), *(each for each in found if each not in grave)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(20, width), break_on_hyphens=False) or [""]
