"""What is done with answers that arrive as sound: played, flushed or discarded, and journalled."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from tui.core import media, playback
from tui.core.devices import Source
from tui.core.frame import Frame
from tui.core.playback import AUDITION, CAPTIONS, Playback
from tui.live.recorder import JournalRecorder

POLL_S = 0.02
"""One block of the speaker."""
OVER_S = 0.5
"""Sound without turns that has paused so long is played to its end; three chunks of it."""


class Player(Protocol):
    """A speaker, or files in its place."""

    def open(self) -> None:
        """Get ready; never raises: the snapshot tells what is wrong."""
        ...

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """Append audio of an answer."""
        ...

    def finish(self, answer: int) -> None:
        """No more audio of it comes."""
        ...

    def flush(self, *, abort: bool = False) -> Playback:
        """Be silent now, at once or by a fade; returns how far it was heard."""
        ...

    def switch(self, device: Source) -> None:
        """Play on another device."""
        ...

    def snapshot(self) -> Playback:
        """What is playing; any thread may ask."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


@dataclass(slots=True)
class Answer:
    """The sound of one answer as it came, heard or not."""

    number: int
    """Of its turn, or of a caption above `CAPTIONS`."""
    rate_hz: int = media.OUTPUT_RATE_HZ
    pcm: bytearray = field(default_factory=bytearray)
    heard_s: float | None = None
    """So much of it was heard, once the rest is thrown away."""
    told_s: float = 0.0
    """So much of it was journalled as thrown away."""

    @property
    def received_s(self) -> float:
        """Seconds that have come."""
        return len(self.pcm) // 2 / self.rate_hz

    @property
    def thrown_s(self) -> float:
        """Seconds that nobody heard, nor will."""
        return 0.0 if self.heard_s is None else max(0.0, self.received_s - self.heard_s)

    @property
    def thrown_away(self) -> bytes:
        """Their samples."""
        return bytes(self.pcm[round((self.heard_s or 0.0) * self.rate_hz) * 2 :])


