"""Two sessions in the app: who is told what, which is heard, what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from tests.rehearsal import Rehearsal
from tests.test_app import drained
from tui.against import options_against
from tui.app import Bidiscope
from tui.core.capture import Capture
from tui.options import Options
from tui.screens.live import Live
from tui.screens.pair import PairScreen
from tui.widgets.side_by_side import Exchanges
from tui.widgets.transcript import Transcript

MODEL = "gemini-3.8-live"


class Scene:
    """An app with two rehearsed sessions."""

    def __init__(self) -> None:
        self.first = Rehearsal()
        self.first.connect()
        options = Options(model=self.first.model)
        against = options_against(options, self.first.engine.wish.asked, MODEL)
        self.app = self.first.app(Options(model=self.first.model, against=against))

    @property
    def second(self) -> Rehearsal:
        return self.first.beside

    @property
    def both(self) -> tuple[Rehearsal, Rehearsal]:
        return self.first, self.second

    async def converse(self, pilot: Pilot[None]) -> None:
        """The second is connected, both are asked, both answer."""
        self.second.connect(model=MODEL)
        self.second.event("view", view="text view")
        for each in self.both:
            each.ask("What is six times seven?")
        self.first.speak("It is 42.")
        self.first.event("playback.started", turn=1)
        self.second.speak("[bold]Forty-two\x1b[31m, I think.")
        for each in self.both:
            each.complete()
        await drained(pilot)

    def lines(self) -> list[str]:
        """What the table says."""
        view = self.app.screen.query_one(Exchanges)
        return [view.draw(line, 100).text.rstrip() for line in range(view.line_count)]


async def test_both_stand_beside_each_other_with_what_differs() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        assert isinstance(scene.app.screen, PairScreen)
        await scene.converse(pilot)
        asked, one, other, more = scene.lines()
        assert asked.startswith("1 · 1    What is six times seven? ")
        assert asked.endswith("since clientContent")
        assert one.split()[0] == "A" and "unheard" not in one
        assert other.split()[0] == "B" and "unheard" in other
        assert more.startswith("B − A")
        left, right = scene.app.screen.query(Transcript)
        assert left.region.right <= right.region.x and left.size.height > 5
        heads = [str(each.render()) for each in scene.app.screen.query(".pair-head")]
        assert "A  gemini-2.0-flash-exp  ● HEARD" in heads[0]
        assert "B  gemini-3.8-live  ○ not heard" in heads[1]


async def test_each_journal_is_told_of_the_other() -> None:
    scene = Scene()
    async with scene.app.run_test():
        first = [each for each in scene.first.engine.commands if each[0] == "note"]
        assert first == [("note", "pair", "A", MODEL, "second.jsonl")]
        assert ("note", "pair", "B", scene.first.model, scene.first.recording.name) in (
            scene.second.engine.commands
        )


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (("h", "i", "enter"), ("say", "hi")),
        (("escape",), ("interrupt",)),
        (("f6",), ("mute", True)),
        (("tab", "p"), ("push_to_talk", True)),
        (("tab", "space"), ("talk",)),
        (("tab", "v"), ("watch", "camera")),
    ],
)
async def test_what_a_person_does_reaches_both(
    keys: tuple[str, ...], command: tuple[object, ...]
) -> None:
    scene = Scene()
    scene.first.engine.capture = Capture(device="headset")
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.second.connect(model=MODEL)
        await drained(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        for each in scene.both:
            assert command in each.engine.commands, each.model


async def test_one_is_heard_at_a_time() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        await pilot.press("f12")
        assert scene.first.engine.commands[-1] == ("view", "text view")
        assert scene.second.engine.commands[-1] == ("view", "audio")
        assert scene.app.pairing.heard is scene.app.pairing.second
        scene.first.event("view", view="audio")  # by Ctrl+T in its own workbench, say
        await drained(pilot)
        assert scene.second.engine.commands[-1] == ("view", "text view")
        assert scene.app.pairing.heard is scene.app.pairing.first


async def test_a_session_that_writes_cannot_be_heard() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.second.engine.view("text")
        before = len(scene.first.engine.commands)
        await pilot.press("f12")
        assert len(scene.first.engine.commands) == before
        assert scene.app.pairing.heard is scene.app.pairing.first


async def test_who_is_read_is_not_called_heard() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        scene.first.event("view", 0.0, view="text view")
        await drained(pilot)
        head = str(scene.app.screen.query(".pair-head").first().render())
        assert "HEARD" not in head and "read, not heard" in head


async def test_the_second_one_ends_and_the_first_goes_on() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        await pilot.press("f12", "tab", "M")
        async with asyncio.timeout(10):
            while ("stop",) not in scene.second.engine.commands:
                await pilot.pause(0.02)
        assert scene.first.engine.commands[-2:] == [("view", "audio"), ("note", "pair.ended")]
        scene.second.event("connection.closed", code=1000, reason="", by="client")
        await drained(pilot)
        before = list(scene.second.engine.commands)
        await pilot.press("i", "h", "o", "enter")
        assert scene.first.engine.commands[-1] == ("say", "ho")
        assert scene.second.engine.commands == before
        await pilot.press("tab", "M")
        await pilot.pause()
        assert isinstance(scene.app.screen, CommandPalette), "another one may follow"


async def test_a_key_begins_one_with_a_model_of_the_list() -> None:
    play = Rehearsal()
    play.connect()
    app = play.app(Options(model=play.model))
    async with app.run_test(size=(120, 40)) as pilot:
        await drained(pilot)
        await pilot.press("tab", "M")
        await pilot.pause()
        await pilot.press(*"3.8-live", "enter")
        await until(pilot, lambda: isinstance(app.screen, PairScreen))
        assert play.beside.model == MODEL
        assert play.beside.engine.commands[:2] == [("start",), ("connect",)]
        assert play.beside.engine.wish.view == "text view"


async def test_the_wire_of_each_is_one_key_away_and_its_commands_are_its_own() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        await pilot.press("tab", "2")
        await until(pilot, lambda: isinstance(scene.app.screen, Live))
        assert workbench(scene.app).session_log.session.connection.model == MODEL  # type: ignore[union-attr]
        await pilot.press("tab", "c")
        await pilot.pause()
        assert scene.second.engine.commands[-1] == ("disconnect",)
        assert ("disconnect",) not in scene.first.engine.commands
        await pilot.press("M")
        await until(pilot, lambda: isinstance(scene.app.screen, PairScreen))
        await pilot.press("tab", "1")
        await until(pilot, lambda: isinstance(scene.app.screen, Live))
        assert len(scene.app.screen_stack) == 1
        await drained(pilot)


async def test_the_loss_of_one_is_said_on_its_side_and_typing_goes_on() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        message = "The server closed the connection with 1011."
        scene.second.event("connection.closed", code=1011, reason="", by="server", message=message)
        await drained(pilot)
        await pilot.press("h", "i", "enter")
        assert scene.first.engine.commands[-1] == ("say", "hi")
        await pilot.press("f5")
        assert scene.second.engine.commands[-1] == ("connect",)
        assert ("disconnect",) not in scene.first.engine.commands


@pytest.mark.parametrize(("key", "pane"), [("f2", "left"), ("f3", "right"), ("f4", "differences")])
async def test_a_small_terminal_shows_one_at_a_time(key: str, pane: str) -> None:
    scene = Scene()
    async with scene.app.run_test(size=(80, 24)) as pilot:
        await scene.converse(pilot)
        await pilot.press(key)
        await pilot.pause(0.1)
        shown = {
            name: scene.app.screen.query_one(f"#{name}").size.height > 5
            for name in ("left", "right", "differences")
        }
        assert shown == {name: name == pane for name in shown}


async def test_nothing_that_was_said_is_markup_or_a_control() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await scene.converse(pilot)
        picture = "".join(
            "".join(segment.text for segment in scene.app.screen._compositor.render_strips()[y])
            for y in range(20)
        )
        assert "[bold]Forty-two␛[31m" in picture


def workbench(app: Bidiscope) -> Live:
    assert isinstance(app.screen, Live)
    return app.screen


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await pilot.pause(0.02)
