"""The tap's workbench over real recordings and a tap that only pretends to be a process."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tap.test_session import SETUP, Wiretap
from tui.core.frame import Direction
from tui.core.log import SessionLog
from tui.core.tapped import tapped
from tui.screens.faulty_session import BANNER, CLOSES, STALLED, FaultySession
from tui.screens.tapped import TappedSessions
from tui.screens.tapped_session import TappedSession
from tui.tap.fault import Fault, Kind
from tui.tap_desk import TapDesk
from tui.tapping import Told
from tui.widgets.message_list import MessageList
from tui.widgets.tapped_list import TappedList

READY: dict[str, Any] = {
    "ws": "ws://localhost:1",
    "wss": "wss://localhost:2",
    "ca": "/ca.pem",
    "upstreams": ["generativelanguage.googleapis.com"],
    "environment": {"GOOGLE_GEMINI_BASE_URL": "https://localhost:2", "SSL_CERT_FILE": "/a b.pem"},
}


class Said:
    """A tap that reports what a test says."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Any]] = []
        self.told: Told | None = None

    def follow(self, told: Told) -> None:
        self.told = told

    def tell(self, row: Mapping[str, Any]) -> None:
        self.rows.append(row)


@asynccontextmanager
async def desk(
    *program: str, size: tuple[int, int] = (120, 40), faults: bool = False
) -> AsyncIterator[tuple[Pilot[None], TapDesk]]:
    output = Path("/out.log") if program else None
    app = TapDesk(Said(), READY, program, output, faults=faults)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app._tap.told is not None)  # type: ignore[attr-defined]
        yield pilot, app


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(600):
        await pilot.pause(0.05)
        if true():
            return
    raise AssertionError(pilot.app.export_screenshot())


def lines(app: TapDesk) -> list[str]:
    """The list's."""
    found = app.query_one(TappedList)
    return [found.draw(line, 100).text.rstrip() for line in range(found.line_count)]


def state(app: TapDesk, name: str = "state") -> str:
    return str(app.screen.query_one(f"#tapped-{name}", Static).content)


def wiretap(folder: Path, name: str) -> Wiretap:
    (folder / name).mkdir()
    tap = Wiretap(folder / name, "Host: h")
    tap.session._time_s = time.time() - 65
    tap.accept()
    return tap


async def test_sessions_come_grow_and_end(tmp_path: Path) -> None:
    one = wiretap(tmp_path, "one")
    one.send(SETUP)
    async with desk() as (pilot, app):
        assert "https://localhost:2" in state(app, "lines")
        assert "SSL_CERT_FILE='/a b.pem'" in state(app, "lines")
        assert "generativelanguage.googleapis.com" in state(app)
        app._told({"session": 4, "recording": str(one.path)})
        await until(pilot, lambda: bool(lines(app)) and " 1 " in lines(app)[0])
        assert re.search(r"\b1:\d\d\b", lines(app)[0])
        assert lines(app)[0].split()[-2:] == ["gemini-2.0-flash-exp", "live"]
        one.receive(b'{"setupComplete": {}}')
        await until(pilot, lambda: " 2 " in lines(app)[0])
        one.receive(b"\x03\xf3evil [bold]\x1b]52;c;x\x07", opcode=8)
        one.session.ended(Direction.RECEIVE, "", 61.5)
        await until(pilot, lambda: "1011" in lines(app)[0])
        assert "1:01" in lines(app)[0]
        assert "1011 evil [bold]" in lines(app)[0]
        assert "\x1b" not in lines(app)[0]
        assert not app.screen.query_one("#tapped-lines").display
    one.session.close()


