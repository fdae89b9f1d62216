"""The lanes of a session over one clock, built record by record."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from tui.core import playback
from tui.core.frame import Direction, Event, Record
from tui.core.journal import JournalError
from tui.core.lanes import OPEN, Point, Points, Span, Spans
from tui.core.levels import Peaks, pcm, peaks
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.sound_track import SoundTrack
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

LONGEST_LABEL: Final = 120
"""How much of a text a span is named by."""
AT_ONCE: Final = 200
"""Records that are taken without a pause, 3 ms."""


class Lane(StrEnum):
    """What one line of a timeline shows, in the order of the lines."""

    MICROPHONE = "mic"
    HERE = "vad here"
    SERVER = "vad server"
    USER = "user"
    GENERATION = "generation"
    PLAYBACK = "playback"
    INTERRUPTIONS = "interrupted"
    TOOLS = "tools"
    FRAMES = "frames"
    FINDINGS = "findings"
    NOTICES = "notices"
    CONNECTION = "connection"


class Timeline:
    """Spans, points and levels, by the journal's clock in seconds.

    `take` wants every record in order, each once; a glance will do. `hear` adds the levels of a
    whole record that was taken: it decodes base64 and looks for peaks, some 20 us for 20 ms of
    sound, so an hour of open microphone and a model that talks a third of it takes 4 s of a core.
    Both belong on a worker's thread; another thread may read meanwhile.
    """

    def __init__(self) -> None:
        self.rows = self.heard = 0
        """How many records have been taken, and of how many the levels."""
        self.end_s = 0.0
        """Time of the last one; the clock never goes back."""
        self.microphone = Peaks()
        """What was sent, when it was captured."""
        self.sound = SoundTrack()
        self._spans: dict[Lane, Spans] = {lane: Spans() for lane in _SPANS}
        self._points: dict[Lane, Points] = {lane: Points() for lane in _POINTS}
        self._going: dict[Lane, Span] = {}
        """The span of a lane that goes on."""
        self._user: Span | None = None
        self._generation: Span | None = None
        """Those that what comes next may belong to."""
        self._calls: dict[str, Span] = {}
        """Function calls that wait for an answer, by id."""
        self._session = Session()
        self._row = 0

    # ---- what there is

    @property
    def lanes(self) -> list[Lane]:
        """Those that have anything to show."""
        return [lane for lane in Lane if self._has(lane)]

    def spans(self, lane: Lane) -> Spans | None:
        """The spans of a lane; None where it has points or levels alone."""
        return self.sound.spans if lane is Lane.PLAYBACK else self._spans.get(lane)

    def points(self, lane: Lane) -> Points | None:
        """The points of a lane; None where it has none."""
        return self._points.get(lane)

    def levels(self, lane: Lane) -> Callable[[float, float], float] | None:
        """The highest peak of a lane between two times, in dBFS; None where it has no levels."""
        if lane is Lane.MICROPHONE:
            return self.microphone.peak_db
        return self.sound.peak_db if lane is Lane.PLAYBACK else None

    def neighbour(self, lane: Lane, time_s: float, step: int) -> Span | Point | None:
        """What begins next in a lane after a time (``step`` 1), or began before it (-1)."""
        marks = self.spans(lane) or self.points(lane)
        return marks.neighbour(time_s, step) if marks else None

    def _has(self, lane: Lane) -> bool:
        if lane is Lane.MICROPHONE:
            return bool(self.microphone)
        return bool(self.spans(lane) or self.points(lane))

    # ---- what is taken in

    def find(self, time_s: float, severity: str, row: int, label: str = "") -> None:
        """A linter has found something; ``severity`` is "error", "warn" or "note"."""
        self._points[Lane.FINDINGS].add(Point(time_s, row, severity, label))

    def catch_up(self, log: SessionLog) -> Iterator[None]:
        """Take in what a log has and this has not: first all records, then all levels.

        To be driven off the screen's thread; pauses every few milliseconds. Records that cannot be
        read again are passed over.
        """
        while min(self.rows, self.heard) < len(log):
            while self.rows < len(log):
                with contextlib.suppress(JournalError):
                    self.take(log.glance(self.rows), self.rows)
                self.rows += 1
                if self.rows % AT_ONCE == 0:
                    yield
            while self.heard < len(log) and self.rows == len(log):
                if _AUDIO.intersection(log.kinds(self.heard)):
                    with contextlib.suppress(JournalError):
                        self.hear(log.record(self.heard), self.heard)
                    yield
                self.heard += 1

    def take(self, record: Record, row: int) -> None:
        """Take the next record in."""
        self.end_s, self._row = max(self.end_s, record.mono_s), row
        speech, talking = self._session.speech, self._session.talking
        self._session.apply(record)
        if isinstance(record, Event):
            self._happen(record)
        else:
            table = _SENT if record.direction is Direction.SEND else _RECEIVED
            for fact in sorted(record.facts, key=lambda fact: fact.kind == _COMPLETE):
                if handle := table.get(fact.kind):
                    handle(self, fact)
        if self._session.speech is not speech:
            self._switch(Lane.SERVER, self._session.speech is True)
        if self._session.talking is not talking:
            self._switch(Lane.HERE, self._session.talking, "push to talk")

    def hear(self, record: Record, row: int) -> None:
        """Add the levels of a record's audio, if it has any."""
        if isinstance(record, Event):
            return
        for fact in record.facts:
            if fact.kind not in _AUDIO:
                continue
            for blob in blobs(fact.value):
                sound, rate_hz = pcm(blob, sent=record.direction is Direction.SEND)
                if record.direction is Direction.RECEIVE:
                    self.sound.hear(row, sound, rate_hz)
                else:  # its last sample was captured just then
                    start_s = max(0.0, record.mono_s - len(sound) / rate_hz)
                    self.microphone.add(start_s, peaks(sound, rate_hz))

    def _happen(self, event: Event) -> None:
        if event.name.startswith(("playback.", "replay.")):
            self.sound.happen(event, self._row, self.end_s)
        elif event.name == "speech.started":
            self._switch(Lane.HERE, True)
        elif event.name == "speech.ended":
            quiet_s = event.detail.get("quiet_s")
            ago_s = quiet_s if isinstance(quiet_s, (int, float)) else 0.0
            self._switch(Lane.HERE, False, ago_s=ago_s)
        elif event.name == "connection.opening":
            model, host = (str(event.detail.get(key, "")) for key in ("model", "host"))
            self._switch(Lane.CONNECTION, False)
            self._switch(Lane.CONNECTION, True, f"{model} · {host}")
        elif event.name == "connection.closed":
            code = event.detail.get("code")
            self._note("closed", f"closed {'' if code is None else code}".strip())
            self._cut()
        elif event.name in ("error", "sdk.error"):
            self._note("error", str(event.detail.get("message", "")))

    def _cut(self) -> None:
        """The connection is gone, and all that went on over it."""
        for lane in tuple(self._going):
            if lane is not Lane.HERE:
                self._switch(lane, False)
        for key in tuple(self._calls):
            self._end_call(key, "cut")
        if self._generation is not None and self._generation.end_s == OPEN:
            self._spans[Lane.GENERATION].end(self._generation, self.end_s)
        self._user = self._generation = None

    def _switch(self, lane: Lane, on: bool, label: str = "", ago_s: float = 0.0) -> None:
        """A span begins, or the one that goes on has ended a while ago."""
        going = self._going.get(lane)
        if on and going is None:
            self._going[lane] = self._spans[lane].begin(self.end_s, self._row, label)
        elif not on and going is not None:
            self._spans[lane].end(going, self.end_s - ago_s)
            del self._going[lane]

    def _note(self, look: str, label: str = "") -> None:
        self._points[Lane.NOTICES].add(Point(self.end_s, self._row, look, label))

    # ---- what is sent

    def _sent_media(self, fact: Fact) -> None:
        if any(is_picture(blob) for blob in blobs(fact.value)):
            self._points[Lane.FRAMES].add(Point(self.end_s, self._row))

    def _sent_text(self, fact: Fact) -> None:
        """A question in writing takes no time."""
        asked = self._session.turns[-1] if self._session.turns else None
        if asked is not None and asked.typed and asked.asked_s == self._session.now_s:
            spans = self._spans[Lane.USER]
            spans.end(spans.begin(self.end_s, self._row, asked.user[:LONGEST_LABEL]), self.end_s)
            self._user = None

    def _sent_tool_response(self, fact: Fact) -> None:
        for response in rows_of(dict_of(fact.value).get("functionResponses")):
            if not response.get("willContinue"):
                self._end_call(response.get("id"), "answered")

    # ---- what comes

    def _transcribed(self, fact: Fact) -> None:
        """Words of the person, as long as they come."""
        look, words = self._said()
        spans, span = self._spans[Lane.USER], self._user
        if span is None or span.look != look:
            span = self._user = spans.begin(self.end_s, self._row, look=look)
        span.label = words[:LONGEST_LABEL]
        spans.end(span, self.end_s)

    def _said(self) -> tuple[str, str]:
        """What the words belong to, and all of them."""
        if self._session.continuous:
            caption = self._session.captions.source
            return ("", "") if caption is None else (str(caption.began_s), caption.words)
        turn = self._session.conversation.listening(self.end_s)
        return str(turn.number), turn.user + turn.user_interim

    def _generated(self, fact: Fact) -> None:
        """Content of the model; what comes after `generationComplete` still belongs to it."""
        spans, span = self._spans[Lane.GENERATION], self._generation
        number, continuous = self._session.sounding, self._session.continuous
        look = str(number) if continuous else ""
        if span is None or span.look != look:
            label = playback.name(number) if number else ""
            span = self._generation = spans.begin(self.end_s, self._row, label, look)
        if span.end_s != OPEN or continuous:  # no message will end it there
            spans.end(span, self.end_s)
        if fact.kind in _WORDS and len(span.label) < LONGEST_LABEL:
            text = dict_of(fact.value).get("text")
            span.label += f"{'' if ':' in span.label else ': '}{text}"

    def _received_audio(self, fact: Fact) -> None:
        if number := self._session.sounding:
            self.sound.receive(dict_of(fact.value), number, self._row, self.end_s)
        self._generated(fact)

    def _generation_ended(self, fact: Fact) -> None:
        if fact.value is True and self._generation is not None:
            self._spans[Lane.GENERATION].end(self._generation, self.end_s)

    def _turn_ended(self, fact: Fact) -> None:
        """`turnComplete`: what comes now belongs to another turn."""
        if fact.value is True:
            if self._generation is not None and self._generation.end_s == OPEN:
                self._generation_ended(fact)
            self._generation = None

    def _interrupted(self, fact: Fact) -> None:
        if fact.value is True:
            self._points[Lane.INTERRUPTIONS].add(Point(self.end_s, self._row))
            self._generation_ended(fact)
            self.sound.interrupt(self.end_s)

    def _called(self, fact: Fact) -> None:
        for call in rows_of(dict_of(fact.value).get("functionCalls")):
            name = str(call.get("name", ""))[:LONGEST_LABEL]
            span = self._spans[Lane.TOOLS].begin(self.end_s, self._row, name, "pending")
            self._calls[str(call.get("id"))] = span
        self._generated(fact)

    def _call_cancelled(self, fact: Fact) -> None:
        ids = dict_of(fact.value).get("ids")
        for key in ids if isinstance(ids, list) else ():
            self._end_call(key, "cancelled")

    def _end_call(self, key: object, look: str) -> None:
        if (span := self._calls.pop(str(key), None)) is not None:
            span.look = look
            self._spans[Lane.TOOLS].end(span, self.end_s)

    def _going_away(self, fact: Fact) -> None:
        self._note("goAway", f"goAway {dict_of(fact.value).get('timeLeft', '')}".strip())


