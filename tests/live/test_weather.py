"""A conversation through a bad network: cut, stalled, slow, lossy, gone, and back again."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.live.conftest import Talk, turn
from tests.live.test_listening import MODEL
from tests.relay import DOWN, UP, Relay, relay
from tui.core import carrying, renewal, silence, status
from tui.core.frame import Direction
from tui.live import pulse
from tui.live.endpoint import Endpoint
from tui.live.local import LocalEmulator

Begin = Callable[..., Talk]
TEXT = {"model": "gemini-2.0-flash-live-001", "view": "text"}
STORY = "Tell me a very long story."
MUCH = json.dumps({"clientContent": {"turns": [{"parts": [{"text": "x" * (8 << 20)}]}]}})
"""More than the network and TLS hold."""


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Between the engine and its emulator."""
    for name in ("PING_INTERVAL_S", "LATE_S"):
        monkeypatch.setattr(pulse, name, 0.2)
    for name, seconds in (("SOON_S", 1.0), ("LATE_S", 1.0), ("YOUNG_S", 0.0)):
        monkeypatch.setattr(renewal, name, seconds)
    with relay() as made:

        class Relayed(LocalEmulator):
            def endpoint(self) -> Endpoint:
                found = super().endpoint()
                made.upstream = int(found.host.rpartition(":")[2])
                return replace(found, base_url=f"https://localhost:{made.port}")

        monkeypatch.setattr("tui.rig.LocalEmulator", Relayed)
        yield made


