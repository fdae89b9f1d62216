"""The stage: which faults there are, and when each comes about.

Effects that are no messages pass at once. Messages and the end of the connection leave in the
order in which they came. Times are seconds of the dialogue's clock.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson

from tui.core.fault import OFF, Fault
from tui.emulator.effects import Arm, Close, Effect, Happened, Pongs, Send
from tui.emulator.faults import moments
from tui.emulator.faults.armed import Armed, happens
from tui.emulator.faults.changes import ANSWER, Message, Passing, shaped
from tui.emulator.faults.outlet import Outlet


class Stage:
    """Takes a dialogue's effects, and says what is to be done instead, and when.

    Frames and turns are counted from when a fault was asked for.
    """

    def __init__(self, dice: random.Random, *, set_up: bool = False) -> None:
        self._dice = dice
        self._outlet = Outlet()
        self._changes: list[Armed] = []
        self._alarms: list[tuple[float, int, Fault | None]] = []
        """Moments that the clock tells; None is the deadline of a goAway."""
        self._numbers = itertools.count()
        self._at_setup: list[Fault] = []
        self._at_frame: list[tuple[int, Fault]] = []
        self._at_turn: list[tuple[int, Fault]] = []
        self._frames = 0
        self._turn, self._in_turn, self._set_up = 1, False, set_up
        self._calls: Sequence[str] = moments.NO_CALL

    @property
    def closed(self) -> bool:
        """The end of the connection has left."""
        return self._outlet.closed

    def arm(self, fault: Fault, now: float) -> list[Effect]:
        """The fault is wanted from now on, by somebody who watches."""
        self._arm(fault, now, self._turn)
        return self.due(now)

    def _arm(self, fault: Fault, now: float, first: int) -> None:
        """``first`` is the turn that counts as the first one."""
        begun = self._in_turn and first == self._turn
        if fault.name == OFF:
            self._disarm(now)
        elif fault.kind.occasion != "moment":
            self._changes.append(Armed(fault, self._dice, first))
            if begun:
                self._changes[-1].begin(self._turn, now)
        elif fault.frame is not None:
            self._at_frame.append((self._frames + fault.frame, fault))
        elif fault.turn is not None:
            self._at_turn.append((first + begun + fault.turn - 1, fault))
        elif self._set_up:
            self._alarm(now + fault.at_s, fault)
        else:
            self._at_setup.append(fault)

    def take(self, effects: Iterable[Effect], now: float) -> list[Effect]:
        """What is to be done now, of these effects and of what has waited."""
        done: list[Effect] = []
        for effect in effects:
            match effect:
                case Send():
                    self._take_message(effect, now)
                case Close():
                    self._leave_held(now)
                    self._leave(effect, now)
                case Arm(fault):
                    # It stands in an answer, whose turn is left as it is.
                    self._in_turn = True
                    self._arm(fault, now, self._turn + 1)
                case _:
                    done.append(effect)
        return [] if self.closed else done + self.due(now)

    def due(self, now: float) -> list[Effect]:
        """All that leaves by ``now``."""
        while self._alarms and self._alarms[0][0] <= now and not self.closed:
            fault = heapq.heappop(self._alarms)[2]
            if fault is None:
                self._outlet.clear(now)
                self._leave(moments.DEADLINE, now)
            else:
                self._happen_at_once(fault, now)
        return self._outlet.release(now)

    def next_due(self) -> float | None:
        """When `due` has something to do; None while nothing is planned."""
        if self.closed:
            return None
        alarm = self._alarms[0][0] if self._alarms else None
        return min((at for at in (alarm, self._outlet.due) if at is not None), default=None)

    # Messages

    def _take_message(self, send: Send, now: float) -> None:
        message = _read(send.payload)
        if message is None:
            self._leave(send, now)
            return
        content = message.get("serverContent", {})
        first = not self._in_turn and bool(content.keys() & ANSWER or "toolCall" in message)
        if first:
            self._begin_turn(now)
        for passing in self._changed(Passing(message, now)):
            same = passing.message is message
            leaving = send if same else replace(Send.of(passing.message), text=send.text)
            self._leave(leaving, passing.at)
        self._note(message, now)
        for turn, fault in self._at_turn if first else ():
            if (not fault.turn or turn == self._turn) and happens(fault, self._dice):
                self._happen(fault, now)
        if content.get("turnComplete"):
            self._end_turn()

    def _changed(self, passing: Passing) -> list[Passing]:
        passed = [passing]
        for armed in self._changes:
            passed = [changed for one in passed for changed in self._through(armed, one)]
        return passed

    def _through(self, armed: Armed, passing: Passing) -> list[Passing]:
        out, news = armed.take(passing)
        if news:
            self._leave(Happened(armed.fault), passing.at)
        return out

    def _note(self, message: Message, now: float) -> None:
        if "setupComplete" in message and not self._set_up:
            self._set_up = True
            for fault in self._at_setup:
                self._alarm(now + fault.at_s, fault)
        match message.get("toolCall"):
            case {"functionCalls": [*calls]}:
                ids = [call["id"] for call in calls if isinstance(call, dict) and "id" in call]
                self._calls = ids or moments.NO_CALL

    def _begin_turn(self, now: float) -> None:
        self._in_turn = True
        for armed in self._changes:
            armed.begin(self._turn, now)

    def _end_turn(self) -> None:
        self._in_turn = False
        self._turn += 1
        for armed in self._changes:
            armed.end()

    def _leave(self, effect: Effect, at: float) -> None:
        """It goes to the outlet; frames are counted here."""
        if not isinstance(effect, Send):
            self._outlet.put(effect, at)
            return
        self._frame_moments(at)
        self._outlet.put(effect, at)
        self._frames += 1
        self._frame_moments(at)

    def _leave_held(self, now: float) -> None:
        """What changes have held back."""
        for armed in self._changes:
            for passing in armed.change.end():
                self._leave(Send.of(passing.message), now)

    # Moments

    def _alarm(self, at: float, fault: Fault | None) -> None:
        if fault is None or happens(fault, self._dice):
            heapq.heappush(self._alarms, (at, next(self._numbers), fault))

    def _frame_moments(self, at: float) -> None:
        here = [fault for number, fault in self._at_frame if number == self._frames]
        self._at_frame = [each for each in self._at_frame if each[0] != self._frames]
        for fault in here:
            if happens(fault, self._dice):
                self._happen(fault, at)

    def _happen_at_once(self, fault: Fault, now: float) -> None:
        """The clock's moment: silence and the end do not wait for what waits."""
        if fault.name == "stall":
            self._outlet.hold_all(now + fault.values["for"], Happened(fault))
            return
        if fault.name in ("close", "drop"):
            self._outlet.clear(now)
        self._happen(fault, now)

    def _happen(self, fault: Fault, at: float) -> None:
        """The moment between two messages."""
        self._leave(Happened(fault), at)
        for effect in moments.effects(fault, self._calls):
            self._leave(effect, at)
        if fault.name == "stall":
            self._outlet.hold(at, fault.values["for"])
        elif fault.name == "goaway":
            self._alarm(at + fault.values["left"], None)

    def _disarm(self, now: float) -> None:
        self._leave_held(now)
        self._changes = [armed for armed in self._changes if armed.disarm()]
        self._at_setup, self._at_frame, self._at_turn = [], [], []
        self._alarms.clear()
        self._outlet.let_go(now)
        self._leave(Pongs(0.0), now)


def _read(payload: bytes) -> Message | None:
    """The message; None where it is none that a fault can change."""
    try:
        message: Message = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return message if shaped(message) else None
