"""Interruptions: who caused them, and whether a wish to stop was granted."""

from __future__ import annotations

from typing import ClassVar

from tui.core import barge_in
from tui.core.frame import Event
from tui.core.lint.scene import Check
from tui.core.values import dict_of
from tui.core.wire import Fact

CAUSE_S = 5.0
"""What interrupts a model was sent, or heard, so shortly before."""
UNCONFIRMED_S = 2.0


class Interruption(Check):
    """Looks for the cause of `interrupted`."""

    def begin(self) -> None:
        """Nobody has interrupted."""
        self._cause_s: float | None = None
        """When something that interrupts was sent or heard last."""
        self._sound = False
        self._stop: tuple[int, float] | None = None
        """Row and time of a wish to stop."""
        self._rows: dict[int, int] = {}
        """Where a turn was interrupted, by its number."""

    def cause(self, fact: Fact) -> None:
        """A message of the client's that interrupts, or words that the server heard."""
        self._cause_s = self.scene.now_s
        turn = self.scene.session.conversation.current
        stops = fact.kind == "clientContent" and not dict_of(fact.value).get("turnComplete")
        if stops and turn is not None and turn.answered and turn.generated_s is None:
            self._stop = (self.scene.row, self.scene.now_s)

    def heard(self, fact: Fact) -> None:
        """Voice activity, or words of the person."""
        self._cause_s = self.scene.now_s

    def sound(self, fact: Fact) -> None:
        """Sound is sent: whoever speaks in it may interrupt."""
        self._sound = True

    def interrupted(self, fact: Fact) -> None:
        """The model was interrupted; by whom?"""
        if fact.value is not True:
            return
        scene, self._stop = self.scene, None
        turn = next(
            (each for each in scene.session.turns if each.interrupted_s == scene.now_s), None
        )
        if turn is not None:
            self._rows[turn.number] = scene.row
        caused = self._cause_s is not None and scene.now_s - self._cause_s <= CAUSE_S
        if not caused and not self._sound and scene.link.whole:
            scene.report("interruption-phantom")

    def explained(self, event: Event) -> None:
        """This side has found out who it was."""
        turn = event.detail.get("turn")
        row = self._rows.get(turn if isinstance(turn, int) else 0, self.scene.row)
        by, scene = event.detail.get("by"), self.scene
        if by == barge_in.SPEAKER:
            likeness = max(_float(event.detail.get(key)) for key in ("heard", "sent"))
            scene.report("interruption-own", row, scene.row, likeness=likeness)
        elif by == barge_in.UNKNOWN and self._sound:
            scene.report("interruption-unheard", row, scene.row)

    def tick(self, now_s: float) -> None:
        """A wish to stop that nobody has confirmed."""
        stop, turn = self._stop, self.scene.session.conversation.current
        if stop is not None and now_s - stop[1] >= UNCONFIRMED_S:
            self._stop = None
            if turn is not None and turn.interrupted_s is None and turn.completed_s is None:
                self.scene.report("stop-unconfirmed", stop[0], seconds=now_s - stop[1])

    def complete(self, fact: Fact) -> None:
        """The turn is over, stopped or not."""
        if fact.value is True:
            self._stop = None

    sent: ClassVar = {
        "clientContent": cause,
        "realtimeInput.text": cause,
        "realtimeInput.activityStart": cause,
        "toolResponse": cause,
        "realtimeInput.audio": sound,
        "realtimeInput.mediaChunks": sound,
    }
    received: ClassVar = {
        "serverContent.interrupted": interrupted,
        "serverContent.turnComplete": complete,
        "serverContent.inputTranscription": heard,
        "serverContent.interimInputTranscription": heard,
        "voiceActivity": heard,
        "voiceActivityDetectionSignal": heard,
    }
    happened: ClassVar = {"interrupted": explained}


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
