from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Label

from tests.core.script import TRANSCRIBE, Continuous, pcm
from tui import theming
from tui.core import prose
from tui.core.frame import Direction, Event, Frame
from tui.core.playback import CAPTIONS, Playback
from tui.core.prose import Paragraph, Span, Tone
from tui.core.session import Session
from tui.widgets.transcript import Transcript, rows

SILENT = Playback()
DEVICE = Playback(device="default")


class Journal:
    """Messages as they would come off the wire, one second apart, reduced as always."""

    def __init__(self, modality: str = "TEXT", origin: str = "gemini") -> None:
        self.session = Session()
        self.seq = 0
        self.event(
            "connection.opening",
            model="gemini-3.8-live",
            modality=modality,
            origin=origin,
            host="localhost",
            carry="new",
        )
        self.receive(setupComplete={})

    def event(self, name: str, **detail: Any) -> None:
        self.seq += 1
        self.session.apply(Event(self.seq, float(self.seq), 0.0, name, detail))

    def _frame(self, direction: Direction, message: dict[str, Any]) -> None:
        self.seq += 1
        payload = orjson.dumps(message)
        self.session.apply(Frame(self.seq, float(self.seq), 0.0, direction, 1, payload))

    def receive(self, **message: Any) -> None:
        self._frame(Direction.RECEIVE, message)

    def ask(self, text: str) -> None:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        self._frame(Direction.SEND, {"clientContent": {"turns": turns, "turnComplete": True}})

    def text(self, text: str) -> None:
        self.receive(serverContent={"modelTurn": {"parts": [{"text": text}]}})

    def speak(self, text: str, seconds: float) -> None:
        data = "A" * (int(seconds * 48_000) // 3 * 4)
        audio = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}
        self.receive(
            serverContent={"modelTurn": {"parts": [audio]}, "outputTranscription": {"text": text}}
        )

    def complete(self, **fields: Any) -> None:
        self.receive(serverContent={"turnComplete": True, **fields})

    def exchange(self, count: int) -> Journal:
        for number in range(1, count + 1):
            self.ask(f"Question {number}")
            self.text(f"Answer {number}")
            self.complete()
        return self


class TranscriptApp(App[None]):
    CSS = "Transcript { height: 1fr; } Label { height: 1; }"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield CountedTranscript()
        yield Label("below")


class CountedTranscript(Transcript):
    rendered = 0

    def render_line(self, y: int) -> Strip:
        self.rendered += 1
        return super().render_line(y)


def lines(pilot: Pilot[None]) -> list[str]:
    view = pilot.app.query_one(Transcript)
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


async def show(pilot: Pilot[None], session: Session, playback: Playback = SILENT) -> None:
    pilot.app.query_one(Transcript).show(session, playback)
    await pilot.pause()


def looks(pilot: Pilot[None], y: int) -> list[tuple[str, Tone]]:
    """The pieces of a line with their tones, read back from the styles they are drawn in."""
    view = pilot.app.query_one(Transcript)
    tones = {view.get_component_rich_style(f"transcript--{tone}"): tone for tone in LOOKS}
    found: list[tuple[str, Tone]] = []
    for segment in view.render_line(y):
        style = segment.style
        assert style is not None
        plain = style.clear_meta_and_links()
        if plain in tones and segment.text.strip():
            found.append((segment.text, tones[plain]))
    return found


LOOKS = (Tone.ANSWER, Tone.UNHEARD, Tone.CUT, Tone.THOUGHT, Tone.EMULATOR, Tone.WARNING)


async def test_an_empty_transcript_says_what_to_do_first() -> None:
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, Session())
        text = "\n".join(lines(pilot))
        assert all(key in text for key in ("Enter", "Esc", "Ctrl+T", "F1"))
        await show(pilot, Journal().exchange(1).session)
        assert "Enter" not in "\n".join(lines(pilot))


async def test_an_exchange_reads_as_question_and_answer() -> None:
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, Journal().exchange(1).session)
        assert lines(pilot)[:5] == [
            "● You  0:03 · typed",
            "  Question 1",
            "● gemini-3.8-live  0:04",
            "  Answer 1",
            "  1.00 s to text",
        ]


