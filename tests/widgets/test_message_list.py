from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tests.widgets.wire_log import BareApp, WireLog, content
from tui.core.query import parse
from tui.core.search import Search
from tui.core.wire import Family
from tui.widgets import message_list
from tui.widgets.message_list import MessageList


class ListApp(BareApp):
    def __init__(self, wire: WireLog) -> None:
        super().__init__()
        self.wire = wire
        self.highlighted: list[int | None] = []

    def compose(self) -> ComposeResult:
        yield MessageList()

    def on_mount(self) -> None:
        self.messages.show(self.wire.log)
        self.messages.focus()

    @property
    def messages(self) -> MessageList:
        return self.query_one(MessageList)

    @on(MessageList.Highlighted)
    def _highlighted(self, event: MessageList.Highlighted) -> None:
        self.highlighted.append(event.record_row)

    async def grow(self, pilot: Pilot[None], turns: int) -> None:
        for _ in range(turns):
            self.wire.turn_complete()
        self.messages.sync()
        await pilot.pause()

    def lines(self) -> list[str]:
        """What stands in the list."""
        shown = self.messages
        return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]

    def last_line_in_view(self) -> int:
        return self.messages.scroll_offset.y + self.messages.size.height - 1

    @property
    def state(self) -> str:
        return self.messages.border_subtitle or ""


def turns(count: int) -> WireLog:
    wire = WireLog()
    for _ in range(count):
        wire.turn_complete()
    return wire


@contextmanager
def no_delay() -> Iterator[None]:
    with (
        patch.object(message_list, "HIGHLIGHT_DELAY_S", 0.001),
        patch.object(message_list, "TAIL_DELAY_S", 0.001),
    ):
        yield


async def test_the_list_opens_at_its_end_and_follows() -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.pause()
        assert (app.messages.cursor, app.last_line_in_view(), app.state) == (49, 49, "following")
        await app.grow(pilot, 5)
        assert (app.messages.cursor, app.last_line_in_view(), app.state) == (54, 54, "following")


async def test_an_empty_list_follows_from_its_first_record() -> None:
    app = ListApp(turns(0))
    async with app.run_test(size=(80, 11)) as pilot:
        assert app.messages.record_row is None
        assert app.messages.selected_text() == ""
        await pilot.press("up", "down", "enter", "left", "right", "a", "pageup", "end", "f")
        assert app.lines() == [""] * 10
        await pilot.press("f")
        await app.grow(pilot, 30)
        assert (app.messages.cursor, app.state) == (29, "following")


@pytest.mark.parametrize("key", ["up", "k", "pageup", "home", "g"])
async def test_moving_the_cursor_up_holds_the_list_and_counts_what_is_new(key: str) -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        cursor, top = app.messages.cursor, app.messages.scroll_offset.y
        assert cursor < 49
        assert app.state == "not following — press f"
        await app.grow(pilot, 1200)
        assert (app.messages.cursor, app.messages.scroll_offset.y) == (cursor, top)
        assert app.state == "1,200 new — press f"
        assert len(app.messages.rows) == 1250


async def test_scrolling_up_holds_the_list_and_reaching_the_end_follows_again() -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.pause()
        app.messages.scroll_to(y=20, animate=False)
        await app.grow(pilot, 3)
        assert app.state == "3 new — press f"
        assert app.messages.cursor == 49
        app.messages.scroll_to(y=app.messages.max_scroll_y, animate=False)
        assert app.state == "following"
        await app.grow(pilot, 3)
        assert (app.last_line_in_view(), app.messages.cursor) == (55, 49)


@pytest.mark.parametrize("key", ["f", "end", "G"])
async def test_f_and_end_follow_again_from_the_last_record(key: str) -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("home")
        await app.grow(pilot, 5)
        await pilot.press(key)
        await pilot.pause()
        assert (app.messages.cursor, app.last_line_in_view(), app.state) == (54, 54, "following")


async def test_f_also_holds() -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("f")
        await app.grow(pilot, 2)
        assert (app.messages.cursor, app.state) == (49, "2 new — press f")


