"""The lanes of a session over one clock, built record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from tui.core import media
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.lanes import Point, Points, Span, Spans
from tui.core.levels import Peaks, peaks, samples
from tui.core.session import Session
from tui.core.sound_track import SoundTrack
from tui.core.wire import Fact

LONGEST_LABEL: Final = 120


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

    `take` wants every record in order, each once. Whole records (not glances) give the levels,
    too: base64 is decoded for that, and peaks are looked for; an hour of an open microphone and a
    model that talks 40 % of it takes 4 s of a core, so this belongs on a worker's thread. Another
    thread may read meanwhile.
    """

    def __init__(self) -> None:
        self.rows = 0
        """How many records have been taken."""
        self.end_s = 0.0
        """Time of the last one; the clock never goes back."""
        self.microphone = Peaks()
        """What was sent, when it was captured."""
        self.sound = SoundTrack()
        self._spans: dict[Lane, Spans] = {lane: Spans() for lane in _SPANS}
        self._points: dict[Lane, Points] = {lane: Points() for lane in _POINTS}
        self._going: dict[Lane, Span] = {}
        """The span of a lane that goes on."""
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

    def take(self, record: Record, row: int) -> None:
        """Take the next record in."""
        self.end_s, self._row = max(self.end_s, record.mono_s), row
        speech, talking = self._session.speech, self._session.talking
        self._session.apply(record)
        if isinstance(record, Event):
            self._happen(record)
        else:
            table = _SENT if record.direction is Direction.SEND else _RECEIVED
            for fact in record.facts:
                if handle := table.get(fact.kind):
                    handle(self, fact)
            self._generate(record)
        if self._session.speech is not speech:
            self._switch(Lane.SERVER, self._session.speech is True)
        if self._session.talking is not talking:
            self._switch(Lane.HERE, self._session.talking, "push to talk")
        self.rows = row + 1

    def _happen(self, event: Event) -> None:
        if event.name.startswith(("playback.", "replay.")):
            self.sound.happen(event, self._row, self.end_s)
        elif event.name in _SPEECH:
            self._switch(Lane.HERE, _SPEECH[event.name])
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
        for call in self._calls.values():
            self._end_call(call, "cut")
        self._calls.clear()

    def _switch(self, lane: Lane, on: bool, label: str = "") -> None:
        """A span begins, or the one that goes on ends."""
        going = self._going.get(lane)
        if on and going is None:
            self._going[lane] = self._spans[lane].begin(self.end_s, self._row, label)
        elif not on and going is not None:
            self._spans[lane].end(going, self.end_s)
            del self._going[lane]

    def _note(self, look: str, label: str = "") -> None:
        self._points[Lane.NOTICES].add(Point(self.end_s, self._row, look, label))

    # ---- what is sent

    def _sent_media(self, fact: Fact) -> None:
        for blob in _blobs(fact.value):
            if media.is_pcm(blob):
                self._hear(blob)
            elif str(blob.get("mimeType", "")).startswith(("image/", "video/")):
                self._points[Lane.FRAMES].add(Point(self.end_s, self._row))

    def _hear(self, blob: Mapping[str, Any]) -> None:
        """Sound of the person: its last sample was captured just now."""
        if not isinstance(blob.get("data"), str):
            return
        try:
            sound = samples(media.data_bytes(blob))
        except ValueError:
            return
        rate_hz = media.pcm_rate_hz(str(blob.get("mimeType", "")), media.INPUT_RATE_HZ)
        start_s = max(0.0, self.end_s - len(sound) / rate_hz)
        self.microphone.add(start_s, peaks(sound, rate_hz))

    def _sent_text(self, fact: Fact) -> None:
        """A question in writing takes no time."""
        turns = self._session.turns
        asked = turns[-1] if turns else None
        if asked is not None and asked.typed and asked.asked_s == self._session.now_s:
            self._switch(Lane.USER, False)
            self._switch(Lane.USER, True, asked.user[:LONGEST_LABEL])
            self._switch(Lane.USER, False)

    def _sent_tool_response(self, fact: Fact) -> None:
        for response in _rows(fact.value, "functionResponses"):
            call = self._calls.get(str(response.get("id")))
            if call is not None and not response.get("willContinue"):
                self._end_call(self._calls.pop(str(response.get("id"))), "answered")

    # ---- what comes

    def _transcribed(self, fact: Fact) -> None:
        """Words of the person; an interim transcription is replaced by what follows."""
        text = _dict(fact.value).get("text")
        if not isinstance(text, str):
            return
        turn = self._session.conversation.listening(self.end_s)
        words = (turn.user + turn.user_interim)[:LONGEST_LABEL]
        span = self._going.get(Lane.USER)
        if span is not None and span.look != str(turn.number):
            self._switch(Lane.USER, False)
            span = None
        if span is None:
            self._switch(Lane.USER, True)
            span = self._going[Lane.USER]
            span.look = str(turn.number)
        span.label = words
