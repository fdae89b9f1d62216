"""The inspector: one record, as a tree, as its text, and byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Protocol, Self

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.choice_line import Choice, ChoiceLine
from tui.core import media, wire
from tui.core.dump import HexDump, TextDump
from tui.core.frame import BINARY, Direction, Event, Frame, Record
from tui.core.json_tree import PIECES, JsonTree, Line, escaped, json_text
from tui.core.row_text import ARROWS, clock, size_text
from tui.core.text import safe
from tui.line_view import LineView, fit

_VIEWS = (
    Choice("tree", ("tree",)),
    Choice("raw", ("raw text",)),
    Choice("bytes", ("bytes",)),
)

UNSEEN_WIDTH = 80
"""What lines are made for while the pane is hidden."""

HEAD_CHARS = 80
"""The length at which a list in the head is cut."""


class Lines(Protocol):
    """What the body shows."""

    def __len__(self) -> int: ...

    def line(self, at: int) -> Line:
        """One line in pieces, safe for a terminal."""
        ...


class InspectorBody(LineView):
    """The lines of one view of a record."""

    DEFAULT_CSS = """
    InspectorBody {
        & > .inspector-body--key { color: $bd-family-client; }
        & > .inspector-body--text { color: $foreground; }
        & > .inspector-body--number { color: $bd-received; }
        & > .inspector-body--word { color: $bd-family-events; }
        & > .inspector-body--chip { color: $bd-family-server-content; text-style: bold; }
        & > .inspector-body--dim { color: $bd-family-metadata; }
        & > .inspector-body--unknown { color: $bd-unknown; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"inspector-body--{piece}" for piece in PIECES}

    def __init__(self) -> None:
        super().__init__()
        self._make: Callable[[int], Lines] = lambda width: JsonTree.remark("")
        self.lines: Lines = self._make(0)

    @property
    def line_count(self) -> int:
        """How many lines the view has."""
        return len(self.lines)

    @property
    def json_tree(self) -> JsonTree | None:
        """The tree, if that is the view."""
        return self.lines if isinstance(self.lines, JsonTree) else None

    def show(self, make: Callable[[int], Lines]) -> None:
        """Show other lines, made for a width, from the first."""
        self._make = make
        self.lines = make(self.text_width or UNSEEN_WIDTH)
        self.redraw()
        self.move_cursor(0)

    def draw(self, line: int, width: int) -> Strip:
        """One line."""
        style = self.get_component_rich_style
        segments = (
            Segment(text, style(f"inspector-body--{piece}", partial=True))
            for text, piece in self.lines.line(line)
        )
        return Strip(fit(segments, width))

    def on_resize(self, event: events.Resize) -> None:
        """Text and bytes are laid out for a width; a tree stays as it is open."""
        if self.json_tree is None:
            self.lines = self._make(self.text_width or UNSEEN_WIDTH)

    def activate(self) -> None:
        """A double click opens or closes."""
        if not self.open():
            self.close()

    def open(self) -> bool:
        """Show what is below the line; returns False when there is nothing to show."""
        if self.json_tree is None or not self.json_tree.open(self.cursor):
            return False
        self.redraw()
        return True

    def close(self) -> bool:
        """Hide what is below the line; returns False when nothing is shown."""
        if self.json_tree is None or not self.json_tree.close(self.cursor):
            return False
        self.redraw()
        return True

    def to_parent(self) -> None:
        """Put the cursor on the line that this one is below."""
        if self.json_tree is not None:
            self.move_cursor(self.json_tree.parent(self.cursor))


class Inspector(Vertical):
    """One record: what it is in words, then its tree, its raw text or its bytes."""

    DEFAULT_CSS = """
    Inspector {
        & > #inspector-head { height: auto; max-height: 6; padding: 0 1; }
        & > InspectorBody { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view", "View", id="inspector.view"),
        Binding("enter", "open_or_close", "Open or close", id="inspector.toggle", show=False),
        Binding("right", "open", "Open", id="inspector.open", show=False),
        Binding("left", "close", "Close, or to the parent", id="inspector.close", show=False),
    ]
    ALLOW_MAXIMIZE = True

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.record: Record | None = None

    def compose(self) -> ComposeResult:
        """Head, views, body."""
        yield Static(id="inspector-head")
        yield ChoiceLine()
        yield InspectorBody()

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        views = self.query_one(ChoiceLine)
        views.choices, views.chosen = _VIEWS, "tree"
        self.show(None)

    @property
    def view(self) -> str:
        """The view shown: tree, raw or bytes."""
        return self.query_one(ChoiceLine).chosen

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the body, which the keys are for."""
        self._body.focus(scroll_visible)
        return self

    def show(self, record: Record | None) -> None:
        """Show a record, or that there is none."""
        self.record = record
        head = Content("No message") if record is None else Content("  ").join(_head(record))
        self.query_one("#inspector-head", Static).update(head)
        self._body.show(self._lines)

    def show_view(self, view: str) -> None:
        """Show the record as tree, raw or bytes."""
        self.query_one(ChoiceLine).chosen = view
        self._body.show(self._lines)

    def action_next_view(self) -> None:
        """Tree, raw text, bytes, and the tree again."""
        views = [choice.value for choice in _VIEWS]
        self.show_view(views[(views.index(self.view) + 1) % len(views)])

    def action_open_or_close(self) -> None:
        """Open the line, or close it."""
        self._body.activate()

    def action_open(self) -> None:
        """Show what is below the line."""
        self._body.open()

    def action_close(self) -> None:
        """Hide what is below the line, or go to the line that this one is below."""
        if not self._body.close():
            self._body.to_parent()

    def on_choice_line_chosen(self, event: ChoiceLine.Chosen) -> None:
        """A click on a view shows it."""
        event.stop()
        self.show_view(event.value)

    def copy_value(self) -> str:
        """What the cursor is on: a string as it reads, anything else as JSON."""
        body = self._body
        if body.json_tree is None:
            return "".join(text for text, _ in body.lines.line(body.cursor))
        try:
            return body.json_tree.text(body.cursor)
        except ValueError:
            return self.copy_raw()

    def copy_path(self) -> str:
        """Where the cursor is in the message, keys as on the wire; empty but in the tree."""
        body = self._body
        return safe(body.json_tree.nodes[body.cursor].path) if body.json_tree else ""

    def copy_raw(self) -> str:
        """The whole payload: JSON as it is but for escapes of what might act on a terminal."""
        if self.record is None:
            return ""
        payload = _payload(self.record)
        text = payload.decode("utf-8", "backslashreplace")
        try:
            wire.parse(payload)
        except wire.Undecodable:
            return safe(text, lines=True)
        return escaped(text)

    @property
    def _body(self) -> InspectorBody:
        return self.query_one(InspectorBody)

    def _lines(self, width: int) -> Lines:
        if self.record is None:
            return JsonTree.remark("Select a message in the list above.")
        if self.view == "raw":
            return TextDump(_payload(self.record), width)
        if self.view == "bytes":
            return HexDump(_payload(self.record), width)
        return _tree(self.record, width)


def _payload(record: Record) -> bytes:
    """The message's bytes; an event's detail as JSON."""
    if isinstance(record, Frame):
        return record.payload
    try:
        return json_text(record.detail).encode()
    except ValueError as error:
        return str(error).encode()


def _tree(record: Record, width: int) -> JsonTree:
    if isinstance(record, Event):
        return JsonTree(dict(record.detail), rate_hz=media.OUTPUT_RATE_HZ, wrap=width)
    try:
        message = wire.parse(record.payload)
    except wire.Undecodable as error:
        return JsonTree.remark(str(error))
    sent = record.direction is Direction.SEND
    rate_hz = media.INPUT_RATE_HZ if sent else media.OUTPUT_RATE_HZ
    return JsonTree(message, _unknown(record), rate_hz=rate_hz, wrap=width)


def _unknown(record: Frame) -> list[str]:
    return [path for fact in record.facts for path in fact.unknown]


def _head(record: Record) -> Iterator[Content]:
    """What the record is, in words."""
    yield Content(f"#{record.seq}")
    yield Content(clock(record.mono_s))
    if isinstance(record, Event):
        yield Content.styled(f"{ARROWS['event']} event", "$bd-family-events")
        yield Content.styled(safe(record.name), "bold")
        return
    direction = "sent" if record.direction is Direction.SEND else "received"
    yield Content.styled(f"{ARROWS[direction]} {direction}", f"$bd-{direction}")
    yield Content("binary" if record.opcode == BINARY else "text")
    yield Content(size_text(len(record.payload)))
    yield Content.styled(_listed(" + ", (fact.kind for fact in record.facts)), "bold")
    if record.masked:
        yield Content.styled("masked: a credential was replaced", "$bd-unknown bold")
    if unknown := _unknown(record):
        paths = _listed(", ", unknown)
        yield Content.styled(f"⚑ unknown to the SDK: {paths}", "$bd-unknown bold")


def _listed(separator: str, words: Iterable[str]) -> str:
    text = safe(separator.join(words))
    return text if len(text) <= HEAD_CHARS else text[: HEAD_CHARS - 1] + "…"
