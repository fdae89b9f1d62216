from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tui import theming
from tui.core.status import Notice, Readout
from tui.widgets.strip import NoticeBar, StatusStrip

SPEAKING = Readout(
    state="Speaking",
    place="LOCAL EMULATOR",
    emulated=True,
    model="gemini-3.8-live",
    modality="TEXT VIEW (audio discarded)",
    clock="1:35",
    latency="0.31 s to sound",
    tokens="1,204 tok",
    heard="heard 3.1 of 7.8 s",
    underruns="2 underruns",
    recording="20261123-0630 gemini-3.8-live.jsonl",
    video="● CAMERA",
)


class CountedStrip(StatusStrip):
    rendered = 0

    def render_line(self, y: int) -> Strip:
        self.rendered += 1
        return super().render_line(y)


class StripApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield CountedStrip()
        yield NoticeBar()


async def line(pilot: Pilot[None], readout: Readout) -> str:
    strip = pilot.app.query_one(StatusStrip)
    strip.show(readout)
    await pilot.pause()
    return strip.render_line(0).text


async def test_a_wide_terminal_shows_everything() -> None:
    async with StripApp().run_test(size=(200, 5)) as pilot:
        text = await line(pilot, SPEAKING)
        assert text.split("  ")[0] == " Speaking"
        for part in (
            *("LOCAL EMULATOR", "gemini-3.8-live", "TEXT VIEW (audio discarded)", "1:35"),
            *("0.31 s to sound", "1,204 tok", "heard 3.1 of 7.8 s", "2 underruns"),
            "● REC 20261123-0630 gemini-3.8-live.jsonl",
            "● CAMERA",
        ):
            assert part in text


async def test_eighty_columns_keep_what_matters() -> None:
    async with StripApp().run_test(size=(80, 5)) as pilot:
        text = await line(pilot, SPEAKING)
        for part in ("Speaking", "EMULATOR", "gemini-3.8-live", "TEXT VIEW", "● CAMERA"):
            assert part in text
        assert "discarded" not in text


@pytest.mark.parametrize("width", [20, 30, 50, 80, 120, 200])
async def test_no_field_is_cut_in_two(width: int) -> None:
    async with StripApp().run_test(size=(width, 5)) as pilot:
        text = await line(pilot, SPEAKING)
        assert len(text) == width
        whole = {
            part for field in SPEAKING.__slots__ for part in str(getattr(SPEAKING, field)).split()
        }
        assert set(text.split()) <= whole | {"●", "REC"}
        assert "Speaking" in text


async def test_the_emulator_is_badged_at_every_width_that_holds_it() -> None:
    async with StripApp().run_test(size=(28, 5)) as pilot:
        assert "EMULATOR" in await line(pilot, SPEAKING)


async def test_a_session_that_is_not_recorded_says_so() -> None:
    async with StripApp().run_test(size=(200, 5)) as pilot:
        text = await line(pilot, replace(SPEAKING, recording=""))
        assert "not recorded" in text
        assert "REC" not in text


@pytest.mark.parametrize(
    ("state", "look"),
    [
        ("Ready", "ready"),
        ("Speaking", "speaking"),
        ("Idle", "resting"),
        ("Closed", "resting"),
        ("Closed 1011", "failed"),
        ("Failed", "failed"),
        ("Thinking", "busy"),
    ],
)
async def test_the_state_has_a_look_of_its_own(state: str, look: str) -> None:
    async with StripApp().run_test(size=(80, 5)) as pilot:
        await line(pilot, replace(SPEAKING, state=state))
        strip = pilot.app.query_one(StatusStrip)
        first = next(iter(strip.render_line(0)))
        assert first.text.strip() == state
        assert first.style == strip.get_component_rich_style(f"strip--{look}")


async def test_an_equal_readout_draws_nothing() -> None:
    async with StripApp().run_test(size=(80, 5)) as pilot:
        strip = pilot.app.query_one(CountedStrip)
        await line(pilot, SPEAKING)
        strip.rendered = 0
        strip.show(replace(SPEAKING))
        await pilot.pause()
        assert strip.rendered == 0
        strip.show(replace(SPEAKING, clock="1:36"))
        await pilot.pause()
        assert strip.rendered == 1


async def test_the_notice_line_is_there_only_while_it_says_something() -> None:
    async with StripApp().run_test(size=(80, 5)) as pilot:
        bar = pilot.app.query_one(NoticeBar)
        assert not bar.display
        bar.show(Notice("interrupted by clientContent, confirmed after 43 ms"))
        await pilot.pause()
        assert bar.display and bar.size.height == 1 and not bar.has_class("-problem")
        bar.show(Notice("The server closed the connection (1011). " * 6, problem=True))
        await pilot.pause()
        assert bar.size.height == 2 and bar.has_class("-problem")
        assert bar.render_line(1).text.rstrip().endswith("…")
        await pilot.resize_terminal(200, 5)
        await pilot.pause()
        assert "…" not in bar.render_line(0).text + bar.render_line(1).text
        bar.show(Notice())
        await pilot.pause()
        assert not bar.display


HOSTILE = "a\x1b]52;c;aGk=\x07b\x9b31m\u202e[@click=app.bell]x[/]"


async def test_a_hostile_close_reason_or_model_is_shown_and_does_nothing() -> None:
    async with StripApp().run_test(size=(200, 5)) as pilot:
        text = await line(
            pilot, Readout(state="Ready", model=HOSTILE, place=HOSTILE, recording=HOSTILE)
        )
        bar = pilot.app.query_one(NoticeBar)
        bar.show(Notice(HOSTILE))
        await pilot.pause()
        strip = bar.render_line(0)
        for shown in (text, strip.text):
            assert "[@click=app.bell]x[/]" in shown
            assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(shown)
        assert not [s for s in strip if s.style and "@click" in s.style.meta]