async def test_a_smaller_pane_still_shows_the_end() -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(80, 31)) as pilot:
        await pilot.resize_terminal(40, 11)
        await pilot.pause()
        assert (app.last_line_in_view(), app.state) == (49, "following")


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            112,
            [
                "    1 00:00.010           · connection.opening                "
                "model gemini-3.8-live",
                "    2 00:00.020    +10 ms ▲ setup                        46 B gemini-3.8-live",
                "    3 00:00.030    +10 ms ▼ outputTranscription +tu…     81 B "
                '"Hi." · turn complete',
            ],
        ),
        (
            80,
            [
                "00:00.010           · connection.opening           model gemini-3.8-live",
                "00:00.020    +10 ms ▲ setup                   46 B gemini-3.8-live",
                '00:00.030    +10 ms ▼ outputTranscriptio…     81 B "Hi." · turn complete',
            ],
        ),
        (
            70,
            [
                "00:00.010          · connection.opening model gemini-3.8-live",
                "00:00.020   +10 ms ▲ setup              gemini-3.8-live",
                '00:00.030   +10 ms ▼ outputTranscripti… "Hi." · turn complete',
            ],
        ),
        (
            60,
            [
                "00:00.010 · connection.opening model gemini-3.8-live",
                "00:00.020 ▲ setup              gemini-3.8-live",
                '00:00.030 ▼ outputTranscripti… "Hi." · turn complete',
            ],
        ),
        (
            38,
            [
                "· connection.op… model gemini-3.8-li…",
                "▲ setup          gemini-3.8-live",
                '▼ outputTranscr… "Hi." · turn comple…',
            ],
        ),
    ],
)
async def test_columns_go_where_there_is_no_room(width: int, expected: list[str]) -> None:
    wire = WireLog()
    wire.happened("connection.opening", model="gemini-3.8-live")
    wire.sent({"setup": {"model": "models/gemini-3.8-live"}})
    wire.received(content(outputTranscription={"text": "Hi."}, turnComplete=True))
    app = ListApp(wire)
    async with app.run_test(size=(width, 6)):
        assert app.lines()[:3] == expected


async def test_audio_of_both_directions_folds_into_a_row_each() -> None:
    wire = WireLog()
    for _ in range(10):
        wire.mic(3)
        wire.voice()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        rows = [line for line in app.lines() if line]
        assert len(rows) == 2
        assert "▲▸audio ×30" in rows[0]
        assert "▼▸audio ×10" in rows[1]
        assert "≈2.0 s of audio in 360 ms" in rows[1]
        wire.mic(3)
        app.messages.sync()
        await pilot.pause()
        assert "▲▸audio ×33" in app.lines()[0]


async def test_a_run_unfolds_and_folds_by_key() -> None:
    wire = turns(1)
    wire.voice(3)
    wire.turn_complete()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("home", "down", "right")
        assert [line[20:29].strip() for line in app.lines()[:5]] == [
            "▼ turnCom",
            "▼▾audio",
            "▼ audio",
            "▼ audio",
            "▼ turnCom",
        ]
        await pilot.press("down", "left")
        assert (len(app.messages.rows), app.messages.cursor) == (3, 1)
        await pilot.press("enter")
        assert len(app.messages.rows) == 5
        await pilot.press("enter", "a")
        assert (len(app.messages.rows), app.messages.cursor) == (5, 1)
        await pilot.press("a")
        assert len(app.messages.rows) == 3


async def test_a_double_click_unfolds() -> None:
    wire = WireLog()
    wire.voice(3)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.click(MessageList, offset=(5, 0), times=2)
        assert len(app.messages.rows) == 3


@pytest.mark.parametrize(
    ("key", "family", "count"),
    [
        ("2", Family.SERVER_CONTENT, 2),
        ("3", Family.EVENTS, 1),
        ("4", Family.METADATA, 1),
        ("5", Family.CLIENT, 1),
    ],
)
async def test_keys_choose_a_family(key: str, family: Family, count: int) -> None:
    wire = turns(1)
    wire.mic()
    wire.received({"usageMetadata": {"totalTokenCount": 7}})
    wire.happened("view", view="text")
    wire.turn_complete()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press(key)
        assert (app.messages.family, len(app.messages.rows)) == (family, count)
        assert app.messages.counts[family] == count
        assert app.messages.counts[None] == 5
        await pilot.press("1")
        assert (app.messages.family, len(app.messages.rows)) == (None, 5)


async def test_the_cursor_stays_on_its_record_when_the_family_changes() -> None:
    wire = turns(30)
    wire.mic()
    wire.turn_complete()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("pageup", "2")
        assert app.messages.record_row == 22
        await pilot.press("5")
        assert app.messages.record_row == 30
        await pilot.press("1")
        assert app.messages.record_row == 30


async def test_a_family_chosen_while_following_shows_its_end() -> None:
    wire = turns(30)
    wire.mic()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert (app.messages.cursor, app.last_line_in_view(), app.state) == (29, 29, "following")
        wire.mic()
        await app.grow(pilot, 1)
        assert (app.messages.cursor, app.last_line_in_view()) == (30, 30)