async def test_the_emulator_is_named_in_every_answer() -> None:
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, Journal(origin="emulator").exchange(1).session)
        assert looks(pilot, 2) == [("● ", Tone.EMULATOR), ("LOCAL EMULATOR", Tone.EMULATOR)]
        assert "gemini" not in "\n".join(lines(pilot))


@pytest.mark.parametrize("width", [40, 80])
async def test_long_and_wide_text_wraps_within_the_view(width: int) -> None:
    said = "In Tokyo 東京は今日はとても良い天気です " * 8 + "x" * 100 + "🙂" * 60
    journal = Journal()
    journal.ask("Weather?")
    journal.text(said)
    async with TranscriptApp().run_test(size=(width, 40)) as pilot:
        await show(pilot, journal.session)
        answer = [line for line in lines(pilot)[3:] if line]
        assert all(cell_len(line) < width for line in answer)
        assert "".join(answer).replace(" ", "") == said.replace(" ", "")


async def test_a_source_is_a_link_of_the_terminal_only_if_its_address_is_safe() -> None:
    journal = Journal()
    journal.ask("Probes?")
    journal.text("Yes.")
    evil = "https://b.example/\x1b]8;;https://evil.example\x07"
    chunks = [
        {"web": {"uri": "https://a.example/long/path", "title": "A [b]title[/b]"}},
        {"web": {"uri": evil, "title": "B"}},
    ]
    journal.receive(serverContent={"groundingMetadata": {"groundingChunks": chunks}})
    async with TranscriptApp().run_test(size=(22, 12)) as pilot:
        await show(pilot, journal.session)
        view = pilot.app.query_one(Transcript)
        drawn = "".join(view.render_line(y).render(pilot.app.console) for y in range(10))
    assert re.findall(r"\x1b\]8;[^;]*;([^\x1b]+)\x1b", drawn) == 2 * ["https://a.example/long/path"]
    assert "evil.example\x07" not in drawn and "\x1b]8;;https://evil" not in drawn
    assert "[b]title[/b]" in re.sub(r"\x1b(\[[^m]*m|\]8[^\x1b]*\x1b\\)", "", drawn)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 20])
def test_wrapping_loses_nothing_at_any_width(width: int) -> None:
    text = "Hello  wonderful 東京 world\n\n  indented🙂 end"
    paragraph = Paragraph(
        Span("", Tone.NOTE), (Span(text[:9], Tone.ANSWER), Span(text[9:], Tone.CUT))
    )
    wrapped = list(rows(paragraph, width))
    assert "".join(row.text + "\n" * (not row.goes_on) for row in wrapped) == text + "\n"
    assert all(cell_len(row.text.rstrip()) <= max(2, width) for row in wrapped)


async def test_an_answer_is_dim_until_it_is_heard() -> None:
    journal = Journal("AUDIO")
    journal.ask("Hello?")
    journal.speak("one two three four", 4.0)
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, journal.session, DEVICE)
        assert looks(pilot, 3) == [("one two three four", Tone.UNHEARD)]
        journal.event("playback.started", turn=1)
        playing = Playback(1, 4.0, 2.0, playing=True, device="default")
        await show(pilot, journal.session, playing)
        assert looks(pilot, 3) == [("one two", Tone.ANSWER), (" three four", Tone.UNHEARD)]
        journal.event("playback.drained", turn=1, heard_s=4.0)
        await show(pilot, journal.session, DEVICE)
        assert looks(pilot, 3) == [("one two three four", Tone.ANSWER)]


async def test_a_text_answer_is_bright_at_once() -> None:
    journal = Journal()
    journal.ask("Hello?")
    journal.text("one two")
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, journal.session)
        assert looks(pilot, 3) == [("one two", Tone.ANSWER)]


async def test_in_text_view_the_answer_is_readable_and_said_to_be_unplayed() -> None:
    journal = Journal("AUDIO")
    journal.event("view", view="text view")
    journal.ask("Hello?")
    journal.speak("one two", 4.0)
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, journal.session, DEVICE)
        assert looks(pilot, 3) == [("one two", Tone.ANSWER)]
        assert lines(pilot)[4] == "  not played"


async def test_the_tail_of_an_interrupted_answer_is_struck_and_counted() -> None:
    journal = Journal("AUDIO")
    journal.ask("Hello?")
    journal.speak("one two three four", 4.0)
    journal.event("playback.started", turn=1)
    journal.receive(serverContent={"interrupted": True})
    journal.event("playback.flushed", turn=1, heard_s=1.0)
    journal.complete()
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, journal.session, DEVICE)
        assert looks(pilot, 3) == [("one", Tone.ANSWER), (" two three four", Tone.CUT)]
        assert lines(pilot)[4] == "  ✂ interrupted · heard 1.0 of 4.0 s"


