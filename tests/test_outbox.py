"""Files from the hand to the engine, and back where they cannot be sent."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.pseudo_terminal import Terminal
from tests.rehearsal import Rehearsal
from tui import sent_texts
from tui.core.attachment import Attachment
from tui.core.places import data_folder
from tui.options import Options
from tui.screens.file_picker import FilePicker
from tui.screens.live import Live

VOICE = Path(__file__).parent / "data" / "voices" / "sum.wav"


def live(pilot: Pilot[None]) -> Live:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, Live)
    return screen


async def settled(pilot: Pilot[None]) -> None:
    """All files are read, and the composer knows what is true of the connection."""
    async with asyncio.timeout(20):
        while live(pilot).attachments.waiting or "Connecting" in live(pilot).composer.blocked:
            await pilot.pause(0.02)
    await pilot.pause(0.1)


async def drop(pilot: Pilot[None], *paths: Path) -> None:
    live(pilot).composer.post_message(events.Paste(" ".join(f"'{path}'" for path in paths)))
    await pilot.pause()
    await settled(pilot)


def commands(play: Rehearsal, name: str) -> list[tuple[object, ...]]:
    return [each for each in play.engine.commands if each[0] == name]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "my notes.txt"
    path.write_text("4711")
    return path


async def test_dropped_files_go_with_the_question_and_come_back_unsent(notes: Path) -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await drop(pilot, notes, VOICE)
        assert live(pilot).attachments.display
        await pilot.press(*"Hi", "enter")
        await pilot.pause()
        ((_, text, files),) = commands(play, "say")
        assert text == "Hi" and isinstance(files, list)
        assert [each.about.name for each in files if isinstance(each, Attachment)] == [
            *("my notes.txt", "sum.wav"),
        ]
        assert not live(pilot).attachments.display and live(pilot).composer.text == ""
        await pilot.press("!")
        play.event("unsent", message="Not sent: there is no connection.")
        async with asyncio.timeout(20):
            while not live(pilot).composer.text.startswith("Hi"):
                await pilot.pause(0.02)
        assert live(pilot).composer.text == "Hi\n!"
        assert live(pilot).attachments.option_count == 2
        assert live(pilot).composer.files == 2


def test_a_real_terminal_drops_a_file_and_pastes_lines(notes: Path) -> None:
    with Terminal("--emulator", "--no-sound", "--modality", "text-view", "--no-record") as terminal:
        terminal.until(lambda text: "Ready" in text)
        terminal.press(f"\x1b[200~'{notes}'\x1b[201~")
        terminal.until(lambda text: "my notes.txt · text · 4 B" in text)
        terminal.press("\x1b[200~first line\rsecond line\x1b[201~\r")
        shown = terminal.until(lambda text: "▣ my notes.txt" in text).splitlines()
        first = next(number for number, row in enumerate(shown) if "first line" in row)
        assert "second line" in shown[first + 1], "one question of two lines"
        terminal.press("\x03\x03")
        assert terminal.end() == 0


async def test_a_file_is_chosen_with_keys_and_taken_out_again(notes: Path) -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+o")
        await pilot.pause()
        picker = pilot.app.screen
        assert isinstance(picker, FilePicker)
        picker._line.value = str(notes)
        async with asyncio.timeout(20):
            while picker._listing.path != notes.parent:
                await pilot.pause(0.02)
        await pilot.press("enter")
        await pilot.pause()
        await settled(pilot)
        assert live(pilot).attachments.option_count == 1
        await pilot.press("ctrl+o")
        await pilot.pause()
        again = pilot.app.screen
        assert isinstance(again, FilePicker)
        assert again._line.value == f"{notes.parent}/", "the folder is remembered"
        await pilot.press("escape", "backspace")
        await pilot.pause()
        assert live(pilot).attachments.option_count == 0
        await drop(pilot, notes, VOICE)
        await pilot.press("shift+tab", "home", "delete")
        await pilot.pause()
        await pilot.press("i", "enter")
        await pilot.pause()
        ((_, text, files),) = commands(play, "say")
        assert text == "" and isinstance(files, list)
        assert [each.about.name for each in files] == ["sum.wav"]


async def test_a_file_that_cannot_be_attached_is_said_and_none_is_sent(tmp_path: Path) -> None:
    play = Rehearsal()
    play.connect()
    empty = tmp_path / "empty.png"
    empty.touch()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await drop(pilot, empty)
        assert live(pilot).attachments.option_count == 0
        said = [each.message for each in pilot.app._notifications]
        assert said == [f"{empty} cannot be attached: it is empty."]
        await pilot.press("enter")
        assert commands(play, "say") == []


async def test_a_turn_is_prefilled_and_the_transcript_says_so(notes: Path) -> None:
    play = Rehearsal()
    play.connect()
    async with play.app().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press(*"Yes", "ctrl+g")
        await pilot.pause()
        assert commands(play, "prefill") == [("prefill", "Yes", "model", [])]
        turns = [{"role": "model", "parts": [{"text": "Yes"}]}]
        play.send(client_content={"turns": turns, "turnComplete": False})
        transcript = live(pilot)._transcript
        async with asyncio.timeout(20):
            while not any("prefilled" in row.text for row in transcript._rows):
                await pilot.pause(0.02)
        assert [row.text for row in transcript._rows][1] == "Yes"


async def test_what_was_sent_is_remembered_over_the_runs_and_by_its_owner_only() -> None:
    for texts, options in (
        (["one", "two\nlines"], Options()),
        (["three"], Options(recorded=False)),
    ):
        play = Rehearsal()
        play.connect()
        async with play.app(options).run_test() as pilot:
            await settled(pilot)
            for text in texts:
                live(pilot).composer.put(text)
                await pilot.press("enter")
                await pilot.pause()
    path = data_folder() / sent_texts.NAME
    assert sent_texts.read() == ["one", "two\nlines"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("ab") as file:
        file.write(b'\xff\n{"a": 1}\n"cut')
    assert sent_texts.read() == ["one", "two\nlines"], "junk is passed over"
    play = Rehearsal()
    play.connect()
    async with play.app().run_test() as pilot:
        await settled(pilot)
        async with asyncio.timeout(20):
            while live(pilot).composer.text != "two\nlines":
                await pilot.press("up")
                await pilot.pause(0.02)


def test_the_remembered_texts_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_texts, "LARGEST_BYTES", 400)
    monkeypatch.setattr(sent_texts, "MOST", 20)
    for number in range(60):
        sent_texts.add(f"text {number:02}")
    assert sent_texts.read()[-1] == "text 59"
    assert sent_texts.read() == [f"text {number}" for number in range(50, 60)]
    assert (data_folder() / sent_texts.NAME).stat().st_size < 400