async def test_the_cursor_tells_where_it_rests() -> None:
    app = ListApp(turns(20))
    with no_delay():
        async with app.run_test(size=(80, 11)) as pilot:
            await pilot.pause()
            assert app.highlighted == [19]
            await pilot.press("up")
            await pilot.pause(0.05)
            assert app.highlighted == [19, 18]
            await pilot.click(MessageList, offset=(5, 0))
            await pilot.pause(0.05)
            assert app.highlighted == [19, 18, 10]


async def test_many_moves_are_told_once() -> None:
    app = ListApp(turns(20))
    with no_delay():
        async with app.run_test(size=(80, 11)) as pilot:
            for _ in range(5):
                app.messages.action_cursor_by(-1)
            await pilot.pause(0.05)
            assert app.highlighted == [19, 14]


async def test_another_log_is_shown_from_its_end() -> None:
    app = ListApp(turns(20))
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("home", "2")
        app.messages.show(turns(40).log)
        await pilot.pause()
        assert (app.messages.cursor, app.messages.family, app.state) == (
            39,
            Family.SERVER_CONTENT,
            "following",
        )
        assert app.highlighted[-1] == 39
        app.messages.show(turns(0).log)
        await pilot.pause()
        assert app.highlighted[-1] is None


async def test_a_record_is_gone_to_wherever_it_is_hidden() -> None:
    wire = turns(1)
    wire.voice(5)
    for _ in range(40):
        wire.turn_complete()
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("3")
        app.messages.go_to(3)
        await pilot.pause()
        assert (app.messages.record_row, app.messages.family) == (3, None)
        assert app.messages.scroll_offset.y <= app.messages.cursor <= app.last_line_in_view()
        assert app.state == "not following — press f"


async def test_what_the_sdk_does_not_know_is_marked_in_words() -> None:
    wire = turns(1)
    wire.received(content(futureField={"a": 1}))
    app = ListApp(wire)
    async with app.run_test(size=(80, 6)):
        assert "⚑ unknown" not in app.lines()[0]
        assert "futureField" in app.lines()[1]
        assert "⚑ unknown" in app.lines()[1]


