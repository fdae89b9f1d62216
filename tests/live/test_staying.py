"""A conversation that stays connected: through goAway, faults, stale handles and dead networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Talk
from tests.live.test_listening import VOICES, inputs
from tests.stage import Peer, Stage
from tui.core import cost, renewal, status
from tui.core.frame import Direction

Begin = Callable[..., Talk]
Serve = Callable[..., Stage]
TEXT = {"view": "text", "model": "gemini-2.0-flash-live-001", "stays": True}


def update(handle: str) -> dict[str, Any]:
    """A handle."""
    return {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}


def usage(prompt: int) -> dict[str, Any]:
    """The count that ends a turn."""
    counts = {"promptTokenCount": prompt, "responseTokenCount": 5, "totalTokenCount": prompt + 5}
    return {"usageMetadata": counts}


async def answer(peer: Peer, prompt: int) -> None:
    """One question is answered and counted."""
    await peer.hear()
    await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "Well."}]}}})
    await peer.send({"serverContent": {"generationComplete": True}})
    await peer.send({"serverContent": {"turnComplete": True}, **usage(prompt)})


async def go_on(peer: Peer) -> None:
    """A second session, of a context of 25 tokens."""
    await peer.accept()
    await answer(peer, 25)
    await peer.listen()


async def vanish(peer: Peer) -> None:
    """Accepts, and is gone."""
    await peer.accept()
    peer.drop()


def handles(heard: Talk) -> list[str | None]:
    """What each setup wanted to be resumed by."""
    sent = (json.loads(payload) for payload in heard.frames(Direction.SEND))
    return [each["setup"]["sessionResumption"].get("handle") for each in sent if "setup" in each]


def carries(heard: Talk) -> list[str]:
    return [each.carry for each in heard.session.opened]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are short."""
    monkeypatch.setattr(renewal, "SOON_S", 0.01)
    monkeypatch.setattr(renewal, "LATE_S", 0.02)


def test_it_goes_before_the_server_does_and_proves_what_came_over(
    on_stage: Serve, talk: Begin
) -> None:
    async def go(peer: Peer) -> None:
        await peer.accept()
        await answer(peer, 15)
        await peer.send(update("h1"), {"goAway": {"timeLeft": "50s"}})
        await peer.listen()

    on_stage(go, go_on)
    heard = talk(**TEXT)
    heard.connect()
    heard.ask("First?")
    session = heard.until(lambda session: session.connections == 2 and session.connected)
    assert handles(heard) == [None, "h1"]
    assert [(each.code, each.by) for each in session.opened] == [(1000, "client"), (None, "")]
    assert heard.ask("Second?") == "Well."
    last = heard.session.opened[-1]
    assert (last.context_before, last.context_after) == (20, 25)
    assert last.gap_s is not None and 0 < last.gap_s < 10
    assert [each["cause"] for each in heard.events("connection.renewing")] == [
        "the server is going away"
    ]


def test_it_waits_for_the_end_of_an_answer(on_stage: Serve, talk: Begin) -> None:
    async def go(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send(update("h1"), {"goAway": {"timeLeft": "50s"}})
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "One "}]}}})
        await peer.cue()
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "two."}]}}})
        await peer.send({"serverContent": {"generationComplete": True}})
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.listen()

    played = on_stage(go, go_on)
    heard = talk(**TEXT)
    heard.connect()
    heard.engine.say("First?")
    heard.until(lambda session: session.turns and session.turns[0].answer == "One ")
    assert heard.session.connections == 1
    played.give_cue()
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert heard.session.turns[0].answer == "One two."
    assert not heard.session.turns[0].cut


def test_it_goes_at_the_last_moment_though_an_answer_is_under_way(
    on_stage: Serve, talk: Begin
) -> None:
    async def go(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "One "}]}}})
        await peer.send({"goAway": {"timeLeft": "0.5s"}})
        await peer.listen()

    on_stage(go, go_on)
    heard = talk(**TEXT)
    heard.connect()
    heard.engine.say("First?")
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert heard.session.turns[0].cut


