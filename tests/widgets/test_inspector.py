from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from tests.widgets.wire_log import PCM, BareApp, WireLog, content
from tui.core.frame import BINARY, TEXT, Direction, Event, Frame, Record
from tui.widgets.inspector import Inspector, InspectorBody

HOSTILE = "\x1b[31m\x1b]52;c;QUJD\x07\u202e\x9b2J[@click=app.bell]x[/]"


class InspectorApp(BareApp):
    CSS = "Inspector { height: 1fr; }"

    def __init__(self, record: Record | None) -> None:
        super().__init__()
        self.record = record

    def compose(self) -> ComposeResult:
        yield Inspector()

    def on_mount(self) -> None:
        self.inspector.show(self.record)
        self.inspector.focus()

    @property
    def inspector(self) -> Inspector:
        return self.query_one(Inspector)

    @property
    def body(self) -> InspectorBody:
        return self.query_one(InspectorBody)

    def head(self) -> str:
        head = self.query_one("#inspector-head", Static)
        lines = (head.render_line(y).text.strip() for y in range(head.size.height))
        return " ".join(lines).strip()

    def lines(self) -> list[str]:
        """What stands in the body."""
        body = self.body
        lines = [body.render_line(y).text.rstrip() for y in range(body.size.height)]
        return lines[: len(body.lines)]


def received(message: Any, **changes: Any) -> Frame:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    fields = {"seq": 17, "mono_s": 12.034, "time_s": 0.0} | changes
    return Frame(**fields, direction=Direction.RECEIVE, opcode=BINARY, payload=payload)


def happened(**detail: Any) -> Event:
    return Event(3, 1.0, 0.0, "view", detail)


async def test_nothing_chosen_is_said() -> None:
    app = InspectorApp(None)
    async with app.run_test(size=(60, 12)):
        assert app.head() == "No message"
        assert app.lines() == ["  Select a message in the list above."]
        assert app.inspector.copy_raw() == ""


async def test_the_head_says_what_the_message_is() -> None:
    app = InspectorApp(received(content(turnComplete=True)))
    async with app.run_test(size=(80, 12)):
        assert app.head() == (
            "#17  00:12.034  ▼ received  binary  41 B  serverContent.turnComplete"
        )
        sent = Frame(1, 0.0, 0.0, Direction.SEND, TEXT, b'{"setup":{}}', masked=True)
        app.inspector.show(sent)
        assert app.head() == (
            "#1  00:00.000  ▲ sent  text  12 B  setup  masked: a credential was replaced"
        )


async def test_what_the_sdk_does_not_know_is_named_and_marked() -> None:
    app = InspectorApp(received({"server_content": {"future_field": {"a": 1}}}))
    async with app.run_test(size=(100, 12)):
        assert "⚑ unknown to the SDK: serverContent.future_field" in app.head()
        assert app.lines() == [
            "▾ server_content {1}",
            "  ▾ future_field {1} ⚑ unknown to the SDK",
            "      a 1",
        ]


async def test_media_is_a_chip_and_never_its_base64() -> None:
    app = InspectorApp(received(content(modelTurn={"parts": [{"inlineData": PCM}]})))
    async with app.run_test(size=(80, 12)) as pilot:
        assert app.lines()[-1] == ("        ▸ inlineData ‹audio/pcm · 24 kHz · 200 ms · 9,600 B›")
        await pilot.press("end", "right")
        assert app.lines()[-1] == f'          ▸ data "{"A" * 40}…" 12,800 characters'


async def test_an_event_shows_its_detail() -> None:
    event = Event(3, 1.0, 0.0, "connection.closed", {"code": 1007, "reason": "bad key"})
    app = InspectorApp(event)
    async with app.run_test(size=(80, 12)) as pilot:
        assert app.head() == "#3  00:01.000  · event  connection.closed"
        assert app.lines() == ["  code 1007", '  reason "bad key"']
        await pilot.press("v")
        assert app.lines() == ["{", '  "code": 1007,', '  "reason": "bad key"', "}"]


