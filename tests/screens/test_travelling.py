"""A recording travelled through in the workbench."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.core.test_time_machine import Noted
from tests.media.films import GREEN, RED, jpeg
from tests.recorded import Session
from tests.screens.test_recorded import until
from tui.core.log import SessionLog
from tui.core.sound_track import SoundTrack
from tui.core.timeline import Lane
from tui.desk import Desk
from tui.importers.opening import open_recording
from tui.reader import Reader
from tui.screens.recorded import Recorded
from tui.widgets.inspector import Inspector
from tui.widgets.message_list import MessageList
from tui.widgets.preview import Preview
from tui.widgets.strip import NoticeBar, StatusStrip
from tui.widgets.timeline import LABEL_CELLS, TimelineView
from tui.widgets.transcript import Transcript
from tui.widgets.transport import GoTo, TransportLine


def scene() -> Session:
    """Two turns of three seconds, pictures, and sound of both sides."""
    play = Session()
    play.connect()
    shots = [jpeg(RED), jpeg(GREEN)]
    for number, word in enumerate(("alpha", "omega")):
        start_s = 1.0 + 3 * number
        picture = {"mimeType": "image/jpeg", "data": base64.b64encode(shots[number]).decode()}
        play.at(start_s).sent(realtimeInput={"video": picture})
        for block in range(20):
            play.at(start_s + 0.02 * (block + 1)).mic(0.02)
        play.at(start_s + 0.5).says(inputTranscription={"text": f"Say {word}."})
        play.at(start_s + 0.6).voice(1.0)
        play.at(start_s + 0.61).tell("playback.started", turn=number + 1, device="default")
        play.at(start_s + 0.7).says(outputTranscription={"text": word})
        play.at(start_s + 1.6).tell("playback.drained", turn=number + 1, heard_s=1.0)
        play.at(start_s + 1.7).says(generationComplete=True)
        play.at(start_s + 2.0).says(turnComplete=True)
    play.at(7.0).tell("connection.closed", code=1000, reason="", by="client")
    return play


@pytest.fixture
def path(tmp_path: Path) -> Path:
    play = scene()
    path = tmp_path / "recorded.jsonl"
    path.write_bytes(b"".join(play.storage._lines.values()))
    return path


class Travel:
    """The app on a recording, and what a person sees there."""

    def __init__(self, path: Path) -> None:
        self.reader = Reader(open_recording(path))
        self.sound = Noted()

    def make_sound(self, log: SessionLog, track: SoundTrack) -> Noted:
        return self.sound

    def app(self, play: float | None = None) -> Desk:
        return Desk(self.reader, make_sound=self.make_sound, play=play)

    def begin(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        assert isinstance(pilot.app.screen, Recorded)
        self.screen = pilot.app.screen
        self.machine = self.screen.machine
        self.messages = self.screen.query_one(MessageList)
        self.timeline = self.screen.query_one(TimelineView)
        self.transport = self.screen.query_one(TransportLine)

    async def until(self, true: Callable[[], bool]) -> None:
        await until(self.pilot, true)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def told(self, words: str) -> bool:
        transcript = self.screen.query_one(Transcript)
        rows = range(transcript.size.height)
        return any(words in transcript.render_line(y).text for y in rows)

    @property
    def line(self) -> str:
        return self.transport.render_line(0).text


@pytest.fixture
def travel(path: Path) -> Iterator[Travel]:
    travel = Travel(path)
    yield travel
    travel.reader.stop()


SIZE = (120, 40)


async def test_it_opens_at_its_end(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        assert "END" in travel.line
        assert "0:07.0 / 0:07.0" in travel.line
        assert "turn 2 of 2" in travel.line
        assert "RECORDING" in travel.screen.query_one(StatusStrip).render_line(0).text


async def test_space_plays_and_pauses_and_the_panes_go_along(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("greater_than_sign", "greater_than_sign")
        await travel.press("space")
        assert travel.machine.playing
        await travel.until(lambda: travel.told("alpha") and not travel.told("omega"))
        assert "4x" in travel.line
        assert "muted at 4x" in travel.line
        await travel.until(lambda: travel.told("omega"))
        await travel.press("space")
        assert not travel.machine.playing
        assert travel.messages.record_row
        place = travel.machine.place
        assert travel.messages.record_row <= place.row


async def test_it_is_heard_at_1x_alone(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("space")
        assert travel.sound.orders[-1].startswith("start 0")
        await travel.press("space")
        assert travel.sound.orders[-1] == "stop"
        travel.sound.problem = "Sound is off: no sound device was found."
        await travel.press("space")
        notice = travel.screen.query_one(NoticeBar)
        await travel.until(lambda: "no sound device" in notice.notice.text)
        assert "silent: no output device" in travel.line
    assert travel.sound.orders[-1] == "close"


async def test_steps_are_messages_and_turns(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("left_square_bracket", "left_square_bracket")
        assert "turn 1 of 2" in travel.line
        assert travel.told("Say alpha.")
        assert not travel.told("Say omega.")
        await travel.press("right_square_bracket")
        assert "turn 2 of 2" in travel.line
        assert travel.told("Say omega.")
        row = travel.machine.place.row
        await travel.press("full_stop", "full_stop", "comma")
        assert travel.machine.place.row == row + 1
        assert travel.messages.record_row == row + 1


@pytest.mark.parametrize(
    ("words", "time_s"), [("0:02", 2.0), ("turn 2", 4.5), ("#4", None), ("t1", 1.5)]
)
async def test_colon_goes_to_a_place(travel: Travel, words: str, time_s: float | None) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("colon")
        travel.screen.query_one(GoTo).value = words
        await travel.press("enter")
        place, log = travel.machine.place, travel.reader.log
        if time_s is None:
            assert log.seqs[place.row] == 4
        else:
            assert place.time_s == pytest.approx(time_s)
        assert isinstance(travel.screen.focused, MessageList)


async def test_a_place_that_is_not_there_is_said_and_nothing_moves(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        before = travel.machine.place
        await travel.press("colon", *"turn", "space", "9", "enter")
        await pilot.pause()
        notes = [note.message for note in pilot.app._notifications]
        assert notes == ["There is no turn 9: this recording has turns 1 to 2."]
        assert travel.machine.place == before
        await travel.press("colon", "1", "escape")
        assert not travel.screen.query_one(GoTo).has_class("-asked")


async def test_the_picture_is_that_of_the_play_head(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        preview = travel.screen.query_one(Preview)

        def shown() -> bytes:
            picture = preview._video.picture
            return picture.jpeg if picture else b""

        assert shown() == jpeg(GREEN)
        travel.screen._go(lambda: travel.machine.go("2"))
        assert shown() == jpeg(RED)
        travel.screen._go(lambda: travel.machine.go("0.5"))
        assert shown() == b""


async def test_the_timelines_cursor_and_the_lists_go_together(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("t")
        assert travel.timeline.has_focus
        await travel.until(lambda: Lane.PLAYBACK in travel.screen._lanes.timeline.lanes)
        await travel.press("home")
        assert travel.timeline.cursor_s == 0.0
        assert travel.messages.cursor == 0
        await travel.press("end")
        assert travel.timeline.cursor_s == 7.0
        assert travel.messages.cursor == travel.messages.line_count - 1
        assert travel.machine.transport.state == "END", "looking around moves no play head"
        travel.messages.focus()
        await travel.press("home")
        await travel.until(lambda: travel.timeline.cursor_s < 0.1)
        row = next(row for row in range(99) if "inputTranscription" in travel_kinds(travel, row))
        travel.messages.go_to(row)
        await travel.until(lambda: travel.timeline.cursor_s == travel.reader.log.mono_s[row])
        inspector = travel.screen.query_one(Inspector)
        await travel.until(lambda: inspector.record is not None and inspector.record.mono_s == 1.5)
        await travel.press("T")
        assert travel.machine.place.row == row


def travel_kinds(travel: Travel, row: int) -> str:
    return " ".join(travel.reader.log.kinds(row))


async def test_a_click_on_the_timeline_seeks(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("t")
        await travel.until(lambda: len(travel.screen._lanes.timeline.lanes) > 4)
        await travel.until(lambda: travel.timeline.window.cells > 50)
        window = travel.timeline.window
        cell = window.cells // 2
        padding = travel.timeline.styles.padding.left
        await pilot.click(TimelineView, offset=(LABEL_CELLS + cell + padding, 2))
        await pilot.pause()
        assert travel.machine.place.time_s == pytest.approx(window.time_s(cell), abs=window.cell_s)
        await pilot.click(TransportLine, offset=(travel.transport._bar_at[0] + 1, 0))
        await pilot.pause()
        assert travel.machine.place.time_s < 1.0


async def test_the_band_comes_and_goes_and_is_a_pane_on_narrow_terminals(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        assert not travel.timeline.display
        await travel.press("t")
        assert travel.timeline.display
        assert travel.messages.display
        await travel.press("t")
        assert not travel.timeline.display
        await pilot.resize_terminal(80, 24)
        await travel.press("t")
        await travel.until(lambda: travel.timeline.has_focus)
        assert travel.timeline.size.height > 8
        await travel.press("f3")
        assert not travel.timeline.display


async def test_what_the_linter_finds_is_a_lane(tmp_path: Path) -> None:
    play = scene()
    answer = {"id": "nobody asked", "name": "f", "response": {}}
    play.at(7.5).sent(toolResponse={"functionResponses": [answer]})
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(b"".join(play.storage._lines.values()))
    travel = Travel(path)
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("t")
        await travel.until(lambda: Lane.FINDINGS in travel.screen._lanes.timeline.lanes)
        found = travel.screen._lanes.timeline.points(Lane.FINDINGS)
        assert found is not None
        await travel.until(lambda: any(point.start_s == 7.5 for point in found.within(0, 9)))
    travel.reader.stop()


async def test_an_empty_recording_has_nowhere_to_go(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(next(iter(Session().storage._lines.values())))
    travel = Travel(path)
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.reader.whole)
        for key in ("space", "comma", "full_stop", "left_square_bracket", "T", "t", "enter"):
            await travel.press(key)
        assert travel.machine.place.row == -1
    travel.reader.stop()


async def test_play_from_the_command_line_begins_at_once(travel: Travel) -> None:
    async with travel.app(play=16.0).run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.machine.playing)
        await travel.until(lambda: travel.machine.transport.state == "END")
        last = travel.messages.line_count - 1
        await travel.until(lambda: travel.messages.cursor == last)  # it has gone along
        await travel.until(lambda: travel.told("omega"))


async def test_a_person_who_moves_the_list_is_left_alone_while_it_plays(travel: Travel) -> None:
    async with travel.app().run_test(size=SIZE) as pilot:
        travel.begin(pilot)
        await travel.until(lambda: travel.told("omega"))
        await travel.press("space")
        await travel.until(lambda: (travel.messages.record_row or 0) > 3)
        await travel.press("home")
        await pilot.pause(0.5)
        assert travel.messages.record_row == 0
        assert travel.machine.playing
