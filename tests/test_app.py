from __future__ import annotations

import asyncio
import io
from typing import cast

import pytest
from rich.console import Console
from textual.pilot import Pilot

from tests.media.films import RED, jpeg
from tests.rehearsal import Rehearsal, conversation
from tui.app import Bidiscope
from tui.core.capture import Capture
from tui.core.playback import Playback
from tui.core.status import Notice
from tui.core.video import Lens, Picture, Video
from tui.keys import KEYS, LIVE
from tui.options import Options
from tui.rig import Rig
from tui.screens.help import Help
from tui.screens.live import Live
from tui.widgets.composer import Composer
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.preview import Preview
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.transcript import Transcript

JPEG = jpeg(RED)


async def drained(pilot: Pilot[None]) -> None:
    """Wait until everything that was recorded is on the screen."""
    app = pilot.app
    assert isinstance(app, Bidiscope)
    async with asyncio.timeout(20):
        while not app.up_to_date:
            await pilot.pause(0.02)
    await pilot.pause(0.1)


async def test_starts_the_engine_and_connects() -> None:
    play = Rehearsal()
    async with play.app().run_test():
        assert play.engine.commands == [("start",), ("connect",)]


async def test_enter_sends_what_was_typed() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test() as pilot:
        await drained(pilot)
        await pilot.press(*"hi there", "enter")
        await pilot.pause()
        assert play.engine.commands[-1] == ("say", "hi there")
        assert pilot.app.screen.query_one(Composer).text == ""


async def test_text_typed_without_a_connection_is_kept() -> None:
    play = Rehearsal()
    async with play.app().run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await pilot.pause()
        assert ("say", "hi") not in play.engine.commands
        assert pilot.app.screen.query_one(Composer).text == "hi"


async def test_escape_interrupts_while_typing() -> None:
    play = Rehearsal()
    async with play.app().run_test() as pilot:
        await pilot.press("x", "escape")
        assert play.engine.commands[-1] == ("interrupt",)


async def test_the_microphone_is_muted_and_heard_again() -> None:
    play = Rehearsal()
    play.engine.capture = Capture(device="headset")
    async with play.app().run_test() as pilot:
        await pilot.press("f6")
        assert play.engine.commands[-1] == ("mute", True)
        play.engine.capture = Capture(device="headset", muted=True)
        await pilot.press("f6")
        assert play.engine.commands[-1] == ("mute", False)


async def test_camera_and_screen_are_shown_and_put_away() -> None:
    play = Rehearsal()
    async with play.app().run_test() as pilot:
        await pilot.press("f3", "v")
        assert play.engine.commands[-1] == ("watch", "camera")
        play.engine.video = Video(kind="camera", lens=Lens(name="camera 0", seen=True))
        await pilot.press("V")
        assert play.engine.commands[-1] == ("watch", "screen")
        await pilot.press("v")
        assert play.engine.commands[-1] == ("watch", "")


async def test_the_camera_is_on_from_the_start_when_asked_for() -> None:
    play = Rehearsal()
    async with play.app(Options(watch="camera")).run_test():
        assert play.engine.commands[-1] == ("watch", "camera")


async def test_what_is_wrong_with_the_camera_is_a_notice_and_a_word_in_the_strip() -> None:
    play = Rehearsal()
    play.connect()
    lens = Lens(problem="The camera is off: there is no camera 0.")
    play.engine.video = Video(kind="camera", lens=lens)
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        screen = pilot.app.screen
        assert screen.query_one(NoticeBar).notice == Notice(lens.problem, problem=True)
        assert "CAMERA no picture" in screen.query_one(StatusStrip).render_line(0).text
        assert "CAMERA no picture" in screen.query_one(Preview).render_line(0).text


@pytest.mark.parametrize(("size", "height"), [((80, 24), 1), ((120, 40), 15), ((200, 50), 22)])
async def test_the_preview_takes_a_part_of_the_conversation(
    size: tuple[int, int], height: int
) -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=size) as pilot:
        await drained(pilot)
        preview = pilot.app.screen.query_one(Preview)
        assert preview.styles.display == ("none" if size[1] < 30 else "block")
        picture = Picture(JPEG, 768, 432)
        lens = Lens(name="film.avi", seen=True)
        play.engine.video = Video("camera", lens, connected=True, picture=picture)
        play.event("view", view="audio")
        await drained(pilot)
        assert abs(preview.outer_size.height - height) < 3
        if size[1] < 30:
            preview.focus()
            await pilot.press("z")
            await pilot.pause()
            assert preview.outer_size.height > 10
            assert "▀" in preview.render_line(3).text


async def test_modality_goes_round_where_the_model_has_all() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test() as pilot:
        await drained(pilot)
        for view in ("text view", "text", "audio"):
            await pilot.press("ctrl+t")
            assert play.engine.commands[-1] == ("view", view)
            play.event("view", view=view)
            await drained(pilot)


