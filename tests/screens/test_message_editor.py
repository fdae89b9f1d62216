"""Messages that a person writes: edited and sent again, from a template, from a recording."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import OptionList, Static, TextArea

from tests.core.script import conversation
from tests.rehearsal import Rehearsal
from tests.screens.test_recorded import until
from tests.test_app import drained
from tui.core.configuration.message import Configuration
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.screens.message_editor import MessageEditor
from tui.widgets.message_list import MessageList

SOUND = base64.b64encode(bytes(640)).decode()
CONTENT = {"turns": [{"role": "user", "parts": [{"text": "Hello\x1b[2J"}]}], "turnComplete": True}


def area(pilot: Pilot[None]) -> TextArea:
    return pilot.app.screen.query_one(TextArea)


async def told(pilot: Pilot[None]) -> str:
    """What the editor says of the text, once it has looked at it."""
    await pilot.pause(0.25)
    return str(pilot.app.screen.query_one("#message-verdict", Static).render())


@asynccontextmanager
async def editing(play: Rehearsal, row: int) -> AsyncIterator[Pilot[None]]:
    """The editor on a record of the session."""
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        pilot.app.screen.query_one(MessageList).go_to(row)
        await pilot.press("f3", "E")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageEditor))
        yield pilot


def sent(play: Rehearsal) -> list[Any]:
    return [each[1:] for each in play.engine.commands if each[0] == "send"]


def begun(**message: Any) -> Rehearsal:
    play = Rehearsal()
    play.connect()
    play.send(**(message or {"clientContent": CONTENT}))
    return play


async def test_an_earlier_message_is_changed_and_sent() -> None:
    play = begun()
    async with editing(play, 3) as pilot:
        assert "\x1b" not in area(pilot).text and "\\u001b" in area(pilot).text
        assert "Nothing is known against it." in await told(pilot)
        area(pilot).text = area(pilot).text.replace("Hello", "Good evening")
        await pilot.press("f3")
        await until(pilot, lambda: not area(pilot).display)
        shown = str(pilot.app.screen.query_one("#message-differences Static", Static).render())
        assert "~ clientContent.turns[0].parts[0].text" in shown and "Good evening" in shown
        await pilot.press("f3", "ctrl+s")
        await until(pilot, lambda: bool(sent(play)))
    ((message, source),) = sent(play)
    assert json.loads(message)["clientContent"]["turns"][0]["parts"][0]["text"].startswith("Good")
    assert source == "#4 clientContent"


async def test_keys_act_in_the_order_of_typing() -> None:
    play = begun()
    async with editing(play, 3) as pilot:
        area(pilot).text = '{"a":\n1}'
        app = pilot.app
        for key, character in (("down", None), ("end", None), ("backspace", None), ("x", "x")):
            app.post_message(Key(key, character))
        await until(pilot, lambda: area(pilot).text == '{"a":\n1x')


async def test_a_paste_that_no_service_takes_is_refused() -> None:
    play = begun()
    async with editing(play, 3) as pilot:
        before = area(pilot).text
        area(pilot).post_message(Paste("x" * (50 << 20)))
        await until(pilot, lambda: bool(pilot.app._notifications))
        assert "longer than 4 MiB" in next(iter(pilot.app._notifications)).message
        assert area(pilot).text == before


async def test_media_are_sent_as_they_were() -> None:
    blob = {"mimeType": "audio/pcm;rate=16000", "data": SOUND}
    play = begun(realtimeInput={"audio": blob})
    async with editing(play, 3) as pilot:
        assert "‹1: audio/pcm;rate=16000, 640 bytes›" in area(pilot).text
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(sent(play)))
    assert json.loads(sent(play)[0][0])["realtimeInput"]["audio"] == blob


async def test_what_is_known_to_be_refused_is_sent_at_the_second_press() -> None:
    play = begun()
    async with editing(play, 3) as pilot:
        area(pilot).text = '{"realtimeInput": {"txet": "Hi"}}'
        assert "does not know the field realtimeInput.txet" in await told(pilot)
        await pilot.press("ctrl+s")
        assert "once more sends it anyway" in await told(pilot)
        assert not sent(play)
        await pilot.press("end", "space", "ctrl+s")  # another text is warned of again
        await pilot.pause()
        assert not sent(play)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(sent(play)))


async def test_a_broken_text_is_kept_when_the_editor_closes() -> None:
    play = begun()
    async with editing(play, 3) as pilot:
        area(pilot).text = '{"clientContent":\n  {]}'
        assert "Line 2, column 4:" in await told(pilot)
        await pilot.press("ctrl+s", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, MessageEditor))
        assert not sent(play)
        await pilot.press("E")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageEditor))
        assert area(pilot).text.endswith("{]}")
        await pilot.press("f4")
        assert "Hello" in area(pilot).text


async def test_without_a_connection_nothing_is_lost() -> None:
    play = begun()
    play.event("connection.closed", code=1000, reason="", by="client")
    async with editing(play, 3) as pilot:
        await pilot.press("ctrl+s")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MessageEditor) and not sent(play)


async def test_a_set_up_connects_anew_or_goes_out_as_it_is() -> None:
    play = begun()
    async with editing(play, 1) as pilot:
        area(pilot).text = area(pilot).text.replace(
            '"generationConfig": {', '"generationConfig": {"temperature": 0.5,'
        )
        assert "connects anew" in await told(pilot)
        await pilot.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: any(each[0] == "configure" for each in play.engine.commands))
        assert not sent(play)
        (asked,) = [each[1] for each in play.engine.commands if each[0] == "configure"]
        assert isinstance(asked, Configuration) and asked.values["temperature"] == 0.5
    play = begun()
    async with editing(play, 1) as pilot:
        await told(pilot)
        await pilot.press("f5")
        await until(pilot, lambda: bool(sent(play)))


async def test_a_new_message_begins_with_a_template() -> None:
    play = begun()
    play.receive(toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    async with play.app().run_test(size=(80, 24)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "J")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageEditor))
        names = [
            str(each.id or each.prompt) for each in pilot.app.screen.query_one(OptionList).options
        ]
        at = next(n for n, name in enumerate(names) if "toolResponse" in name)
        await pilot.press(*["down"] * at, "enter")
        await until(pilot, lambda: area(pilot).display)
        await pilot.press(*"sunny")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(sent(play)))
    ((message, source),) = sent(play)
    (row,) = json.loads(message)["toolResponse"]["functionResponses"]
    assert row == {"id": "a", "name": "f", "response": {"result": "sunny"}}
    assert source == "a new message"


@pytest.mark.parametrize("row", [0, 2])
async def test_what_no_client_has_sent_is_not_edited(row: int) -> None:
    play = begun()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        pilot.app.screen.query_one(MessageList).go_to(row)
        await pilot.press("f3", "E")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, MessageEditor)
        assert any(
            "Only what a client has sent" in each.message for each in pilot.app._notifications
        )


async def test_go_on_is_a_key() -> None:
    play = begun()
    async with play.app().run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("f3", "u")
        await until(pilot, lambda: ("go_on",) in play.engine.commands)


async def test_a_message_of_a_recording_goes_into_the_live_session(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    conversation(path)
    play = begun()
    app = play.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        reader = Reader(open_recording(path))
        reader.read_first()
        app._show_recording(reader)
        await until(pilot, lambda: "clientContent" in reader.log.known_kinds)
        row = next(n for n in range(len(reader.log)) if "clientContent" in reader.log.kinds(n))
        await until(pilot, lambda: bool(app.screen.query(MessageList)))
        messages = app.screen.query_one(MessageList)
        messages.go_to(row)
        await pilot.press("f3", "E")
        await until(pilot, lambda: isinstance(app.screen, MessageEditor))
        await pilot.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: bool(sent(play)))
    assert sent(play)[0][1].endswith("of other.jsonl")


async def test_a_recording_alone_has_no_session_to_send_into(tmp_path: Path) -> None:
    path = tmp_path / "alone.jsonl"
    conversation(path)
    reader = Reader(open_recording(path))
    reader.read_first()
    app = Desk(reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f3", "E")
        await pilot.pause()
        assert any("There is no live session" in each.message for each in app._notifications)
