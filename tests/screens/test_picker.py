from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tests.media.listener import listening
from tests.media.virtual_sound import SoundServer, until
from tests.pseudo_terminal import Terminal
from tests.rehearsal import Rehearsal
from tui import hardware
from tui.core.capture import Capture
from tui.core.devices import (
    CameraDevice,
    Finding,
    Group,
    Kind,
    ScreenDevice,
    SoundDevice,
    Source,
    Thumbnail,
)
from tui.core.playback import Playback
from tui.options import Options
from tui.outcome import Outcome
from tui.screens.devices import Devices
from tui.screens.live import Live
from tui.widgets.meter import Meter

BUILT_IN = SoundDevice(0, "Built-in [bold]mic[/]", "ALSA", 2, 48000, default=True)
HEADSET = SoundDevice(4, "USB headset\x1b[2J", "ALSA", 1, 16000)
SPEAKER = SoundDevice(4, "USB headset", "ALSA", 2, 48000, default=True)

GROUPS = (
    Group(Kind.MICROPHONE, (BUILT_IN, HEADSET)),
    Group(Kind.SPEAKER, (SPEAKER,)),
    Group(Kind.CAMERA, (CameraDevice(0, "Webcam", "/dev/video0"),)),
    Group(Kind.SCREEN, (ScreenDevice(1, "HDMI-1", 1920, 1080, 0, 0, main=True),)),
)


class Shop:
    """Stands in for the machine's devices; a test runs until it is told to end."""

    def __init__(self) -> None:
        self.groups: tuple[Group, ...] = GROUPS
        self.readers: list[str] = []
        self.tested: list[tuple[Kind, Source]] = []
        self.closed = 0
        self.findings: list[Finding] = []
        self.goes_on = threading.Event()

    def read(self) -> tuple[Group, ...]:
        self.readers.append(threading.current_thread().name)
        return self.groups

    def test(self, kind: Kind, source: Source) -> Generator[Finding]:
        self.tested.append((kind, source))
        try:
            yield from self.findings
            while not self.goes_on.wait(0.02):
                yield self.findings[-1]
        finally:
            self.closed += 1


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop()
    monkeypatch.setattr(hardware, "read_devices", made.read)
    monkeypatch.setattr(hardware, "test_device", made.test)
    return made


async def opened(pilot: Pilot[None]) -> Devices:
    await pilot.press("f9")
    await settled(pilot, lambda: bool(list_of(pilot).option_count))
    screen = pilot.app.screen
    assert isinstance(screen, Devices)
    return screen