async def test_an_audio_model_is_never_asked_for_text() -> None:
    play = Rehearsal()
    play.connect(model="gemini-3.8-live")
    async with play.app().run_test(notifications=True) as pilot:
        await drained(pilot)
        await pilot.press("ctrl+t")
        assert play.engine.commands[-1] == ("view", "text view")
        play.event("view", view="text view")
        await drained(pilot)
        await pilot.press("ctrl+t")
        assert play.engine.commands[-1] == ("view", "audio")


async def test_connect_closes_an_open_connection_and_opens_a_closed_one() -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test() as pilot:
        await drained(pilot)
        await pilot.press("f5")
        assert play.engine.commands[-1] == ("disconnect",)
        play.event("connection.closed", code=1000, reason="", by="client", message="")
        await drained(pilot)
        await pilot.press("f5")
        assert play.engine.commands[-1] == ("connect",)


async def test_the_list_drives_the_inspector() -> None:
    play = conversation()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "home", "down", "down")
        await pilot.pause(0.3)
        inspector = pilot.app.screen.query_one(Inspector)
        assert '"setupComplete"' in inspector.copy_raw() or "setup" in inspector.copy_raw()


async def test_the_strip_and_the_notice_tell_the_state() -> None:
    play = conversation()
    async with play.app().run_test(size=(200, 50)) as pilot:
        await drained(pilot)
        readout = pilot.app.screen.query_one(StatusStrip).readout
        assert (readout.state, readout.place, readout.modality) == (
            "Speaking",
            "LOCAL EMULATOR",
            "AUDIO",
        )
        assert readout.tokens == "430 tok"
        play.engine.playback = Playback()
        play.event("connection.closed", code=1011, reason="r", by="server", message="It closed.")
        await drained(pilot)
        assert pilot.app.screen.query_one(StatusStrip).readout.state == "Closed 1011"
        assert pilot.app.screen.query_one(NoticeBar).notice.text == "It closed."


async def test_ctrl_c_asks_once_before_it_quits() -> None:
    play = Rehearsal()
    app = play.app()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+c")
        assert app.is_running
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not app.is_running


async def test_ctrl_c_copies_a_selection_and_does_not_quit(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    play = Rehearsal()
    app = play.app()
    monkeypatch.setattr("tui.terminal._TOOLS", ())
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test() as pilot:
        await pilot.press(*"word", "shift+home", "ctrl+c", "ctrl+c")
        assert app.is_running
    assert copied == ["word", "word"]


async def test_y_copies_the_row_and_shift_y_the_raw_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[str] = []
    play = Rehearsal()
    play.connect()
    app = play.app()
    monkeypatch.setattr("tui.terminal._TOOLS", ())
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "y", "Y")
    assert "setupComplete" in copied[0]
    assert copied[1] == '{\n  "setupComplete": {}\n}'


@pytest.mark.parametrize(
    ("key", "pane"), [("f2", Transcript), ("f3", MessageList), ("f4", Inspector)]
)
async def test_a_narrow_terminal_shows_one_pane_at_a_time(key: str, pane: type) -> None:
    play = conversation()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await drained(pilot)
        await pilot.press(key)
        await pilot.pause()
        shown = {
            each
            for each in (Transcript, MessageList, Inspector)
            if pilot.app.screen.query_one(each).size
        }
        assert shown == {pane}


async def test_a_tiny_terminal_is_told_what_is_missing() -> None:
    play = conversation()
    async with play.app().run_test(size=(50, 12)) as pilot:
        await drained(pilot)
        notice = pilot.app.screen.query_one("#too-small")
        assert notice.size
        assert "60x16" in str(notice.render())
        assert not pilot.app.screen.query_one(Transcript).size
        await pilot.resize_terminal(120, 40)
        await pilot.pause(0.2)
        assert not notice.size


async def test_help_lists_the_keys_of_the_place() -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(100, 40)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        page = io.StringIO()
        Console(file=page, width=200).print(pilot.app.screen._page())
        for key in KEYS:
            assert (key.meaning in page.getvalue()) is (key.place in ("", LIVE)), key.id
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Live)
        assert ("interrupt",) not in play.engine.commands


async def test_moving_through_the_themes_shows_them_and_escape_takes_it_back() -> None:
    play = Rehearsal()
    app = play.app()
    async with app.run_test(size=(100, 40)) as pilot:
        before = app.theme
        await pilot.press("f8")
        await pilot.pause(0.3)
        await pilot.press("down", "down")
        await pilot.pause(0.3)
        assert app.theme != before
        await pilot.press("escape")
        await pilot.pause(0.3)
        assert app.theme == before
        await pilot.press("f8")
        await pilot.pause(0.3)
        await pilot.press("down", "down", "enter")
        await pilot.pause(0.3)
        assert app.theme != before


async def test_an_unknown_theme_is_named_and_the_default_stays() -> None:
    from tui.options import Options

    app = Rehearsal().app(Options(theme="nonesuch"))
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        messages = [each.message for each in app._notifications]
        assert any("There is no theme nonesuch" in message for message in messages)
        assert app.theme == "phosphor"


async def test_what_is_told_at_the_start_is_told_once() -> None:
    play = Rehearsal()
    app = Bidiscope(cast(Rig, play), Options(), warnings=["Mind the gap."])
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        assert [each.message for each in app._notifications] == ["Mind the gap."]