async def test_a_lost_connection_is_said_in_the_turn_that_it_cut() -> None:
    journal = Journal()
    journal.ask("Hello?")
    journal.event("connection.closed", code=1011, reason="", by="server")
    async with TranscriptApp().run_test(size=(80, 12)) as pilot:
        await show(pilot, journal.session)
        assert lines(pilot)[2] == "  the connection was lost before this turn was complete"


async def test_it_follows_the_end_until_scrolled_up_and_again_at_f() -> None:
    journal = Journal().exchange(20)
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        view = pilot.app.query_one(Transcript)
        view.focus()
        await show(pilot, journal.session)
        assert view.following and "  Answer 20" in lines(pilot)

        await pilot.press("pageup")
        await pilot.wait_for_animation()
        assert not view.following and lines(pilot)[-1].endswith("not following · f follows")
        before = lines(pilot)[:-1]
        await show(pilot, journal.exchange(1).session)
        assert lines(pilot)[:-1] == before
        assert lines(pilot)[-1].endswith("6 new lines · f follows")

        await pilot.press("f")
        await pilot.pause()
        assert view.following and "f follows" not in "\n".join(lines(pilot))
        await show(pilot, journal.exchange(1).session)
        assert lines(pilot)[-3] == "  Answer 1"


async def test_scrolling_back_to_the_end_follows_again() -> None:
    journal = Journal().exchange(20)
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        view = pilot.app.query_one(Transcript)
        await show(pilot, journal.session)
        view.scroll_to(y=0, animate=False)
        assert not view.following
        view.scroll_to(y=view.max_scroll_y, animate=False)
        assert view.following


async def test_a_click_on_the_note_follows() -> None:
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        view = pilot.app.query_one(Transcript)
        await show(pilot, Journal().exchange(20).session)
        view.scroll_to(y=0, animate=False)
        await pilot.click(Transcript, offset=(20, 10))
        assert not view.following
        await pilot.click(Transcript, offset=(50, 10))
        await pilot.pause()
        assert view.following


async def test_a_new_width_keeps_following_and_else_the_turn_at_the_top() -> None:
    journal = Journal()
    for number in range(30):
        journal.ask(f"Question {number} " + "and so on " * 9)
    async with TranscriptApp().run_test(size=(100, 12)) as pilot:
        view = pilot.app.query_one(Transcript)
        await show(pilot, journal.session)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert view.following and view.scroll_offset.y == view.max_scroll_y
        top = next(y for y, text in enumerate(lines(pilot)) if text.startswith("●"))
        view.scroll_to(y=view.scroll_offset.y - 40 + top, animate=False)
        await pilot.pause()
        turn = next(text for text in lines(pilot) if "Question" in text).split("and")[0]
        await pilot.resize_terminal(100, 12)
        await pilot.pause()
        assert not view.following
        assert turn in "\n".join(lines(pilot)[:3])


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 5), (10, 3), (30, 1)])
async def test_no_size_is_too_small(size: tuple[int, int]) -> None:
    async with TranscriptApp().run_test(size=size) as pilot:
        view = pilot.app.query_one(Transcript)
        await show(pilot, Journal().exchange(5).session)
        view.scroll_to(y=0, animate=False)
        await pilot.pause()
        width = view.scrollable_size.width
        assert {view.render_line(y).cell_length for y in range(view.size.height)} <= {width}


async def test_nothing_is_drawn_when_nothing_has_changed() -> None:
    journal = Journal("AUDIO").exchange(10)
    journal.ask("Hello?")
    journal.speak("one two three four", 4.0)
    journal.event("playback.started", turn=11)
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        view = pilot.app.query_one(CountedTranscript)
        await show(pilot, journal.session, Playback(11, 4.0, 1.0, True, device="default"))
        await pilot.pause()
        view.rendered = 0
        await show(pilot, journal.session, Playback(11, 4.0, 1.1, True, device="default"))
        assert view.rendered == 0, "no further word was heard"
        await show(pilot, journal.session, Playback(11, 4.0, 2.0, True, device="default"))
        assert view.rendered == 1, "one line has a word more"


