"""Two sessions of one microphone, one speaker, one emulator and one budget."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from itertools import dropwhile
from pathlib import Path

import pytest

from tests.live.conftest import QuietPlayer, Talk, turn
from tests.stage import Peer, Stage
from tui.core import cost
from tui.core.frame import Direction
from tui.core.lint.finding import Findings
from tui.core.side_by_side import FIRST_BYTE, WORDS, Side, SideBySide, side_by_side
from tui.media.microphone import Microphone

VOICES = Path(__file__).parents[1] / "data" / "voices"
FIRST, SECOND = "gemini-2.0-flash-exp", "gemini-3.8-live"


class Pair:
    """Two conversations at shared devices; the first one is heard."""

    def __init__(self, talk: Callable[..., Talk], mic: str | None = None) -> None:
        self.player = QuietPlayer()
        listen = (lambda on_block: Microphone(mic, on_block=on_block)) if mic else None
        self.first = talk(lambda: (self.player, listen), emulator=True, model=FIRST)
        self.second = talk(beside=self.first, emulator=True, model=SECOND, view="text view")

    def connect(self) -> Pair:
        """The first one first: faults come about in the newest session."""
        self.first.connect()
        self.second.connect()
        return self

    def ask(self, text: str) -> list[str]:
        """Both answers, as soon as they are here."""
        for each in (self.first, self.second):
            each.engine.say(text)
        answered = [
            each.until(lambda session: turn(session, text).generated_s)
            for each in (self.first, self.second)
        ]
        return [session.turns[-1].answer for session in answered]

    def compared(self) -> SideBySide:
        sides = [Side.of(each.session, Findings()) for each in (self.first, self.second)]
        return side_by_side(sides[0], sides[1], cost.shipped())


@pytest.fixture
def pair(talk: Callable[..., Talk]) -> Pair:
    return Pair(talk).connect()


def test_both_are_asked_and_the_first_is_heard(pair: Pair) -> None:
    answers = pair.ask("What is 6*7?")
    assert all("42" in answer for answer in answers)
    first, second = (each.session.turns[-1] for each in (pair.first, pair.second))
    assert first.audio_s > 0 and second.audio_s > 0
    pair.player.speak(0.1)
    pair.first.until(lambda session: session.turns[-1].first_played_s is not None)
    assert pair.player.state.received_s == pytest.approx(first.audio_s, abs=0.05)
    assert not pair.second.events("playback.started") and not pair.second.engine.playback.playing
    (exchange,) = pair.compared().exchanges
    figures = {each.name: each for each in exchange.figures}
    assert (exchange.left, exchange.right) == (1, 1)
    assert figures[FIRST_BYTE].difference is not None
    assert figures[WORDS].left and figures[WORDS].right


def test_the_other_is_heard_from_the_next_word_on(pair: Pair) -> None:
    pair.first.engine.view("text view").result(5)
    pair.second.engine.view("audio").result(5)
    pair.ask("What is 6*7?")
    pair.player.speak(0.1)
    pair.second.until(lambda session: session.turns[-1].first_played_s is not None)
    first, second = (each.session.turns[-1] for each in (pair.first, pair.second))
    assert pair.player.state.received_s == pytest.approx(second.audio_s, abs=0.05)
    assert first.first_played_s is None and first.audio_s > 0


def test_both_are_at_one_emulator_on_one_clock(pair: Pair) -> None:
    openings = [each.events("connection.opening")[0] for each in (pair.first, pair.second)]
    assert {each["host"] for each in openings} == {openings[0]["host"]}
    assert [each["model"] for each in openings] == [FIRST, SECOND]
    headers = [each.log.header for each in (pair.first, pair.second)]
    assert headers[0]["clock"] == headers[1]["clock"]


def test_the_loss_of_one_leaves_the_other_alone(pair: Pair) -> None:
    pair.first.rig.arm("close")
    lost, kept = pair.second, pair.first
    lost.until(lambda session: not session.connected)
    lost.wrong = {"close"}
    kept.engine.say("What is 6*7?")
    kept.until(lambda session: session.turns and "42" in session.turns[-1].answer)
    lost.connect()
    assert all("4" in answer for answer in pair.ask("What is 2+2?"))
    assert [each.session.connections for each in (kept, lost)] == [1, 2]
    assert [(each.left, each.right) for each in pair.compared().exchanges] == [(1, None), (2, 1)]


def test_both_hear_a_question_from_its_first_word_and_answer(
    talk: Callable[..., Talk],
) -> None:
    pair = Pair(talk, str(VOICES / "weather.wav")).connect()
    first, second = pair.first, pair.second
    for each in (first, second):
        each.until(lambda _, each=each: len(sound(each)) > 40)  # type: ignore[misc]
    assert sound(first)[:40] == sound(second)[:40]
    heard = first.events("microphone")
    assert heard == second.events("microphone") == [{"device": "weather.wav", "problem": ""}]
    for each in (first, second):
        each.until(lambda session: session.turns and session.turns[0].generated_s)
    exchange = pair.compared().exchanges[0]
    assert (exchange.left, exchange.right) == (1, 1)
    figures = {each.name: each for each in exchange.figures}
    assert exchange.anchor and figures[FIRST_BYTE].left and figures[FIRST_BYTE].right
    if find_spec("moonshine_voice"):
        assert "weather" in " ".join(each.text for each in exchange.heard).lower()
    first.engine.mute(True).result(5)
    assert second.engine.capture.muted


def test_both_are_disconnected_when_together_they_have_spent_the_budget(
    on_stage: Callable[..., Stage], talk: Callable[..., Talk]
) -> None:
    async def dear(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.send({"serverContent": {"modelTurn": {"parts": [{"text": "Well."}]}}})
        counts = {"responseTokenCount": 30_000, "totalTokenCount": 30_000}
        by = [{"modality": "TEXT", "tokenCount": 30_000}]
        await peer.send({"usageMetadata": {**counts, "responseTokensDetails": by}})
        await peer.listen()

    on_stage(dear, dear)
    first = talk(view="text", model="gemini-2.0-flash-live-001", budget=0.08)
    second = talk(beside=first, view="text", model="gemini-2.0-flash-live-001")
    for each in (first, second):
        each.connect()
    for each in (first, second):
        each.engine.say("Hello?")
    for each in (first, second):
        each.until(lambda _, each=each: each.events("budget"))  # type: ignore[misc]
        assert not each.session.connected
        assert "is spent: $0.0" in each.events("budget")[-1]["message"]


def test_each_journal_names_the_other(pair: Pair) -> None:
    for each, other in ((pair.first, pair.second), (pair.second, pair.first)):
        assert other.rig.recording is not None
        each.engine.note("pair", recording=other.rig.recording.name)
        each.until(lambda _, each=each: each.events("pair"))  # type: ignore[misc]


def sound(heard: Talk) -> list[str]:
    """The blocks of sound that were sent, from the first that is no silence on."""
    sent = (json.loads(payload) for payload in heard.frames(Direction.SEND))
    inputs = (frame["realtime_input"] for frame in sent if "realtime_input" in frame)
    blocks = [each["audio"]["data"] for each in inputs if "audio" in each]
    return list(dropwhile(lambda block: not block.strip("A="), blocks))
