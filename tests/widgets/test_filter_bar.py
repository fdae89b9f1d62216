from __future__ import annotations

import pytest
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tests.widgets.wire_log import BareApp
from tui.widgets.filter_bar import FilterBar, Mode, QueryInput

KINDS = ("serverContent.modelTurn.audio", "toolCall", "toolResponse")


class BarApp(BareApp):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []

    def compose(self) -> ComposeResult:
        bar = FilterBar()
        bar.kinds, bar.saved = (lambda: KINDS), {"slow": "dt>1s"}
        yield bar

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    def text(self, name: str) -> str:
        return str(self.query_one(f"#filter-{name}", Static).visual)

    @on(FilterBar.Entered)
    def _entered(self, event: FilterBar.Entered) -> None:
        self.told.append((event.query, event.mode))
        self.bar.put_in_force(event.query, event.mode)

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        self.told.append("left")

    @on(FilterBar.Saved)
    def _saved(self, event: FilterBar.Saved) -> None:
        self.told.append(("saved", event.name, event.query))

    @on(FilterBar.HelpWanted)
    def _help(self, event: FilterBar.HelpWanted) -> None:
        self.told.append("help")


async def test_it_is_there_while_somebody_types_or_a_query_is_in_force() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        assert not app.bar.display
        app.bar.open(Mode.FILTER)
        await pilot.press(*"two", "enter")
        assert app.told == [("two", Mode.FILTER)]
        assert app.bar.display
        app.bar.put_in_force("", Mode.FILTER)
        assert not app.bar.display


async def test_a_mistake_is_pointed_at_and_not_entered() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*"a size>lots b", "enter")
        await pilot.pause()
        assert app.told == []
        caret, sentence = app.text("hint").split("^")
        assert len(caret) == 7 + len("a size>")
        assert sentence == " size needs a size such as 900, 64k or 1.5m."
        await pilot.press(*["left"] * 2, *["backspace"] * 4, *"64k", "enter")
        assert app.told == [("a size>64k b", Mode.FILTER)]


async def test_the_caret_stays_under_its_character_in_a_long_query() -> None:
    app = BarApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*("a" * 50), *" kinda:x and more")
        await pilot.pause()
        caret = app.text("hint").index("^")
        line = app.query_one(QueryInput).render_line(0).text
        assert line[caret - 7 :].startswith("kinda:x")


async def test_find_is_another_mode() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        assert app.text("label") == "filter"
        await pilot.press("a", "ctrl+f", "enter")
        assert app.text("label") == "find"
        assert app.told == [("a", Mode.FIND)]


async def test_tab_completes_fields_kinds_and_saved_filters() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*"ki", "tab")
        assert app.bar.query_text == "kind:"
        assert "audio  toolCall" in app.text("hint")
        await pilot.press(*"tool", "tab")
        assert app.bar.query_text == "kind:toolCall"
        await pilot.press("tab")
        assert app.bar.query_text == "kind:toolResponse"
        await pilot.press("tab")
        assert app.bar.query_text == "kind:toolCall"
        await pilot.press(*" -@", "tab")
        assert app.bar.query_text == "kind:toolCall -@slow"


async def test_earlier_queries_come_back() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        for query in ("one", "two"):
            app.bar.open(Mode.FILTER)
            await pilot.press(*query, "enter")
        app.bar.open(Mode.FILTER)
        await pilot.press(*"new", "up")
        assert app.bar.query_text == "two"
        await pilot.press("up", "up")
        assert app.bar.query_text == "one"
        await pilot.press("down", "down")
        assert app.bar.query_text == "new"


async def test_escape_goes_back_to_the_query_in_force() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*"one", "enter")
        app.bar.open(Mode.FIND)
        await pilot.press(*"two", "escape")
        assert app.told == [("one", Mode.FILTER), "left"]
        assert app.bar.query_text == "one"
        assert app.bar.display


async def test_what_is_typed_replaces_the_query_that_is_there() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.put_in_force("one", Mode.FILTER)
        app.bar.open(Mode.FILTER)
        await pilot.press(*"two", "enter")
        assert app.told == [("two", Mode.FILTER)]


async def test_a_query_is_saved_by_a_name() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*"t<1s", "ctrl+s")
        assert app.text("label") == "name"
        await pilot.press(*"early", "enter")
        assert app.told == [("saved", "early", "t<1s")]
        assert app.bar.query_text == "t<1s"
        await pilot.press("ctrl+s", *"x", "escape")
        assert (app.text("label"), app.bar.query_text) == ("filter", "t<1s")


async def test_a_wrong_query_is_not_saved_and_help_is_asked_for() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        await pilot.press(*"size>x", "ctrl+s", "f1")
        assert app.text("label") == "filter"
        assert app.told == ["help"]


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_hint_is_never_wider_than_the_bar(width: int) -> None:
    app = BarApp()
    async with app.run_test(size=(width, 12)) as pilot:
        app.bar.open(Mode.FILTER)
        for query in ("", "a ", "kinda:" + "x" * 50, "kind:"):
            app.query_one(QueryInput).value = query
            await pilot.pause()
            assert max(map(len, app.text("hint").split("\n"))) <= max(width, 90)
            assert app.bar.size.height <= 4


async def test_a_pasted_query_is_one_line_and_safe() -> None:
    from textual.events import Paste

    app = BarApp()
    async with app.run_test() as pilot:
        app.bar.open(Mode.FILTER)
        app.query_one(QueryInput).post_message(Paste("one\ntwo\x1b[31m"))
        await pilot.pause()
        assert app.bar.query_text == "one two␛[31m"
