"""Whatever faults meet, the stage keeps its word."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.fault import Fault, kinds
from tui.emulator.effects import Close, Drop, Effect, Happened, Send, Speak, Transcribe
from tui.emulator.faults.stage import Stage
from tui.emulator.terms.profiles import Timbre

TIMES = st.floats(0, 5, allow_nan=False)
CHUNK = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AQAB" * 2400}}
USAGE = {"promptTokenCount": 5, "responseTokenCount": 7, "totalTokenCount": 12}

MESSAGES: list[Any] = [
    {"setupComplete": {}},
    {"serverContent": {"modelTurn": {"parts": [CHUNK]}}},
    {"serverContent": {"modelTurn": {"parts": [{"text": "words"}]}}},
    {"serverContent": {"outputTranscription": {"text": "words"}}},
    {"serverContent": {"inputTranscription": {"text": "words"}}},
    {"serverContent": {"interrupted": True}},
    {"serverContent": {"generationComplete": True}},
    {"serverContent": {"turnComplete": True}, "usageMetadata": USAGE},
    {"serverContent": {"turnComplete": True, "modelTurn": {"parts": [CHUNK, {}]}}},
    {"toolCall": {"functionCalls": [{"id": "call-1", "name": "look"}]}},
    {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}},
    # What a scenario may say:
    {"serverContent": []},
    {"serverContent": {"modelTurn": "words"}},
    {"serverContent": {"modelTurn": {"parts": [7]}}},
    {"serverContent": {"modelTurn": {"parts": [{"inlineData": 7}, {"inlineData": {"data": 7}}]}}},
    {"serverContent": {"turnComplete": 0}, "usageMetadata": "many"},
    {"usageMetadata": {"responseTokenCount": "7", "responseTokensDetails": [7]}},
    {"toolCall": {"functionCalls": [7]}},
    {"toolCall": 7},
    ["a list"],
    "words",
]


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Any fault with any keys."""
    kind = draw(st.sampled_from([*kinds().values()]))
    row: dict[str, Any] = {"name": kind.name}
    moments = [each for each in ("at", "frame", "turn") if each in {p.key for p in kind.parameters}]
    if kind.occasion == "moment":
        row |= {draw(st.sampled_from(moments)): draw(st.integers(1, 4))}
    elif "turn" in moments and draw(st.booleans()):
        row["turn"] = draw(st.one_of(st.integers(1, 3), st.just("each")))
    if kind.occasion != "end":
        row["chance"] = draw(st.sampled_from([0.0, 0.5, 1.0]))
    if kind.name in ("goaway", "stall"):
        row[kind.own[0].key] = draw(TIMES)
    return Fault.of_row(row)


effects = st.one_of(
    st.sampled_from(MESSAGES).map(lambda message: Send(json.dumps(message).encode())),
    st.just(Send(b"no JSON")),
    st.just(Speak(1, "words", Timbre("en-US", 1.0))),
    st.just(Transcribe(b"\0\0")),
    st.just(Close(1007, "why")),
)
steps = st.lists(st.tuples(TIMES, st.one_of(effects, faults())), max_size=30)


@settings(max_examples=300, deadline=None)
@given(st.lists(faults(), max_size=5), steps, st.integers(0, 3))
def test_nothing_follows_the_end_and_nothing_is_late(
    armed: list[Fault], steps: list[tuple[float, Effect | Fault]], seed: int
) -> None:
    run = Run(armed, seed)
    for wait_s, step in steps:
        run.wait(wait_s)
        run.do(step)
    run.wait(10_000.0)
    assert run.stage.next_due() is None, "nothing waits for ever"
    if not run.ended:
        assert run.passing == run.passed, "what is no message passes at once, whatever happens"


@settings(max_examples=100, deadline=None)
@given(steps)
def test_without_faults_all_passes_as_it_is_and_when_it_is(
    steps: list[tuple[float, Effect | Fault]],
) -> None:
    stage, now = Stage(random.Random(0)), 0.0
    for wait_s, step in steps:
        now += wait_s
        if not isinstance(step, Fault):
            closed = stage.closed
            assert stage.take([step], now) == ([] if closed else [step])


@settings(max_examples=100, deadline=None)
@given(st.lists(faults(), max_size=5), steps)
def test_a_run_can_be_repeated(
    armed: list[Fault], steps: list[tuple[float, Effect | Fault]]
) -> None:
    runs = [Run(armed, seed=1), Run(armed, seed=1)]
    for run in runs:
        for wait_s, step in steps:
            run.wait(wait_s)
            run.do(step)
        run.wait(10_000.0)
    assert runs[0].left == runs[1].left


class Run:
    """A stage and its clock."""

    def __init__(self, armed: list[Fault], seed: int) -> None:
        self.stage = Stage(random.Random(seed))
        self.now = 0.0
        self.ended = False
        self.left: list[tuple[float, Effect]] = []
        self.passing: list[Effect] = []
        self.passed: list[Effect] = []
        for fault in armed:
            self._take(self.stage.arm(fault, 0.0))

    def do(self, step: Effect | Fault) -> None:
        if isinstance(step, Fault):
            self._take(self.stage.arm(step, self.now))
            return
        if isinstance(step, (Speak, Transcribe)) and not self.ended:
            self.passing.append(step)
        self._take(self.stage.take([step], self.now))

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.stage.next_due()) is not None and due <= end:
            assert due >= self.now or due == float("-inf"), "what is due is not left to wait"
            self.now = max(self.now, due)
            self._take(self.stage.due(self.now))
            after = self.stage.next_due()
            assert after is None or after > self.now, "what was due has left"
        self.now = end

    def _take(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert not self.ended, "nothing follows the end"
            self.ended = isinstance(effect, (Close, Drop))
            self.left.append((self.now, effect))
            if isinstance(effect, (Speak, Transcribe)):
                self.passed.append(effect)
            elif isinstance(effect, Happened):
                assert effect.fault.name in kinds()
        assert self.ended == self.stage.closed