@contextlib.contextmanager
def haste() -> Iterator[None]:
    """What is dead is soon given up; not while a loaded machine makes or uses what lives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulse, "PING_TIMEOUT_S", 0.6)
        patch.setattr("tui.live.link.CONNECT_TIMEOUT_S", 0.6)
        yield


@pytest.fixture
def told(network: Relay, talk: Begin) -> Callable[..., Talk]:
    """Connected through the network; the model has been told a number."""

    def begin(**options: Any) -> Talk:
        heard = talk(emulator=True, stays=True, **{**TEXT, **options})
        heard.connect()
        heard.ask("My number is 4711.")
        settle(heard)
        return heard

    return begin


def settle(heard: Talk) -> None:
    """The handle of the last turn is there."""
    done_s = heard.session.turns[-1].completed_s or 0.0
    heard.until(lambda session: session.handle and session.handle.at_s >= done_s)


def strip(heard: Talk) -> status.Readout:
    return status.readout(heard.session, heard.engine.now)


def notice(heard: Talk) -> str:
    return status.notice(heard.session, heard.engine.now).text


def back(heard: Talk) -> None:
    """The session comes back, and knows all that was said."""
    heard.until(lambda session: not session.connected)
    heard.until(lambda session: session.connected)
    assert "4711" in recall(heard)
    settle(heard)
    heard.wrong = heard.findings()
    assert heard.wrong <= {"close", "connection-failed"}


def recall(heard: Talk) -> str:
    """The answer to a question that was not asked before in the same words."""
    return heard.ask("What number did I tell you" + "?" * heard.session.connections)


def closes(heard: Talk) -> set[tuple[Any, str]]:
    return {(each["code"], each["by"]) for each in heard.events("connection.closed")}


def test_a_line_that_is_cut_is_made_again_at_once(network: Relay, told: Begin) -> None:
    heard = told()
    for reset in (True, False):
        network.cut(reset=reset)
        back(heard)
        assert heard.session.opened[-1].carry == "handle"
    assert closes(heard) == {(1006, "network")}


def test_a_line_that_stalls_is_told_given_up_and_made_anew(
    network: Relay, told: Begin, quiet: str
) -> None:
    heard = told(mic=quiet)
    for stall in (network.stall, partial(network.stall, DOWN), network.half_open):
        with haste():
            stall()
            heard.until(lambda session: silence.line_s(session, heard.engine.now.now_s) is not None)
            assert re.fullmatch(r"Silent \d s", strip(heard).state)
            assert "a ping has no answer: the network may be gone." in notice(heard)
            heard.until(lambda session: session.renewal)
            assert "nothing came for 0.6 s, no answer to a ping" in heard.session.problem
            heard.until(lambda session: session.renewal and session.renewal.attempt == 2)
            said = notice(heard)
        assert "did not answer within 0.6 s" in said
        assert re.search(r"attempt 2 of 6\. \d\.\d s of sound wait to be sent\.$", said)
        network.flow()
        back(heard)
        assert heard.session.opened[-1].kept_s > 0.3, "what was said meanwhile"
        assert "s of sound kept and sent" in " ".join(carrying.proof(heard.session.opened[-1]))


def test_a_line_that_takes_nothing_is_given_up_though_a_message_is_half_sent(
    network: Relay, told: Begin
) -> None:
    heard = told()
    with haste():
        network.stall(UP)
        heard.engine.send(MUCH)
        heard.engine.send(MUCH)
        heard.until(lambda session: session.renewal)
    assert (heard.session.opened[0].code, heard.session.opened[0].by) == (1006, "network")
    network.flow()
    heard.until(lambda session: session.connected)
    sent = heard.frames(Direction.SEND)
    assert sent.count(MUCH.encode()) == 2, "both are in the recording, though none has arrived"
    heard.wrong = heard.findings()


def test_a_stall_that_passes_loses_nothing(network: Relay, told: Begin) -> None:
    heard = told()
    network.stall(DOWN)
    heard.engine.say("What is 6 * 7?")
    heard.until(lambda session: session.connection and session.connection.unanswered_s)
    network.flow()
    heard.until(lambda session: session.turns[-1].generated_s)
    assert heard.session.turns[-1].answer == "That is 42."
    assert heard.session.connections == 1
    heard.until(lambda session: session.connection and session.connection.unanswered_s is None)
    assert silence.word(heard.session, heard.engine.now.now_s) == ""


def test_a_server_that_is_heard_is_not_given_up_for_a_late_pong(
    network: Relay, told: Begin
) -> None:
    heard = told(model=MODEL, view="text view")
    network.weather.bytes_per_s = 100_000
    heard.engine.say(STORY)
    heard.until(lambda session: turn(session, STORY).audio_s > 0.1)
    with haste():
        network.stall(UP)
        heard.until(lambda session: session.connection and session.connection.unanswered_s)
        since = heard.session.now_s
        heard.until(lambda session: session.now_s > since + 2 * pulse.PING_TIMEOUT_S)
    assert heard.session.connections == 1
    assert strip(heard).state != "Silent"
    network.flow()
    heard.until(lambda session: session.connection and session.connection.unanswered_s is None)


def test_three_seconds_of_latency_are_told_and_borne(network: Relay, told: Begin) -> None:
    heard = told()
    network.weather.latency_s = 1.5
    assert heard.hear("What is 6 * 7?") == "That is 42."
    heard.until(lambda session: session.pings_ms and session.pings_ms[-1] > 2900)
    assert strip(heard).ping == f"ping {heard.session.pings_ms[-1] / 1000:.1f} s"
    assert heard.session.connections == 1
    network.weather.latency_s = 0.0


def test_five_percent_of_loss_takes_no_word(network: Relay, told: Begin, quiet: str) -> None:
    heard = told(mic=quiet)
    network.weather.loss = 0.05
    for number in (6, 7, 8):
        answer = heard.hear(f"What is {number} * 7?")
        assert answer == f"That is {number * 7}."
    assert heard.session.connections == 1


def test_a_network_that_is_gone_is_waited_for(
    network: Relay, told: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = told()
    network.refuse()
    network.cut(reset=True)
    assert "Connection refused" in waits(heard)
    network.accept()
    back(heard)
    assert heard.session.opened[-1].carry == "handle"
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _no_names)
        network.cut(reset=True)
        assert "Temporary failure in name resolution" in waits(heard)
    back(heard)


def waits(heard: Talk) -> str:
    """What is said while it tries for the second time."""
    heard.until(lambda session: session.renewal and session.renewal.attempt == 2)
    assert strip(heard).state == "Retrying"
    said = notice(heard)
    assert "attempt 2 of 6." in said
    return said


def test_a_handle_whose_session_the_server_holds_for_alive_is_explained(
    network: Relay, told: Begin
) -> None:
    heard = told()
    with haste():
        network.strand()
        heard.until(lambda session: session.renewal)
    heard.until(lambda session: session.connected)
    assert [each.carry for each in heard.session.opened] == ["new", "handle", "history"]
    assert (
        "the handle was refused (1011 Internal error encountered.), so the conversation was "
        "carried over by replaying 1 of its turns" in notice(heard)
    )
    assert "4711" in recall(heard)
    heard.wrong = {"close"}


def _no_names(host: object, *_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
