"""When faults come about: in which turns, by what chance, armed and called off."""

from __future__ import annotations

import base64

from tests.emulator.test_faults import (
    STORY,
    any_sound,
    in_audio,
    in_text,
)
from tests.emulator.unlucky import Unlucky


def test_a_fault_of_a_turn_leaves_the_others_alone() -> None:
    client = in_audio("silent-audio:turn=2")
    assert [any_sound(client, "What is 6 * 7?") for _ in range(3)] == [True, False, True]


def test_a_fault_comes_about_in_so_many_turns() -> None:
    client = in_audio("silent-audio:times=2")
    assert [any_sound(client, "What is 6 * 7?") for _ in range(3)] == [False, False, True]


def test_chance_is_a_share_of_the_turns() -> None:
    client = in_text("no-turn-complete:chance=0.5")
    ends = 0
    for _ in range(100):
        client.answer("What is 6 * 7?")
        ends += "turnComplete+usage" in client.kinds()
    assert 30 < ends < 70


def test_a_moment_of_each_turn_comes_in_each() -> None:
    client = in_text("unknown-kind:turn=each")
    for _ in range(3):
        client.answer("What is 6 * 7?")
        assert sum("futureMessage" in message for message in client.messages) == 1


def test_the_same_seed_gives_the_same_run() -> None:
    specs = (
        "noise",
        "stall:turn=each,chance=0.5,for=1",
        "cut-short:chance=0.5",
        "unknown-field:chance=0.2",
    )
    runs = []
    for seed in (1, 1, 2):
        client = Unlucky.set_up(*specs, seed=seed)
        for _ in range(5):
            client.answer(STORY)
        runs.append((client.payloads, client.left))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_fault_that_is_armed_in_mid_answer_comes_about_in_it() -> None:
    client = in_audio()
    client.ask(STORY)
    client.run(2.0)
    client.forget()
    client.arm("silent-audio:turn=1")
    client.run()
    sounds = [any(base64.b64decode(blob["data"])) for _, blob in client.audio()]
    assert sounds
    assert not any(sounds)
    assert any_sound(client, "What is 6 * 7?")


def test_a_fault_that_an_answer_brings_leaves_that_answer_alone() -> None:
    client = in_audio()
    sounds = [any_sound(client, text) for text in ("/fault silent-audio:turn=1", STORY, STORY)]
    assert sounds == [True, False, True]


def test_a_moment_that_an_answer_brings_is_counted_from_the_next_one() -> None:
    client = in_text()
    client.answer("/fault close:turn=1")
    assert not client.ended
    client.answer(STORY)
    assert client.ended
    assert client.kinds() == ["text"]


def test_a_moment_of_a_turn_that_is_armed_in_mid_answer_is_of_the_next_one() -> None:
    client = in_text()
    client.ask(STORY)
    client.run(1.0)
    client.arm("unknown-kind:turn=1")
    client.run()
    assert "futureMessage" not in client.kinds()
    client.answer(STORY)
    assert "futureMessage" in client.kinds()


def test_off_lets_go_of_what_waits() -> None:
    client = in_text("stall:for=1000", "close:at=2000")
    client.ask("What is 6 * 7?")
    client.run(60.0)
    assert not client.received
    client.arm("off")
    assert client.words() == "That is 42."
    client.run()
    assert not client.ended


def test_what_has_come_about_is_told_once_a_turn() -> None:
    client = in_audio("silent-audio", "stale-audio", "close:at=1500,code=1007,reason=so")
    for _ in range(2):
        client.answer("What is 6 * 7?")
    told = [spec for _, spec in client.happened]
    assert told == ["silent-audio", "silent-audio"], "nothing was interrupted"
    client.run()
    assert client.happened[-1][1] == "close:at=1500,code=1007,reason=so"


def test_a_refusal_of_the_dialogue_still_closes() -> None:
    client = in_audio("bundle", "stall:turn=1,for=5")
    client.ask(STORY)
    client.run(3.0)
    begun = client.now
    client.send(b"junk")
    client.run()
    assert client.closed is not None
    assert client.closed.code == 1007
    assert client.ended_at >= begun
    assert "audio" in client.kinds(), "what the bundle held is not lost"