async def test_a_session_is_opened_followed_and_left(tmp_path: Path) -> None:
    one = wiretap(tmp_path, "one")
    one.send(SETUP)
    async with desk() as (pilot, app):
        app._told({"session": 4, "recording": str(one.path)})
        await until(pilot, lambda: bool(lines(app)))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TappedSession))
        messages = app.screen.query_one(MessageList)
        await until(pilot, lambda: len(messages.rows) == 2)
        one.receive(b'{"setupComplete": {}}')
        await until(pilot, lambda: len(messages.rows) == 3)
        assert messages.following
        for key in ("m", "c", "v", "ctrl+t"):
            assert not app.screen.active_bindings[key].enabled, "greyed out"
        assert app.screen.active_bindings["slash"].enabled
        await pilot.press("m")
        await until(pilot, lambda: bool(app._notifications))
        (said,) = app._notifications
        assert said.message.startswith("Mute is for sessions of bidiscope's own")
        await pilot.press("backspace")
        await until(pilot, lambda: isinstance(app.screen, TappedSessions))
    one.session.close()


async def test_the_program_is_named_and_its_end_is_said() -> None:
    async with desk("python", "my app.py") as (_, app):
        assert state(app) == "Running, its output goes to /out.log: python 'my app.py'"
        app._told({"status": 3})
        assert state(app).startswith("Ended with exit code 3, its output is in /out.log: python")
        assert app.status == 3
        app._told({"ended": 0})
        assert "nothing passes any more" in state(app)


@pytest.mark.parametrize("size", [(60, 16), (200, 50)])
async def test_it_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    one = wiretap(tmp_path, "one")
    one.send(SETUP)
    async with desk(size=size) as (pilot, app):
        app._told({"session": 4, "recording": str(one.path)})
        await until(pilot, lambda: bool(lines(app)))
        assert app.query_one(TappedList).size.height >= 10
    one.session.close()


def test_a_line_of_a_session_without_set_up(tmp_path: Path) -> None:
    one = Wiretap(tmp_path, "Host: h")
    one.feed(Direction.RECEIVE, b"HTTP/1.1 403 Forbidden\r\n\r\n")
    one.session.ended(Direction.RECEIVE, "", 1.0)
    one.session.close()
    log = SessionLog.open(one.path)
    line = tapped(log, 2_000.0)
    log.close()
    assert (line.model, line.messages, line.age_s) == ("no set-up", 0, 1.0)
    assert line.end == "failed: HTTP 403 Forbidden (server)"
    assert line.over and not line.healthy
    assert json.dumps(line.turns) == "0"


async def test_faults_have_keys_and_a_red_line(tmp_path: Path) -> None:
    one = wiretap(tmp_path, "one")
    one.send(SETUP)
    async with desk(faults=True) as (pilot, app):
        app._told({"session": 4, "recording": str(one.path)})
        await until(pilot, lambda: bool(lines(app)))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, FaultySession))
        banner = app.screen.query_one("#fault-banner", Static)
        assert str(banner.content) == BANNER
        assert banner.styles.background.hex == app.theme_variables["error"].upper()
        await pilot.press("H")
        assert str(banner.content) == STALLED
        await pilot.press("H", "X", "K")
        app.screen.action_close_with(0)  # type: ignore[attr-defined]
        rows: list[Any] = app._tap.rows  # type: ignore[attr-defined]
        await until(pilot, lambda: len(rows) == 5)
    assert [row["session"] for row in rows] == [4] * 5
    faults = [Fault.read(row) for row in rows]
    assert [fault.kind for fault in faults] == ["stall", "go on", "drop", "close", "close"]
    assert [fault.code for fault in faults[3:]] == [1011, 1000]
    one.session.close()


@pytest.mark.parametrize(("code", "reason"), CLOSES)
def test_every_close_can_be_sent(code: int, reason: str) -> None:
    assert Fault(Kind.CLOSE, code, reason).frame()


async def test_without_leave_there_are_no_faults(tmp_path: Path) -> None:
    one = wiretap(tmp_path, "one")
    async with desk() as (pilot, app):
        one.send(SETUP)
        app._told({"session": 4, "recording": str(one.path)})
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TappedSession))
        assert not isinstance(app.screen, FaultySession)
        await pilot.press("X", "K", "H")
        assert app._tap.rows == []  # type: ignore[attr-defined]
    one.session.close()