async def test_views_change_by_key() -> None:
    app = InspectorApp(received(b'{"setupComplete": {}}\n'))
    async with app.run_test(size=(80, 12)) as pilot:
        assert (app.inspector.view, app.lines()) == ("tree", ["  setupComplete {}"])
        await pilot.press("v")
        assert (app.inspector.view, app.lines()) == ("raw", ['{"setupComplete": {}}'])
        await pilot.press("v")
        assert app.inspector.view == "bytes"
        assert app.lines() == [
            '000000  7b 22 73 65 74 75 70 43 6f 6d 70 6c 65 74 65 22  {"setupComplete"',
            "000010  3a 20 7b 7d 7d 0a                                : {}}.",
        ]
        seen = []
        for _ in range(4):
            await pilot.press("v")
            seen.append(app.inspector.view)
        assert seen == ["media", "sdk", "diff", "tree"]


async def test_views_change_by_mouse_and_stay_for_the_next_message() -> None:
    app = InspectorApp(received({}))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.click("ChoiceLine", offset=(9, 0))
        assert app.inspector.view == "raw"
        app.inspector.show(received({"a": 1}))
        assert app.lines() == ['{"a": 1}']


async def test_text_and_bytes_follow_the_width() -> None:
    app = InspectorApp(received(b"x" * 100))
    async with app.run_test(size=(81, 12)) as pilot:
        await pilot.press("v")
        assert app.lines() == ["x" * 80, "x" * 20]
        await pilot.resize_terminal(41, 12)
        await pilot.pause()
        assert app.lines() == ["x" * 40, "x" * 40, "x" * 20]
        await pilot.press("v")
        assert len(app.body.lines) == 25


async def test_lines_open_and_close_by_key() -> None:
    app = InspectorApp(happened(a={"b": {"c": 1}}, d=2))
    async with app.run_test(size=(60, 12)) as pilot:
        before = app.lines()
        await pilot.press("enter")
        assert app.lines() == ["▸ a {1}", "  d 2"]
        await pilot.press("enter")
        assert app.lines() == ["▾ a {1}", "  ▸ b {1}", "  d 2"]
        await pilot.press("down", "right")
        assert app.lines() == before == ["▾ a {1}", "  ▾ b {1}", "      c 1", "  d 2"]
        await pilot.press("down", "left")
        assert app.body.cursor == 1
        await pilot.press("left", "left")
        assert (app.body.cursor, len(app.lines())) == (0, 3)


async def test_a_double_click_opens() -> None:
    app = InspectorApp(received({"text": "word " * 40}))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.click(InspectorBody, offset=(5, 0), times=2)
        assert app.lines()[1].startswith("    word word")


async def test_value_path_and_payload_can_be_copied() -> None:
    message = {"client_content": {"turns": [{"parts": [{"text": "one\ntwo"}]}]}}
    app = InspectorApp(received(message))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("end")
        assert app.inspector.copy_path() == "client_content.turns[0].parts[0].text"
        assert app.inspector.copy_value() == "one\ntwo"
        await pilot.press("home")
        assert json.loads(app.inspector.copy_value()) == message["client_content"]
        assert app.inspector.copy_raw() == json.dumps(message)
        await pilot.press("v")
        assert app.inspector.copy_path() == ""
        assert app.inspector.copy_value() == json.dumps(message)[: app.body.text_width]


async def test_copied_json_is_harmless_and_means_the_same() -> None:
    message = {"a": HOSTILE, "b": 1}
    app = InspectorApp(received(json.dumps(message, ensure_ascii=False).encode()))
    async with app.run_test(size=(60, 12)):
        raw = app.inspector.copy_raw()
        assert raw.isprintable()
        assert app.inspector.copy_value().isprintable()
    app = InspectorApp(received(json.dumps(message).encode()))
    async with app.run_test(size=(60, 12)):
        assert json.loads(app.inspector.copy_raw()) == message


