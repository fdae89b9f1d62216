"""The settings: found, explained, validated as typed, reviewed, applied, kept as a profile."""

from __future__ import annotations

import json

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from tests.pseudo_terminal import Terminal
from tests.rehearsal import Rehearsal
from tui import profiles
from tui.core.configuration.layers import Layer
from tui.core.configuration.message import Configuration
from tui.live.setup import Wish
from tui.options import Options
from tui.screens.live import Live
from tui.screens.question import Question
from tui.screens.review import Review
from tui.screens.settings import Settings
from tui.widgets.setting_list import SettingList

MODEL = "gemini-3.8-live"
SIZE = (120, 40)


class Held:
    """The settings of a rehearsed session."""

    def __init__(self, pilot: Pilot[None], play: Rehearsal) -> None:
        self.pilot, self.play = pilot, play

    @property
    def screen(self) -> Settings:
        assert isinstance(self.pilot.app.screen, Settings)
        return self.pilot.app.screen

    @property
    def lines(self) -> list[str]:
        """What the list shows."""
        listed = self.screen.query_one(SettingList)
        return [listed.draw(line, 118).text for line in range(listed.line_count)]

    def line(self, label: str) -> str:
        return next(line for line in self.lines if line[3:].startswith(label))

    def said(self, name: str) -> str:
        return str(self.screen.query_one(f"#settings-{name}", Static).render())

    async def go(self, label: str) -> None:
        """Take the cursor to a field."""
        listed = self.screen.query_one(SettingList)
        listed.move_cursor(next(n for n, x in enumerate(self.lines) if x[3:].startswith(label)))
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        self.screen.query_one("#settings-line", Input).value = text
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        self.screen.query_one("#settings-area", TextArea).text = text
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def applied(self) -> list[Configuration]:
        """What the session was told to go on with."""
        return [each[1] for each in self.play.engine.commands if each[0] == "configure"]  # type: ignore[misc]


@pytest.fixture
def play() -> Rehearsal:
    """Not connected: only the screen matters."""
    play = Rehearsal()
    play.engine.wish = Wish(MODEL, "audio", Configuration({"voice": "Kore"}))
    return play


def options() -> Options:
    return Options(layers=[Layer("profile kiosk", {"voice": "Kore"})], profile="kiosk")


async def opened(pilot: Pilot[None], play: Rehearsal) -> Held:
    await pilot.press("f10")
    await pilot.pause(0.1)
    return Held(pilot, play)


async def test_every_field_says_its_value_its_source_and_what_a_change_takes(
    play: Rehearsal,
) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        assert "Kore  profile kiosk" in held.line("voice")
        assert held.line("voice").rstrip().endswith("needs reconnect")
        assert held.line("system instruction").rstrip().endswith("live")
        assert "takes no thinkingConfig" in held.line("thinking level")
        assert "profile kiosk" in held.said("head")
        await held.go("thinking level")
        assert "Not to be had: gemini-3.8-live takes no" in held.said("detail")
        assert "generationConfig.thinkingConfig.thinkingLevel" in held.said("detail")


