"""Each fault of the table, over a clock that only the test moves."""

from __future__ import annotations

import base64
import random
from itertools import pairwise
from typing import Any

import pytest

from tests.emulator.unlucky import Unlucky
from tui.core import fault
from tui.core.fault import Fault
from tui.emulator.effects import Close, Send
from tui.emulator.faults.changes import CHANGES
from tui.emulator.faults.moments import _MOMENTS
from tui.emulator.faults.stage import Stage

STORY = "Tell me a very long story"
DEADLINE = Close(1011, "Deadline expired before operation could complete.")
TRANSCRIBED: dict[str, Any] = {"outputAudioTranscription": {}}


def telling(client: Unlucky) -> list[dict[str, Any]]:
    """The messages that say something: 3.8 sends empty ones, too."""
    return [message for message in client.messages if any(message.values())]


def contents(client: Unlucky) -> list[dict[str, Any]]:
    return [message["serverContent"] for message in client.messages if "serverContent" in message]


def in_audio(*specs: str, **setup: Any) -> Unlucky:
    client = Unlucky.set_up(*specs, modality="AUDIO", **setup)
    client.forget()
    return client


def in_text(*specs: str) -> Unlucky:
    client = Unlucky.set_up(*specs)
    client.forget()
    return client


def test_each_row_of_the_table_does_something() -> None:
    done = {*CHANGES, *_MOMENTS, fault.OFF}
    assert done == {*fault.kinds()}
    for kind in fault.kinds().values():
        assert (kind.name in CHANGES) == (kind.occasion in ("turn", "message"))


def test_a_session_without_luck_or_misfortune_is_byte_for_byte_the_same() -> None:
    plain, faulty = Unlucky.set_up("close:at=500"), Unlucky.set_up()
    for client in (plain, faulty):
        client.answer("What is 6 * 7?")
    assert plain.payloads == faulty.payloads
    assert plain.left == faulty.left


# Moments


def test_go_away_closes_with_1011_when_the_client_stays() -> None:
    client = Unlucky.set_up("goaway:at=2,left=5")
    begun = client.now
    client.run()
    assert client.messages[-1] == {"goAway": {"timeLeft": "5s"}}
    assert client.left[-1] == begun + 2
    assert (client.closed, client.ended_at) == (DEADLINE, begun + 7)


def test_the_deadline_comes_in_the_middle_of_an_answer() -> None:
    client = in_audio("goaway:left=3")
    client.ask(STORY)
    client.run()
    assert client.closed == DEADLINE
    assert client.audio()
    assert "turnComplete" not in client.kinds()


def test_a_close_has_any_code_and_reason() -> None:
    client = in_text("close:turn=1,code=4321,reason=so it is, is it")
    client.ask(STORY)
    client.run()
    assert client.closed == Close(4321, "so it is, is it")
    assert client.kinds() == ["text"]


def test_a_reason_is_cut_where_the_frame_ends() -> None:
    client = Unlucky.set_up(f"close:reason={'ü' * 100}")
    assert client.closed is not None
    assert client.closed.reason == "ü" * 61


@pytest.mark.parametrize("frames", [0, 1, 4])
def test_a_close_comes_behind_so_many_frames(frames: int) -> None:
    client = Unlucky.set_up(f"close:frame={frames}")
    if not client.ended:
        client.ask(STORY)
        client.run()
    assert client.closed is not None
    assert len(client.payloads) == frames


def test_a_drop_leaves_no_close() -> None:
    client = in_text("drop:at=1.5")
    begun = client.now
    client.run()
    assert client.dropped
    assert client.closed is None
    assert client.ended_at == begun + 1.5


def test_a_stall_holds_all_back_and_loses_nothing() -> None:
    plain, stalled = in_text(), in_text("stall:turn=1,for=10")
    for client in (plain, stalled):
        client.answer(STORY)
    assert stalled.payloads == plain.payloads
    first, second = stalled.left[-len(plain.received) :][:2]
    assert second - first == 10


def test_a_stall_by_the_clock_begins_in_the_middle_of_what_waits() -> None:
    client = in_audio("slow-audio:pace=0.1", "stall:at=5,for=100")
    begun = client.now
    client.ask("What is 6 * 7?")
    client.run()
    gaps = [(first, second) for first, second in pairwise(client.left) if second - first > 50]
    [(first, second)] = gaps
    assert first <= begun + 5
    assert second >= begun + 105
    assert client.kinds()[-1] == "turnComplete+usage"