async def test_selected_text_is_that_of_the_lines_and_holds_the_list() -> None:
    app = ListApp(turns(3))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.mouse_down(MessageList, offset=(10, 0))
        await pilot.hover(MessageList, offset=(15, 1))
        await pilot.mouse_up(MessageList, offset=(15, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == (
            "▼ turnComplete       turn complete\n00:00.020 ▼ turn"
        )
        await app.grow(pilot, 1)
        assert app.state == "1 new — press f"
        assert app.messages.cursor == 2


async def test_a_selection_without_ends_is_what_is_in_view() -> None:
    app = ListApp(turns(100))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.messages.text_select_all()
        text = app.screen.get_selected_text() or ""
        assert [line[:9] for line in text.splitlines()] == [
            f"00:00.{number:02}0" if number < 100 else "00:01.000" for number in range(91, 101)
        ]


async def test_the_row_under_the_cursor_can_be_copied_whole() -> None:
    wire = WireLog()
    wire.received(content(outputTranscription={"text": "word " * 20}))
    app = ListApp(wire)
    async with app.run_test(size=(40, 11)):
        assert app.messages.selected_text() == (
            "    1 00:00.010           ▼ outputTranscription         "
            f"{len(json.dumps(content(outputTranscription={'text': 'word ' * 20})))} B "
            f'"{"word " * 20}"'
        )


HOSTILE = "\x1b[31m\x1b]52;c;QUJD\x07\u202e\x9b2J[@click=app.bell]x[/]"


@pytest.mark.parametrize(
    "message",
    [
        content(outputTranscription={"text": HOSTILE}),
        content(**{HOSTILE: 1}),
        {"toolCall": {"functionCalls": [{"name": HOSTILE, "args": {HOSTILE: HOSTILE}}]}},
        {HOSTILE: HOSTILE},
        HOSTILE.encode(),
    ],
)
async def test_hostile_messages_are_shown_and_do_not_act(message: dict[str, Any] | bytes) -> None:
    wire = WireLog()
    wire.received(message)
    wire.happened(HOSTILE, **{HOSTILE: HOSTILE})
    app = ListApp(wire)
    async with app.run_test(size=(160, 6)):
        drawn = "".join(app.lines()) + app.messages.selected_text()
        assert drawn.isprintable()
        assert "\u202e" not in drawn
        assert app.actions() == set()


async def test_wide_characters_do_not_break_the_columns() -> None:
    wire = WireLog()
    wire.received(content(outputTranscription={"text": "日本語のテキスト" * 10}))
    app = ListApp(wire)
    async with app.run_test(size=(60, 6)):
        strip = app.messages.render_line(0)
        assert strip.cell_length == app.messages.text_width
        assert strip.text.rstrip().endswith("…")


async def test_rows_are_drawn_once_until_they_change() -> None:
    wire = turns(5)
    wire.mic()
    app = ListApp(wire)
    drawn: list[int] = []
    draw = MessageList.draw

    def counted(shown: MessageList, line: int, width: int) -> Strip:
        drawn.append(line)
        return draw(shown, line, width)

    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        with patch.object(MessageList, "draw", counted):
            app.messages.refresh()
            await pilot.press("up", "up")
            await pilot.pause()
            assert drawn == []
            wire.mic()
            app.messages.sync()
            await pilot.pause()
            assert drawn == [5]
            app.theme = "textual-light"
            await pilot.pause()
            assert set(drawn) == set(range(6))


async def test_scrolling_through_many_rows_draws_only_what_is_seen() -> None:
    app = ListApp(turns(3000))
    drawn: list[int] = []
    draw = MessageList.draw

    def counted(shown: MessageList, line: int, width: int) -> Strip:
        drawn.append(line)
        return draw(shown, line, width)

    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        with patch.object(MessageList, "draw", counted):
            await pilot.press("home")
            await pilot.pause()
        assert set(drawn) == set(range(10))


async def test_the_wheel_scrolls_the_list() -> None:
    app = ListApp(turns(50))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.messages.post_message(
            events.MouseScrollUp(app.messages, 5, 5, 0, 0, 0, False, False, False)
        )
        await pilot.pause()
        assert app.last_line_in_view() < 49
        assert app.state == "not following — press f"


# ---- a query's matches


async def test_only_what_matches_is_listed_and_the_border_says_of_how_many() -> None:
    wire = turns(30)
    wire.voice(10)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("home", "down", "down")
        search = Search(wire.log, parse("kind:audio or seq:3 or seq:5"))
        app.messages.set_filter(search)
        assert (app.messages.line_count, app.state) == (
            0,
            "0/40 · 0% searched · not following — press f",
        )
        search.run()
        app.messages.sync()
        await pilot.pause()
        assert app.messages.line_count == 3
        assert app.state == "12/40 · not following — press f"
        assert app.messages.record_row == 2
        await pilot.press("a")
        assert app.messages.line_count == 12
        app.messages.set_filter(None)
        assert (app.messages.line_count, app.messages.record_row) == (40, 2)
        assert app.state == "not following — press f"


async def test_the_cursor_goes_near_its_record_where_that_is_hidden() -> None:
    wire = turns(30)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        await pilot.press("home", *["down"] * 9)
        app.messages.set_filter(Search(wire.log, parse("seq<5 or seq>20")).run())
        assert app.messages.record_row == 3
        app.messages.set_filter(None)
        assert app.messages.record_row == 3


async def test_a_filtered_list_follows_what_comes_and_matches() -> None:
    wire = turns(30)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)) as pilot:
        search = Search(wire.log, parse("hello"))
        app.messages.set_filter(search.run())
        app.messages.sync()
        for words in ("hello", "bye", "hello"):
            wire.received(content(modelTurn={"parts": [{"text": words}]}))
            search.run()
            app.messages.sync()
            await pilot.pause()
        assert (app.messages.line_count, app.messages.record_row) == (2, 32)
        assert app.state == "2/33 · following"


async def test_what_comes_to_where_the_cursor_is_is_told() -> None:
    wire = turns(30)
    app = ListApp(wire)
    with no_delay():
        async with app.run_test(size=(80, 11)) as pilot:
            await pilot.press("home")
            search = Search(wire.log, parse("seq:20"))
            app.messages.set_filter(search)
            await pilot.pause(0.05)
            assert app.highlighted[-1] is None
            search.run()
            app.messages.sync()
            await pilot.pause(0.05)
            assert app.highlighted[-1] == 19


async def test_marked_rows_hide_nothing() -> None:
    wire = turns(3)
    wire.voice(2)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)):
        app.messages.mark(Search(wire.log, parse("seq:2 or seq:5")).run())
        assert [("●" in line) for line in app.lines()[:4]] == [False, True, False, True]
        app.messages.mark(None)
        assert not any("●" in line for line in app.lines())


async def test_going_to_a_record_that_the_filter_hides_ends_the_filter() -> None:
    wire = turns(30)
    app = ListApp(wire)
    async with app.run_test(size=(80, 11)):
        app.messages.set_filter(Search(wire.log, parse("seq<5")).run())
        app.messages.go_to(20)
        assert (app.messages.line_count, app.messages.record_row) == (30, 20)
