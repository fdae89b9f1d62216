"""The picker of devices: four groups in one list, each device with a test."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, TypeAlias

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from tui.core.devices import Finding, Group, Kind, Source, Thumbnail
from tui.core.playback import SILENCE_DB
from tui.core.text import safe
from tui.widgets.meter import Meter

OFF = "off"
MARK_PERIOD_S = 0.5
"""How often is looked what is in use."""

Read: TypeAlias = Callable[[], Sequence[Group]]
Test: TypeAlias = Callable[[Kind, Source], Generator[Finding]]
Choose: TypeAlias = Callable[[Kind, Source], None]


@dataclass(frozen=True, slots=True)
class Use:
    """What the session was told to use of a kind, and what came of it."""

    source: Source
    device: str = ""
    """Name of the device that is really open; empty for none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list that can be chosen."""

    kind: Kind
    source: Source
    name: str
    facts: str = ""
    names: tuple[Source, ...] = ()
    """All that it may have been chosen by."""


class DeviceList(OptionList):
    """Keeps the cursor in sight when what a test has found takes room from it."""

    def on_resize(self) -> None:
        """Scroll to it."""
        self.call_after_refresh(self.scroll_to_highlight)


class Devices(ModalScreen[None]):
    """Lists, tests and chooses. What it calls may block, except ``in_use`` and ``choose``.

    Args:
        read: makes the list; called on a thread.
        test: tests a device; its findings are taken on a thread, and it is closed there.
        in_use: what the session uses of a kind.
        choose: tells the session to use another one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "Test", id="devices.test"),
        Binding("r", "read", "Read again", id="devices.read"),
        Binding("escape,d,f9,q", "dismiss", "Close", key_display="esc", id="devices.close"),
    ]

    @dataclass
    class Listed(Message):
        """The list was read."""

        groups: Sequence[Group]

    @dataclass
    class Found(Message):
        """A test has found something, or has ended."""

        row: Row
        finding: Finding | None

    def __init__(
        self, read: Read, test: Test, in_use: Callable[[Kind], Use | None], choose: Choose
    ) -> None:
        super().__init__()
        self._read, self._test, self._in_use, self._choose = read, test, in_use, choose
        self._groups: Sequence[Group] = ()
        self._rows: dict[str, Row] = {}
        self._marks: dict[Row, str] = {}
        self._tested: Row | None = None
        self._level = Meter("", id="device-level")

    def compose(self) -> ComposeResult:
        """The list, and under it what the test has found."""
        with Vertical(id="devices"):
            yield DeviceList(id="device-list")
            yield self._level
            yield Static(id="device-picture")
            yield Static("Reading the list of devices…", id="device-finding")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the list."""
        frame = self.query_one("#devices")
        frame.border_title, frame.border_subtitle = "Devices", "Up and Down move, Enter chooses"
        self.action_read()
        self.set_interval(MARK_PERIOD_S, self._mark)

    # ---- the list

    def action_read(self) -> None:
        """Read the list again."""
        self._say("Reading the list of devices…")
        self.run_worker(self._list, thread=True, exclusive=True, group="list")

    def _list(self) -> None:
        self.post_message(self.Listed(self._read()))

    @on(Listed)
    def _show_list(self, event: Listed) -> None:
        at = self._list_widget.highlighted
        self._groups = event.groups
        self._rows = {str(n): row for n, row in enumerate(_rows(event.groups))}
        self._marks = self._marked()
        self._list_widget.set_options(self._options())
        self._list_widget.highlighted = at if at is not None else 1
        count = sum(len(group.devices) for group in event.groups)
        self._say(f"{count} device{'s' * (count != 1)}. Enter chooses, t tests.")

    @property
    def _list_widget(self) -> OptionList:
        return self.query_one("#device-list", OptionList)

    def _options(self) -> Iterator[Option]:
        for group in self._groups:
            title = Text(group.kind.plural.title(), style="bold underline")
            yield Option(title, disabled=True)
            for key, row in self._rows.items():
                if row.kind is group.kind:
                    yield Option(self._prompt(row), id=key)
            if group.problem:
                yield Option(Text(safe(group.problem)), disabled=True)

    def _prompt(self, row: Row) -> Table:
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(ratio=3, no_wrap=True, overflow="ellipsis")
        table.add_column(ratio=4, no_wrap=True, overflow="ellipsis")
        table.add_column(width=6, no_wrap=True, justify="right")
        mark = self._marks.get(row, "")
        table.add_row(Text(safe(row.name)), Text(safe(row.facts)), Text(mark, style="bold"))
        return table

    def _mark(self) -> None:
        """Say what is in use now."""
        marks = self._marked()
        if marks == self._marks:
            return
        changed = {row for row in self._rows.values() if marks.get(row) != self._marks.get(row)}
        self._marks = marks
        for key, row in self._rows.items():
            if row in changed:
                self._list_widget.replace_option_prompt(key, self._prompt(row))

    def _marked(self) -> dict[Row, str]:
        marks: dict[Row, str] = {}
        for kind in Kind:
            use = self._in_use(kind)
            rows = [row for row in self._rows.values() if row.kind is kind]
            row = _used(rows, use) if use is not None else None
            if row is not None and use is not None:
                marks[row] = "in use" if use.device or row.source == OFF else "chosen"
        return marks

    @on(OptionList.OptionSelected, "#device-list")
    def _take(self, event: OptionList.OptionSelected) -> None:
        row = self._rows[event.option_id or ""]
        self._choose(row.kind, row.source)
        self._say(f"{row.kind.value.title()}: {row.name}.")
        self._mark()

    # ---- tests

    def action_test(self) -> None:
        """Test the device under the cursor, or end the test of it."""
        at = self._list_widget.highlighted
        row = self._rows.get(self._list_widget.get_option_at_index(at).id or "") if at else None
        running = self._tested
        self._end_test()
        if row is None or row is running:
            self._say("The test was ended." if running else "Choose a device to test.")
        elif row.source == OFF:
            self._say("Nothing to test: off is off.")
        else:
            self._tested = row
            self._level.show(SILENCE_DB, SILENCE_DB)  # its silence begins now
            self._say(f"Testing {row.name}…")
            work = partial(self._try, row)
            self.run_worker(work, thread=True, exclusive=True, group="test")

    def _end_test(self) -> None:
        self._tested = None
        self.workers.cancel_group(self, "test")
        self._level.display = False
        self.query_one("#device-picture").display = False

    def _try(self, row: Row) -> None:
        worker = get_current_worker()
        with closing(self._test(row.kind, row.source)) as findings:
            for finding in findings:
                if worker.is_cancelled:
                    return
                self.post_message(self.Found(row, finding))
        self.post_message(self.Found(row, None))

    @on(Found)
    def _show(self, event: Found) -> None:
        if event.row is not self._tested:
            return
        finding = event.finding
        if finding is None:
            self._tested = None
            self._level.display = False
            return
        self._level.display = finding.sounds
        self._level.show(finding.level_db, finding.peak_db, playing=finding.sounds)
        if finding.picture is not None:
            picture = self.query_one("#device-picture", Static)
            picture.update(Segments(_half_blocks(finding.picture)))
            picture.display = True
        self._say(finding.words)

    def _say(self, words: str) -> None:
        self.query_one("#device-finding", Static).update(Text(safe(words)))


def _rows(groups: Iterable[Group]) -> Iterator[Row]:
    """All that can be chosen; of sound devices also the default one, of microphones none."""
    for group in groups:
        if group.kind in (Kind.MICROPHONE, Kind.SPEAKER) and group.devices:
            default = next((each.name for each in group.devices if "default" in each.marks), "")
            yield Row(group.kind, None, "Default device", f"now {default}" if default else "")
        for device in group.devices:
            facts = ", ".join((*device.marks, *filter(None, [device.facts])))
            names = (device.name, device.number, str(device.number))
            yield Row(group.kind, device.source, device.name, facts, names)
        if group.kind is Kind.MICROPHONE:
            yield Row(group.kind, OFF, "Off", "nothing is heard; text and files go on")


def _used(rows: Sequence[Row], use: Use) -> Row | None:
    """The row that a choice means: by what it was chosen by, else by the device that came of it."""
    for name in (use.source, use.device):
        for row in rows:
            if name == row.source or (name and name in row.names):
                return row
    return None


def _half_blocks(picture: Thumbnail) -> Iterator[Segment]:
    """Two rows of pixels in one of cells."""
    width, rgb = picture.width, picture.rgb
    colours = [Color.from_rgb(*rgb[at : at + 3]) for at in range(0, len(rgb), 3)]
    for top in range(0, picture.height, 2):
        for x in range(top * width, (top + 1) * width):
            lower = colours[x + width] if top + 1 < picture.height else None
            yield Segment("▀", Style(color=colours[x], bgcolor=lower))
        yield Segment.line()
