from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.core.lint.cases import CASES
from tests.core.lint.wire import Step, examined, opened, record
from tui.core.frame import Frame
from tui.core.lint.linter import Linter
from tui.core.lint.rule import Rule, Severity, rules

MASKED = "credential"
"""The one rule whose case is no message: the journal masks."""

COMPANIONS = {
    "go-away": {"resumption-unasked"},
    "go-away-ignored": {"go-away", "resumption-unasked"},
    "resumption-unasked": {"go-away"},
    "modalities-many": {"modality-refused"},
    "turn-empty": {"turn-unrecorded"},
    "turn-incomplete": {"close"},
    "message-unknown": {"field-unknown"},
}
"""Other rules that a case, or the one close by, fires too."""


def test_every_rule_has_a_case() -> None:
    assert {*CASES, MASKED} == set(rules())


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires_on_its_case_and_not_close_by(rule: str) -> None:
    fires, quiet = CASES[rule]
    found = [each for each in examined(_in_order(fires)) if each.rule.id == rule]
    assert found, f"{rule} does not fire"
    assert all(0 <= row < len(fires) for each in found for row in each.rows)
    assert found[0].rows
    assert "…" not in found[0].sentence.replace("“…", "")
    assert rule not in {each.rule.id for each in examined(_in_order(quiet))}


@pytest.mark.parametrize("rule", CASES)
def test_nothing_else_fires_on_a_case_but_what_must_come_with_it(rule: str) -> None:
    found = {each.rule.id for case in CASES[rule] for each in examined(_in_order(case))}
    assert found - {rule} == COMPANIONS.get(rule, set())


def test_a_masked_message_holds_a_credential() -> None:
    linter = Linter()
    for row, step in enumerate(opened()):
        linter.take(record(row + 1, step), row)
    assert not len(linter.findings)
    frame = record(4, (1.0, "send", {"realtimeInput": {"text": "AIza…"}}))
    assert isinstance(frame, Frame)
    masked = Frame(
        frame.seq, frame.mono_s, frame.time_s, frame.direction, frame.opcode, frame.payload, True
    )
    linter.take(masked, 3)
    assert [each.rule.id for each in linter.findings] == [MASKED]


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_every_rule_is_whole(rule: Rule) -> None:
    assert rule.severity in Severity
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.sentence.strip()
    assert rule.advice.endswith((".", ")"))
    assert rule.source
    for source in rule.source:
        assert re.fullmatch(
            r"[\w.-]+/[\w.-]+#\d+|[\w ./-]+: .+|discuss\.ai\.google\.dev t/\d+", source
        )


def test_what_comes_again_is_one_finding_with_more_evidence() -> None:
    steps = [*opened(), *((1.0 + n, "receive", {"serverContent": {"new": n}}) for n in range(5))]
    (found,) = examined(steps)
    assert (found.rule.id, found.count, found.rows) == ("field-unknown", 5, [3, 4, 5, 6, 7])


def test_captured_words_cannot_reach_the_terminal_raw() -> None:
    path = "models/\x1b]0;title\x07{0}[red]"
    (found,) = examined(opened(path=path))
    assert found.sentence.isprintable()
    assert "{0}[red]" in found.sentence


def test_rubbish_is_looked_at_without_a_word_of_complaint_from_python() -> None:
    shapes: list[Any] = [
        None,
        0,
        "x",
        [],
        [1],
        {},
        {"a": 1},
        [{}],
        True,
        {"functionCalls": 3},
        {"turns": [3]},
    ]
    keys = ("setup", "clientContent", "realtimeInput", "toolResponse", "serverContent", "toolCall",
            "usageMetadata", "goAway", "sessionResumptionUpdate", "voiceActivity",
            "toolCallCancellation")  # fmt: skip
    inner = ("modelTurn", "audio", "video", "mediaChunks", "interrupted", "turnComplete", "parts",
             "outputTranscription", "model", "generationConfig", "tools")  # fmt: skip
    linter, row = Linter(), 0
    for direction in ("send", "receive"):
        for key in keys:
            for shape in [*shapes, *({name: shape} for name in inner for shape in shapes)]:
                message = json.loads(json.dumps({key: shape}))
                linter.take(record(row + 1, (row / 10, direction, message)), row)
                row += 1
    for name in ("connection.closed", "connection.opening", "interrupted", "ping", "sdk.error",
                 "microphone.dropped"):  # fmt: skip
        details: list[dict[str, Any]] = [
            {},
            {"code": "x", "rtt_ms": "y", "blocks": None, "turn": []},
        ]
        for detail in details:
            linter.take(record(row + 1, (row / 10, name, detail)), row)
            row += 1
    assert all(each.sentence for each in linter.findings)


def _in_order(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step[0])
