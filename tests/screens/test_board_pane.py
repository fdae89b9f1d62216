"""The board of function calls: what is seen of them, and what a person orders."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, TextArea

from tests.core.script import Script
from tests.rehearsal import Rehearsal
from tests.screens.test_recorded import until
from tests.test_app import drained
from tui.core.bench import Bench
from tui.core.reply import Reply
from tui.core.tool_call import Waits
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.keys import LIVE, keys_of
from tui.reader import Reader
from tui.screens.bench import BenchScreen
from tui.screens.reply import ReplyScreen
from tui.widgets.board import CallDetail, CallList, ToolBoard
from tui.widgets.message_list import MessageList
from tui.widgets.strip import NoticeBar, StatusStrip

HOSTILE = "get\x1b[2J\u202eweather"


def calling(play: Rehearsal, *names: str) -> None:
    rows = [
        {"id": f"c{number}", "name": name, "args": {"city": "Paris", "n": number}}
        for number, name in enumerate(names, 1)
    ]
    play.receive(toolCall={"functionCalls": rows})
    for number, name in enumerate(names, 1):
        play.event("tool.held", call=number, id=f"c{number}", function=name, waits=Waits.APPROVAL)


def asked(model: str = Rehearsal.model) -> Rehearsal:
    play = Rehearsal()
    play.connect(model=model)
    play.ask("What is the weather?")
    return play


def lines(view: CallList | CallDetail) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def board(pilot: Pilot[None]) -> tuple[CallList, CallDetail]:
    screen = pilot.app.screen
    return screen.query_one(CallList), screen.query_one(CallDetail)


async def test_each_call_is_listed_with_its_answer(tmp_path: Path) -> None:
    play = asked()
    play.receive(toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {"city": "Paris"}}]})
    play.send(
        0.41,
        toolResponse={"functionResponses": [{"id": "a", "name": "f", "response": {"sky": "blue"}}]},
    )
    play.receive(toolCall={"functionCalls": [{"id": "b", "name": HOSTILE, "args": {}}]})
    play.receive(toolCallCancellation={"ids": ["b"]})
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "b")
        calls, detail = board(pilot)
        assert pilot.app.focused is calls
        first, second = lines(calls)
        assert first == '✓ answered     410 ms  f(city="Paris")'
        assert second.startswith("⊘ cancelled     10 ms  get")
        assert "\x1b" not in second
        await pilot.press("up")
        await until(pilot, lambda: '    sky "blue"' in lines(detail))
        messages = pilot.app.screen.query_one(MessageList)
        await pilot.press("enter")
        await until(pilot, lambda: messages.record_row == 4)
        await pilot.press("enter")
        await until(pilot, lambda: messages.record_row == 5)


async def test_a_pending_call_is_on_the_strip_with_its_clock_in_every_layout() -> None:
    for size in ((60, 16), (120, 40)):
        play = asked()
        calling(play, "get_weather")
        async with play.app().run_test(size=size) as pilot:
            await drained(pilot)
            strip = pilot.app.screen.query_one(StatusStrip)
            play.engine.clock.mono_s += 7
            await until(pilot, lambda s=strip: "▸ get_weather 7 s" in s.render_line(0).text)  # type: ignore[misc]
            await pilot.press("f3", "b", "z")
            assert strip.region.height == 1
            assert "▸ get_weather" in strip.render_line(0).text


async def test_calls_are_approved_refused_and_replied_to() -> None:
    play = asked()
    calling(play, "get_weather", "send")
    async with play.app().run_test(size=(80, 24)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "b", "a", "down", "X")
        assert play.engine.commands[-2:] == [("approve", 1), ("refuse", 2)]
        await pilot.press("r")
        screen = pilot.app.screen
        assert isinstance(screen, ReplyScreen)
        area = screen.query_one(TextArea)
        area.text = "[1]"
        await pilot.pause()
        await pilot.press("ctrl+s")
        assert pilot.app.screen is screen
        area.text = '{"sent": true}'
        await pilot.press("ctrl+s")
        assert play.engine.commands[-1] == ("reply", 2, Reply({"sent": True}))
        assert pilot.app.screen is not screen


async def test_a_generator_says_that_more_follows() -> None:
    play = asked("gemini-3.8-live")
    calling(play, "get_weather")
    async with play.app().run_test(size=(100, 30)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "b", "r")
        screen = pilot.app.screen
        screen.query_one(TextArea).text = "{}"
        await pilot.press("f3", "f3", "f4", "ctrl+s")
        assert play.engine.commands[-1] == ("reply", 1, Reply({}, "INTERRUPT", will_continue=True))
        assert pilot.app.screen is screen
        play.receive(toolCallCancellation={"ids": ["c1"]})
        await pilot.press("escape")
        await drained(pilot)


async def test_the_mode_is_chosen_with_its_delay_and_error() -> None:
    play = asked()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "B")
        screen = pilot.app.screen
        assert isinstance(screen, BenchScreen)
        screen.query_one(OptionList).highlighted = 1
        delay = screen.query_one("#bench-delay", Input)
        delay.value = "soon"
        await pilot.press("ctrl+s")
        assert pilot.app.screen is screen
        delay.value = "2.5"
        screen.query_one("#bench-fail", Input).value = "out of order"
        await pilot.press("enter")
        assert play.engine.commands[-1] == ("answer_calls", Bench("ask", 2.5, "out of order"))
        play.event("tool.mode", mode="ask", delay_s=2.5, fail="out of order")
        play.event("tools.failed", message="a.py cannot be used.")
        await drained(pilot)
        notice = pilot.app.screen.query_one(NoticeBar)
        assert notice.notice.text == "a.py cannot be used."


async def test_a_recording_has_the_board_and_no_orders(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    script = Script(path=path)
    script.connect()
    script.ask(1.0, "Do it.")
    script.receive(2.0, toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    reader = Reader(open_recording(path))
    async with Desk(reader).run_test(size=(120, 40)) as pilot:
        view = pilot.app.screen.query_one(ToolBoard)
        await pilot.press("b")
        calls, _ = board(pilot)
        await until(pilot, lambda: calls.line_count == 1)
        assert view.display
        assert lines(calls)[0].startswith("▸ pending")
        assert calls.check_action("approve", ()) is False
        assert "tools.bench" in {key.id for key in keys_of(LIVE)}
    reader.stop()
