from __future__ import annotations

import pytest
from textual import on
from textual.app import ComposeResult

from tests.widgets.wire_log import BareApp
from tui.core.wire import Family
from tui.widgets.message_tabs import FamilyTabs

COUNTS: dict[Family | None, int] = {
    None: 1204,
    Family.SERVER_CONTENT: 900,
    Family.EVENTS: 12,
    Family.METADATA: 30,
    Family.CLIENT: 262,
}


class TabsApp(BareApp):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[Family | None] = []

    def compose(self) -> ComposeResult:
        yield FamilyTabs()

    @on(FamilyTabs.FamilyChosen)
    def _chosen(self, event: FamilyTabs.FamilyChosen) -> None:
        self.chosen.append(event.family)

    def line(self) -> str:
        return self.query_one(FamilyTabs).render_line(0).text.rstrip()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, " All 1,204  server_content 900  events 12  metadata 30  client 262"),
        (60, " All  server_content  events  metadata  client"),
        (38, " All  content  events  meta  client"),
        (20, " All  content  event"),
    ],
)
async def test_tabs_are_as_long_as_fits(width: int, line: str) -> None:
    app = TabsApp()
    async with app.run_test(size=(width, 5)):
        app.query_one(FamilyTabs).show(COUNTS, None)
        assert app.line() == line


@pytest.mark.parametrize(
    ("x", "family"),
    [
        (0, None),
        (10, None),
        (11, Family.SERVER_CONTENT),
        (33, Family.EVENTS),
        (50, Family.METADATA),
        (60, Family.CLIENT),
    ],
)
async def test_a_click_chooses_the_family_under_it(x: int, family: Family | None) -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.query_one(FamilyTabs).show(COUNTS, None)
        await pilot.click(FamilyTabs, offset=(x, 0))
        assert app.chosen == [family]


async def test_a_click_beside_the_tabs_chooses_nothing() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.query_one(FamilyTabs).show(COUNTS, None)
        await pilot.click(FamilyTabs, offset=(75, 0))
        assert app.chosen == []


async def test_the_chosen_tab_is_marked() -> None:
    app = TabsApp()
    async with app.run_test(size=(80, 5)):
        tabs = app.query_one(FamilyTabs)
        tabs.show(COUNTS, Family.EVENTS)
        bold = [
            segment.text for segment in tabs.render_line(0) if segment.style and segment.style.bold
        ]
        assert bold == [" events 12 "]