async def test_only_the_turns_that_changed_are_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal().exchange(1000)
    laid_out: list[int] = []
    original = prose.paragraphs

    def counted(turn: Any, *rest: Any) -> list[Paragraph]:
        laid_out.append(turn.number)
        return original(turn, *rest)

    monkeypatch.setattr(prose, "paragraphs", counted)
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        await show(pilot, journal.session)
        laid_out.clear()
        journal.ask("One more")
        await show(pilot, journal.session)
        assert laid_out == [1001]


async def test_questions_that_the_server_merges_leave_no_rows_behind() -> None:
    journal = Journal()
    journal.ask("First?")
    journal.ask("Second?")
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        await show(pilot, journal.session)
        journal.text("Both.")
        journal.complete()
        await show(pilot, journal.session)
        assert [line for line in lines(pilot) if line] == [
            "● You  0:03 · typed",
            "  First?",
            "  Second?",
            "● gemini-3.8-live  0:05",
            "  Both.",
            "  1.00 s to text",
        ]


async def select(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> str | None:
    await pilot.mouse_down(Transcript, offset=start)
    await pilot.hover(Transcript, offset=end)
    await pilot.mouse_up(Transcript, offset=end)
    await pilot.pause()
    return pilot.app.screen.get_selected_text()


async def test_the_mouse_selects_over_several_turns() -> None:
    async with TranscriptApp().run_test(size=(60, 16)) as pilot:
        await show(pilot, Journal().exchange(2).session)
        assert await select(pilot, (2, 3), (9, 7)) == (
            "Answer 1\n1.00 s to text\n\nYou  0:06 · typed\nQuestion"
        )
        view = pilot.app.query_one(Transcript)
        marked = view.screen.get_component_rich_style("screen--selection").bgcolor
        drawn = [s.text for s in view.render_line(7) if s.style and s.style.bgcolor == marked]
        assert drawn == ["Question"]


async def test_a_wrapped_line_is_copied_as_the_line_it_was() -> None:
    journal = Journal()
    journal.ask("a wonderful long question that needs three rows of this narrow view")
    async with TranscriptApp().run_test(size=(30, 12)) as pilot:
        await show(pilot, journal.session)
        assert await select(pilot, (2, 1), (20, 3)) == journal.session.turns[0].user


async def test_a_selection_in_scrolled_wide_text_starts_at_the_right_character() -> None:
    journal = Journal().exchange(20)
    journal.ask("東京の天気は")
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        await show(pilot, journal.session)
        y = next(y for y, text in enumerate(lines(pilot)) if "東京" in text)
        assert await select(pilot, (2 + 4, y), (2 + 8, y)) == "の天気"


async def test_selecting_past_the_last_row_ends_with_it() -> None:
    async with TranscriptApp().run_test(size=(60, 16)) as pilot:
        await show(pilot, Journal().exchange(1).session)
        assert await select(pilot, (2, 3), (30, 12)) == "Answer 1\n1.00 s to text"


async def test_selected_text_stays_where_it_is_until_following_is_asked_for() -> None:
    journal = Journal().exchange(20)
    async with TranscriptApp().run_test(size=(60, 12)) as pilot:
        view = pilot.app.query_one(Transcript)
        await show(pilot, journal.session)
        before = lines(pilot)[:-1]
        assert await select(pilot, (2, 2), (7, 2))
        await show(pilot, journal.exchange(1).session)
        assert lines(pilot)[:-1] == before
        assert lines(pilot)[-1].endswith("6 new lines · f follows")
        view.action_follow()
        await pilot.pause()
        assert lines(pilot)[-3] == "  Answer 1"


HOSTILE = "a\x1b[2Jb\x9b31mc\x1b]52;c;aGk=\x07d\u202ee[@click=app.bell]x[/]"


async def test_hostile_strings_are_shown_and_do_nothing() -> None:
    journal = Journal("AUDIO")
    journal.ask(HOSTILE)
    journal.receive(serverContent={"inputTranscription": {"text": HOSTILE}})
    journal.speak(HOSTILE, 1.0)
    journal.text(HOSTILE)
    call = {"id": "1", "name": HOSTILE, "args": {HOSTILE: HOSTILE}}
    journal.receive(toolCall={"functionCalls": [call]})
    journal.complete(turnCompleteReason=HOSTILE)
    async with TranscriptApp().run_test(size=(80, 30)) as pilot:
        await show(pilot, journal.session)
        view = pilot.app.query_one(Transcript)
        strips = [view.render_line(y) for y in range(view.size.height)]
        text = "".join(strip.text for strip in strips)
        assert text.count("[@click=app.bell]x[/]") >= 5
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)
        clickable = [s for strip in strips for s in strip if s.style and "@click" in s.style.meta]
        assert clickable == []


