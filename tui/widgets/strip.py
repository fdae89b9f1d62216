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
    """One thing that the strip says: in full, in short, how it looks, and when it gives way."""

    text: str
    short: str
    look: str
    rank: int
    """1 stays longest."""


def fields(readout: Readout) -> list[Field]:
    """What the strip has to say, from left to right."""
    first = readout.state.partition(" ")[0]
    look = _STATES.get(readout.state, "failed" if first == "Closed" else "busy")
    state = f" {safe(readout.state):<{_STATE_CELLS}} "
    place, emulated = safe(readout.place), readout.emulated
    recording = f"● REC {safe(readout.recording)}" if readout.recording else "not recorded"
    everything = [
        Field(state, state, look, 1),
        Field(f" {place} ", f" {place.removeprefix('LOCAL ')} ", "emulator", 2)
        if emulated
        else Field(place, place, "note", 8),
        Field(safe(readout.model), safe(readout.model), "text", 4),
        Field(readout.modality, readout.modality.partition(" (")[0], "text", 3),
        Field(readout.clock, readout.clock, "text", 5),
        Field(
            readout.latency,
            readout.latency.partition(" to ")[0],
            "warning" if readout.slow else "text",
            6,
        ),
        Field(readout.underruns, readout.underruns, "warning", 7),
        Field(readout.tokens, readout.tokens, "text", 9),
        Field(readout.heard, readout.heard, "note", 11),
        Field(
            recording,
            "● REC" if readout.recording else recording,
            "recording" if readout.recording else "note",
            10,
        ),
    ]
    return [field for field in everything if field.text.strip()]


def fitted(fields: list[Field], width: int) -> list[tuple[Field, str]]:
    """The fields that ``width`` cells have room for: shortened first, then left out."""
    shown = {field: field.text for field in fields}
    by_rank = sorted(fields, key=lambda field: -field.rank)
    for field in by_rank:
        if _cells(shown) > width:
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
        """Show it; all of it in a tooltip, where two lines may be too short."""
        text = Content(safe(notice.text))
        self.display = bool(notice.text)
        self.set_class(notice.problem, "-problem")
        self.update(text)
        self.tooltip = text

    def show(self, notice: Notice) -> None:
        """Bring the line up to date."""
        self.notice = notice
