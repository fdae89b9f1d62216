from __future__ import annotations

from typing import ClassVar

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.widgets.composer import READY, Composer


class ComposerApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "note('escape')", "Interrupt"),
        Binding("ctrl+c", "note('ctrl+c')", "Copy or quit"),
        Binding("ctrl+t", "note('ctrl+t')", "Modality"),
        Binding("f1", "note('f1')", "Help"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.sent: list[str] = []
        self.kept: list[str] = []
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("something to select")
        yield Composer()

    def on_mount(self) -> None:
        self.query_one(Composer).focus()

    def action_note(self, key: str) -> None:
        self.noted.append(key)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    @on(Composer.Sent)
    def note_sent(self, event: Composer.Sent) -> None:
        self.sent.append(event.text)

    @on(Composer.Kept)
    def note_kept(self, event: Composer.Kept) -> None:
        self.kept.append(event.reason)


async def test_enter_sends_the_line_and_clears_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"Hello?", "enter")
        assert app.sent == ["Hello?"]
        assert app.query_one(Composer).value == ""


@pytest.mark.parametrize("keys", [(), ("space", "space")])
async def test_an_empty_line_is_not_sent(keys: tuple[str, ...]) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*keys, "enter")
        assert app.sent == []


async def test_while_nothing_can_be_sent_the_text_stays_and_the_reason_is_said() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        composer.blocked = "Not connected. Press c."
        assert composer.placeholder == "Not connected. Press c."
        await pilot.press(*"Hello?", "enter")
        assert (composer.value, app.sent, app.kept) == ("Hello?", [], ["Not connected. Press c."])
        composer.blocked = ""
        assert composer.placeholder == READY
        await pilot.press("enter")
        assert app.sent == ["Hello?"]


async def test_up_and_down_walk_through_what_was_sent_and_back_to_the_draft() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        await pilot.press("a", "enter", "b", "enter", "b", "enter", "c")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(composer.value)
        assert seen == ["b", "a", "a", "b", "c", "c"]
        await pilot.press("up", "enter")
        assert app.sent == ["a", "b", "b", "b"]


@pytest.mark.parametrize("key", ["escape", "ctrl+c", "ctrl+t", "f1"])
async def test_keys_of_the_app_reach_it(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"Hello", key)
        assert app.noted == [key]
        assert app.copied == []


async def test_ctrl_c_copies_what_is_selected_in_the_line() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"Hello", "shift+home", "ctrl+c")
        assert (app.copied, app.noted) == (["Hello"], [])


async def test_coming_back_to_the_line_selects_nothing() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"Hello")
        app.set_focus(None)
        app.query_one(Composer).focus()
        await pilot.pause()
        assert app.query_one(Composer).selected_text == ""


async def test_all_lines_of_a_paste_are_kept_as_one_and_made_safe() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.query_one(Composer).post_message(events.Paste("one\ntwo\r\n\x1b[2Jthree\n"))
        await pilot.pause()
        assert app.query_one(Composer).value == "one two ␛[2Jthree"


async def test_markup_in_a_line_is_only_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        composer.blocked = "[@click=app.bell]x[/]"
        await pilot.pause()
        assert "[@click=app.bell]x[/]" in composer.render_line(0).text
        composer.value = "[red]x[/]"
        await pilot.pause()
        assert "[red]x[/]" in composer.render_line(0).text
