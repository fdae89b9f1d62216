"""Files that are sent to the emulator: what crosses the wire, and what it makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.live.conftest import PATIENCE_S, Talk
from tests.media.films import RED, plain
from tui.core.attachment import Attachment
from tui.core.configuration.message import Configuration
from tui.core.frame import Direction, Event
from tui.core.media import audio_seconds
from tui.media.attachment import read

VOICES = Path(__file__).parents[1] / "data" / "voices"
ANY, HISTORY = "gemini-2.0-flash-exp", "gemini-3.1-flash-live-preview"


def attach(path: Path) -> Attachment:
    return read(path, 768)


@pytest.fixture
def red(tmp_path: Path) -> Attachment:
    path = tmp_path / "red.png"
    assert cv2.imwrite(str(path), plain(RED))
    return attach(path)


@pytest.fixture
def notes(tmp_path: Path) -> Attachment:
    path = tmp_path / "notes.txt"
    path.write_text("My number is 4711.\n")
    return attach(path)


def sent(talk: Talk, key: str) -> list[dict[str, Any]]:
    """The client's messages of that kind."""
    frames = (json.loads(payload) for payload in talk.frames(Direction.SEND))
    return [frame[key] for frame in frames if key in frame]


def test_a_picture_and_a_text_go_with_the_question_and_the_text_comes_over(
    talk: Callable[..., Talk], red: Attachment, notes: Attachment
) -> None:
    begun = talk(emulator=True, model=ANY, view="text")
    begun.connect()
    begun.engine.say("What colour do you see?", [notes, red])
    (turn,) = begun.until(lambda s: s.turns and s.turns[0].completed_s).turns
    assert "red" in turn.answer.lower()
    assert (turn.user, turn.enclosed) == ("What colour do you see?", notes.data.decode())
    assert [each.words for each in turn.attached] == [notes.about.words, red.about.words]
    (content,) = sent(begun, "client_content")
    picture, text, words = content["turns"][0]["parts"]
    assert picture["inlineData"]["mime_type"] == "image/jpeg"
    assert text == {"text": notes.data.decode()} and words == {"text": "What colour do you see?"}
    assert [each["file"] for each in begun.events("attachment")] == ["notes.txt", "red.png"]
    begun.connect()
    assert "4711" in begun.ask("What is my number?"), "by the history"


def test_a_model_without_content_sees_the_picture_of_a_camera(
    talk: Callable[..., Talk], red: Attachment, notes: Attachment
) -> None:
    begun = talk(emulator=True, model=HISTORY, view="text view")
    begun.connect()
    begun.engine.say("What colour do you see?", [red, notes])
    (turn,) = begun.until(lambda s: s.turns and s.turns[0].generated_s).turns
    assert "red" in turn.answer.lower() and turn.user == "What colour do you see?"
    assert sent(begun, "client_content") == []
    video, text = sent(begun, "realtime_input")
    assert video["video"]["mime_type"] == "image/jpeg"
    assert text == {"text": f"{notes.data.decode()}What colour do you see?"}
    begun.engine.prefill("My number is 4711.", "user")
    begun.until(lambda _: begun.events("unsent"))
    assert "only at the start" in begun.events("unsent")[0]["message"]
    assert sent(begun, "client_content") == [] and begun.session.connected


def test_esc_stops_a_sound_and_so_does_the_end_of_the_connection(talk: Callable[..., Talk]) -> None:
    begun = talk(emulator=True, model="gemini-3.8-live", view="text view")
    begun.connect()
    begun.engine.say("", [attach(VOICES / "long.wav")])
    session = begun.until(lambda _: len(sent(begun, "realtime_input")) > 3)
    assert session.broadcast is not None and session.broadcast.name == "long.wav"
    begun.engine.say("", [attach(VOICES / "sum.wav")])
    begun.until(lambda _: begun.events("unsent"))
    assert "another file is being sent" in begun.events("unsent")[0]["message"]
    begun.engine.interrupt()
    session = begun.until(lambda _: begun.events("attachment.sent"))
    (told,) = begun.events("attachment.sent")
    assert not told["whole"] and 0.2 < told["seconds"] < 20
    assert session.broadcast is None
    attached = session.conversation.sounding
    assert attached is not None and attached.sent_s == told["seconds"]
    assert f"only {told['seconds']:.1f} s were sent" in attached.words
    begun.until(lambda _: "audioStreamEnd" in sent(begun, "realtime_input")[-1])
    begun.engine.say("", [attach(VOICES / "long.wav")])
    begun.until(lambda session: session.broadcast)
    begun.engine.disconnect()
    session = begun.until(lambda _: len(begun.events("attachment.sent")) == 2)
    assert not begun.events("attachment.sent")[1]["whole"] and session.broadcast is None
    begun.engine.say("Hello?")
    begun.until(lambda _: len(begun.events("unsent")) == 2)
    assert "no connection" in begun.events("unsent")[1]["message"]