def test_a_fault_of_the_service_is_overcome_by_the_handle(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "YOUNG_S", 0.0)  # it counts as having been open for long

    async def fail(peer: Peer) -> None:
        await peer.accept()
        await answer(peer, 15)
        await peer.send(update("h1"))
        await peer.cue()
        await peer.close(1011, "Internal error encountered.")

    played = on_stage(fail, go_on)
    heard = talk(**TEXT)
    heard.connect()
    heard.ask("First?")
    heard.until(lambda session: session.handle)
    played.give_cue()
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert handles(heard) == [None, "h1"]
    assert heard.session.problem == ""


@pytest.mark.usefixtures("quick")
def test_a_stale_handle_is_followed_by_a_fresh_session_with_the_history(
    on_stage: Serve, talk: Begin
) -> None:
    async def drop(peer: Peer) -> None:
        await peer.accept()
        await answer(peer, 15)
        await peer.send(update("stale"))
        await peer.cue()
        peer.drop()

    async def refuse(peer: Peer) -> None:
        await peer.hear()
        await peer.close(1008, "BidiGenerateContent session not found")

    async def remember(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await answer(peer, 30)
        await peer.listen()

    played = on_stage(drop, refuse, remember)
    heard = talk(**TEXT)
    heard.connect()
    heard.ask("First?")
    heard.until(lambda session: session.handle)
    played.give_cue()
    heard.until(lambda session: session.connections == 3 and session.connected)
    assert handles(heard) == [None, "stale", None]
    assert carries(heard) == ["new", "handle", "history"]
    said = status.notice(heard.session, heard.engine.now).text
    assert (
        "the handle was refused (1008 BidiGenerateContent session not found), so the conversation "
        "was carried over by replaying 1 of its turns" in said
    )
    assert heard.ask("Second?") == "Well."


@pytest.mark.usefixtures("quick")
def test_it_gives_up_in_words_after_so_many_attempts(on_stage: Serve, talk: Begin) -> None:
    on_stage(vanish)
    heard = talk(**TEXT)
    heard.engine.connect()
    heard.until(lambda session: "by itself" in session.problem)
    assert heard.session.connections == renewal.ATTEMPTS + 1
    assert heard.session.problem.endswith(
        "Not connected again by itself: 6 attempts in a row have failed."
    )


def test_what_was_refused_is_not_sent_again(on_stage: Serve, talk: Begin) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.hear()
        await peer.close(1007, "Request contains an invalid argument.")

    played = on_stage(refuse)
    heard = talk(**TEXT)
    heard.engine.connect()
    heard.until(lambda session: "by itself" in session.problem)
    assert len(played.peers) == 1


def test_a_person_who_disconnects_ends_the_attempts(on_stage: Serve, talk: Begin) -> None:
    on_stage(vanish)
    heard = talk(**TEXT)
    heard.engine.connect()
    heard.until(lambda session: session.renewal and session.renewal.attempt > 1)
    heard.engine.disconnect().result(5)
    heard.until(lambda session: session.renewal is None)
    assert not heard.session.connected


def test_a_person_resumes_from_any_handle(on_stage: Serve, talk: Begin) -> None:
    async def twice(peer: Peer) -> None:
        await peer.accept()
        for number, prompt in enumerate((15, 25)):
            await answer(peer, prompt)
            await peer.send(update(f"h{number}"))
        await peer.listen()

    on_stage(twice, go_on)
    heard = talk(**TEXT)
    heard.connect()
    heard.ask("First?")
    heard.ask("Second?")
    heard.until(lambda session: len(session.handles) == 2)
    heard.engine.resume(heard.session.handles[0])
    heard.until(lambda session: session.connections == 2 and session.connected)
    assert handles(heard) == [None, "h0"]
    assert [each.context for each in heard.session.handles] == [20, 30]


def test_what_is_said_meanwhile_is_sent_afterwards(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "SOON_S", 0.4)

    async def drop(peer: Peer) -> None:
        await peer.accept()
        while b"audio" not in peer.heard[-1]:
            await peer.hear()
        peer.drop()

    async def listen(peer: Peer) -> None:
        await peer.accept()
        await peer.listen()

    played = on_stage(drop, drop, listen)
    heard = talk(**TEXT | {"mic": str(VOICES / "weather.wav")})
    heard.connect()
    heard.until(lambda session: session.connections == 3 and session.connected)
    heard.until(lambda _: heard.events("microphone.held")[1:])
    held = heard.events("microphone.held")[-1]["blocks"]
    assert 5 < held <= 250
    before = len(inputs(heard))
    heard.until(lambda _: len(inputs(heard)) > before + held)
    assert len(played.peers) == 3


def test_half_an_hour_with_a_farewell_every_two_minutes_loses_nothing(
    on_stage: Serve, talk: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed: what lies between two farewells is one question and its answer."""
    monkeypatch.setattr(renewal, "YOUNG_S", 0.0)
    told = 0

    async def go(peer: Peer) -> None:
        nonlocal told
        await peer.accept()
        told += 1
        await answer(peer, 20 * told)
        await peer.send(update(f"h{told}"), {"goAway": {"timeLeft": "50s"}})
        await peer.listen()

    played = on_stage(go)
    heard = talk(**TEXT)
    heard.connect()
    for number in range(15):
        assert heard.ask(f"Question {number}?") == "Well."
        heard.until(lambda session: session.connections > session.turns[-1].number)
        heard.until(lambda session: session.connected)
    assert handles(heard) == [None, *(f"h{n + 1}" for n in range(15))]
    assert {(each.code, each.by) for each in heard.session.opened[:-1]} == {(1000, "client")}
    assert not any(turn.cut for turn in heard.session.turns)
    contexts = [(each.context_before, each.context_after) for each in heard.session.opened[1:-1]]
    assert contexts == [(20 * n + 5, 20 * (n + 1)) for n in range(1, 15)]
    assert len(played.peers) == 16


def test_a_budget_warns_then_ends_the_session_and_stays_ended(on_stage: Serve, talk: Begin) -> None:
    """What is spent adds up over connections, and is told several times in a turn."""
    price = cost.shipped().models[str(TEXT["model"])].output["TEXT"]

    async def dear(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        details = [{"modality": "TEXT", "tokenCount": 450_000}]
        counts = {"responseTokenCount": 450_000, "responseTokensDetails": details}
        spent = {"usageMetadata": {**counts, "totalTokenCount": 450_000}}
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "Gold."}]}}})
        await peer.send(spent, spent, spent)
        await peer.send({"serverContent": {"generationComplete": True, "turnComplete": True}})
        await peer.cue()
        peer.drop()

    played = on_stage(dear)
    heard = talk(**TEXT | {"budget": 2 * 0.45 * price, "stays": True})
    heard.connect()
    heard.ask("What is it worth?")
    assert not heard.events("budget"), "half of it"
    played.give_cue()
    heard.until(lambda session: session.connections == 2 and session.connected)
    heard.engine.say("And now?")
    heard.until(lambda session: "is spent" in session.problem)
    assert heard.session.connections == 2
    assert not heard.session.connected
    assert {each["mark"] for each in heard.events("budget")} == {"spent"}


@pytest.mark.usefixtures("quick")
def test_a_server_that_always_goes_away_at_once_is_left_alone(on_stage: Serve, talk: Begin) -> None:
    async def go(peer: Peer) -> None:
        await peer.accept()
        await peer.send({"goAway": {"timeLeft": "whenever"}})
        await peer.listen()

    played = on_stage(go)
    heard = talk(**TEXT)
    heard.connect()
    heard.until(lambda session: "by itself" in session.problem)
    assert len(played.peers) == renewal.ATTEMPTS + 1
    assert heard.session.connected