async def test_a_value_is_looked_at_as_it_is_typed(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.go("temperature")
        await held.press("enter")
        await held.type("9")
        assert held.said("problem") == "9 is no temperature: write a number from 0 to 2."
        await held.press("enter")
        assert held.screen.query_one("#settings-line").display, "what cannot be taken stays"
        await held.type("0.5")
        assert held.said("problem") == ""
        await held.press("enter")
        assert "0.5  changed here" in held.line("temperature")
        assert "1 changed" in held.said("head")
        await held.press("delete")
        assert "left to the model" in held.line("temperature")


async def test_a_search_and_the_way_back(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.press("slash", *"silence", "enter")
        assert [line.split()[0] for line in held.lines] == ["Listening", "silence"]
        await held.press("escape")
        assert len(held.lines) > 40
        await held.press("escape")
        assert isinstance(pilot.app.screen, Live)


async def test_what_is_changed_is_not_lost_by_accident(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.go("compression ")
        await held.press("space", "escape")
        assert isinstance(pilot.app.screen, Question)
        await pilot.press("n")
        assert "yes  changed here" in held.line("compression")
        await held.press("escape", "y")
        assert isinstance(pilot.app.screen, Live) and held.applied == []


async def test_the_review_shows_the_difference_and_the_warnings(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.press("a")
        assert held.said("problem") == "Nothing is changed."
        await held.go("affective dialog")
        await held.press("space", "a")
        review = pilot.app.screen
        assert isinstance(review, Review)
        shown = "\n".join(str(each.render()) for each in review.query(Static))
        assert "+ generationConfig.enableAffectiveDialog true" in shown
        assert "warn: The setup asks gemini-3.8-live for affective dialog" in shown
        assert "The session connects anew" in shown
        assert review.query_one("#review").border_title == "Apply: 1 warning"
        await pilot.press("escape")
        assert held.applied == [] and "yes" in held.line("affective dialog")
        await held.press("a", "enter")
        assert held.applied[0].values["affective_dialog"] is True
        assert isinstance(pilot.app.screen, Live)


async def test_an_instruction_has_several_lines_and_is_told_live(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.go("system instruction")
        await held.press("enter")
        await held.write("Be terse.\nSpeak like a sailor.")
        await held.press("ctrl+s", "a")
        shown = "\n".join(str(each.render()) for each in pilot.app.screen.query(Static))
        assert "contextUpdate changes the instruction" in shown
        await held.press("enter")
        assert held.applied[0].values["system_instruction"] == "Be terse.\nSpeak like a sailor."


async def test_the_setup_itself_is_edited(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.press("e")
        setup = json.loads(held.screen.query_one("#settings-area", TextArea).text)
        await held.write("{")
        assert held.said("problem").startswith("This is no JSON")
        await held.press("ctrl+s")
        assert held.screen.query_one("#settings-area").display
        setup["generationConfig"]["fooBar"] = 1
        await held.write(json.dumps(setup))
        assert "fooBar is no field that google-genai can send" in held.said("problem")
        del setup["generationConfig"]["fooBar"]
        setup["avatarConfig"] = {"avatarName": "a"}
        await held.write(json.dumps(setup))
        await held.press("ctrl+s", "a", "enter")
        assert held.applied[0].rest == {"avatarConfig": {"avatarName": "a"}}


async def test_a_profile_is_saved_and_another_one_taken(play: Rehearsal) -> None:
    profiles.save("calm", Configuration({"temperature": 0.1}))
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.press("s")
        await held.type("no/such/\0name")
        await held.press("enter")
        assert "cannot be" in held.said("problem")
        await held.press("s")
        await held.type("mine")
        await held.press("enter")
        assert profiles.load("mine").values["voice"] == "Kore" and profiles.last() == "mine"
        await held.press("o")
        await held.type("nobody")
        await held.press("enter")
        assert held.said("problem").startswith("There is no profile nobody")
        await held.press("o")
        await held.type("calm")
        await held.press("enter")
        assert "0.1  changed here" in held.line("temperature")
        assert "Kore" not in held.line("voice") and MODEL in held.line("model")


async def test_a_token_is_never_shown_nor_saved(play: Rehearsal) -> None:
    async with play.app(options()).run_test(size=SIZE) as pilot:
        held = await opened(pilot, play)
        await held.go("token")
        await held.press("enter")
        await held.type("auth_tokens/0123456789")
        await held.press("enter")
        assert "***  changed here" in held.line("token")
        await held.press("s")
        await held.type("mine")
        await held.press("enter", "a")
        shown = "\n".join(str(each.render()) for each in pilot.app.screen.query(Static))
        assert "~ session" in shown or "+ session.token" in shown
        assert "0123456789" not in shown + profiles.place("mine").read_text()
        await held.press("enter")
        assert held.applied[0].values["token"] == "auth_tokens/0123456789"


F10 = "\x1b[21~"


def test_a_live_session_goes_on_with_what_was_applied() -> None:
    """The program on a terminal, with the emulator behind it."""
    words = ("--emulator", "--no-sound", "--no-record", "--model", MODEL)
    with Terminal(*words) as terminal:
        terminal.until(lambda text: "setupComplete" in text)
        terminal.press(F10)
        terminal.until(lambda text: "left to the model" in text)
        terminal.press("/")
        terminal.press("system")
        terminal.until(lambda text: "/system" in text and "Raw JSON" not in text)
        terminal.press("\r")
        terminal.until(lambda text: "Raw JSON" in text)
        terminal.press("\r")
        terminal.until(lambda text: "ctrl+s keeps it" in text)
        terminal.press("Your name is Ada.\x13")
        terminal.until(lambda text: "1 changed" in text)
        terminal.press("a")
        terminal.until(lambda text: "contextUpdate changes the instruction" in text)
        terminal.press("\r")
        terminal.until(lambda text: "contextUpdate" in text and "Settings" not in text)
        terminal.press("What is your system instruction?\r")
        terminal.until(lambda text: "My system instruction says" in text)
        assert "Ada" in terminal.until(lambda text: "Ada" in text.split("instruction says")[-1])
