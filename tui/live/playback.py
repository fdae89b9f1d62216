"""What is done with answers that arrive as sound: played, flushed or discarded, and journalled."""

from __future__ import annotations

import asyncio
from typing import Protocol

from tui.core import media
from tui.core.frame import Frame
from tui.core.playback import Playback
from tui.live.recorder import JournalRecorder

POLL_S = 0.02
"""One block of the speaker."""


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

    def flush(self) -> Playback:
        """Be silent now; returns how far it was heard."""
        ...

    def snapshot(self) -> Playback:
        """What is playing; any thread may ask."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


class Output:
    """Plays the audio of the answers, each under its turn's number. Lives on the engine's loop."""

    def __init__(self, player: Player, recorder: JournalRecorder) -> None:
        self._player = player
        player.open()
        self._recorder = recorder
        self._silenced = 0
        """The turn whose remaining audio is thrown away: it was interrupted."""
        self._problem = ""
        self._watcher: asyncio.Task[None] | None = None

    @property
    def playback(self) -> Playback:
        """What is playing; any thread may ask."""
        return self._player.snapshot()

    def close(self) -> None:
        """Let the device go."""
        self._player.close()

    def take(self, frame: Frame) -> None:
        """Do what a server frame asks of the speaker; the session has applied it already."""
        turn = self._recorder.session.conversation.last
        for fact in frame.facts:
            if fact.kind == "serverContent.interrupted" and fact.value is True:
                self.silence("interrupted")
            elif fact.kind == "serverContent.modelTurn.audio" and turn is not None:
                if turn.number != self._silenced and turn.interrupted_s is None:
                    self._play(turn.number, fact.value)
            elif fact.kind in _ENDS and fact.value is True and turn is not None:
                self._player.finish(turn.number)

    def end(self) -> None:
        """The connection is over: what has come of an answer is all of it."""
        turn = self._recorder.session.conversation.last
        if turn is not None:
            self._player.finish(turn.number)

    def silence(self, cause: str) -> Playback:
        """Flush now, and throw away what is still to come of the current answer."""
        conversation = self._recorder.session.conversation
        turn = conversation.current if cause == "interrupt" else conversation.last
        self._silenced = turn.number if turn is not None else 0
        before = self._player.snapshot()
        if self._watcher is None or not before.answer:
            return before
        flushed = self._player.flush()
        self._stop_watching()
        self._recorder.event(
            "playback.flushed",
            turn=flushed.answer,
            heard_s=round(flushed.heard_s, 3),
            received_s=round(flushed.received_s, 3),
            cause=cause,
        )
        return flushed

    def _play(self, number: int, blob: dict[str, str]) -> None:
        if self._recorder.session.view != "audio":
            return
        try:
            pcm = media.data_bytes(blob)
        except ValueError as error:
            self._recorder.event("error", message=f"Audio of turn {number} is unreadable: {error}")
            return
        rate_hz = media.pcm_rate_hz(str(blob.get("mimeType", "")), media.OUTPUT_RATE_HZ)
        self._player.play(number, pcm, rate_hz)
        self._tell(self._player.snapshot().problem)
        if self._watcher is None:
            self._watcher = asyncio.get_running_loop().create_task(self._watch())

    def _tell(self, problem: str) -> None:
        """Journal why answers are not heard, and when they are again."""
        if problem != self._problem:
            self._problem = problem
            self._recorder.event("speaker", problem=problem)

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self) -> None:
        """Journal when an answer begins to be heard and when it has been heard to its end."""
        started = 0
        while True:
            now = self._player.snapshot()
            self._tell(now.problem)
            if now.playing and now.answer != started:
                if started:
                    self._drained(started)
                started = now.answer
                self._recorder.event("playback.started", turn=started, device=now.device)
            elif now.idle:
                if started:
                    self._drained(started)
                break
            await asyncio.sleep(POLL_S)
        self._watcher = None

    def _drained(self, number: int) -> None:
        turn = self._recorder.session.conversation.turn(number)
        heard_s = round(turn.audio_s, 3) if turn is not None else 0.0
        self._recorder.event("playback.drained", turn=number, heard_s=heard_s)


_ENDS = frozenset({"serverContent.generationComplete", "serverContent.turnComplete"})
