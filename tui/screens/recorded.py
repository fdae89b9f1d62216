"""The workbench of a recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from tui.core import playhead, prose, status
from tui.core.inspection import Instruments
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.lint import words
from tui.core.lint.linter import Linter, lint
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.playhead import NoPlaceError, Place
from tui.core.session import Area
from tui.core.sound_track import SoundTrack
from tui.core.status import Notice
from tui.core.time_machine import Sound, TimeMachine
from tui.core.timeline import Lane
from tui.keys import RECORDED, bindings
from tui.pace import Pace
from tui.reader import Reader
from tui.screens.lanes import REST_S
from tui.screens.workbench import Workbench
from tui.widgets.level_history import SLOT_S, LevelHistory
from tui.widgets.preview import Preview
from tui.widgets.timeline import TimelineView
from tui.widgets.transport import GoTo, TransportLine

SHOW_HZ = 15
READING_HZ = 2
"""While the file is read, once the first page is there: painting takes the reader's time."""

NO_PICTURE: Final = "No picture had been sent by then."

MakeSound = Callable[[SessionLog, SoundTrack], Sound]
"""Lets a recording be heard."""


class Recorded(Workbench):
    """Shows a recording from its first record on, while it is read and while it grows.

    The conversation, the strip, levels and picture are those of the play head.

    Args:
        reader: of the recording.
        preview: for its pictures.
        make_sound: None leaves it silent.
        play: at this speed, as soon as it is read; None waits for a person.
    """

    PLACE = RECORDED
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(RECORDED)]
    AUTO_FOCUS = "MessageList"

    def __init__(
        self,
        reader: Reader,
        preview: Preview,
        make_sound: MakeSound | None = None,
        play: float | None = None,
        lent: Instruments | None = None,
    ) -> None:
        self._linter = Linter.of(reader.log)
        super().__init__(reader.log, preview, self._linter.findings, lent)
        self._reader = reader
        sound = make_sound(reader.log, self._lanes.timeline.sound) if make_sound else None
        self._machine = TimeMachine(reader.log, self._lanes.timeline, sound, time.perf_counter)
        self._play_at = play
        self._transport = TransportLine()
        self._go_to = GoTo()
        self._pace = Pace()
        self._area = ~Area.NOTHING
        """What has changed at the play head since it was shown."""
        self._leading = False
        """The list's cursor goes with the play head."""
        self._heard_s = 0.0
        """Up to where the histories of the levels go."""
        self._examining: Worker[None] | None = None
        self._examined = 0
        """How many records the linter has looked at."""
        self._tick = 0
        self._reading = True
        """What comes was in the file before it was opened."""
        self._transcript.welcome = prose.UNSAID
        preview.off = NO_PICTURE

    @property
    def path(self) -> Path:
        """The recording's file."""
        return self._reader.path

    @property
    def machine(self) -> TimeMachine:
        """Where the play head is."""
        return self._machine

    def under_body(self) -> Iterable[Widget]:
        """Where the play head is, and where a person says where it shall go."""
        yield self._go_to
        yield self._transport

    def on_mount(self) -> None:
        """Show what there is already; more comes."""
        self.set_interval(1 / SHOW_HZ, self._show)
        self.call_next(self._show)  # the workbench's own handler comes first
        self.call_after_refresh(self._reader.start)  # the first page comes before the rest

    def on_unmount(self) -> None:
        """The file is not read on, and not heard."""
        self._machine.close()
        self._reader.stop()

    # ---- what is shown

    def _show(self) -> None:
        reader = self._reader
        self._tick += 1
        if self._reading:
            self._reading = not reader.whole
            due = self._tick % (SHOW_HZ // READING_HZ) == 0
            if due or not self._reading or not self._messages.rows:
                self.show_messages(news=False)
                self._notice.show(_notice(reader) or Notice())
            return
        if self._play_at is not None:
            self._machine.set_speed(self._play_at)
            self._play_at = None
            self.action_play()
        self._try(self._machine.advance)
        self._examine_on()
        if self._pace.due(bool(self._area) or self._machine.playing):
            self._show_head()

    def _show_head(self) -> None:
        """The session as it was at the play head."""
        machine = self._machine
        instant, session = machine.instant, machine.session
        self.show_messages()
        found = words.counts(self._findings, Severity.NOTE)
        readout = status.readout(session, instant, findings=found)
        calls = readout.calls.partition(" · ")[0]  # nobody can act on them here
        self._strip.show(replace(readout, replayed=self.path.name, calls=calls))
        problem = Notice(machine.problem, problem=True) if machine.problem else None
        self._notice.show(problem or _notice(self._reader) or status.notice(session, instant))
        self._show_levels(instant)
        self._preview.show(instant.video)
        if self._area or instant.playback.playing:
            self._transcript.show(session, instant.playback)
            self._latency.show(self._log, session)
        self._board.show(self._log, session, instant.now_s)
        self._transport.show(machine.transport)
        self._lead_on(Place(machine.place.row, instant.now_s))
        self._lanes.show(machine.transport.length_s, instant.now_s)
        self._area = Area.NOTHING

    def _show_levels(self, instant: Instant) -> None:
        """The histories go on as time did: what was passed since the last picture is filled in."""
        histories = {
            Lane.PLAYBACK: self._speaker_history,
            Lane.MICROPHONE: self._microphone_history,
        }
        passed_s = instant.now_s - self._heard_s
        if not 0 <= passed_s < 60 * SLOT_S:
            for history in histories.values():
                history.restart(instant.now_s)
        else:
            for lane, history in histories.items():
                self._fill(lane, history, instant.now_s)
        self._heard_s = instant.now_s
        self.show_levels(self._machine.session, instant)

    def _fill(self, lane: Lane, history: LevelHistory, now_s: float) -> None:
        levels, at_s = self._lanes.timeline.levels(lane), self._heard_s + SLOT_S
        while levels is not None and at_s < now_s:
            history.show(at_s, levels(at_s - SLOT_S, at_s))
            at_s += SLOT_S

    def _lead_on(self, place: Place) -> None:
        """The list's cursor goes with the play head until a person moves it."""
        if self._leading and self._messages.record_row != self._led:
            self._leading = False
        if self._leading and place.row >= 0:
            self.lead(place.row)
            self._timeline_view.go_to(place.time_s)

    def _examine_on(self) -> None:
        """Let the linter look at what has come, on a thread of its own, and show what it found."""
        count, worker = len(self._log), self._examining
        working = worker is not None and worker.is_running
        if self._reader.whole and count > self._examined and not working:
            self._examining = self.run_worker(self._examine, thread=True, group="lint")
        left = f"{self._examined / count:.0%} looked at" if count > self._examined else ""
        self.show_findings(left)

    def _examine(self) -> None:
        worker, start = get_current_worker(), self._examined
        for done in lint(self._log, self._linter, start):
            self._examined = done
            if worker.is_cancelled:
                return
            time.sleep(REST_S)

    # ---- what a person does

    def action_play(self) -> None:
        """Play or pause."""
        self._lanes.build()
        self._go(self._machine.toggle)

    def action_step(self, records: int) -> None:
        """Some records on or back."""
        self._go(lambda: self._machine.step(records), unfold=True)

    def action_turn(self, step: int) -> None:
        """To the next turn, or back."""
        self._go(lambda: self._machine.step_turn(step))

    def action_speed(self, step: int) -> None:
        """Faster or slower."""
        self._machine.change_speed(step)
        self._show_head()

    def action_travel(self) -> None:
        """The play head goes to the list's cursor."""
        if (row := self._messages.record_row) is not None:
            self._go(lambda: self._machine.seek(playhead.at_row(self._log, row)))

    def action_ask_place(self) -> None:
        """Ask where to go."""
        self._go_to.ask()

    @on(GoTo.Named)
    def _go_to_place(self, event: GoTo.Named) -> None:
        self._go(lambda: self._machine.go(event.words))

    @on(GoTo.Left)
    def _leave_go_to(self) -> None:
        self._messages.focus()

    @on(TransportLine.Sought)
    def _seek_share(self, event: TransportLine.Sought) -> None:
        time_s = event.share * self._machine.transport.length_s
        self._go(lambda: self._machine.seek(playhead.at_time(self._log, time_s)))

    @on(TimelineView.Chosen)
    def _seek(self, event: TimelineView.Chosen) -> None:
        self._go(lambda: self._machine.seek(Place(event.row, event.time_s)))

    def _go(self, order: Callable[[], Area], *, unfold: bool = False) -> None:
        """Do it, and take the list's cursor along."""
        if not self._reader.whole:
            self.notify("The recording is still being read.", markup=False)
            return
        if self._try(order):
            self._area |= Area.CONNECTION
            self._leading = True
            self.show_messages()
            if len(self._log):
                self.lead(max(0, self._machine.place.row), unfold=unfold)
            self._show_head()

    def _try(self, order: Callable[[], Area]) -> bool:
        try:
            self._area |= order()
        except (NoPlaceError, JournalError) as error:
            self.notify(str(error), severity="warning", markup=False)
            return False
        return True


def _notice(reader: Reader) -> Notice | None:
    """How far the file is read, and what is wrong with it."""
    if reader.problem:
        return Notice(reader.problem, problem=True)
    if not reader.whole:
        return Notice(f"Reading {reader.path.name}: {reader.progress:.0%}.")
    if reader.torn:
        return Notice(f"{reader.path.name} ends in the middle of a line: it may still be written.")
    return None
