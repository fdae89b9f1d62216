"""A model that says nothing, or no more, though the connection is open."""

from __future__ import annotations

from typing import ClassVar

from tui.core.lint.scene import Check
from tui.core.turn import Turn
from tui.core.values import dict_of
from tui.core.wire import Fact

NO_ANSWER_S = 10.0
STALL_S = 8.0
OVERDUE_S = 8.0
"""How long after the answer's playback would be over `turnComplete` may stay out."""
FREEZE_S = 8.0


class Silence(Check):
    """A model that says nothing, though the connection is open."""

    def begin(self) -> None:
        """Nothing is awaited."""
        self._asked = 0
        """Row of the last question."""
        self._speech_ended_s: float | None = None
        self._last = (0, 0.0)
        """Row and time of the last message of the server's that carries anything."""
        self._told: set[tuple[str, int]] = set()
        self._waiting = False

    def asked(self, fact: Fact) -> None:
        """A question: typed, or the end of what was said."""
        self._asked, self._waiting = self.scene.row, False
        if fact.kind == "realtimeInput.activityEnd":
            self._speech_ended_s = self.scene.now_s

    def activity(self, fact: Fact) -> None:
        """The server has heard the end of speech, or more of it."""
        ended = dict_of(fact.value).get("type") == "ACTIVITY_END"
        self._speech_ended_s = self.scene.now_s if ended else None
        if ended:
            self._asked = self.scene.row

    def came(self, fact: Fact) -> None:
        """Content, or a sign that the server is at work."""
        self._last = (self.scene.row, self.scene.now_s)
        self._speech_ended_s = None

    def waiting(self, fact: Fact) -> None:
        """The server says that it is not its turn."""
        self._waiting = fact.value is True

    def tick(self, now_s: float) -> None:
        """What is overdue."""
        scene = self.scene
        if scene.link.complete_s is None or scene.link.closed or self._waiting:
            return
        if not scene.link.model.converses:
            return
        turn = scene.session.conversation.current
        if turn is not None and turn.interrupted_s is not None:
            self._overdue("turn-frozen", turn, turn.interrupted_s, FREEZE_S, now_s)
        elif turn is not None and turn.answered:
            self._answering(turn, now_s)
        elif scene.session.speech is not True and not scene.session.talking:
            self._unanswered(turn, now_s)

    def _answering(self, turn: Turn, now_s: float) -> None:
        """An answer has begun; it must go on, and end after its playback."""
        pending = any(call.answered_s is None and call.cancelled_s is None for call in turn.calls)
        began_s = turn.first_content_s or 0.0
        if pending:
            return
        if turn.generated_s is None:
            self._overdue("stall", turn, max(self._last[1], began_s + turn.audio_s), STALL_S, now_s)
        else:
            due_s = max(turn.generated_s, began_s + turn.audio_s)
            self._overdue("turn-overdue", turn, due_s, OVERDUE_S, now_s)

    def _unanswered(self, turn: Turn | None, now_s: float) -> None:
        """A question is asked and nothing has come."""
        number = turn.number if turn is not None else 0
        certain = turn is not None and (turn.typed or self.scene.link.manual)
        asked_s = turn.asked_s if turn is not None else None
        since_s = max(
            (each for each in (asked_s, self._speech_ended_s) if each is not None), default=None
        )
        if since_s is None or now_s - since_s < NO_ANSWER_S:
            return
        rule = "no-answer" if certain else "speech-unanswered"
        key = (rule, number or self._asked)
        if key not in self._told:
            self._told.add(key)
            self.scene.report(rule, self._asked, seconds=now_s - since_s)

    def _overdue(
        self, rule: str, turn: Turn, since_s: float, patience_s: float, now_s: float
    ) -> None:
        if now_s - since_s >= patience_s and (rule, turn.number) not in self._told:
            self._told.add((rule, turn.number))
            self.scene.report(rule, self._last[0], seconds=now_s - since_s)

    sent: ClassVar = {
        "clientContent": asked,
        "realtimeInput.text": asked,
        "realtimeInput.activityEnd": asked,
        "toolResponse": asked,
    }
    received: ClassVar = {
        "voiceActivity": activity,
        "serverContent.inputTranscription": asked,
        "serverContent.waitingForInput": waiting,
        "toolCall": came,
        "serverContent.modelTurn.audio": came,
        "serverContent.modelTurn.text": came,
        "serverContent.modelTurn.thought": came,
        "serverContent.modelTurn.executableCode": came,
        "serverContent.modelTurn.codeExecutionResult": came,
        "serverContent.outputTranscription": came,
        "serverContent.generationComplete": came,
        "serverContent.turnComplete": came,
        "serverContent.interrupted": came,
    }