class Output:
    """Plays the audio of the answers, each under its turn's number. Lives on the engine's loop.

    What is thrown away can be played again, under the turn's number below zero.
    """

    def __init__(self, player: Player, recorder: JournalRecorder) -> None:
        self._player = player
        player.open()
        self._recorder = recorder
        self._silenced = 0
        """The turn whose remaining audio is thrown away: it was interrupted."""
        self._answer = Answer(0)
        """The one that comes, or came last."""
        self._thrown = Answer(0)
        """The one that something was thrown away of last."""
        self._told = ("", "")
        self._over_s = 0.0
        """From then on nothing more is expected of a caption; no message says so."""
        self._underruns = 0
        """How many there had been before this answer."""
        self._watcher: asyncio.Task[None] | None = None

    @property
    def playback(self) -> Playback:
        """What is playing; any thread may ask."""
        return self._player.snapshot()

    def close(self) -> None:
        """Let the device go."""
        self._player.close()

    def switch(self, device: Source) -> None:
        """Play on another device."""
        self._player.switch(device)

    def take(self, frame: Frame) -> None:
        """Do what a server frame asks of the speaker; the session has applied it already."""
        number = self._recorder.session.sounding
        for fact in frame.facts:
            if fact.kind == "serverContent.interrupted" and fact.value is True:
                self.silence("interrupted")
            elif fact.kind == "serverContent.modelTurn.audio" and number:
                self._receive(number, fact.value)
            elif fact.kind in _ENDS and fact.value is True and number:
                self._player.finish(number)
                if fact.kind == _COMPLETE:
                    self._account()

    def end(self) -> None:
        """The connection is over: what has come of an answer is all of it."""
        if number := self._recorder.session.sounding:
            self._player.finish(number)
        self._account()

    def silence(self, cause: str) -> Playback:
        """Flush now, and throw away what is still to come of the current answer.

        A person who speaks over the answer wants silence at once, and hides a click; a key does
        not.
        """
        session = self._recorder.session
        conversation = session.conversation
        turn = conversation.current if cause == "interrupt" else conversation.last
        self._silenced = turn.number if turn is not None and not session.continuous else 0
        before = self._player.snapshot()
        if self._watcher is None or not before.answer:
            return before
        flushed = self._player.flush(abort=cause in ("interrupted", "talk"))
        self._stop_watching()
        if flushed.answer == self._answer.number:
            self._throw(flushed.heard_s)
        elif 0 < flushed.answer < self._answer.number:
            self._throw(0.0)
        self._event(
            flushed.answer,
            "flushed",
            **_seconds(flushed.heard_s, flushed.received_s),
            underruns=self._ran_dry(flushed),
            cause=cause,
        )
        return flushed

    def replay(self) -> str:
        """Play again what was thrown away last; returns why not, if it cannot."""
        if not self._thrown.thrown_s:
            return "Nothing was thrown away: every answer was heard to its end."
        if self._watcher is not None:
            return "An answer is being played: Esc stops it, then r plays what was thrown away."
        number = -self._thrown.number
        self._player.play(number, self._thrown.thrown_away, self._thrown.rate_hz)
        self._player.finish(number)
        self._watch()
        return ""

    def audition(self, pcm: bytes, rate_hz: int) -> str:
        """Play a stretch of the session's sound; returns why not, if it cannot."""
        self.hush()
        if self._watcher is not None:
            return "An answer is being played: Esc stops it, then p plays what is chosen."
        self._player.play(AUDITION, pcm, rate_hz)
        self._player.finish(AUDITION)
        self._watch()
        return ""

    def hush(self) -> None:
        """End an audition."""
        if self._player.snapshot().answer == AUDITION and self._watcher is not None:
            self._player.flush()
            self._stop_watching()

    def _receive(self, number: int, blob: dict[str, str]) -> None:
        try:
            pcm = media.data_bytes(blob)
        except ValueError as error:
            message = f"Audio of {playback.name(number)} is unreadable: {error}"
            self._recorder.event("error", message=message)
            return
        rate_hz = media.pcm_rate_hz(str(blob.get("mimeType", "")), media.OUTPUT_RATE_HZ)
        session = self._recorder.session
        turn = session.conversation.turn(number)
        hushed = session.continuous and self._answer.heard_s is not None
        if number != self._answer.number or (hushed and session.view == "audio"):
            self._account()
            self._answer = Answer(number, rate_hz)
            self._end_replay()
        self._answer.pcm += pcm
        stopped = turn is not None and turn.interrupted_s is not None
        if number != self._silenced and not stopped and session.view == "audio":
            self._player.play(number, pcm, rate_hz)
            self._over_s = asyncio.get_running_loop().time() + OVER_S
            self._watch()
        elif self._answer.heard_s is None:
            self._throw(0.0)
            self._answer.told_s = 0.0

    def _end_replay(self) -> None:
        """An answer comes: it does not wait for the replay of another one."""
        if self._player.snapshot().answer < 0 and self._watcher is not None:
            self._player.flush()
            self._stop_watching()

    def _throw(self, heard_s: float) -> None:
        self._thrown = self._answer
        self._answer.heard_s = heard_s
        self._answer.told_s = self._answer.thrown_s

    def _account(self) -> None:
        """Journal what was thrown away without a flush: what came after one, or in text view."""
        answer = self._answer
        if answer.heard_s is not None and answer.thrown_s > answer.told_s:
            answer.told_s = answer.thrown_s
            seconds = _seconds(answer.heard_s, answer.received_s)
            self._event(answer.number, "discarded", **seconds)

    def _tell(self, now: Playback) -> None:
        """Journal which device plays, and why nothing is heard."""
        if (now.device, now.problem) != self._told:
            self._told = (now.device, now.problem)
            self._recorder.event("speaker", device=now.device, problem=now.problem)

    def _watch(self) -> None:
        self._tell(self._player.snapshot())
        if self._watcher is None:
            self._watcher = asyncio.get_running_loop().create_task(self._follow())

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _follow(self) -> None:
        """Journal when an answer begins to be heard and when it has been heard to its end."""
        last, loop = Playback(), asyncio.get_running_loop()
        while True:
            if self._answer.number > CAPTIONS and loop.time() > self._over_s:
                self._player.finish(self._answer.number)
            now = self._player.snapshot()
            self._tell(now)
            if last.answer and (now.idle or (now.playing and now.answer != last.answer)):
                self._drained(last, now)
            if now.playing and now.answer != last.answer:
                self._event(now.answer, "started", device=now.device)
            if now.playing:
                last = now
            if now.idle:
                break
            await asyncio.sleep(POLL_S)
        self._watcher = None

    def _drained(self, last: Playback, now: Playback) -> None:
        """The answer ended; by itself, unless the device was lost."""
        turn = self._recorder.session.conversation.turn(last.answer)
        received_s = last.received_s if turn is None else turn.audio_s
        heard_s = last.heard_s if now.problem else received_s
        if now.problem and last.answer == self._answer.number:
            self._throw(heard_s)
        figures = _seconds(heard_s, received_s)
        self._event(last.answer, "drained", **figures, underruns=self._ran_dry(now))

    def _ran_dry(self, now: Playback) -> int:
        """How often the speaker ran dry during the answer that ends now."""
        before, self._underruns = self._underruns, now.underruns
        return now.underruns - before

    def _event(self, answer: int, what: str, **detail: object) -> None:
        if answer == AUDITION:
            self._recorder.event(f"audition.{what}", **detail)
            return
        name = "playback" if answer > 0 else "replay"
        self._recorder.event(f"{name}.{what}", **playback.key(answer), **detail)


def _seconds(heard_s: float, received_s: float) -> dict[str, float]:
    thrown_s = max(0.0, received_s - heard_s)
    figures = {"heard_s": heard_s, "received_s": received_s, "thrown_s": thrown_s}
    return {name: round(value, 3) for name, value in figures.items()}


_COMPLETE = "serverContent.turnComplete"
_ENDS = frozenset({"serverContent.generationComplete", _COMPLETE})