def blobs(value: Any) -> Iterator[Mapping[str, Any]]:
    """The Blobs of a media fact: one, or a list of them (`mediaChunks`)."""
    for blob in value if isinstance(value, list) else [value]:
        if isinstance(blob, dict):
            yield blob


def is_picture(blob: Mapping[str, Any]) -> bool:
    """Whether a Blob says that it is an image or a video frame."""
    return str(blob.get("mimeType", "")).lower().startswith(("image/", "video/"))


_SPANS = frozenset(
    {Lane.HERE, Lane.SERVER, Lane.USER, Lane.GENERATION, Lane.TOOLS, Lane.CONNECTION}
)
_POINTS = frozenset({Lane.INTERRUPTIONS, Lane.FRAMES, Lane.FINDINGS, Lane.NOTICES})

_TURN = "serverContent.modelTurn."
_OUTPUT = "serverContent.outputTranscription"
_COMPLETE = "serverContent.turnComplete"
_WORDS = frozenset({f"{_TURN}text", _OUTPUT})
"""Kinds whose text labels what is generated."""

_SENT: Final[dict[str, Callable[[Timeline, Fact], None]]] = {
    "realtimeInput.video": Timeline._sent_media,
    "realtimeInput.mediaChunks": Timeline._sent_media,
    "realtimeInput.text": Timeline._sent_text,
    "clientContent": Timeline._sent_text,
    "toolResponse": Timeline._sent_tool_response,
}

_RECEIVED: Final[dict[str, Callable[[Timeline, Fact], None]]] = {
    f"{_TURN}audio": Timeline._received_audio,
    **{
        f"{_TURN}{kind}": Timeline._generated
        for kind in ("text", "thought", "executableCode", "codeExecutionResult", "image")
    },
    _OUTPUT: Timeline._generated,
    "serverContent.inputTranscription": Timeline._transcribed,
    "serverContent.interimInputTranscription": Timeline._transcribed,
    "serverContent.interrupted": Timeline._interrupted,
    "serverContent.generationComplete": Timeline._generation_ended,
    _COMPLETE: Timeline._turn_ended,
    "toolCall": Timeline._called,
    "toolCallCancellation": Timeline._call_cancelled,
    "goAway": Timeline._going_away,
}

_AUDIO = frozenset({"realtimeInput.audio", "realtimeInput.mediaChunks", f"{_TURN}audio"})
"""Kinds that have levels."""
