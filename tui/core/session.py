"""The reducer: records in, state of the session out. Live, replay and tests take this one path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tui.core import anchoring, media
from tui.core.area import Area as Area
from tui.core.connection import Connection, GoAway, Handle, Interrupt, Misfortune, Renewal
from tui.core.conversation import Conversation
from tui.core.events import EVENTS
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.turn import ANSWER_LANES, Lane, ToolCall, Turn, Usage
from tui.core.utterances import Anchor, Utterances
from tui.core.wire import Fact

HANDLES = 100
"""Some models send one every second (google-gemini/gemini-live-api-examples#38)."""


@dataclass
class Session:
    """The state of a conversation. Changed by `apply` alone; equal records give equal sessions."""

    connection: Connection | None = None
    opened: list[Connection] = field(default_factory=list)
    """All connections, the one that is now the last."""
    view: str = "audio"
    """How answers are received: "audio" (played), "text view" (audio discarded) or "text"."""
    conversation: Conversation = field(default_factory=Conversation)
    utterances: Utterances = field(default_factory=Utterances)
    handle: Handle | None = None
    """The newest of this connection."""
    handles: list[Handle] = field(default_factory=list)
    """The newest `HANDLES` of all connections."""
    renewal: Renewal | None = None
    """A connection is going to be made again."""
    go_away: GoAway | None = None
    interrupt: Interrupt | None = None
    misfortune: Misfortune | None = None
    """The last fault on this connection that was asked of the emulator."""
    speech: bool | None = None
    """The server's own voice activity; None until it says anything."""
    talking: bool = False
    """`activityStart` was sent, and `activityEnd` not yet."""
    playing_turn: int = 0
    """Number of the turn being played; 0 is silence."""
    pings_ms: list[float] = field(default_factory=list)
    """Round trips of WebSocket pings (`ping`)."""
    problem: str = ""
    """The last thing that went wrong, in words."""
    now_s: float = 0.0
    """Time of the last record."""

    @property
    def connections(self) -> int:
        """How many connections were begun."""
        return len(self.opened)

    @property
    def turns(self) -> list[Turn]:
        """The turns of the conversation, oldest first."""
        return self.conversation.turns

    @property
    def connected(self) -> bool:
        """Whether the server has accepted the setup and nobody has closed."""
        return (
            self.connection is not None
            and self.connection.open_s is not None
            and self.connection.closed_s is None
        )

    @property
    def connecting(self) -> bool:
        """Whether a connection is on its way."""
        return (
            self.connection is not None
            and self.connection.open_s is None
            and self.connection.closed_s is None
        )

    @property
    def usage(self) -> Usage:
        """All turns together; of a turn's cumulative snapshots only the last counts."""
        return sum((turn.usage for turn in self.turns if turn.usage), Usage())

    @property
    def context(self) -> int | None:
        """Tokens of the conversation by the server's last count, that answer included."""
        usage = next((turn.usage for turn in reversed(self.turns) if turn.usage), None)
        return usage.prompt + usage.response if usage is not None else None

    @property
    def latency_s(self) -> float | None:
        """The latency of the last turn that has one."""
        return next((t.latency_s for t in reversed(self.turns) if t.latency_s is not None), None)

    def asked_to_interrupt(self, turn: Turn, at_s: float) -> bool:
        """Whether a wish of the person's, or a later question, interrupted a turn at that time."""
        wished = self.interrupt is not None and self.interrupt.confirmed_s == at_s
        return wished or any(later.typed for later in self.turns[turn.number :])

    def apply(self, record: Record) -> Area:
        """Take the next record in; returns what it changed. Never raises on a frame's content."""
        self.now_s = record.mono_s
        if isinstance(record, Event):
            handler = EVENTS.get(record.name)
            return handler(self, record) if handler else Area.NOTHING
        area = Area.NOTHING
        table = _SENT if record.direction is Direction.SEND else _RECEIVED
        facts = record.facts
        for fact in sorted(facts, key=_ends_turn) if len(facts) > 1 else facts:
            handle = table.get(fact.kind)
            if handle is not None:
                changed = handle(self, fact, record)
                area = area | changed if area else changed  # a Flag's union takes a microsecond
        return area

    # ---- what we send

    def _sent_setup(self, fact: Fact, frame: Frame) -> Area:
        setup, connection = _dict(fact.value), self.connection
        if connection is None or connection.open_s is not None:  # no event said that one opens
            model = str(setup.get("model", "")).rpartition("/")[2]
            connection = Connection(model, "", "", "", "", 0, frame.mono_s)
            self.connect(connection)
        modalities = _dict(setup.get("generationConfig")).get("responseModalities")
        if isinstance(modalities, list) and modalities:
            connection.modality = str(modalities[0])
        listening = _dict(setup.get("realtimeInputConfig"))
        detection = _dict(listening.get("automaticActivityDetection"))
        connection.manual = detection.get("disabled") is True
        connection.resumed = bool(_dict(setup.get("sessionResumption")).get("handle"))
        return Area.CONNECTION

    def _sent_content(self, fact: Fact, frame: Frame) -> Area:
        """A question, unless it only lays history down (``turnComplete`` false)."""
        value = _dict(fact.value)
        if value.get("turnComplete") is not True:
            return Area.NOTHING
        self.utterances.ended(Anchor.CONTENT, frame.mono_s)
        text = _last_user_text(value.get("turns"))
        return self._ask(text, frame, Anchor.CONTENT) if text else Area.NOTHING

    def _sent_text(self, fact: Fact, frame: Frame) -> Area:
        if not isinstance(fact.value, str):
            return Area.NOTHING
        self.utterances.ended(Anchor.TEXT, frame.mono_s)
        return self._ask(fact.value, frame, Anchor.TEXT)

    def _sent_audio(self, fact: Fact, frame: Frame) -> Area:
        seconds = media.audio_seconds(_dict(fact.value), media.INPUT_RATE_HZ)
        self.utterances.sent(frame.mono_s, seconds)
        return Area.NOTHING

    def _sent_stream_end(self, fact: Fact, frame: Frame) -> Area:
        if fact.value is True:
            self.utterances.ended(Anchor.STREAM_END, frame.mono_s)
        return Area.NOTHING

    def _ask(self, text: str, frame: Frame, anchor: Anchor) -> Area:
        self.conversation.ask(text, frame.mono_s, anchor.value)
        return Area.TRANSCRIPT

    def _sent_activity_start(self, fact: Fact, frame: Frame) -> Area:
        self.talking = True
        self.utterances.started(frame.mono_s)
        return Area.CONNECTION

    def _sent_activity_end(self, fact: Fact, frame: Frame) -> Area:
        self.talking = False
        self.utterances.ended(Anchor.ACTIVITY_END, frame.mono_s)
        turn = self.conversation.current
        if turn is not None and not turn.answered:
            turn.asked_s = frame.mono_s
        return Area.CONNECTION

    def _sent_tool_response(self, fact: Fact, frame: Frame) -> Area:
        responses = _dict(fact.value).get("functionResponses")
        for response in responses if isinstance(responses, list) else ():
            call = self.conversation.call(_dict(response).get("id"))
            if call is not None and not _dict(response).get("willContinue"):
                call.answered_s = frame.mono_s
        return Area.TRANSCRIPT

    # ---- what the server sends

    def _setup_complete(self, fact: Fact, frame: Frame) -> Area:
        if self.connection is not None:
            self.connection.open_s = frame.mono_s
            self.connection.session_id = str(_dict(fact.value).get("sessionId", ""))
        self.problem = ""
        return Area.CONNECTION | Area.NOTICE

    def _audio(self, fact: Fact, frame: Frame) -> Area:
        seconds = media.audio_seconds(_dict(fact.value), media.OUTPUT_RATE_HZ)
        self._answering(frame).sound(seconds, frame.mono_s)
        return Area.TRANSCRIPT

    def _text(self, fact: Fact, frame: Frame) -> Area:
        spoken = self.connection is not None and self.connection.modality == "AUDIO"
        lane = Lane.UNSPOKEN if spoken else Lane.TEXT
        return self._say(lane, _dict(fact.value).get("text"), frame)

    def _thought(self, fact: Fact, frame: Frame) -> Area:
        return self._say(Lane.THOUGHT, _dict(fact.value).get("text"), frame)

    def _code(self, fact: Fact, frame: Frame) -> Area:
        code = _dict(_dict(fact.value).get("executableCode")).get("code")
        return self._say(Lane.CODE, code, frame)

    def _code_result(self, fact: Fact, frame: Frame) -> Area:
        result = _dict(_dict(fact.value).get("codeExecutionResult"))
        return self._say(Lane.RESULT, result.get("output") or result.get("outcome"), frame)

    def _output_transcription(self, fact: Fact, frame: Frame) -> Area:
        return self._say(Lane.SPEECH, _dict(fact.value).get("text"), frame)

    def _input_transcription(self, fact: Fact, frame: Frame) -> Area:
        turn = self.conversation.listening(frame.mono_s)
        text = _dict(fact.value).get("text")
        turn.user += text if isinstance(text, str) else ""
        turn.user_interim = ""
        if not turn.answered:
            turn.asked_s = frame.mono_s
        return Area.TRANSCRIPT

    def _interim_transcription(self, fact: Fact, frame: Frame) -> Area:
        text = _dict(fact.value).get("text")
        self.conversation.listening(frame.mono_s).user_interim = (
            text if isinstance(text, str) else ""
        )
        return Area.TRANSCRIPT

    def _interrupted(self, fact: Fact, frame: Frame) -> Area:
        if fact.value is not True:
            return Area.NOTHING
        if self.interrupt is not None and self.interrupt.confirmed_s is None:
            self.interrupt.confirmed_s = frame.mono_s
        turn = self.conversation.interrupt(frame.mono_s)
        if turn is not None and turn.stop_asked_s is None:
            anchoring.explain_stop(turn, self.turns, self.utterances)
        return Area.TRANSCRIPT | Area.NOTICE

    def _generated(self, fact: Fact, frame: Frame) -> Area:
        turn = self.conversation.current
        if fact.value is True and turn is not None:
            turn.generated_s = frame.mono_s
        return Area.TRANSCRIPT

    def _turn_complete(self, fact: Fact, frame: Frame) -> Area:
        if fact.value is True:
            self.conversation.complete(frame.mono_s)
        return Area.TRANSCRIPT

    def _turn_reason(self, fact: Fact, frame: Frame) -> Area:
        turn = self.conversation.current or self.conversation.last
        if turn is not None:
            turn.reason = str(fact.value)
        return Area.TRANSCRIPT

    def _usage(self, fact: Fact, frame: Frame) -> Area:
        """A snapshot of the turn that the server is at, or of the one it has just completed."""
        turn, usage = self.conversation.last, Usage.read(fact.value)
        if turn is not None and usage.total:
            turn.usage = usage
        if self.connection is not None and self.connection.context_after is None and usage.prompt:
            self.connection.context_after = usage.prompt
        return Area.USAGE

    def _tool_call(self, fact: Fact, frame: Frame) -> Area:
        turn = self._answering(frame)
        calls = _dict(fact.value).get("functionCalls")
        for call in calls if isinstance(calls, list) else ():
            row = _dict(call)
            name, key = str(row.get("name", "")), str(row.get("id", ""))
            turn.calls.append(ToolCall(key, name, row.get("args"), frame.mono_s))
        return Area.TRANSCRIPT

    def _tool_cancelled(self, fact: Fact, frame: Frame) -> Area:
        ids = _dict(fact.value).get("ids")
        for key in ids if isinstance(ids, list) else ():
            call = self.conversation.call(key)
            if call is not None:
                call.cancelled_s = frame.mono_s
        return Area.TRANSCRIPT

    def _resumption(self, fact: Fact, frame: Frame) -> Area:
        """A handle; an update without one only says that now is no moment to resume."""
        value = _dict(fact.value)
        handle = str(value.get("newHandle") or "")
        resumable = value.get("resumable") is True
        if handle or self.handle is None:
            self.handle = self._kept(Handle(handle, resumable and bool(handle), frame.mono_s))
        return Area.CONNECTION

    def _kept(self, handle: Handle) -> Handle:
        model = self.connection.model if self.connection is not None else ""
        handle = replace(handle, model=model, connection=len(self.opened), context=self.context)
        if handle.resumable:
            self.handles = [*self.handles[1 - HANDLES :], handle]
        return handle

    def _going_away(self, fact: Fact, frame: Frame) -> Area:
        self.go_away = GoAway(str(_dict(fact.value).get("timeLeft", "")), frame.mono_s)
        return Area.CONNECTION | Area.NOTICE

    def _voice_activity(self, fact: Fact, frame: Frame) -> Area:
        speech = self.utterances.heard_there(_dict(fact.value), frame.mono_s)
        self.speech = self.speech if speech is None else speech
        if speech is False:
            self.anchor_late()
        return Area.CONNECTION

    def connect(self, connection: Connection) -> None:
        """A connection is on its way; all that belonged to the one before is over."""
        self.conversation.cut(connection.opening_s)
        before, connection.context_before = self.connection, self.context
        if before is not None:  # an attempt that failed opens no gap of its own
            connection.lost_s = before.lost_s if before.open_s is None else before.closed_s
        self.connection = self.conversation.connection = connection
        self.renewal = None
        self.opened.append(connection)
        self.utterances.connect()
        self.handle = self.go_away = self.interrupt = self.speech = None
        self.talking = False
        self.problem = ""
        if self.misfortune is not None and not self.misfortune.happened:
            self.misfortune = None

    # ---- the answer, and the question that it is measured from

    def _say(self, lane: Lane, text: Any, frame: Frame) -> Area:
        if isinstance(text, str):
            turn = self._answering(frame)
            if lane in ANSWER_LANES and text:
                turn.answer_begins(frame.mono_s)
            turn.say(lane, text)
        return Area.TRANSCRIPT

    def _answering(self, frame: Frame) -> Turn:
        turn = self.conversation.answering(frame.mono_s)
        if not turn.anchor:
            anchoring.anchor(turn, self.turns, self.utterances)
        return turn

    def anchor_late(self) -> None:
        """A mark of the end of speech may come after the answer has begun."""
        turn = self.conversation.last
        if turn is not None and turn.answered and not turn.typed:
            anchoring.anchor(turn, self.turns, self.utterances)


def _ends_turn(fact: Fact) -> bool:
    """What shares a frame with `turnComplete` belongs to that turn, on either side of it."""
    return fact.kind == "serverContent.turnComplete"


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _last_user_text(turns: Any) -> str:
    """The text of the last turn, if it is the person's (a missing role is)."""
    last = _dict(turns[-1]) if isinstance(turns, list) and turns else {}
    if last.get("role", "user") != "user":
        return ""
    parts = last.get("parts")
    texts = (_dict(part).get("text") for part in (parts if isinstance(parts, list) else ()))
    return "".join(text for text in texts if isinstance(text, str))


_SENT = {
    "setup": Session._sent_setup,
    "clientContent": Session._sent_content,
    "realtimeInput.text": Session._sent_text,
    "realtimeInput.audio": Session._sent_audio,
    "realtimeInput.audioStreamEnd": Session._sent_stream_end,
    "realtimeInput.activityStart": Session._sent_activity_start,
    "realtimeInput.activityEnd": Session._sent_activity_end,
    "toolResponse": Session._sent_tool_response,
}

_RECEIVED = {
    "setupComplete": Session._setup_complete,
    "serverContent.modelTurn.audio": Session._audio,
    "serverContent.modelTurn.text": Session._text,
    "serverContent.modelTurn.thought": Session._thought,
    "serverContent.modelTurn.executableCode": Session._code,
    "serverContent.modelTurn.codeExecutionResult": Session._code_result,
    "serverContent.outputTranscription": Session._output_transcription,
    "serverContent.inputTranscription": Session._input_transcription,
    "serverContent.interimInputTranscription": Session._interim_transcription,
    "serverContent.interrupted": Session._interrupted,
    "serverContent.generationComplete": Session._generated,
    "serverContent.turnComplete": Session._turn_complete,
    "serverContent.turnCompleteReason": Session._turn_reason,
    "usageMetadata": Session._usage,
    "toolCall": Session._tool_call,
    "toolCallCancellation": Session._tool_cancelled,
    "sessionResumptionUpdate": Session._resumption,
    "goAway": Session._going_away,
    "voiceActivity": Session._voice_activity,
}