async def settled(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(300):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError(f"it did not come true; {words(pilot)!r}")


def list_of(pilot: Pilot[None]) -> OptionList:
    return pilot.app.screen.query_one(OptionList)


def words(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#device-finding", Static).render())


def lines(pilot: Pilot[None]) -> list[str]:
    listed = list_of(pilot)
    strips = [listed.render_line(y) for y in range(listed.size.height)]
    return [strip.text.rstrip() for strip in strips]


def line(pilot: Pilot[None], start: str) -> str:
    (found,) = [each for each in lines(pilot) if each.startswith(start)]
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_four_groups_are_one_list(shop: Shop, size: tuple[int, int]) -> None:
    play = Rehearsal()
    play.engine.capture = Capture(device=BUILT_IN.name)
    async with play.app().run_test(size=size) as pilot:
        await opened(pilot)
        shown = [each.split("  ")[0] for each in lines(pilot) if each]
        assert shown == [
            *("Microphones", "Default device", BUILT_IN.name, "USB headset␛[2J", "Off"),
            *("Speakers", "Default device", "USB headset"),
            *("Cameras", "Webcam", "Screens", "HDMI-1"),
        ]
        assert "main, 1920x1080 at 0,0" in line(pilot, "HDMI-1")
        assert "now Built-in" in lines(pilot)[1]
    assert shop.readers and all("MainThread" not in name for name in shop.readers)


async def test_what_is_in_use_is_marked_in_words_and_follows_the_session(shop: Shop) -> None:
    play = Rehearsal()
    play.engine.capture = Capture(device=HEADSET.name)
    play.engine.playback = Playback(device="", problem="Sound is off.")
    async with play.app(Options(mic="4")).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert line(pilot, "USB headset␛").endswith("in use")
        assert lines(pilot)[6].endswith("chosen"), "the speaker is wanted, and not open"
        play.engine.capture = Capture(off=True)
        await settled(pilot, lambda: line(pilot, "Off").endswith("in use"))
        assert not line(pilot, "USB headset␛").endswith("in use")


@pytest.mark.parametrize(
    ("downs", "command"),
    [
        (0, ("hear", None)),
        (1, ("hear", f"{BUILT_IN.name}, ALSA")),
        (3, ("hear", "off")),
        (4, ("play_on", None)),
        (5, ("play_on", "USB headset, ALSA")),
        (6, ("watch", "camera", "0")),
        (7, ("watch", "screen", "1")),
    ],
)
async def test_enter_tells_the_engine(shop: Shop, downs: int, command: tuple[object, ...]) -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*["down"] * downs, "enter")
        await pilot.pause()
        assert play.engine.commands[-1] == command
        assert isinstance(pilot.app.screen, Devices), "the picker stays"


async def test_choosing_reaches_a_real_microphone(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Rehearsal()
    with listening("default") as (microphone, _):
        until(lambda: microphone.snapshot().device == "default")
        monkeypatch.setattr(play.engine, "hear", microphone.switch, raising=False)
        play.engine.capture = microphone.snapshot()
        async with play.app().run_test(size=(120, 40)) as pilot:
            await opened(pilot)
            start = [each.split("  ")[0] for each in lines(pilot)].index("overheard")
            await pilot.press(*["down"] * (start - 1), "enter")
            await settled(pilot, lambda: microphone.snapshot().device == "overheard")
            play.engine.capture = microphone.snapshot()
            await settled(pilot, lambda: lines(pilot)[start].endswith("in use"))


async def test_t_shows_a_live_level_until_t_ends_it(shop: Shop) -> None:
    shop.findings = [Finding("Built-in: -20 dBFS", sounds=True, level_db=-20.0, peak_db=-12.0)]
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "t")
        meter = pilot.app.screen.query_one(Meter)
        await settled(pilot, lambda: meter.display and "█" in meter.render_line(0).text)
        assert "-12 dB" in meter.render_line(0).text
        assert words(pilot) == "Built-in: -20 dBFS"
        assert shop.tested == [(Kind.MICROPHONE, f"{BUILT_IN.name}, ALSA")]
        await pilot.press("t")
        await settled(pilot, lambda: shop.closed == 1)
        assert not meter.display and words(pilot) == "The test was ended."


async def test_the_last_finding_stays_when_a_test_ends_by_itself(shop: Shop) -> None:
    shop.findings = [
        Finding("listening", sounds=True, level_db=-20.0, peak_db=-12.0),
        Finding("It works."),
    ]
    shop.goes_on.set()
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await settled(pilot, lambda: words(pilot) == "It works.")
        assert not pilot.app.screen.query_one(Meter).display
        await pilot.press("t")
        await settled(pilot, lambda: len(shop.tested) == 2)


async def test_another_test_takes_the_place_of_the_one_that_runs(shop: Shop) -> None:
    shop.findings = [Finding("going on", sounds=True)]
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t", "down", "t")
        await settled(pilot, lambda: len(shop.tested) == 2 and shop.closed == 1)
        await pilot.press("escape")
        await settled(pilot, lambda: shop.closed == 2)
        assert isinstance(pilot.app.screen, Live)


async def test_a_picture_is_drawn_in_half_blocks(shop: Shop) -> None:
    rgb = bytes((200, 0, 0)) * 4 + bytes((0, 0, 200)) * 4
    shop.findings = [Finding("Camera 0 gives 4x2.", picture=Thumbnail(4, 2, rgb))]
    shop.goes_on.set()
    play = Rehearsal()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("end", "t")
        picture = pilot.app.screen.query_one("#device-picture", Static)
        await settled(pilot, lambda: picture.display and picture.size.height > 0)
        await pilot.pause()
        (cell, *_) = [each for each in picture.render_line(0) if "▀" in each.text]
        assert cell.style is not None and cell.style.color is not None
        assert cell.style.color.triplet == (200, 0, 0)
        assert cell.style.bgcolor is not None and cell.style.bgcolor.triplet == (0, 0, 200)
        listed = list_of(pilot)
        await settled(pilot, lambda: any("HDMI-1" in each for each in lines(pilot)))
        assert listed.highlighted == listed.option_count - 1


async def test_r_reads_the_list_again_and_the_cursor_stays(shop: Shop) -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "down")
        at = list_of(pilot).highlighted
        problem = "No camera was found. Connect one."
        shop.groups = (*GROUPS[:2], Group(Kind.CAMERA, problem=problem), GROUPS[3])
        await pilot.press("r")
        await settled(pilot, lambda: problem in lines(pilot))
        assert list_of(pilot).highlighted == at
        assert "4 devices" in words(pilot)


