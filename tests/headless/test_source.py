from __future__ import annotations

import base64
import json
import shutil
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.core.script import Script
from tui.core.journal import JournalError
from tui.core.media import removal
from tui.core.trial import Input
from tui.headless.opening import sources
from tui.headless.recorded import Recorded
from tui.headless.source import Beat
from tui.headless.tape import SILENCE, filled, told
from tui.headless.voice import Voice

VOICES = Path(__file__).parents[1] / "data" / "voices"


def sound(name: str) -> bytes:
    with wave.open(str(VOICES / name), "rb") as file:
        assert file.getframerate() == 16_000
        return file.readframes(file.getnframes())


def speak(script: Script, begin_s: float, pcm: bytes, size: int = 640, mime: str = "16000") -> None:
    """A microphone that sends messages of that size in real time."""
    for number, start in enumerate(range(0, len(pcm), size), 1):
        data = base64.b64encode(pcm[start : start + size]).decode()
        blob = {"mimeType": f"audio/pcm;rate={mime}", "data": data}
        script.send(begin_s + number * size / 32_000, realtimeInput={"audio": blob})


Opened = Callable[[str], Recorded]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens recordings, and closes them in the end."""
    with ExitStack() as stack:

        def open_(name: str) -> Recorded:
            of = Recorded(tmp_path / name)
            stack.callback(of.close)
            return of

        yield open_


@pytest.fixture
def script(tmp_path: Path) -> Script:
    script = Script(path=tmp_path / "session.jsonl")
    script.connect(10.0, 0.5)
    return script


def test_speech_and_questions_are_found_where_they_were(script: Script, opened: Opened) -> None:
    speak(script, 11.0, sound("sum.wav") + bytes(32_000))
    script.ask(15.5, "And nine?")
    of = opened("session.jsonl")
    spoken, typed = of.inputs
    assert spoken.begin_s == pytest.approx(0.6, abs=0.2)
    assert spoken.end_s == pytest.approx(0.5 + 1.8, abs=0.3)
    assert typed == Input(5.0, 5.0, "And nine?", typed=True)
    assert b"".join(each.sound for each in of.beats()) == sound("sum.wav") + bytes(32_000)


def test_the_size_of_messages_moves_no_speech(tmp_path: Path, opened: Opened) -> None:
    found = []
    for size in (640, 3200):
        script = Script(path=tmp_path / f"{size}.jsonl")
        script.connect(0.0, 0.5)
        speak(script, 1.0, sound("sum.wav") + bytes(32_000), size)
        found += opened(f"{size}.jsonl").inputs
    assert found[0].begin_s == pytest.approx(found[1].begin_s, abs=0.001)
    assert found[0].end_s == pytest.approx(found[1].end_s, abs=0.001)


def test_other_rates_become_sixteen_kilohertz(script: Script, opened: Opened) -> None:
    speak(script, 11.0, bytes(48_000 * 2), mime="48000")
    beats = [*opened("session.jsonl").beats()]
    assert sum(len(each.sound) for each in beats) == pytest.approx(32_000, rel=0.03)


def test_time_without_a_connection_is_left_out(script: Script, opened: Opened) -> None:
    script.ask(11.0, "one")
    script.event(12.0, "connection.closed", code=1000)
    script.connect(100.0, 0.5)
    turns = [{"role": "user", "parts": [{"text": "one"}]}, {"role": "model", "parts": []}]
    script.send(100.6, clientContent={"turns": turns, "turnComplete": False})
    script.ask(101.0, "two")
    of = opened("session.jsonl")
    assert [(each.at_s, each.text) for each in of.beats()] == [(0.5, "one"), (2.0, "two")]


def test_all_else_is_sent_as_it_was_and_signals_are_told(script: Script, opened: Opened) -> None:
    picture = {"mimeType": "image/jpeg", "data": "/9j/"}
    script.send(11.0, realtimeInput={"activityStart": {}})
    script.send(11.1, realtimeInput={"video": picture})
    script.send(11.2, realtimeInput={"activityEnd": {}})
    one, other, last = opened("session.jsonl").beats()
    assert (one.talks, last.talks) == (True, False)
    assert b"image/jpeg" in other.message


def test_answers_to_calls_are_kept(script: Script, opened: Opened) -> None:
    script.ask(11.0, "weather?")
    call = {"id": "1", "name": "weather", "args": {"city": "Paris"}}
    script.receive(11.5, toolCall={"functionCalls": [call]})
    answer = {"id": "1", "name": "weather", "response": {"sky": "grey"}}
    script.send(12.0, toolResponse={"functionResponses": [answer]})
    of = opened("session.jsonl")
    [kept] = of.answers
    assert (kept.call.args, kept.response) == ({"city": "Paris"}, answer)
    assert [each.text for each in of.beats()] == ["weather?"]


def test_what_was_redacted_is_said(script: Script, opened: Opened) -> None:
    blob = {"mimeType": "audio/pcm;rate=16000", "data": removal(640)}
    script.send(11.0, realtimeInput={"audio": blob})
    of = opened("session.jsonl")
    assert [*of.beats()] == []
    assert of.notes[-1] == "Media was removed by a redaction and is not sent: 1 messages."


def test_a_file_is_one_thing_said_and_its_words_stand_beside_it(tmp_path: Path) -> None:
    shutil.copy(VOICES / "sum.wav", tmp_path)
    (tmp_path / "sum.txt").write_text("What is\nsix times seven?\n")
    [one] = Voice(tmp_path / "sum.wav").inputs
    assert one.text == "What is six times seven?"
    assert 0 < one.begin_s < one.end_s < 2


def test_a_file_without_speech_is_noise(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    [one] = Voice(tmp_path / "quiet.wav").inputs
    assert one.noise and one.end_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["empty"], "There is no WAV file in "),
        (["none.wav"], "none.wav cannot be spoken (No such file or directory)"),
        (["none.jsonl"], "Cannot open "),
        (["voice.wav", "session.jsonl"], "One recording at a time"),
        (["refused.jsonl"], "holds no session that the server accepted"),
        (["untimed.jsonl"], "untimed.jsonl has no times"),
        (["odd.wav"], "odd.txt is not UTF-8 text"),
        (["large.wav"], "large.txt is larger than 64 KiB"),
    ],
)
def test_what_cannot_be_sent_is_named(tmp_path: Path, names: list[str], words: str) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("voice.wav", "odd.wav", "large.wav"):
        shutil.copy(VOICES / "see.wav", tmp_path / name)
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large.txt").write_text("a " * 40_000)
    Script(path=tmp_path / "session.jsonl").connect()
    bare: tuple[dict[str, Any], ...] = (
        {"setup": {"model": "m"}},
        {"setupComplete": {}},
        {"realtimeInput": {"text": "hello"}},
    )
    (tmp_path / "untimed.jsonl").write_text("\n".join(map(json.dumps, bare)))
    Script(path=tmp_path / "refused.jsonl").send(0.1, setup={"model": "m"})
    with pytest.raises(JournalError) as refused:
        sources([tmp_path / name for name in names])
    assert words in str(refused.value)


def test_who_must_tell_that_they_speak_tells_it_around_what_is_said() -> None:
    beats = (Beat(each / 10, b"\0\0") for each in range(40))
    said = [Input(1.0, 1.5), Input(1.9, 2.2), Input(3.0, 3.0, "x", typed=True)]
    signals = [(each.at_s, each.talks) for each in told(beats, said) if each.talks is not None]
    assert signals == [(0.7, True), (pytest.approx(2.4), False)]


def test_pauses_of_push_to_talk_become_silence() -> None:
    beats = [Beat(0.5, talks=True), Beat(0.52, SILENCE), Beat(0.54, SILENCE), Beat(1.0, b"\1\1")]
    times = [each.at_s for each in filled(iter(beats), signals=False)]
    assert max(after - before for before, after in pairwise(times)) < 0.13
    assert times == sorted(times)
    assert [each.talks for each in filled(iter(beats), signals=True) if not each.sound] == [True]


def test_large_messages_are_no_pauses() -> None:
    beats = [Beat(0.3 * each, bytes(9600)) for each in range(1, 5)]
    assert [*filled(iter(beats), signals=False)] == beats