async def test_text_can_be_selected() -> None:
    app = InspectorApp(happened(a=1, b=2, c=3))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.mouse_down(InspectorBody, offset=(2, 0))
        await pilot.hover(InspectorBody, offset=(4, 1))
        await pilot.mouse_up(InspectorBody, offset=(4, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == "a 1\n  b 2"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[1, 2]",
        b"{",
        b"\xff\xfe",
        b'{"a":' * 2000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"n": ' + b"9" * 5000 + b"}",
        json.dumps({HOSTILE: {HOSTILE: [HOSTILE]}}).encode(),
        HOSTILE.encode(),
    ],
)
async def test_any_payload_is_shown_and_nothing_of_it_acts(payload: bytes) -> None:
    app = InspectorApp(received(payload))
    async with app.run_test(size=(60, 12)) as pilot:
        for _ in range(3):
            drawn = "".join(app.lines()) + app.head()
            assert drawn.isprintable()
            assert "\u202e" not in drawn
            assert app.actions() == set()
            assert app.inspector.copy_path().isprintable()
            copied = app.inspector.copy_value() + app.inspector.copy_raw()
            assert copied.replace("\n", "").isprintable()
            await pilot.press("v")


async def test_a_message_that_is_no_json_says_why() -> None:
    app = InspectorApp(received(b"oops"))
    async with app.run_test(size=(80, 12)):
        assert app.lines()[0].strip().startswith("The message is not JSON")


async def test_hostile_events_are_made_visible() -> None:
    app = InspectorApp(Event(1, 0.0, 0.0, HOSTILE, {HOSTILE: HOSTILE}))
    async with app.run_test(size=(200, 12)):
        assert (app.head() + "".join(app.lines())).isprintable()
        assert "[@click=app.bell]x[/]" in app.head()


async def test_an_event_from_a_hostile_recording_is_shown() -> None:
    app = InspectorApp(happened(deep=orjson.loads(b"[" * 900 + b"]" * 900)))
    async with app.run_test(size=(60, 12)) as pilot:
        assert app.lines()[0] == "▾ deep [1]"
        await pilot.press("v")
        assert app.lines() == ["The value nests too deep to be written."]
        assert app.inspector.copy_raw() == "The value nests too deep to be written."


async def test_a_message_of_very_many_fields_has_a_short_head() -> None:
    app = InspectorApp(received({f"field{number}": number for number in range(10_000)}))
    async with app.run_test(size=(60, 12)):
        assert len(app.head()) < 300
        assert "⚑ unknown to the SDK: field0, field1" in app.head()
        assert app.lines()[0] == "▸ field0 … field99 100 items"


async def test_a_megabyte_is_drawn_line_by_line() -> None:
    rows = [{"name": f"tool{number}", "data": "x" * 1000} for number in range(1000)]
    app = InspectorApp(received({"setup": {"tools": rows}}))
    async with app.run_test(size=(60, 12)) as pilot:
        drawn: list[int] = []
        draw = InspectorBody.draw

        def counted(body: InspectorBody, line: int, width: int) -> Any:
            drawn.append(line)
            return draw(body, line, width)

        with patch.object(InspectorBody, "draw", counted):
            await pilot.press("v", "end")
            await pilot.pause()
        assert len(app.body.lines) > 17_000
        assert len(drawn) < 50
        assert app.body.cursor == len(app.body.lines) - 1
        assert app.lines()[-1].endswith("}]}}")


async def test_records_of_a_log_are_shown() -> None:
    wire = WireLog()
    wire.voice()
    app = InspectorApp(wire.log.record(0))
    async with app.run_test(size=(80, 12)):
        assert "serverContent.modelTurn.audio" in app.head()


async def test_a_hidden_inspector_is_laid_out_when_it_appears() -> None:
    app = InspectorApp(None)
    async with app.run_test(size=(61, 12)) as pilot:
        await pilot.press("v")
        app.inspector.display = False
        await pilot.pause()
        app.inspector.show(received(b"x" * 100))
        app.inspector.display = True
        await pilot.pause()
        assert app.lines() == ["x" * 60, "x" * 40]