def test_the_microphone_stands_aside_meanwhile(talk: Callable[..., Talk]) -> None:
    begun = talk(
        emulator=True, model="gemini-3.8-live", view="text view", mic=str(VOICES / "weather.wav")
    )
    begun.connect()
    begun.until(lambda _: len(sent(begun, "realtime_input")) > 5)
    begun.engine.say("", [attach(VOICES / "sum.wav")]).result(PATIENCE_S)
    before = len(sent(begun, "realtime_input"))
    begun.until(lambda _: begun.events("attachment.sent"))
    pieces = [row["audio"] for row in sent(begun, "realtime_input")[before + 1 :] if "audio" in row]
    assert {len(each["data"]) for each in pieces[:-1]} <= {4268, 856}
    assert [len(each["data"]) for each in pieces].count(856) <= 2, "of the microphone, on its way"
    begun.until(
        lambda _: len(sent(begun, "realtime_input")[-1].get("audio", {}).get("data", "")) == 856
    )


def test_a_turn_is_prefilled_as_either_side_and_used_by_the_next_answer(
    talk: Callable[..., Talk],
) -> None:
    begun = talk(emulator=True, model=ANY, view="text")
    begun.connect()
    begun.engine.prefill("My number is 4711.", "user")
    begun.engine.prefill("I will remember that.", "model")
    session = begun.until(lambda session: len(session.conversation.prefilled) == 2)
    assert session.turns == [] and session.conversation.current is None
    assert "4711" in begun.ask("What is my number?")
    (turn,) = begun.session.turns
    assert [(each.role, each.text) for each in turn.prefilled] == [
        ("user", "My number is 4711."),
        ("model", "I will remember that."),
    ]
    assert begun.session.conversation.prefilled == []
    assert [content["turnComplete"] for content in sent(begun, "client_content")] == [
        *(False, False, True)
    ]
    begun.engine.prefill("My name is Ada.", "user")
    begun.until(lambda session: session.conversation.prefilled)
    begun.connect()
    assert "Ada" in begun.ask("What is my name?"), "what waits comes over, too"
    assert len(begun.session.turns[-1].prefilled) == 1


def test_words_are_laid_down_before_a_sound_that_is_spoken_at_its_speed(
    talk: Callable[..., Talk], notes: Attachment
) -> None:
    begun = talk(emulator=True, model="gemini-3.8-live", view="text view")
    begun.connect()
    question = attach(VOICES / "sum.wav")
    begun.engine.say("Please listen.", [notes, question])
    (turn,) = begun.until(lambda session: session.turns and session.turns[0].generated_s).turns
    assert turn.user and not turn.typed
    assert [each.words for each in turn.attached] == [question.about.words]
    (laid,) = turn.prefilled
    assert (laid.role, laid.text, laid.enclosed) == ("user", "Please listen.", notes.data.decode())
    assert sent(begun, "client_content")[0]["turnComplete"] is False
    seconds = question.about.seconds
    assert begun.events("attachment.sent") == [
        {"file": "sum.wav", "seconds": round(seconds, 3), "whole": True}
    ]
    assert spoken_s(begun) == pytest.approx(seconds)
    first, last = (
        next(each.mono_s for each in begun.records if isinstance(each, Event) and each.name == name)
        for name in ("attachment", "attachment.sent")
    )
    assert last - first > seconds - 0.2, "as it would be spoken"
    assert sent(begun, "realtime_input")[-1] == {"audioStreamEnd": True}


def test_with_push_to_talk_a_sound_is_an_activity(talk: Callable[..., Talk]) -> None:
    begun = talk(
        emulator=True,
        model="gemini-3.8-live",
        view="text view",
        configuration=Configuration({"push_to_talk": True}),
    )
    begun.connect()
    question = attach(VOICES / "see.wav")
    begun.engine.say("", [question])
    begun.until(lambda session: session.turns and session.turns[-1].answered)
    inputs = sent(begun, "realtime_input")
    assert (inputs[0], inputs[-1]) == ({"activityStart": {}}, {"activityEnd": {}})
    assert spoken_s(begun) == pytest.approx(question.about.seconds)


def spoken_s(begun: Talk) -> float:
    """Seconds of sound that were sent."""
    blobs = [row["audio"] for row in sent(begun, "realtime_input") if "audio" in row]
    return sum(
        audio_seconds({"mimeType": b["mime_type"], "data": b["data"]}, 16_000) for b in blobs
    )
