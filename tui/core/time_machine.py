"""The time machine: the session of a recording as it was at a play head that moves through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from tui.core import playhead
from tui.core.hindsight import Hindsight
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.playhead import SOUND_SPEED, Place, PlayHead
from tui.core.session import Area, Session
from tui.core.timeline import Timeline
from tui.core.transport import Transport

BUDGET_S = 0.03
"""An advance that has more to do leaves the rest for the next one, so that keys are answered."""

NEAR_ROWS = 256
"""So far ahead is quicker gone record by record than by a checkpoint."""

EVERYTHING = ~Area.NOTHING


class Sound(Protocol):
    """What lets a recording be heard (`tui.replay`)."""

    lead_s: float
    """From `start` to the first sample that is heard."""

    @property
    def problem(self) -> str:
        """Why nothing is heard, in a sentence; empty while nothing is known to be wrong."""
        ...

    def start(self, head: PlayHead) -> None:
        """Be heard from where a moving head is."""
        ...

    def stop(self) -> None:
        """Fall silent."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class TimeMachine:
    """Plays a recording through the reducer of live sessions.

    It begins at the end of what there is, and rides on it while a file grows. All methods return
    what they have changed in `session`, and take no longer than a picture may.

    Args:
        log: the recording, which may still grow.
        timeline: of it; being built by somebody else, it tells where sound and pictures are.
        sound: None where there is none.
        clock: on the wall, seconds.
    """

    def __init__(
        self,
        log: SessionLog,
        timeline: Timeline,
        sound: Sound | None,
        clock: Callable[[], float],
    ) -> None:
        self.session = Session()
        """The state at the play head, the machine's own."""
        self._log = log
        self._timeline = timeline
        self._sound = sound
        self._clock = clock
        self._hindsight = Hindsight(log, timeline)
        self._row = -1
        """The record that was applied last."""
        self._head = PlayHead(0.0)
        self._riding = True
        """The head stays at the end, wherever that is."""

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
        """What clock and devices said there."""
        return self._hindsight.instant(self.place, self.session)

    @property
    def problem(self) -> str:
        """Why nothing is heard now, in a sentence; empty when something is, or nothing shall be."""
        return self._sound.problem if self._sound is not None and self._is_heard else ""

    @property
    def transport(self) -> Transport:
        """What is to be said about it."""
        head = self._head
        return Transport(
            playing=head.playing,
            position_s=self.place.time_s,
            length_s=head.end_s,
            speed=head.speed,
            turn=len(self.session.turns),
            turns=len(self._log.session.turns),
            row=self._row,
            rows=len(self._log),
            sound=self._sound_state(),
            timed=self._log.header.get("timed") is not False,
        )

    # ---- what a person does

    def toggle(self) -> Area:
        """Play or pause."""
        return self.pause() if self._head.playing else self.play()

    def play(self) -> Area:
        """Move on from here, or from the beginning where it is over."""
        now_s = self._clock()
        again = self._head.over(now_s)
        self._riding = False
        self._head = self._head.play(now_s + self._lead_s)
        self._sing()
        return self._stand(playhead.at_time(self._log, 0.0)) if again else Area.NOTHING

    def pause(self) -> Area:
        """Stay here."""
        self._head = self._head.pause(self._clock())
        self._sing()
        return Area.NOTHING

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        now_s, playing = self._clock(), self.playing
        self._head = self._head.turn_to(speed, now_s).pause(now_s)
        if playing:
            self._head = self._head.play(now_s + self._lead_s)
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
        """Go there, or to the end, moving on or at rest as before."""
        place = replace(place, row=min(place.row, len(self._log) - 1))
        self._head = self._head.seek(place.time_s, self._clock() + self._lead_s)
        self._riding = place.row >= len(self._log) - 1 and not self._head.playing
        self._sing()
        return self._stand(place)

    def close(self) -> None:
        """Give the speaker back."""
        if self._sound is not None:
            self._sound.close()

    # ---- time passes

    def advance(self) -> Area:
        """Take in what the head has passed since the last time."""
        end_s = max(self._head.end_s, self._log.mono_s[-1] if len(self._log) else 0.0)
        self._head = replace(self._head, end_s=end_s)
        if self._riding:
            return self._ride()
        if not self._head.playing:
            return Area.NOTHING
        now_s, area, log = self._clock(), Area.NOTHING, self._log
        position_s = self._head.position_s(now_s)
        while self._row + 1 < len(log) and log.mono_s[self._row + 1] <= position_s:
            area |= self._apply_next()
            if self._clock() - now_s > BUDGET_S:
                return area
        if self._head.over(now_s):
            self._riding = True
            self.pause()
        return area

    def _ride(self) -> Area:
        last, end_s = len(self._log) - 1, self._head.end_s
        if self._row == last and self._head.at_s == end_s:
            return Area.NOTHING
        self._head = replace(self._head, at_s=end_s)
        return self._stand(Place(last, end_s))

    def _stand(self, place: Place) -> Area:
        """Have the session as it was there."""
        if place.row == self._row:
            return Area.NOTHING
        if self._row < place.row <= self._row + NEAR_ROWS:
            while self._row < place.row:
                self._apply_next()
        else:
            self._row = place.row
            self.session = self._log.state_at(place.row) if place.row >= 0 else Session()
        return EVERYTHING

    def _apply_next(self) -> Area:
        self._row += 1
        try:
            return self.session.apply(self._log.glance(self._row))
        except JournalError:  # the line is gone: nobody knows what it changed
            return Area.NOTHING

    # ---- sound

    @property
    def _is_heard(self) -> bool:
        return self._sound is not None and self._head.speed == SOUND_SPEED and self.playing

    @property
    def _lead_s(self) -> float:
        """The head waits for the speaker, so that both run together."""
        heard = self._sound is not None and self._head.speed == SOUND_SPEED
        return self._sound.lead_s if heard and self._sound is not None else 0.0

    def _sing(self) -> None:
        """Begin or end the sound, as the head says."""
        if self._sound is None:
            return
        if self._is_heard:
            self._sound.start(self._head)
        else:
            self._sound.stop()

    def _sound_state(self) -> str:
        if self._sound is None:
            return "no sound"
        if self._head.speed != SOUND_SPEED:
            return f"muted at {self._head.speed:g}x"
        if self._sound.problem:
            return "silent: no output device"
        return "sound as played" if self._timeline.sound.known else "sound laid out at arrival"