def test_a_close_by_the_clock_does_not_wait_for_a_stall() -> None:
    client = in_text("stall:for=100", "close:at=3")
    begun = client.now
    client.ask(STORY)
    client.run()
    assert client.ended_at == begun + 3
    assert not client.received


def test_late_pongs_are_ordered() -> None:
    client = in_text("late-pongs:delay=8")
    client.run()
    assert client.pongs == [8.0]
    client.arm("off")
    assert client.pongs == [8.0, 0.0]


def test_an_unknown_kind_comes() -> None:
    client = in_text("unknown-kind:at=1")
    client.run()
    [message] = client.messages
    assert [*message] == ["futureMessage"]


def test_a_cancellation_comes_out_of_the_blue() -> None:
    client = in_text("tool-cancel:at=1")
    client.run()
    assert client.messages == [{"toolCallCancellation": {"ids": ["function-call-0"]}}]


def test_a_message_is_torn() -> None:
    client = in_text("invalid-json:turn=1")
    client.answer("What is 6 * 7?")
    assert len(client.torn) == 1
    assert client.words() == "That is 42."


@pytest.mark.parametrize(("size", "length"), [("1.5", 3 << 19), ("0", 26)])
def test_a_message_is_oversize(size: str, length: int) -> None:
    client = in_text(f"oversize:at=1,size={size}")
    client.run()
    assert len(client.payloads[-1]) == length
    assert client.messages == [{"serverContent": {}}]


# Changes


def test_slow_audio_comes_slower_than_it_is_played() -> None:
    client = in_audio("slow-audio:pace=0.5")
    client.answer("What is 6 * 7?")
    audio = client.audio()
    for (before, blob), (after, _) in pairwise(audio):
        assert after - before == pytest.approx(seconds(blob) / 0.5)


def test_audio_in_bursts_has_nothing_in_between() -> None:
    client = in_audio("bursts:every=2")
    client.answer(STORY)
    times = sorted({at for at, _ in client.audio()})
    assert len(times) > 2
    assert all(after - before == pytest.approx(2) for before, after in pairwise(times))


def test_silent_audio_has_its_length_and_no_sound() -> None:
    plain, silent = in_audio(), in_audio("silent-audio")
    for client in (plain, silent):
        client.answer("What is 6 * 7?")
    sounds = [base64.b64decode(blob["data"]) for _, blob in silent.audio()]
    assert [len(sound) for sound in sounds] == [
        len(base64.b64decode(blob["data"])) for _, blob in plain.audio()
    ]
    assert not any(b"".join(sounds))


def test_bundled_messages_hold_several_fields_and_lose_none() -> None:
    plain, bundled = in_audio(**TRANSCRIBED), in_audio("bundle", **TRANSCRIBED)
    for client in (plain, bundled):
        client.answer("What is 6 * 7?")
    assert bundled.words() == plain.words() == "That is 42."
    assert [blob for _, blob in bundled.audio()] == [blob for _, blob in plain.audio()]
    last = bundled.messages[-1]
    assert {*last} == {"serverContent", "usageMetadata"}
    assert {"modelTurn", "generationComplete", "turnComplete"} <= {*last["serverContent"]}
    assert any({"outputTranscription", "modelTurn"} <= {*each} for each in contents(bundled))


def test_interrupted_shares_a_message_with_audio() -> None:
    client = in_audio("bundle")
    client.ask(STORY)
    client.run(3.0)
    client.ask("Stop", complete=False)
    [content] = [each for each in contents(client) if "interrupted" in each]
    assert {"modelTurn", "interrupted", "turnComplete"} <= {*content}


def test_a_bundle_that_is_called_off_gives_back_what_it_held() -> None:
    plain, bundled = in_audio(), in_audio("bundle")
    for client in (plain, bundled):
        client.ask(STORY)
        client.run(2.0)
    assert telling(bundled) == telling(plain)[:-1]
    bundled.arm("off")
    assert telling(bundled) == telling(plain)
    for client in (plain, bundled):
        client.run()
    assert telling(bundled) == telling(plain)


def test_unknown_fields_stand_beside_the_known_ones() -> None:
    client = in_text("unknown-field")
    assert client.answer("What is 6 * 7?") == "That is 42."
    for message in client.messages:
        assert "futureField" in message
        assert "futureField" in message["serverContent"]
    turn = contents(client)[0]["modelTurn"]
    assert {*turn} == {"parts", "futureField"}


