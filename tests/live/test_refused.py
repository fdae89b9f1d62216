"""Connections that do not come about, each in words that tell why and what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http import HTTPStatus

import pytest

from tests.live.conftest import Talk
from tests.stage import API_KEY, Peer, Stage
from tui.core.frame import Direction
from tui.core.session import Session

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]

MODALITY = (
    "The requested combination of response modalities (TEXT) is not supported by the model. "
    "Use AUDIO"
)


def refused(talk: Talk) -> Session:
    """Try to connect, and wait for the end of it."""
    talk.engine.connect()
    return talk.until(lambda session: session.problem)


@pytest.mark.parametrize(
    ("code", "reason", "advice"),
    [
        (1007, MODALITY, "use AUDIO or the text view"),
        (1007, "API key not valid. Please pass a valid API key.", "Check GEMINI_API_KEY"),
        (1008, "models/x is not found for API version v1beta", "choose another with --model"),
        (1011, "", "no reason given"),
    ],
)
def test_a_close_before_setup_complete_is_told_in_full(
    on_stage: Serve, talk: Begin, code: int, reason: str, advice: str
) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.hear()
        await peer.close(code, reason)

    on_stage(refuse)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    session = refused(heard)
    assert session.connection is not None
    assert (session.connection.code, session.connection.reason) == (code, reason)
    assert session.connection.by == "server"
    assert session.problem.startswith(f"The server closed the connection ({code}): {reason}")
    assert advice in session.problem
    assert session.problem.endswith("Last sent: setup.")
    assert heard.frames(Direction.RECEIVE) == []


FIRST_MESSAGES = [b"\xff\xfe\x00", b'{"setupComplete":', b"[]", b'{"setupComplete": 3}']


@pytest.mark.parametrize("junk", FIRST_MESSAGES)
def test_junk_in_place_of_setup_complete_ends_in_words(
    on_stage: Serve, talk: Begin, junk: bytes
) -> None:
    async def babble(peer: Peer) -> None:
        await peer.hear()
        await peer.send(junk)
        await peer.listen()

    on_stage(babble)
    heard = talk()
    assert refused(heard).problem.startswith("No connection: the SDK gave up with ")
    assert heard.frames(Direction.RECEIVE) == [junk]


@pytest.mark.parametrize("first", [b"", b'{"brandNew": {}}', b'{"error": {"code": 500}}'])
def test_a_message_before_setup_complete_is_not_taken_for_it(
    on_stage: Serve, talk: Begin, first: bytes
) -> None:
    async def dawdle(peer: Peer) -> None:
        await peer.hear()
        await peer.send(first)
        await peer.cue()
        await peer.send({"setupComplete": {}})
        await peer.hear()
        await peer.answer("Here I am.")
        await peer.listen()

    played = on_stage(dawdle)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.engine.connect()
    heard.until(lambda _: heard.frames(Direction.RECEIVE))
    assert heard.session.connecting
    played.give_cue()
    assert heard.ask("Where are you?") == "Here I am."


@pytest.mark.parametrize("first", [None, b'{"error": {"code": 500}}'])
def test_waiting_for_setup_complete_has_an_end(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch, first: bytes | None
) -> None:
    monkeypatch.setattr("tui.live.link.CONNECT_TIMEOUT_S", 1.5)

    async def keep_silent(peer: Peer) -> None:
        if first is not None:
            await peer.send(first)
        await peer.listen()

    played = on_stage(keep_silent)
    assert refused(talk()).problem == (
        f"No connection: localhost:{played.port} sent no setupComplete within 1.5 s. "
        "Last sent: setup."
    )


def test_giving_up_does_not_wait_for_the_server(on_stage: Serve, talk: Begin) -> None:
    async def keep_silent(peer: Peer) -> None:
        await peer.listen()

    on_stage(keep_silent, Peer.greet)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.engine.connect()
    heard.until(lambda _: heard.frames(Direction.SEND))
    heard.engine.disconnect()
    assert heard.until(lambda session: session.problem).problem.startswith(
        "No connection: given up."
    )
    assert heard.connect().connected


def test_an_http_refusal(on_stage: Serve, talk: Begin) -> None:
    played = on_stage(Peer.listen, refusal=HTTPStatus.NOT_FOUND)
    assert refused(talk()).problem == (
        f"No connection: localhost:{played.port} refused the WebSocket with HTTP 404."
    )


def test_a_certificate_that_nobody_trusts(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = on_stage(Peer.listen)
    monkeypatch.delenv("SSL_CERT_FILE")
    problem = refused(talk()).problem
    assert f"the certificate of localhost:{played.port} is not trusted" in problem
    assert "SSL_CERT_FILE" in problem


def test_nobody_listens(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    at(monkeypatch, f"https://127.0.0.1:{port}")
    assert refused(talk()).problem == (
        f"No connection: 127.0.0.1:{port} cannot be reached: Connection refused."
    )


def test_a_host_that_does_not_exist(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "https://nobody.invalid")
    problem = refused(talk()).problem
    assert problem.startswith("No connection: nobody.invalid cannot be reached: ")
    assert "Errno" not in problem


def test_a_server_that_is_none(talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        at(monkeypatch, f"https://127.0.0.1:{mute.getsockname()[1]}")
        monkeypatch.setattr("tui.live.link.CONNECT_TIMEOUT_S", 0.4)
        assert "did not answer within 0.4 s" in refused(talk()).problem


def test_after_a_refusal_the_next_try_may_succeed(on_stage: Serve, talk: Begin) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.hear()
        await peer.close(1013, "The service is currently unavailable.")

    on_stage(refuse, Peer.greet)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    assert "overloaded" in refused(heard).problem
    session = heard.connect()
    assert session.problem == ""
    assert session.connections == 2


def test_what_was_sent_last_belongs_to_the_connection(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_stage(Peer.greet)
    heard = talk(view="text", model="gemini-2.0-flash-exp")
    heard.connect()
    heard.ask("Hello")
    heard.engine.disconnect().result()
    monkeypatch.setattr("tui.live.link.CONNECT_TIMEOUT_S", 0.0)
    heard.engine.connect()
    assert "Last sent" not in heard.until(lambda session: session.problem).problem


def test_without_a_connection_nothing_is_sent_and_that_is_said(talk: Begin) -> None:
    heard = talk(emulator=True)
    heard.engine.say("Hello?")
    heard.until(lambda _: heard.events("unsent"))
    assert heard.events("unsent") == [
        {"message": "Not sent: there is no connection. Reconnect (c)."}
    ]
    assert heard.session.turns == []


def at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", API_KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
