"""A held conversation: the engine as the app uses it, a stage for it, and the proof at the end."""

from __future__ import annotations

import contextlib
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.stage import Script, Stage, stage
from tui.core.capture import RATE_HZ
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.lint.linter import Linter
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.turn import Turn
from tui.hardware import eye
from tui.live.equipment import MakeDevices
from tui.live.input import MakeListener
from tui.media.microphone import Microphone
from tui.options import Options
from tui.rig import Rig

PATIENCE_S = 30.0
"""For a loaded machine; no test comes near it where nothing is wrong."""


class QuietPlayer:
    """A speaker without sound: it counts what it gets, and speaks for as long as a test says."""

    def __init__(self) -> None:
        self.state = Playback(device="quiet")
        self.flushes = 0
        self.closed = False

    def open(self) -> None:
        pass

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        before = self.state.received_s if answer == self.state.answer else 0.0
        received_s = before + len(pcm) / 2 / rate_hz
        self.state = replace(self.state, answer=answer, received_s=received_s, idle=False)

    def finish(self, answer: int) -> None:
        pass

    def flush(self, *, abort: bool = False) -> Playback:
        self.flushes += 1
        before = self.state
        self.rest()
        return before

    def switch(self, device: str | int | None) -> None:
        self.state = replace(self.state, device=str(device))

    def snapshot(self) -> Playback:
        return self.state

    def close(self) -> None:
        self.closed = True

    def speak(self, heard_s: float) -> None:
        self.state = replace(self.state, playing=True, heard_s=heard_s)

    def rest(self) -> None:
        self.state = replace(self.state, playing=False, idle=True)


class Talk:
    """A rig with its engine running; its records are folded here as they come, as the app does."""

    def __init__(
        self,
        options: Options,
        devices: MakeDevices | None = None,
        beside: Talk | None = None,
    ) -> None:
        self.player = QuietPlayer()
        quiet = (self.player, self._listener(options.mic))
        self.emulated = options.emulator
        self.wrong: set[str] = set()
        """The rules that the test breaks."""
        if beside is None:
            self.rig = Rig(options, devices or (lambda: quiet), partial(eye, options))
        else:
            self.rig = beside.rig.second(options)
        self.engine = self.rig.engine
        self.log = SessionLog(self.rig.storage.read)
        self.records: list[Record] = []
        self.engine.start()

    def _listener(self, mic: str | None) -> MakeListener | None:
        """A file that speaks, if the options name one; tests have no device."""
        if mic is None:
            return None
        return lambda on_block: Microphone(mic, on_block=on_block)

    @property
    def session(self) -> Session:
        return self.log.session

    def until(self, true: Callable[[Session], object]) -> Session:
        """Take records until that holds after one of them; stop right there."""
        end_s = time.monotonic() + PATIENCE_S
        while not true(self.session):
            if self.engine.inbox:
                self._take()
            elif time.monotonic() > end_s:
                seen = [self.log.kinds(row) for row in range(len(self.log))]
                raise AssertionError(f"waited in vain; the last records: {seen[-20:]}")
            else:
                time.sleep(0.005)
        return self.session

    def connect(self) -> Session:
        """Connect, and wait until the server has accepted."""
        before = self.session.connections
        self.engine.connect()
        return self.until(lambda session: session.connections > before and session.connected)

    def ask(self, text: str) -> str:
        """A question's answer, at the end of its turn."""
        self.engine.say(text)
        return self.until(lambda session: turn(session, text).completed_s).turns[-1].answer

    def hear(self, text: str) -> str:
        """The same as soon as all of it is here: a server waits with the end till it was heard."""
        self.engine.say(text)
        return self.until(lambda session: turn(session, text).generated_s).turns[-1].answer

    def frames(self, direction: Direction) -> list[bytes]:
        """The payloads that crossed the socket one way."""
        frames = (record for record in self.records if isinstance(record, Frame))
        return [frame.payload for frame in frames if frame.direction is direction]

    def events(self, name: str) -> list[dict[str, Any]]:
        """The details of all events of that name."""
        events = (record for record in self.records if isinstance(record, Event))
        return [dict(event.detail) for event in events if event.name == name]

    def findings(self) -> set[str]:
        """The rules that the linter finds broken, above chat."""
        linter = Linter()
        for row, record in enumerate(self.records):
            linter.take(record, row)
        return {each.rule.id for each in linter.findings if each.severity > Severity.CHAT}

    def stop(self) -> None:
        """End it; then what was seen live, what the engine thinks and what the file says agree."""
        self.rig.stop()
        while self.engine.inbox:
            self._take()
        assert self.rig.recording is not None
        replayed = SessionLog.open(self.rig.recording)
        replayed.close()
        assert replayed.session == self.session == self.engine._recorder.session
        assert [replayed.kinds(row) for row in range(len(replayed))] == [
            self.log.kinds(row) for row in range(len(self.log))
        ]
        assert replayed.offsets == self.log.offsets
        if self.emulated:
            assert self.findings() == self.wrong, "there are no false alarms"

    def _take(self) -> None:
        record, place = self.engine.inbox.popleft()
        self.records.append(record)
        self.log.ingest(record, place)


def turn(session: Session, question: str) -> Turn:
    """The last turn if that was its question, else an empty one."""
    last = session.turns[-1] if session.turns else Turn(0, 0.0)
    return last if last.user == question else Turn(0, 0.0)


@pytest.fixture
def ending() -> Iterator[contextlib.ExitStack]:
    """What is stopped when the test is over, the last one first."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def quiet(tmp_path: Path) -> str:
    """A microphone in a quiet room."""
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(bytes(2 * RATE_HZ * 60))
    return str(tmp_path / "quiet.wav")


@pytest.fixture
def on_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: contextlib.ExitStack
) -> Callable[..., Stage]:
    """Puts a server on stage and leads the SDK to it."""

    def begin(*scripts: Script, refusal: HTTPStatus | None = None) -> Stage:
        played = ending.enter_context(stage(tmp_path / "authority", *scripts, refusal=refusal))
        for name, value in played.environment.items():
            monkeypatch.setenv(name, value)
        return played

    return begin


@pytest.fixture
def talk(ending: contextlib.ExitStack) -> Callable[..., Talk]:
    """Begins a conversation; the test's end proves that its recording tells the same story."""

    def begin(
        devices: MakeDevices | None = None, beside: Talk | None = None, **options: Any
    ) -> Talk:
        begun = Talk(Options(**options), devices, beside)
        ending.callback(begun.stop)
        return begun

    return begin
