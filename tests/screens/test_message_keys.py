"""The keys that go from message to message, compare two, and copy one in several forms."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from textual.pilot import Pilot

from tests.rehearsal import Rehearsal
from tests.test_app import drained
from tui.app import Bidiscope
from tui.screens.copies import Copies
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import HIGHLIGHT_DELAY_S, MessageList

BLOB = {"mimeType": "audio/pcm;rate=24000", "data": "AAAAAAAA"}


def play() -> Rehearsal:
    """A set-up, a call and its answer, two stretches of voice, two ends of turns."""
    rehearsal = Rehearsal()
    rehearsal.send(setup={"model": "models/m"})
    rehearsal.receive(setupComplete={})
    rehearsal.send(realtimeInput={"text": "it's"})
    rehearsal.receive(toolCall={"functionCalls": [{"id": "a", "name": "f", "args": {}}]})
    rehearsal.send(toolResponse={"functionResponses": [{"id": "a", "name": "f", "response": {}}]})
    for complete in (True, False):
        for _ in range(3):
            rehearsal.receive(serverContent={"modelTurn": {"parts": [{"inlineData": BLOB}]}})
        rehearsal.receive(serverContent={"turnComplete": complete})
    rehearsal.send(realtimeInput={"text": "next"})
    return rehearsal


SETUP, ACCEPTED, TYPED, CALL, ANSWER, VOICE, END, MORE_VOICE, MORE_END = 0, 1, 2, 3, 4, 5, 8, 9, 12


async def at(pilot: Pilot[None], row: int) -> Bidiscope:
    """Go to a message."""
    app = pilot.app
    assert isinstance(app, Bidiscope)
    await drained(pilot)
    await pilot.press("f3")
    listed(app).go_to(row, unfold=False)
    await pilot.pause(2 * HIGHLIGHT_DELAY_S)
    return app


def listed(app: Bidiscope) -> MessageList:
    return app.screen.query_one(MessageList)


@contextmanager
def clipboard() -> Iterator[list[str]]:
    copied: list[str] = []

    def copy(text: str, *_: Any) -> str:
        copied.append(text)
        return ""

    with patch("tui.terminal.copy", copy):
        yield copied


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("right_curly_bracket", END, MORE_END),
        ("left_curly_bracket", MORE_END, END),
        ("right_curly_bracket", VOICE, MORE_VOICE),
        ("left_curly_bracket", MORE_VOICE, VOICE),
        ("right_curly_bracket", MORE_END, MORE_END),
        ("percent_sign", CALL, ANSWER),
        ("percent_sign", ANSWER, CALL),
        ("percent_sign", SETUP, ACCEPTED),
        ("percent_sign", ACCEPTED, SETUP),
        ("percent_sign", VOICE, VOICE),
    ],
)
async def test_keys_lead_to_what_belongs_together(key: str, start: int, end: int) -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, start)
        await pilot.press(key)
        assert listed(app).record_row == end
        assert bool(app._notifications) == (start == end)
        if start in (VOICE, MORE_VOICE):
            assert listed(app).rows[listed(app).cursor].count == 3, "the run stays folded"


async def test_the_turns_first_message() -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, MORE_END)
        turns = list(listed(app).rows.log.turns)
        await pilot.press("circumflex_accent")
        assert listed(app).record_row == turns.index(turns[MORE_END])


async def test_two_messages_are_compared_from_the_list() -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, END)
        await pilot.press("equals_sign")
        assert app.screen.query_one(Inspector).view == "tree"
        await at(pilot, MORE_END)
        await pilot.press("equals_sign")
        await app.workers.wait_for_complete()
        await pilot.pause()
        inspector = app.screen.query_one(Inspector)
        assert inspector.view == "diff"
        assert inspector._body.text(1) == "~ serverContent.turnComplete true → false"
        assert inspector._body.has_focus


async def test_each_copy_has_a_key_in_the_menu() -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, TYPED)
        app.screen.query_one(Inspector)._body.move_cursor(1)
        with clipboard() as copied:
            for key in "vpryjs":
                await pilot.press("C")
                assert isinstance(app.screen, Copies)
                await pilot.press(key)
                await pilot.pause()
        value, path, raw, python, javascript, shell = copied
        assert (value, path) == ("it's", "realtimeInput.text")
        assert json.loads(raw) == {"realtimeInput": {"text": "it's"}}
        assert 'await session.send_realtime_input(\n    text="it\'s",\n)' in python
        assert javascript.startswith("ws.send(JSON.stringify({")
        words = shlex.split(shell)
        assert json.loads(words[3].rstrip(";")) == {"setup": {"model": "models/m"}}
        assert json.loads(words[8].rstrip(";")) == {"realtimeInput": {"text": "it's"}}


async def test_nothing_is_copied_when_the_menu_is_left() -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, TYPED)
        with clipboard() as copied:
            await pilot.press("C", "escape")
            await pilot.pause()
        assert not isinstance(app.screen, Copies)
        assert not copied


async def test_what_cannot_be_written_is_said() -> None:
    rehearsal = Rehearsal()
    rehearsal.event("view", view="audio")
    async with rehearsal.app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, 0)
        with clipboard() as copied:
            await pilot.press("C", "y")
            await pilot.pause()
        assert not copied
        assert [note.message for note in app._notifications] == [
            "An event of this side cannot be sent."
        ]


async def test_every_copy_is_in_the_palette() -> None:
    async with play().app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, TYPED)
        commands = {each.title: each for each in app.get_system_commands(app.screen)}
        with clipboard() as copied:
            await commands["Copy as Python"].callback()
            await pilot.pause()
        assert "send_realtime_input" in copied[0]
        assert {"Copy value", "Copy path", "Copy raw message", "Copy as a shell line"} <= set(
            commands
        )


async def test_a_run_is_played_whole_on_the_sessions_speaker() -> None:
    rehearsal = play()
    async with rehearsal.app().run_test(size=(120, 40)) as pilot:
        app = await at(pilot, VOICE)
        await pilot.press("f4", "p")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ("audition", bytes(18), 24_000) in rehearsal.engine.commands
        await pilot.press("p")
        assert rehearsal.engine.commands[-1] == ("hush",)