async def test_a_list_that_takes_its_time_keeps_the_screen_alive(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, read = threading.Event(), shop.read

    def slow() -> tuple[Group, ...]:
        gate.wait(20)
        return read()

    monkeypatch.setattr(hardware, "read_devices", slow)
    async with Rehearsal().app().run_test(size=(120, 40)) as pilot:
        await pilot.press("f9")
        await pilot.pause(0.2)
        assert words(pilot) == "Reading the list of devices…"
        await pilot.press("t", "down", "enter")
        assert words(pilot) == "Choose a device to test."
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Live)
        gate.set()


async def test_off_has_nothing_to_test(shop: Shop) -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("down", "down", "down", "t")
        await pilot.pause()
        assert words(pilot) == "Nothing to test: off is off." and not shop.tested


@pytest.mark.parametrize("theme", ["phosphor", "paper", "terminal"])
async def test_the_cursor_is_seen_in_every_kind_of_theme(shop: Shop, theme: str) -> None:
    play = Rehearsal()
    async with play.app(Options(theme=theme)).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("down")
        await pilot.pause()
        listed = list_of(pilot)
        row, other = (
            next(each.style for each in listed.render_line(y) if each.text.strip()) for y in (2, 3)
        )
        assert row != other


# ---- the real program, on a real terminal, with real devices


@pytest.mark.xdist_group("sound")
def test_a_microphone_is_tested_and_chosen_in_mid_session(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    environ = dict(sound_server.environment)
    with Terminal("--record", str(tmp_path / "here"), environ=environ) as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.press("\x1b[20~")  # F9
        terminal.until(lambda text: "overheard" in text and "in use" in text)
        ((_, row), *_) = terminal.places("overheard")
        ((_, first), *_) = terminal.places("Default device")
        terminal.press("\x1b[B" * (row - first) + "t")
        terminal.until(lambda text: "no signal from overheard" in text)
        terminal.press("t\r")
        terminal.until(lambda text: "in use" in terminal.lines[row])
        assert "in use" not in terminal.lines[first]
        terminal.press("\x1b")
        terminal.until(lambda text: "Up and Down move" not in text)
        terminal.press("\x11")
        assert terminal.end() == Outcome.OK
    (recording,) = (tmp_path / "here").iterdir()
    heard = [detail["device"] for detail in microphone_events(recording)]
    assert heard[0] == "" or heard[0] == "default"
    assert "default" in heard and heard.index("default") < len(heard) - 1
    assert "overheard" in heard[heard.index("default") :]


def microphone_events(recording: Path) -> list[dict[str, Any]]:
    records = map(json.loads, recording.read_text().splitlines())
    return [each["detail"] for each in records if each.get("name") == "microphone"]
