"""The lines that are always in view: the state of the session, and the last notice."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.reactive import reactive, var
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui.core.status import Notice, Readout
from tui.core.text import safe

GAP = "  "
_STATE_CELLS = len("Interrupted")
_STATES = {
    "Ready": "ready",
    "Speaking": "speaking",
    "Idle": "resting",
    "Closed": "resting",
    "Failed": "failed",
}
"""The look of a state's word; `Closed 1011` and the like have failed, all others are under way."""


class Field(NamedTuple):
    """One thing that the strip says. The highest rank gives way first."""

    rank: int
    look: str
    text: str
    short: str = ""
    """What is said where the text is too long; empty when it has no shorter form."""


def fields(readout: Readout) -> list[Field]:
    """What the strip has to say, from left to right."""
    fields = (
        _state(readout.state),
        _place(readout),
        Field(1, "calls", safe(readout.calls), safe(readout.calls.partition(" · ")[0])),
        Field(4, "text", safe(readout.model)),
        Field(3, "text", readout.modality, readout.modality.partition(" (")[0]),
        Field(3, "video", readout.video),
        Field(5, "text", readout.clock),
        _latency(readout),
        Field(6, "warning", readout.ping),
        Field(7, "warning", readout.underruns),
        Field(7, "warning", readout.bench and f"tools {readout.bench}"),
        Field(7, "warning", readout.findings, readout.findings.partition(" · ")[0]),
        Field(9, "text", readout.tokens, readout.tokens.partition(" · ")[0]),
        Field(9, "text", readout.cost, readout.cost.partition(",")[0]),
        _echo(readout.echo),
        Field(11, "note", readout.heard),
        _recording(readout),
    )
    return [field for field in fields if field.text]


def _state(word: str) -> Field:
    other = "failed" if word.startswith("Closed ") else "busy"
    return Field(1, _STATES.get(word, other), f" {word:<{_STATE_CELLS}} ")


def _place(readout: Readout) -> Field:
    if readout.emulated:
        return Field(2, "emulator", f" {readout.place} ", f" {readout.place.split()[-1]} ")
    return Field(8, "note", safe(readout.place))


def _latency(readout: Readout) -> Field:
    look = "warning" if readout.slow else "text"
    return Field(6, look, readout.latency, readout.latency.partition(" to ")[0])


def _echo(words: str) -> Field:
    """Where nothing cancels, that is a warning: a model may hear itself."""
    cancels = not words or words.startswith(_CANCELS)
    return Field(8, "note" if cancels else "warning", words, words.replace(_CANCELS, "AEC"))


_CANCELS = "echo cancelling"


def _recording(readout: Readout) -> Field:
    if readout.replayed:
        return Field(10, "note", f"RECORDING {safe(readout.replayed)}", "RECORDING")
    if readout.recording:
        return Field(10, "recording", f"● REC {safe(readout.recording)}", "● REC")
    return _NOT_RECORDED


_NOT_RECORDED = Field(10, "note", "not recorded")


def fitted(fields: list[Field], width: int) -> list[tuple[Field, str]]:
    """The fields that ``width`` cells have room for: shortened first, then left out."""
    shown = {field: field.text for field in fields}
    by_rank = sorted(fields, key=lambda field: -field.rank)
    for field in by_rank:
        if _cells(shown) > width and field.short:
            shown[field] = field.short
    for field in by_rank[:-1]:
        if _cells(shown) > width:
            del shown[field]
    return list(shown.items())


def _cells(shown: dict[Field, str]) -> int:
    return sum(cell_len(text) + len(GAP) for text in shown.values()) - len(GAP)


class StatusStrip(Widget):
    """The session in one line. Where there is no room, the least important gives way first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("strip--ready", "strip--speaking", "strip--resting", "strip--failed", "strip--busy"),
        *("strip--emulator", "strip--text", "strip--note", "strip--warning", "strip--recording"),
        *("strip--video", "strip--calls"),
    }

    DEFAULT_CSS = """
    StatusStrip {
        height: 1;
        & > .strip--ready { color: $text-success; text-style: bold; }
        & > .strip--speaking { color: $bd-speech; text-style: bold reverse; }
        & > .strip--resting { color: $text-muted; text-style: bold; }
        & > .strip--failed { color: $text-error; text-style: bold; }
        & > .strip--busy { color: $text-warning; text-style: bold; }
        & > .strip--emulator { color: $bd-emulator; text-style: bold reverse; }
        & > .strip--note { color: $text-muted; }
        & > .strip--warning { color: $text-warning; }
        & > .strip--recording { color: $text-error; }
        & > .strip--video { color: $text-error; text-style: bold; }
        & > .strip--calls { color: $text-warning; text-style: bold reverse; }
    }
    """

    readout: reactive[Readout] = reactive(Readout())
    """What the strip says; drawn again only when it differs."""

    def show(self, readout: Readout) -> None:
        """Bring the strip up to date."""
        self.readout = readout

    def render_line(self, y: int) -> Strip:
        """The fields that there is room for."""
        segments: list[Segment] = []
        base = self.rich_style
        for field, text in fitted(fields(self.readout), self.size.width):
            if segments:
                segments.append(Segment(GAP, base))
            style = self.get_component_rich_style(f"strip--{field.look}")
            segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(self.size.width, base)


class NoticeBar(Static):
    """One sentence under the strip, in two lines at most; not there when there is none."""

    DEFAULT_CSS = """
    NoticeBar {
        height: auto;
        max-height: 2;
        padding: 0 1;
        color: $text-muted;
        display: none;
        &.-problem { color: $text-error; }
    }
    """

    notice: var[Notice] = var(Notice())
    """What it says."""

    def watch_notice(self, notice: Notice) -> None:
        """Say it; what two lines cannot hold is in the tooltip."""
        self.display = bool(notice.text)
        self.set_class(notice.problem, "-problem")
        self.tooltip = Content(safe(notice.text))
        self._fit()

    def on_resize(self) -> None:
        """More or less of it may fit."""
        self._fit()

    def _fit(self) -> None:
        text, width = Content(safe(self.notice.text)), self.content_size.width
        first, *rest = text.wrap(width) if width else [text]
        if len(rest) > 1:
            second = Content(" ".join(line.plain.strip() for line in rest))
            text = Content("\n").join([first, second.truncate(width, ellipsis=True)])
        self.update(text)

    def show(self, notice: Notice) -> None:
        """Bring the line up to date."""
        self.notice = notice
