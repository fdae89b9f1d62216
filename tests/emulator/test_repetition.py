"""A recording as a scenario: what is served to a client that repeats its inputs, and when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.player import SETUP, Player
from tests.importers import recordings
from tests.recorded import MESSAGES, Session, real_sessions
from tui.core.frame import Direction, Frame
from tui.core.log import SessionLog
from tui.emulator.effects import Close, Drop
from tui.emulator.scenario.recorded import Recorded
from tui.emulator.scenario.repetition import PATIENCE_S, Repetitions
from tui.emulator.scenario.scenario import ScenarioError
from tui.scenarios import scenario


def repetitions(log: SessionLog, speed: float = 1.0) -> Repetitions:
    return Repetitions(Recorded(log, "session.jsonl"), speed)


def typed() -> Session:
    """Two questions, five seconds apart, each answered after a second; the server closes."""
    play = Session()
    play.tell("connection.opening", model="gemini-3.8-live")
    play.sent(**SETUP)
    play.at(0.2).came(setupComplete={})
    play.at(3.0).sent(clientContent={"turns": [_turn("one")], "turnComplete": True})
    play.at(4.0).says(modelTurn={"parts": [{"text": "first"}]})
    play.at(4.5).says(turnComplete=True)
    play.at(8.0).sent(clientContent={"turns": [_turn("two")], "turnComplete": True})
    play.at(9.0).says(modelTurn={"parts": [{"text": "second"}]})
    play.at(9.5).says(turnComplete=True)
    play.at(11.0).tell("connection.closed", code=1011, reason="Deadline expired", by="server")
    return play


def _turn(text: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": text}]}


def test_answers_wait_for_their_questions_and_keep_their_gaps() -> None:
    scenario = repetitions(typed().log())
    client = Player(scenario)
    client.send(**SETUP)
    client.wait(20.0)
    assert client.texts() == ["setupComplete"]
    client.ask("one")
    client.wait(1.4)
    assert client.texts()[1:] == ["first"]
    assert client.came[-1][0] == 21.0
    client.wait(8.6)
    client.ask("two")
    client.wait(60.0)
    assert [at for at, *_ in client.came] == [0.2, 21.0, 21.5, 31.0, 31.5]
    assert client.closed == Close(1011, "Deadline expired")
    scenario.over(client.party)
    assert client.told == ["all was served; no deviation"]


def test_the_recorded_bytes_leave_with_their_opcode() -> None:
    log = typed().log()
    client = Player(repetitions(log, speed=0))
    client.send(**SETUP)
    client.ask("one")
    client.ask("two")
    client.wait(1.0)
    frames = [log.record(row) for row in range(len(log))]
    received = [
        (frame.payload, frame.opcode == 1)
        for frame in frames
        if isinstance(frame, Frame) and frame.direction is Direction.RECEIVE
    ]
    assert [(payload, text) for _, payload, text in client.came] == received
    assert not any(text for _, text in received)


def test_a_text_frame_stays_one() -> None:
    log = real_sessions()
    client = Player(repetitions(log))
    client.send(**json.loads(log.record(0).payload))  # type: ignore[union-attr]
    client.wait(1.0)
    assert [text for *_, text in client.came] == [True]


@pytest.mark.parametrize(("speed", "due_s"), [(1.0, 0.2), (2.0, 0.1), (0.0, 0.0)])
def test_gaps_are_divided_by_the_speed(speed: float, due_s: float) -> None:
    client = Player(repetitions(typed().log(), speed))
    client.send(**SETUP)
    client.wait(10.0)
    client.ask("one")
    client.wait(10.0)
    times = [at for at, *_ in client.came]
    assert times[0] == due_s
    assert times[1:] == ([10.0, 10.0] if not speed else [10.0 + 1 / speed, 10.0 + 1.5 / speed])


def test_a_hasty_client_gets_all_in_order() -> None:
    client = Player(repetitions(typed().log()))
    client.send(**SETUP)
    client.ask("one")
    client.ask("two")
    client.wait(30.0)
    assert client.texts() == ["setupComplete", "first", "turnComplete", "second", "turnComplete"]


def test_other_words_are_told_and_answered() -> None:
    client = Player(repetitions(typed().log()))
    client.send(setup={**SETUP["setup"], "generationConfig": {"temperature": 1}})
    client.ask("uno")
    client.wait(10.0)
    assert client.texts()[1:] == ["first", "turnComplete"]
    assert client.told == [
        "deviates: setup differs from message 2 at generationConfig",
        "deviates: clientContent differs from message 4 at turns[0].parts[0].text",
    ]


def test_another_message_is_told() -> None:
    scenario = repetitions(typed().log())
    client = Player(scenario)
    client.send(**SETUP)
    client.send(realtimeInput={"text": "one"})
    client.ask("one")
    client.ask("two")
    client.ask("three")
    assert client.told == [
        "deviates: the client sent realtimeInput.text where message 4 is clientContent",
        "deviates: clientContent differs from message 7 at turns[0].parts[0].text",
        "deviates: the client sent clientContent; in the recording it sends nothing more",
        "deviates: the client sent clientContent; in the recording it sends nothing more",
    ]
    assert scenario.failures == 4


def test_junk_is_told() -> None:
    client = Player(repetitions(typed().log()))
    client.party.receive(b"\xff\x1b[2J", client.now)
    assert client.told == [
        "deviates: the client sent what is no message: The message is not UTF-8: "
        "byte 0xff at offset 0."
    ]


def test_endless_deviations_are_not_told() -> None:
    client = Player(repetitions(typed().log()))
    for _ in range(100):
        client.send(**SETUP)
    assert len(client.told) == 21
    assert client.told[-1] == "deviates in more; that is not told"


def test_who_never_asks_is_closed_in_words() -> None:
    client = Player(repetitions(typed().log()))
    client.send(**SETUP)
    client.wait(PATIENCE_S + 3)
    assert client.closed is None
    client.wait(10.0)
    assert client.closed == Close(
        1008, "bidiscope: the recording waits for clientContent number 1."
    )


def test_who_stays_after_the_recorded_client_has_left_is_closed_in_words() -> None:
    play = typed()
    play.at(12.0).tell("connection.opening", model="gemini-3.8-live")
    play.sent(**SETUP)
    play.came(setupComplete={})
    play.at(13.0).tell("connection.closed", code=1000, reason="", by="client")
    scenario = repetitions(play.log())
    Player(scenario)
    client = Player(scenario)
    assert client.told == ["is served connection 2 of 2"]
    client.send(**SETUP)
    client.wait(2 * PATIENCE_S)
    assert client.closed == Close(1000, "bidiscope: the recording is over.")


@pytest.mark.parametrize(
    ("code", "by", "end"),
    [
        (1006, "network", Drop()),
        (None, "network", Drop()),
        (1006, "server", Drop()),
        (1005, "server", Close(1000, "")),
        (1008, "server", Close(1008, "")),
    ],
)
def test_the_connection_ends_as_it_did(code: int | None, by: str, end: Close | Drop) -> None:
    play = Session()
    play.tell("connection.opening", model="gemini-3.8-live")
    play.sent(**SETUP)
    play.came(setupComplete={})
    play.at(1.0).tell("connection.closed", code=code, reason="", by=by)
    client = Player(repetitions(play.log()))
    client.send(**SETUP)
    client.wait(2.0)
    assert client.closed == end


def spoken() -> Session:
    """Two seconds of speech, the words that were heard, an answer, which speech cuts."""
    play = Session()
    play.sent(**SETUP)
    play.at(0.1).came(setupComplete={})
    for step in range(20):
        play.at(1.0 + step / 10).mic(0.1)
    play.at(3.0).says(inputTranscription={"text": "hello"})
    for step in range(10):
        play.at(3.0 + step / 10).mic(0.1)
        play.at(3.05 + step / 10).voice(0.2)
    play.at(4.5).mic(0.1)
    play.at(4.6).says(interrupted=True)
    play.at(4.7).says(turnComplete=True)
    return play


def test_what_was_heard_waits_for_as_much_sound() -> None:
    client = Player(repetitions(spoken().log()))
    client.send(**SETUP)
    client.wait(20.0)
    assert client.texts() == ["setupComplete"]
    client.mic(1.5)
    client.wait(20.0)
    assert client.texts() == ["setupComplete"]
    client.mic(0.5, chunk_s=0.025)
    client.wait(1.5)
    assert client.texts()[1:] == ["inputTranscription", *["audio"] * 10]


def test_an_answer_goes_on_without_more_sound_but_is_not_cut() -> None:
    client = Player(repetitions(spoken().log()))
    client.send(**SETUP)
    client.mic(2.0)
    client.wait(30.0)
    assert client.texts()[-1] == "audio"
    client.mic(1.2)
    client.wait(0.5)
    assert client.texts()[-2:] == ["interrupted", "turnComplete"]


def test_who_falls_silent_is_told_how_much_sound_is_missing() -> None:
    client = Player(repetitions(spoken().log()))
    client.send(**SETUP)
    client.mic(1.0)
    client.wait(3 * PATIENCE_S)
    assert client.closed == Close(
        1008, "bidiscope: the recording waits for 2.0 s of sound, 1.0 s have come."
    )


def test_typing_between_streamed_sound_needs_no_sound() -> None:
    play = Session()
    play.sent(**SETUP)
    play.at(0.1).came(setupComplete={})
    for step in range(100):
        play.at(1.0 + step / 10).mic(0.1)
    play.at(11.0).sent(realtimeInput={"text": "hi"})
    for step in range(20):
        play.at(11.1 + step / 10).mic(0.1)
    play.at(13.0).voice(0.2)
    play.at(13.1).says(turnComplete=True)
    client = Player(repetitions(play.log()))
    client.send(**SETUP)
    client.send(realtimeInput={"text": "hi"})
    client.wait(3.0)
    assert client.texts()[1:] == ["audio", "turnComplete"]


def test_function_responses_may_come_one_by_one() -> None:
    calls = [{"name": "f", "args": {}, "id": f"fc_{n}"} for n in (1, 2)]
    answers = [{"id": f"fc_{n}", "name": "f", "response": {"n": n}} for n in (1, 2)]
    play = Session()
    play.sent(**SETUP)
    play.came(setupComplete={})
    play.at(1.0).came(toolCall={"functionCalls": calls})
    play.at(2.0).sent(toolResponse={"functionResponses": answers})
    play.at(2.5).says(modelTurn={"parts": [{"text": "done"}]})
    client = Player(repetitions(play.log()))
    client.send(**SETUP)
    client.wait(5.0)
    assert json.loads(client.came[1][1])["toolCall"]["functionCalls"] == calls
    client.send(toolResponse={"functionResponses": answers[:1]})
    client.wait(5.0)
    assert client.texts()[-1] == "toolCall"
    client.send(toolResponse={"functionResponses": answers[1:]})
    client.wait(0.6)
    assert client.texts()[-1] == "done"


def test_ten_real_sessions() -> None:
    """Each of them, to a client that sends what was sent, gives what came."""
    log = real_sessions()
    scenario = repetitions(log)
    rows = [json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines()]
    sources = list(dict.fromkeys(row["source"] for row in rows))
    assert len(sources) == 10
    for source in sources:
        client = Player(scenario)
        came = []
        for row in rows:
            if row["source"] != source:
                continue
            if row["direction"] == "server":
                came.append(row["message"])
                continue
            client.send(**row["message"])
            client.wait(0.5)
        client.wait(5.0)
        assert [json.loads(payload) for _, payload, _ in client.came] == came
        assert not [line for line in client.told if "deviates" in line]


def test_what_was_taken_out_is_told() -> None:
    play = Session()
    play.sent(**SETUP)
    play.came(setupComplete={})
    gone = {"mimeType": "audio/pcm;rate=24000", "data": "[9600 bytes removed]"}
    play.says(modelTurn={"parts": [{"inlineData": gone}]})
    client = Player(repetitions(play.log()))
    client.send(**SETUP)
    client.wait(1.0)
    assert client.told == ["some of what was said was taken out of the recording: it is not there"]


def test_a_recording_without_a_server_cannot_be_served() -> None:
    play = Session()
    play.sent(**SETUP)
    with pytest.raises(ScenarioError, match=r"^session.jsonl cannot be served: it has no message"):
        repetitions(play.log())


def test_a_browsers_har_is_served(tmp_path: Path) -> None:
    path = tmp_path / "session.har"
    path.write_bytes(recordings.har(recordings.entry(recordings.elements())))
    har = scenario(str(path), 1.0, lambda scene: None)
    assert isinstance(har, Repetitions)
    client = Player(har)
    client.send(**recordings.SETUP)
    client.wait(5.0)
    payloads = [json.dumps(message).encode() for way, message in recordings.CONVERSATION[1:]]
    assert [payload for _, payload, _ in client.came] == payloads
    assert [at for at, *_ in client.came] == [0.5, 1.0, 1.5]
    assert not any(text for *_, text in client.came)
    har.close()
