"""Turns: whether each is answered, how it ends, and who cut it short."""

from __future__ import annotations

from typing import ClassVar

from tui.core import barge_in
from tui.core.frame import Event
from tui.core.lint.scene import Check, dict_of
from tui.core.turn import ANSWER_LANES, Turn
from tui.core.wire import Fact

UNREMARKABLE = frozenset({"", "TURN_COMPLETE_REASON_UNSPECIFIED", "NEED_MORE_INPUT"})
"""Reasons of a turn that went well."""
NO_ANSWER_S = 10.0
STALL_S = 8.0
OVERDUE_S = 8.0
"""How long after the answer's playback would be over `turnComplete` may stay out."""
FREEZE_S = 8.0
CAUSE_S = 5.0
"""What interrupts a model was sent, or heard, so shortly before."""
UNCONFIRMED_S = 2.0
NORMAL_CODES = (1000, 1001, None)
"""Close codes with which a connection ends as it was to."""
SENTENCE_ENDS = ".!?…。！？\"')”’»]*:;।؟\n"


class Turns(Check):
    """How turns end."""

    def begin(self) -> None:
        """No turn yet."""
        self._forget()
        self._cause_s: float | None = None
        """When something that interrupts was sent or heard last."""
        self._sound = False
        self._stop: tuple[int, float] | None = None
        self._interrupted_rows: dict[int, int] = {}
        self._ended: int | None = None

    def _forget(self) -> None:
        self._content: list[int] = []
        """First and last row of the model's content."""

    def content(self, fact: Fact) -> None:
        """Something of the answer."""
        self._content = [*self._content[:1], self.scene.row]

    def complete(self, fact: Fact) -> None:
        """`turnComplete`."""
        turn = self.scene.completed
        if fact.value is True and turn is not None:
            self._judge(turn)
            self._stop = None
        self._forget()

    def _judge(self, turn: Turn) -> None:
        scene, interrupted = self.scene, turn.interrupted_s is not None
        goes_on = any(fact.kind.endswith("turnCompleteReason") for fact in scene.frame.facts)
        said = bool(turn.pieces or turn.audio_s or turn.calls)
        if not said and not interrupted and not goes_on and not self._content:
            tokens = next((_tokens(f) for f in scene.frame.facts if f.kind == "usageMetadata"), 0)
            if tokens:
                scene.report("turn-unrecorded", tokens=tokens)
            elif turn.asked_s is not None:
                scene.report("turn-empty")
        words = "".join(each.text for each in turn.pieces if each.lane in ANSWER_LANES).rstrip()
        cut = turn.generated_s is None and not interrupted and not turn.calls
        if cut and words and words[-1] not in SENTENCE_ENDS:
            scene.report("turn-cut", *self._content, scene.row, tail=words[-40:])
        kinds = [fact.kind for fact in scene.frame.facts if fact.kind in _CONTENT]
        if kinds and not interrupted:
            scene.report("fields-bundled", key="bundled", kinds=" and ".join(sorted({*kinds})))

    def reason(self, fact: Fact) -> None:
        """`turnCompleteReason`."""
        if str(fact.value) not in UNREMARKABLE:
            self.scene.report("turn-rejected", reason=str(fact.value))

    def status(self, fact: Fact) -> None:
        """`interactionStatus`: a complete turn may not be the end."""
        if fact.value == "IN_PROGRESS":
            self.scene.report("interaction-goes-on", key="goes on")

    def waiting(self, fact: Fact) -> None:
        """`waitingForInput`."""
        if fact.value is True:
            self.scene.report("waiting-for-input", key="waiting")

    # ---- interruptions

    def cause(self, fact: Fact) -> None:
        """A message of the client's that interrupts, or words that the server heard."""
        self._cause_s = self.scene.now_s
        turn = self.scene.session.conversation.current
        stops = fact.kind == "clientContent" and not dict_of(fact.value).get("turnComplete")
        if stops and turn is not None and turn.answered and turn.generated_s is None:
            self._stop = (self.scene.row, self.scene.now_s)

    def heard(self, fact: Fact) -> None:
        """`voiceActivity`."""
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
            self._interrupted_rows[turn.number] = scene.row
        caused = self._cause_s is not None and scene.now_s - self._cause_s <= CAUSE_S
        if not caused and not self._sound:
            scene.report("interruption-phantom")

    def explained(self, event: Event) -> None:
        """This side has found out who it was."""
        turn = event.detail.get("turn")
        row = self._interrupted_rows.get(turn if isinstance(turn, int) else 0, self.scene.row)
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

    def closed(self, event: Event) -> None:
        """The connection is gone: was a turn still open?"""
        scene = self.scene
        cut = [turn for turn in scene.session.turns if turn.cut and turn.completed_s == scene.now_s]
        wanted = event.detail.get("by") == "client" and event.detail.get("code") in NORMAL_CODES
        if not wanted and any(turn.answered for turn in cut) and self._content:
            scene.report("turn-incomplete", *self._content, scene.row, number=cut[0].number)

    sent: ClassVar = {
        "clientContent": cause,
        "realtimeInput.text": cause,
        "realtimeInput.activityStart": cause,
        "toolResponse": cause,
        "realtimeInput.audio": sound,
        "realtimeInput.mediaChunks": sound,
    }
    received: ClassVar = {
        "serverContent.modelTurn.audio": content,
        "serverContent.modelTurn.text": content,
        "serverContent.modelTurn.thought": content,
        "serverContent.modelTurn.executableCode": content,
        "serverContent.modelTurn.codeExecutionResult": content,
        "serverContent.modelTurn.part": content,
        "serverContent.modelTurn.image": content,
        "serverContent.modelTurn.video": content,
        "serverContent.outputTranscription": content,
        "serverContent.turnComplete": complete,
        "serverContent.turnCompleteReason": reason,
        "serverContent.interactionStatus": status,
        "serverContent.waitingForInput": waiting,
        "serverContent.interrupted": interrupted,
        "serverContent.inputTranscription": heard,
        "serverContent.interimInputTranscription": heard,
        "voiceActivity": heard,
        "voiceActivityDetectionSignal": heard,
    }
    happened: ClassVar = {"interrupted": explained, "connection.closed": closed}


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


_CONTENT = frozenset(
    {
        "serverContent.modelTurn.audio",
        "serverContent.modelTurn.text",
        "serverContent.outputTranscription",
    }
)


def _tokens(fact: Fact) -> int:
    usage = dict_of(fact.value)
    count = usage.get("responseTokenCount", usage.get("candidatesTokenCount"))
    return count if isinstance(count, int) else 0


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
