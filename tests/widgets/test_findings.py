from __future__ import annotations

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.core.lint.wire import (
    Step,
    asked,
    called,
    closed,
    content,
    logged,
    mic,
    opened,
    responded,
    voice,
)
from tests.widgets.wire_log import BareApp
from tui.core.lint.linter import Linter, lint
from tui.widgets.findings import FindingsPane
from tui.widgets.message_list import MessageList

WRONG: list[Step] = [
    *opened(),
    content(0.5, novelty=1),
    content(0.6, novelty=2),
    mic(1, mime_type="audio/pcm"),
    called(2),
    responded(3, id="c7"),
    asked(4),
    voice(5),
    closed(9, 1011, "Internal error \x1b[31mencountered.", "server"),
]


class PaneApp(BareApp):
    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self.evidence = logged(steps)
        self.linter = Linter.of(self.evidence)
        self.gone_to: list[int] = []

    def compose(self) -> ComposeResult:
        yield MessageList()
        yield FindingsPane()

    def on_mount(self) -> None:
        self.query_one(MessageList).show(self.evidence, self.linter.findings)
        self.query_one(FindingsPane).focus()

    def look(self, start: int = 0) -> None:
        for _ in lint(self.evidence, self.linter, start):
            pass
        self.pane.show(self.evidence, self.linter.findings)
        self.query_one(MessageList).sync()

    @property
    def pane(self) -> FindingsPane:
        return self.query_one(FindingsPane)

    def lines(self) -> list[str]:
        pane = self.pane
        return [pane.draw(line, pane.text_width).text.rstrip() for line in range(pane.line_count)]

    @on(FindingsPane.Chosen)
    def _go(self, event: FindingsPane.Chosen) -> None:
        self.gone_to.append(event.row)


async def ready(pilot: Pilot[None]) -> PaneApp:
    app = pilot.app
    assert isinstance(app, PaneApp)
    app.look()
    await pilot.pause()
    return app


def heads(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith(" ")]


async def test_the_close_comes_first_and_is_explained() -> None:
    async with PaneApp(WRONG).run_test(size=(100, 60)) as pilot:
        app = await ready(pilot)
        lines = app.lines()
        assert "The server closed the connection with 1011" in lines[0]
        assert any("Sent last" in line and "clientContent" in line for line in lines)
        assert any(line.strip().startswith("Try") for line in lines)
        severities = [line.split()[0] for line in heads(lines)]
        assert severities[1:] == sorted(severities[1:], key=["error", "warn", "note"].index)
        assert "2 errors" in str(app.pane.border_subtitle)
        assert all(line.isprintable() for line in lines)
        assert not app.actions()


async def test_the_chosen_one_tells_what_to_do_and_where_that_is_known_from() -> None:
    async with PaneApp(WRONG).run_test(size=(100, 60)) as pilot:
        app = await ready(pilot)
        await pilot.press("down")
        told = app.pane.selected_text()
        assert "never made (id c7, name weather)" in " ".join(told.split())
        assert "Do " in told
        assert "pipecat-ai/pipecat#4448" in told
        assert "tool-response-unknown" in told
        assert "Sent last" not in "\n".join(app.lines())


async def test_enter_goes_from_evidence_to_evidence() -> None:
    async with PaneApp(WRONG).run_test(size=(100, 60)) as pilot:
        app = await ready(pilot)
        await pilot.press("end")
        assert "novelty" in app.pane.selected_text()
        await pilot.press("enter", "enter", "enter", "left")
        assert app.gone_to == [3, 4, 3, 4]


async def test_what_does_not_fit_is_read_on_before_the_next_finding() -> None:
    async with PaneApp(WRONG).run_test(size=(60, 16)) as pilot:
        app = await ready(pilot)
        pane = app.pane
        assert pane.line_count > pane.size.height
        first = app.lines()[0]
        await pilot.press("down")
        assert pane.scroll_offset.y == 1
        assert app.lines()[0] == first
        await pilot.press(*["down"] * 60)
        assert "novelty" in pane.selected_text()
        await pilot.press(*["up"] * 60)
        assert pane.cursor == 0
        assert pane.scroll_offset.y == 0


async def test_what_comes_later_leaves_the_chosen_one_chosen() -> None:
    async with PaneApp(WRONG[:5]).run_test(size=(100, 40)) as pilot:
        app = await ready(pilot)
        assert heads(app.lines())[0].startswith("note")
        more = logged(WRONG)
        linter = app.linter
        for row in range(5, len(more)):
            linter.take(more.record(row), row)
        app.pane.show(more, linter.findings)
        assert heads(app.lines())[0].startswith("error")
        assert "novelty" in app.pane.selected_text()


async def test_nothing_found_is_said() -> None:
    async with PaneApp(opened()).run_test(size=(100, 40)) as pilot:
        app = await ready(pilot)
        assert app.lines() == ["Nothing found."]
        app.pane.show(app.evidence, app.linter.findings, "12% looked at")
        assert app.lines() == ["Nothing found so far."]
        assert app.pane.border_subtitle == "12% looked at"
        await pilot.press("enter", "down", "pagedown", "end")
        assert app.gone_to == []


async def test_the_list_marks_the_rows_as_they_are_found() -> None:
    async with PaneApp(WRONG).run_test(size=(100, 60)) as pilot:
        app = pilot.app
        assert isinstance(app, PaneApp)
        messages = app.query_one(MessageList)

        def row(record: int) -> str:
            return messages.draw(messages.rows.row_of(record) or 0, 100).text

        assert "⚑" not in row(7)
        app.look()
        await pilot.pause()
        assert "⚑ tool-response-unknown" in row(7)
        assert "⚑ close" in row(10)
        assert "⚑ rate-missing" in row(5)
        assert "⚑ unknown" in row(3)
        assert "⚑" not in row(2)
        assert any("⚑ close" in messages.render_line(y).text for y in range(messages.size.height))


async def test_a_folded_run_is_marked_for_its_own_messages_alone() -> None:
    steps = [*opened()]
    for number in range(6):
        steps += [mic(1 + number / 10), voice(1.05 + number / 10)]
    steps[6] = mic(1.1, mime_type="audio/pcm")
    steps.sort(key=lambda step: step[0])
    async with PaneApp(steps).run_test(size=(100, 60)) as pilot:
        app = await ready(pilot)
        messages = app.query_one(MessageList)
        texts = [messages.draw(line, 100).text for line in range(messages.line_count)]
        marked = [text for text in texts if "⚑" in text]
        assert len(marked) == 1
        assert "▲" in marked[0]


@pytest.mark.parametrize("size", [(40, 10), (61, 16), (200, 50)])
async def test_every_size_is_drawn(size: tuple[int, int]) -> None:
    async with PaneApp(WRONG).run_test(size=size) as pilot:
        app = await ready(pilot)
        for y in range(app.pane.size.height):
            assert app.pane.render_line(y).cell_length == app.pane.text_width
