"""The inspector: one record in several views, and what is known about the field in view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import get_current_worker

from tui.choice_line import Choice, ChoiceLine
from tui.core import clip, wire
from tui.core.diff_lines import DiffLines
from tui.core.dump import HexDump, TextDump
from tui.core.frame import Event, Frame, Record
from tui.core.inspection import Instruments
from tui.core.journal import JournalError
from tui.core.json_tree import JsonTree, escaped
from tui.core.text import safe
from tui.widgets.inspector import views
from tui.widgets.inspector.body import UNSEEN_WIDTH, InspectorBody, Lines
from tui.widgets.inspector.exhibit import Exhibit, Room, examine
from tui.widgets.inspector.field_line import FieldLine
from tui.widgets.inspector.head import head

_VIEWS: Final = (
    Choice("tree", ("tree", "tree")),
    Choice("raw", ("raw text", "raw")),
    Choice("bytes", ("bytes", "bytes")),
    Choice("media", ("media", "media")),
    Choice("sdk", ("what the SDK gives", "SDK")),
    Choice("diff", ("diff", "diff")),
)

_OF_FIELDS: Final = ("tree", "sdk", "diff")
"""The views in which the cursor is on a field."""

PLAYING_HZ: Final = 8
"""How often the play head is drawn."""


class Inspector(Vertical):
    """One record: what it is in words, then one of its views, then what is known of a field.

    What takes long is done on a thread of a worker; meanwhile a line says so.

    Args:
        lent: measures, decodes, plays and asks the SDK; None leaves these views empty.
    """

    DEFAULT_CSS = """
    Inspector {
        & > #inspector-head { height: auto; max-height: 6; padding: 0 1; }
        & > InspectorBody { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view", "View", id="inspector.view"),
        Binding("p", "play", "Play", id="inspector.play", tooltip="Play its sound, or stop"),
        Binding("enter", "open_or_close", "Open or close", id="inspector.toggle", show=False),
        Binding("right", "open", "Open; next medium", id="inspector.open", show=False),
        Binding("left", "close", "Close; medium before", id="inspector.close", show=False),
    ]
    ALLOW_MAXIMIZE = True

    @dataclass
    class Made(Message):
        """What a worker has made, and what shows it."""

        show: Callable[[Any], None]
        made: Any

    def __init__(
        self,
        lent: Instruments | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.record: Record | None = None
        self._lent = lent
        self._run: Callable[[], Sequence[Frame]] = list
        """Reads the messages of the row; on any thread."""
        self._messages = 0
        self._vertex = False
        self._marked: Record | None = None
        """The one that others are compared with."""
        self._medium = 0
        self._done: Exhibit | JsonTree | DiffLines | None = None
        """What a worker has made for the view."""
        self._playing: Timer | None = None
        self._played = -1
        """The record whose sound is played."""

    def compose(self) -> ComposeResult:
        """Head, views, body, field."""
        yield Static(id="inspector-head")
        yield ChoiceLine()
        yield InspectorBody()
        yield FieldLine()

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        choice = self.query_one(ChoiceLine)
        choice.choices, choice.chosen = _VIEWS, "tree"
        self.show(None)

    @property
    def view(self) -> str:
        """The view shown: tree, raw, bytes, media, sdk or diff."""
        return self.query_one(ChoiceLine).chosen

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the body, which the keys are for."""
        self._body.focus(scroll_visible)
        return self

    def show(
        self,
        record: Record | None,
        run: Callable[[], Sequence[Frame]] | None = None,
        messages: int = 1,
        vertex: bool = False,
    ) -> None:
        """Show a record, or that there is none.

        Args:
            record: it, or the first of a run.
            run: reads all messages of the run, on any thread; None is the record alone.
            messages: how many they are.
            vertex: they are of Vertex AI.
        """
        self.record, self._messages, self._vertex = record, messages, vertex
        self._run = run or (lambda: [record] if isinstance(record, Frame) else [])
        self._medium = 0
        self._show_head()
        self._show_body()

    def show_view(self, view: str) -> None:
        """Show the record in another view."""
        self.query_one(ChoiceLine).chosen = view
        self._show_body()

    def mark(self) -> None:
        """Mark the record for a comparison, or compare it with the one that is marked.

        The marked one itself is unmarked.
        """
        if self.record is None:
            return
        if self._marked is None or self._marked.seq == self.record.seq:
            self._marked = self.record if self._marked is None else None
            self._show_head()
            if self.view == "diff":
                self._show_body()
        else:
            self.show_view("diff")

    # ---- keys

    def action_next_view(self) -> None:
        """The next view, and the first after the last."""
        order = [choice.value for choice in _VIEWS]
        self.show_view(order[(order.index(self.view) + 1) % len(order)])

    def action_open_or_close(self) -> None:
        """Open the line, or close it; play a sound."""
        if self.view == "media":
            self.action_play()
        else:
            self._body.activate()

    def action_open(self) -> None:
        """Show what is below the line; the next medium."""
        if self.view == "media":
            self._turn_to(self._medium + 1)
        else:
            self._body.open()

    def action_close(self) -> None:
        """Hide what is below the line, or go to the line that this one is below."""
        if self.view == "media":
            self._turn_to(self._medium - 1)
        elif not self._body.close():
            self._body.to_parent()

    def action_play(self) -> None:
        """Play the sound of the message or run; stop where it is played."""
        if self._lent is None:
            return
        if self._playing is not None:
            self._lent.audition.stop()
            self._follow_sound()
            return
        run, done, audition = self._run, self._done, self._lent.audition
        known = done.clip if isinstance(done, Exhibit) else None
        seq = -1 if self.record is None else self.record.seq
        self._later(
            "sound",
            lambda: audition.play(known or clip.joined(run())),
            partial(self._begin_sound, seq),
        )

    def on_choice_line_chosen(self, event: ChoiceLine.Chosen) -> None:
        """A click on a view shows it."""
        event.stop()
        self.show_view(event.value)

    def on_inspector_body_moved(self, event: InspectorBody.Moved) -> None:
        """Say what is known about the field that the cursor is on."""
        event.stop()
        self.query_one(FieldLine).show(self.record, *self._field())

    # ---- copying

    def copy_value(self) -> str:
        """What the cursor is on: a string as it reads, anything else as JSON."""
        body = self._body
        if not isinstance(body.lines, (JsonTree, DiffLines)):
            return body.text(body.cursor)
        try:
            return body.lines.text(body.cursor)
        except ValueError:
            return self.copy_raw()

    def copy_path(self) -> str:
        """Where the cursor is in the message; empty where that is no field."""
        return safe(self._field()[0])

    def copy_raw(self) -> str:
        """The whole payload: JSON as it is but for escapes of what might act on a terminal."""
        if self.record is None:
            return ""
        payload = views.payload(self.record)
        text = payload.decode("utf-8", "backslashreplace")
        try:
            wire.parse(payload)
        except wire.Undecodable:
            return safe(text, lines=True)
        return escaped(text)

    # ---- what is shown

    @property
    def _body(self) -> InspectorBody:
        return self.query_one(InspectorBody)

    def _show_head(self) -> None:
        record = self.record
        if record is None:
            words = Content("No message")
        else:
            marked = self._marked is not None and self._marked.seq == record.seq
            words = Content("  ").join(head(record, self._messages, marked))
        self.query_one("#inspector-head", Static).update(words)

    def _show_body(self) -> None:
        self._done = None
        self.workers.cancel_group(self, "view")
        self.query_one(FieldLine).display = self.record is not None and self.view in _OF_FIELDS
        self._body.show(self._lines)
        work = self._work()
        if work is not None:
            self._later("view", work, self._show_done)

    def _turn_to(self, medium: int) -> None:
        self._medium = medium
        self._show_body()

    def _field(self) -> tuple[str, Any]:
        """The path that the cursor is on in the message, and what stands there."""
        body = self._body
        if isinstance(body.lines, DiffLines):
            return body.lines.path(body.cursor), None
        if body.json_tree is None or self.view not in _OF_FIELDS or self.record is None:
            return "", None
        node = body.json_tree.nodes[body.cursor]
        if self.view == "tree":
            return ("" if isinstance(self.record, Event) else node.path), node.value
        of_message, _, path = node.path.partition(".")
        return (path if of_message == "message" else ""), node.value

    def _lines(self, width: int) -> Lines:
        """The view's lines as far as they are there."""
        record, view = self.record, self.view
        if record is None:
            return JsonTree.remark("Select a message in the list above.")
        if view == "raw":
            return TextDump(views.payload(record), width)
        if view == "bytes":
            return HexDump(views.payload(record), width)
        if view == "tree":
            return views.tree(record, width)
        if isinstance(self._done, Exhibit):
            if self._done.rgb and self._done.room != self._room:
                self.call_later(self._show_body)  # a picture is decoded for its size
            base = self.rich_style if self.app.no_color else None
            return self._done.lines(self._room, self._heard_s, base)
        return self._done or JsonTree.remark(self._why_not() or "One moment …")

    def _why_not(self) -> str:
        """Why a view that takes work has none to do; empty where it has."""
        if self.view == "diff":
            if self._marked is None:
                return "Mark a message with =, then go to another and press = again."
            same = self.record is not None and self._marked.seq == self.record.seq
            return "This message is marked: go to another." if same else ""
        if not isinstance(self.record, Frame):
            return "An event of this side is not on the wire."
        return "" if self._lent else "Not available here."

    def _work(self) -> Callable[[], Exhibit | JsonTree | DiffLines] | None:
        """What a worker has to do for the view; None where nothing takes long."""
        record, view, lent = self.record, self.view, self._lent
        if record is None or view in ("tree", "raw", "bytes") or self._why_not():
            return None
        if view == "diff":
            assert self._marked is not None
            return partial(views.diff, self._marked, record)
        assert isinstance(record, Frame)
        assert lent is not None
        if view == "media":
            run, medium, room = self._run, self._medium, self._room
            return lambda: examine(run(), medium, room, lent)
        vertex, width = self._vertex, self._room.width
        return lambda: views.sdk_tree(lent.sdk(record, vertex), width)

    def _show_done(self, done: Exhibit | JsonTree | DiffLines | str) -> None:
        self._done = JsonTree.remark(done) if isinstance(done, str) else done
        self._body.remake()

    def _later(self, group: str, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        """Do work on a thread, then show what came of it, or the words of why nothing did."""

        def do() -> None:
            try:
                made = work()
            except (ValueError, JournalError) as error:
                made = str(error)
            except Exception as error:  # of libraries, for media and messages that nobody foresaw
                made = f"It cannot be shown: {type(error).__name__}: {error}"
            if not get_current_worker().is_cancelled:
                self.post_message(self.Made(show, made))

        self.run_worker(do, thread=True, exclusive=True, group=group)

    def on_inspector_made(self, event: Made) -> None:
        """A worker is done."""
        event.stop()
        event.show(event.made)

    @property
    def _room(self) -> Room:
        body = self._body
        return Room(body.text_width or UNSEEN_WIDTH, max(1, body.size.height))

    # ---- sound

    @property
    def _heard_s(self) -> float | None:
        """How much of the record's sound was played; None while it is not."""
        here = self.record is not None and self.record.seq == self._played
        return self._lent.audition.heard_s if self._lent and self._playing and here else None

    def _begin_sound(self, seq: int, trouble: str | None) -> None:
        if trouble:
            self.notify(safe(trouble), markup=False)
            return
        self._played = seq
        self._playing = self._playing or self.set_interval(1 / PLAYING_HZ, self._follow_sound)

    def _follow_sound(self) -> None:
        """Draw the play head, and stop when there is none any more."""
        assert self._lent is not None
        audition = self._lent.audition
        if audition.heard_s is None and self._playing is not None:
            self._playing.stop()
            self._playing = None
            if audition.problem:
                self.notify(safe(audition.problem), severity="warning", markup=False)
        if self.view == "media" and isinstance(self._done, Exhibit):
            self._body.remake()
