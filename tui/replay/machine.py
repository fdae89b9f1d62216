"""The time machine: the session of a recording as it was at a play head that moves through it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from tui.core import playhead
from tui.core.hindsight import Hindsight
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.playhead import SOUND_SPEED, Place, PlayHead
from tui.core.session import Area, Session
from tui.core.timeline import Timeline
from tui.core.transport import Transport
from tui.replay.sound import LEAD_S, Player, Sound

BUDGET_S = 0.03
"""An advance that has more to do leaves the rest for the next one, so that keys are answered."""

NEAR_ROWS = 256
"""So far ahead is quicker gone record by record than by a checkpoint."""

EVERYTHING = ~Area.NOTHING


class TimeMachine:
    """Plays a recording through the reducer of live sessions. All on the thread of the screen.

    It begins at the end, with all that is there, and stays there while a file grows.

    Args:
        log: the recording, which may still grow.
        timeline: of it; being built by somebody else, it tells where sound and pictures are.
        make_player: makes the speaker; None for a silent one.
        clock: on the wall, seconds.
    """

    def __init__(
        self,
        log: SessionLog,
        timeline: Timeline,
        make_player: Callable[[], Player] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.session = log.session
        """The state at the play head; at the end of the log it is the log's own."""
        self._log = log
        self._timeline = timeline
        self._clock = clock
        self._hindsight = Hindsight(log, timeline)
        self._sound = Sound(make_player, log, timeline.sound, clock) if make_player else None
        self._row = len(log) - 1
        end_s = self._end_s
        self._head = PlayHead(end_s, end_s)
        self._riding = True
        """The head stays at the end of the log, wherever that is."""

    @property
    def place(self) -> Place:
        """The record that was applied last, and the time of the play head."""
        return Place(self._row, self._head.position_s(self._clock()))

    @property
    def playing(self) -> bool:
        """Whether the head moves."""
        return self._head.playing

    @property
    def instant(self) -> Instant:
        """What clock and devices said there; a speaker that is missing now is said, too."""
        instant = self._hindsight.instant(self.place, self.session)
        problem = self._sound.problem if self._sound and self._head.playing else ""
        if problem:
            instant = replace(instant, playback=replace(instant.playback, problem=problem))
        return instant

    @property
    def transport(self) -> Transport:
        """What is to be said about it."""
        head = self._head
        turn = len(self.session.turns)
        return Transport(
            playing=head.playing,
            position_s=self.place.time_s,
            length_s=head.end_s,
            speed=head.speed,
            turn=turn,
            turns=len(self._log.session.turns),
            row=self._row,
            rows=len(self._log),
            sound=self._sound_state(),
        )

    # ---- what a person does

    def toggle(self) -> Area:
        """Play or pause."""
        return self.pause() if self._head.playing else self.play()

    def play(self) -> Area:
        """Move on from here, or from the beginning where it is over."""
        now_s = self._clock()
        started_over = self._head.over(now_s)
        self._riding = False
        self._head = self._head.play(now_s + (LEAD_S if self._is_heard else 0.0))
        self._sing()
        return self._stand(playhead.at_time(self._log, 0.0)) if started_over else Area.NOTHING

    def pause(self) -> Area:
        """Stay here."""
        self._head = self._head.pause(self._clock())
        self._sing()
        return Area.NOTHING

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        self._head = self._head.turn_to(speed, self._clock())
        self._sing()

    def change_speed(self, step: int) -> None:
        """The next speed above (1) or below (-1)."""
        self.set_speed(self._head.faster(step))

    def step(self, records: int) -> Area:
        """Pause, and go some records on or back."""
        self.pause()
        return self.seek(playhead.at_row(self._log, self._row + records))

    def step_turn(self, step: int) -> Area:
        """To the beginning of the next turn (1), or of this one or the one before (-1)."""
        place = playhead.turn_beside(self._log, self.place.time_s, step)
        return Area.NOTHING if place is None else self.seek(place)

    def go(self, words: str) -> Area:
        """To the place that a person names.

        Raises:
            NoPlaceError: There is none.
        """
        return self.seek(playhead.find(self._log, words))

    def seek(self, place: Place) -> Area:
        """Go there, moving on or at rest as before."""
        now_s = self._clock()
        self._head = self._head.seek(place.time_s, now_s + (LEAD_S if self._is_heard else 0.0))
        self._riding = place.row >= len(self._log) - 1 and not self._head.playing
        self._sing()
        return self._stand(place)

    def close(self) -> None:
        """Give the speaker back."""
        if self._sound is not None:
            self._sound.close()

    # ---- time passes

    def advance(self) -> Area:
        """Take in what the head has passed since the last time; returns what it changed."""
        if self._end_s > self._head.end_s:
            self._head = replace(self._head, end_s=self._end_s)
        if self._riding:
            return self._ride()
        if not self._head.playing:
            return Area.NOTHING
        now_s, area = self._clock(), Area.NOTHING
        position_s, log = self._head.position_s(now_s), self._log
        while self._row + 1 < len(log) and log.mono_s[self._row + 1] <= position_s:
            area |= self._apply_next()
            if self._clock() - now_s > BUDGET_S:
                return area
        if self._head.over(now_s):
            self.pause()
        return area

    def _ride(self) -> Area:
        last = len(self._log) - 1
        if self._row == last and self._head.at_s == self._head.end_s:
            return Area.NOTHING
        self._row, self.session = last, self._log.session
        self._head = replace(self._head, at_s=self._head.end_s)
        return EVERYTHING

    def _stand(self, place: Place) -> Area:
        """Have the session as it was there."""
        if place.row == self._row:
            return Area.NOTHING
        own = self.session is not self._log.session
        if own and self._row < place.row <= self._row + NEAR_ROWS:
            while self._row < place.row:
                self._apply_next()
        elif place.row < 0:
            self._row, self.session = -1, Session()
        else:
            self._row, self.session = place.row, self._state_at(place.row)
        return EVERYTHING

    def _state_at(self, row: int) -> Session:
        try:
            return self._log.state_at(row)
        except JournalError:
            return Session()

    def _apply_next(self) -> Area:
        self._row += 1
        try:
            return self.session.apply(self._log.glance(self._row))
        except JournalError:  # it cannot be read again: nobody knows what it changed
            return Area.NOTHING

    # ---- sound

    @property
    def _end_s(self) -> float:
        return self._log.mono_s[-1] if len(self._log) else 0.0

    @property
    def _is_heard(self) -> bool:
        return self._sound is not None and self._head.speed == SOUND_SPEED

    def _sing(self) -> None:
        """Begin or end the sound, as the head says."""
        if self._sound is None:
            return
        if self._head.playing and self._is_heard:
            self._sound.start(self._head)
        else:
            self._sound.stop()

    def _sound_state(self) -> str:
        if self._sound is None:
            return "no sound"
        if self._sound.problem:
            return "silent: no output device"
        if not self._is_heard:
            return f"muted at {self._head.speed:g}x"
        return "sound as played" if self._timeline.sound.known else "sound laid out at arrival"