@pytest.mark.parametrize("payload", [b"no JSON", b'["a list"]', b'{"serverContent": 7}'])
def test_what_no_fault_can_change_passes_as_it_is(payload: bytes) -> None:
    stage = Stage(random.Random(0))
    for name in CHANGES:
        stage.arm(Fault.read(name), 0.0)
    assert stage.take([Send(payload)], 0.0) == [Send(payload)]


def test_noise_comes_between_messages() -> None:
    plain, noisy = in_text(), in_text("noise")
    for client in (plain, noisy):
        client.answer(STORY)
    empty = [message for message in noisy.messages if message in ({}, {"serverContent": {}})]
    assert {} in empty
    assert {"serverContent": {}} in empty
    assert 0.3 < len(empty) / len(plain.messages) < 0.7
    assert [message for message in noisy.messages if message not in empty] == plain.messages


def test_stale_audio_comes_after_an_interruption() -> None:
    client = in_audio("stale-audio:chunks=2")
    client.ask(STORY)
    client.run(3.0)
    client.ask("Stop", complete=False)
    assert client.kinds() == ["audio", "interrupted", "audio", "turnComplete+usage"]
    stale = client.messages[-3:-1]
    assert stale == [client.messages[-5]] * 2


def test_a_turn_without_its_end() -> None:
    client = in_text("no-turn-complete:turn=1")
    client.answer("What is 6 * 7?")
    assert client.kinds() == ["text", "generationComplete"]
    client.answer("What is 6 * 8?")
    assert client.kinds() == ["text", "generationComplete", "turnComplete+usage"]


def test_an_empty_turn_ends_at_once() -> None:
    client = in_audio("empty-turn:times=1", **TRANSCRIBED)
    begun = client.now
    client.answer("What is 6 * 7?")
    assert telling(client) == [{"serverContent": {"turnComplete": True}}]
    assert client.left[-1] - begun < 1
    assert client.answer("What is 6 * 8?") == "That is 48."


def test_a_turn_that_is_cut_short() -> None:
    client = in_text("cut-short:pieces=2")
    client.answer(STORY)
    assert client.kinds() == ["text", "turnComplete"]
    assert len(client.messages) == 3


def test_one_may_go_on_after_a_turn_that_was_cut_short() -> None:
    client = in_text("cut-short:pieces=2,turn=1")
    client.ask(STORY)
    client.run(1.0)
    assert client.kinds() == ["text", "turnComplete"]
    assert client.answer("What is 6 * 7?") == "That is 42."


def test_a_turn_that_was_cut_short_stays_so_when_that_is_called_off() -> None:
    client = in_text("cut-short:pieces=2")
    client.ask(STORY)
    client.run(1.0)
    client.arm("off")
    client.run(600.0)
    assert client.kinds() == ["text", "turnComplete"]
    assert client.answer("What is 6 * 7?") == "That is 42."
    assert client.kinds() == ["text", "generationComplete", "turnComplete+usage"]


def test_a_rejected_turn_says_why() -> None:
    client = in_audio("rejected")
    client.answer(STORY)
    end = {"turnComplete": True, "turnCompleteReason": "RESPONSE_REJECTED"}
    assert telling(client) == [{"serverContent": end}]
    client.arm("off")
    client.arm("rejected:reason=PROHIBITED_INPUT_CONTENT")
    client.answer(STORY)
    assert contents(client)[0]["turnCompleteReason"] == "PROHIBITED_INPUT_CONTENT"


def test_usage_grows_in_snapshots() -> None:
    plain, client = in_text(), in_text("usage-snapshots:count=4")
    plain.answer(STORY)
    client.answer(STORY)
    usages = [message["usageMetadata"] for message in client.messages if "usageMetadata" in message]
    assert len(usages) == 5
    assert usages[3] == usages[4] == plain.usage()
    for before, after in pairwise(usages[:4]):
        assert before["responseTokenCount"] < after["responseTokenCount"]
        assert before["promptTokenCount"] == after["promptTokenCount"]
    for usage in usages:
        total = usage["promptTokenCount"] + usage["responseTokenCount"]
        assert usage["totalTokenCount"] == total
        details = sum(each["tokenCount"] for each in usage["responseTokensDetails"])
        assert details == usage["responseTokenCount"]


# When, and how often


def any_sound(client: Unlucky, question: str) -> bool:
    client.answer(question)
    return any(any(base64.b64decode(blob["data"])) for _, blob in client.audio())


def seconds(blob: dict[str, str]) -> float:
    return len(base64.b64decode(blob["data"])) / 48_000
