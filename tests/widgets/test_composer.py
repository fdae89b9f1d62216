from __future__ import annotations

from pathlib import Path
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
        self.prefilled: list[tuple[str, str]] = []
        self.dropped: list[list[Path]] = []
        self.unwanted = 0

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

    @on(Composer.Prefilled)
    def note_prefilled(self, event: Composer.Prefilled) -> None:
        self.prefilled.append((event.text, event.role))

    @on(Composer.Dropped)
    def note_dropped(self, event: Composer.Dropped) -> None:
        self.dropped.append([*event.paths])

    @on(Composer.FileUnwanted)
    def note_unwanted(self, event: Composer.FileUnwanted) -> None:
        self.unwanted += 1

    @on(Composer.Kept)
    def note_kept(self, event: Composer.Kept) -> None:
        self.kept.append(event.reason)


async def test_enter_sends_the_line_and_clears_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"Hello?", "enter")
        assert app.sent == ["Hello?"]
        assert app.query_one(Composer).text == ""


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
        assert (composer.text, app.sent, app.kept) == ("Hello?", [], ["Not connected. Press c."])
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
            seen.append(composer.text)
        assert seen == ["b", "a", "a", "b", "c", "c"]
        await pilot.press("up", "enter")
        assert app.sent == ["a", "b", "b", "b"]
        assert composer.text == "c", "the draft was not meant"


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


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_a_key_begins_another_line(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", key, "b", "enter")
        assert app.sent == ["a\nb"]


async def test_keys_that_come_at_once_are_taken_in_their_order() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        for key in ("x", "enter", "a", "ctrl+j", "b", "up", "c", "ctrl+s", "d"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert (app.sent, app.prefilled) == (["x"], [("ac\nb", "user")])
        assert app.query_one(Composer).text == "d"


async def test_it_grows_with_its_lines_up_to_six() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        composer.styles.height, composer.styles.max_height = "auto", 8
        heights = []
        for text in ("", "a\nb\nc", "x" * 200, "\n".join("abcdefgh")):
            composer.put(text)
            await pilot.pause()
            heights.append(composer.content_size.height)
        assert heights == [1, 3, 3, 6]


async def test_the_arrows_move_in_the_text_before_they_leave_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        await pilot.press("a", "enter")
        await pilot.press("b", "ctrl+j", "c", "up")
        assert (composer.text, composer.cursor_location) == ("b\nc", (0, 1))
        await pilot.press("up")
        assert composer.text == "a"
        await pilot.press("down")
        assert (composer.text, composer.cursor_location) == ("b\nc", (1, 1))


async def test_nothing_that_was_typed_is_lost_on_the_way() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        composer.remember(["old"])
        await pilot.press("a", "enter", *"draft", "up", "!", "up", "?")
        seen = [composer.text]
        for key in ("down", "down", "up", "up"):
            await pilot.press(key)
            seen.append(composer.text)
        assert seen == ["old?", "a!", "draft", "a!", "old?"]
        composer.remember(["older"])
        await pilot.press("up")
        assert composer.text == "older"
        composer.put("typed since")
        composer.restore("sent\nin vain")
        assert composer.text == "sent\nin vain\ntyped since"


async def test_the_lines_of_a_paste_are_kept_and_made_safe() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.query_one(Composer).post_message(events.Paste("one\rtwo\r\n\x1b[2Jthree\n"))
        await pilot.pause()
        assert app.query_one(Composer).text == "one\ntwo\n␛[2Jthree\n"


async def test_files_that_are_pasted_are_attached_and_words_are_not(tmp_path: Path) -> None:
    one, other = tmp_path / "one cat.png", tmp_path / "it's.txt"
    one.touch()
    other.touch()
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        for pasted in (f"'{one}' ", str(other), str(one), f"{one.as_uri()}\n{other.as_uri()}\n"):
            composer.post_message(events.Paste(pasted))
        await pilot.pause()
        assert app.dropped == [[one], [other], [one], [one, other]]
        assert composer.text == ""
        words = f"{tmp_path} {one} /nowhere/x.png ~nobody\0"
        for pasted in (words, str(tmp_path / "none.png"), "/" + "x" * 5000, "~nobody/x"):
            composer.put("")
            composer.post_message(events.Paste(pasted))
            await pilot.pause()
            assert composer.text == pasted.replace("\0", "␀")
        assert len(app.dropped) == 4


async def test_a_turn_is_prefilled_for_either_side() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+s", "b", "ctrl+g", "ctrl+s")
        assert app.prefilled == [("a", "user"), ("b", "model")]
        app.query_one(Composer).blocked = "Not connected."
        await pilot.press("c", "ctrl+s")
        assert (app.query_one(Composer).text, app.kept) == ("c", ["Not connected."])


async def test_files_may_go_without_words() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        app.query_one(Composer).files = 1
        await pilot.press("enter")
        assert app.sent == [""]


async def test_deleting_at_the_start_asks_for_the_last_file() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "b", "backspace", "home", "backspace")
        assert (app.query_one(Composer).text, app.unwanted) == ("a", 1)
        await pilot.press("shift+end", "backspace")
        assert (app.query_one(Composer).text, app.unwanted) == ("", 1)


async def test_markup_in_a_line_is_only_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        composer = app.query_one(Composer)
        composer.blocked = "[@click=app.bell]x[/]"
        await pilot.pause()
        assert "[@click=app.bell]x[/]" in composer.render_line(0).text
        composer.put("[red]x[/]")
        await pilot.pause()
        assert "[red]x[/]" in composer.render_line(0).text