def interpreted() -> Continuous:
    """Two things said, translated; of the third only a guess is there."""
    script = Continuous(translationConfig={"targetLanguageCode": "de"})
    script.heard(1.0, "Good morning everybody, how are you today?", languageCode="en")
    script.made(3.0, "Guten Morgen allerseits, wie geht es euch heute?", languageCode="de")
    script.heard(8.0, "Two.")
    script.made(9.5, "Zwei \x1b[31m.")
    script.guessed(14.0, "And the third")
    return script


async def test_source_and_translation_stand_beside_each_other_where_there_is_room() -> None:
    async with TranscriptApp().run_test(size=(80, 16)) as pilot:
        await show(pilot, interpreted().session)
        shown = lines(pilot)
        assert shown[0].split(" │ ")[0].rstrip() == "● Source  0:01 · en"
        assert shown[0].split(" │ ")[1] == "● Translation  0:03 · lag 2.00 s · de"
        assert [line.partition(" │ ")[0].strip() for line in shown[1:3]] == [
            "Good morning everybody, how are you",
            "today?",
        ]
        assert "Guten Morgen" in shown[1].partition(" │ ")[2]
        assert any("And the third▌" in line for line in shown)
        assert "\x1b" not in "".join(shown) and not any("Turn" in line for line in shown)


async def test_one_stands_above_the_other_where_there_is_none() -> None:
    async with TranscriptApp().run_test(size=(48, 16)) as pilot:
        await show(pilot, interpreted().session)
        shown = lines(pilot)
        assert "│" not in "".join(shown)
        assert shown.index("● Source  0:08") + 2 == shown.index("● Translation  0:09 · lag 1.50 s")


async def test_a_guess_is_replaced_in_its_place() -> None:
    script = Continuous(TRANSCRIBE)
    async with TranscriptApp().run_test(size=(60, 10)) as pilot:
        await show(pilot, script.session)
        assert "This model writes down what it hears." in "\n".join(lines(pilot))
        script.guessed(1.0, "Good mourning")
        await show(pilot, script.session)
        assert lines(pilot)[:2] == ["● Source  0:01", "  Good mourning▌"]
        script.heard(2.0, "Good morning.", languageCode="en")
        await show(pilot, script.session)
        assert lines(pilot)[:2] == ["● Source  0:01 · en", "  Good morning."]


async def test_a_translation_is_dim_until_it_is_heard() -> None:
    script = Continuous()
    script.heard(1.0, "One.")
    script.content(2.0, modelTurn={"parts": [{"inlineData": pcm(2.0, 24000)}]})
    script.made(2.0, "Eins zwei drei vier")
    async with TranscriptApp().run_test(size=(40, 10)) as pilot:
        playing = Playback(
            device="d", answer=CAPTIONS + 1, heard_s=1.0, received_s=2.0, playing=True, idle=False
        )
        await show(pilot, script.session, playing)
        assert looks(pilot, 3) == [("Eins zwei", Tone.ANSWER), (" drei vier", Tone.UNHEARD)]
        script.event(3.0, "playback.flushed", caption=1, heard_s=1.0, received_s=2.0)
        await show(pilot, script.session, Playback(device="d"))
        assert looks(pilot, 3) == [("Eins zwei", Tone.ANSWER), (" drei vier", Tone.CUT)]
        assert lines(pilot)[4] == "  heard 1.0 of 2.0 s"


async def test_a_time_brings_its_passage_into_view() -> None:
    script = Continuous()
    for number in range(40):
        script.heard(1.0 + 5 * number, f"Number {number}.")
    async with TranscriptApp().run_test(size=(40, 12)) as pilot:
        await show(pilot, script.session)
        pilot.app.query_one(Transcript).reveal(1.0 + 5 * 20 + 2)
        await pilot.pause()
        assert lines(pilot)[1] == "  Number 20."
