from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.lint.wire import (
    Step,
    answered,
    asked,
    called,
    closed,
    got,
    logged,
    mic,
    mics,
    opened,
    responded,
    voice,
)
from tui.core import closing
from tui.core.closing import Explanation, describe, explain
from tui.core.lint.linter import Linter, lint
from tui.core.lint.rule import rules

REASONS = Path(__file__).parents[1] / "data" / "messages" / "close_reasons.jsonl"
ROWS = [json.loads(line) for line in REASONS.read_text().splitlines()]


def test_says_who_closed_why_what_was_sent_and_what_to_try() -> None:
    reason = (
        "The requested combination of response modalities (TEXT) is not supported by the model."
    )
    assert describe(1007, reason, "server", "setup") == (
        f"The server closed the connection (1007): {reason} This model answers with audio only: "
        "use AUDIO or the text view (Ctrl+T). Last sent: setup."
    )


def test_a_close_that_was_asked_for_needs_no_sentence() -> None:
    assert describe(1000, "", "client", "setup") == ""


def test_a_close_without_a_reason_says_so() -> None:
    assert describe(1011, "", "network") == (
        "The network closed the connection (1011): no reason given."
    )


@pytest.mark.parametrize("row", ROWS)
def test_every_known_reason_is_told_in_full(row: dict[str, object]) -> None:
    code = row["code"] if isinstance(row["code"], int) else None
    assert str(row["reason"]).rstrip(".") in describe(code, str(row["reason"]), "server")


def test_every_row_of_the_table_is_whole() -> None:
    for row in closing._closes():
        assert row["means"].endswith(".")
        assert row["source"]
        assert row["try"] == "" or row["try"].endswith((".", ")"))
        for cause in row.get("causes", ()):
            assert cause["says"]
            assert cause["source"]
            when = cause.get("when")
            if when and when.startswith("finding "):
                assert when.removeprefix("finding ") in rules()
            elif when:
                assert when in closing._CONDITIONS


def explained(steps: list[Step], *, linted: bool = True) -> Explanation:
    """The explanation of the close that is the last step."""
    log = logged(steps)
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    return explain(log, len(log) - 1, linter.findings if linted else ())


def test_a_close_tells_who_when_and_what_went_before() -> None:
    steps = [*opened(), *mics(1, 3), asked(4), voice(5), voice(5.2)]
    close = explained([*steps, closed(9.3, 1011, "Internal error encountered.", "server")])
    assert (close.code, close.name, close.by, close.cut) == (
        1011,
        "internal error",
        "server",
        False,
    )
    assert close.reason == "Internal error encountered."
    assert close.age_s == pytest.approx(9.0)
    assert close.model == "gemini-3.8-live"
    assert [(last.row, last.count) for last in close.sent] == [(23, 1), (22, 20), (1, 1)]
    assert [(last.row, last.count) for last in close.received] == [(25, 2), (2, 1)]
    assert close.tries
    assert not any(cause.evident for cause in close.causes)


def test_what_the_recording_shows_is_the_first_cause() -> None:
    steps = [*opened("gemini-3.1-flash-live-preview"), mic(1), *answered(2), asked(4)]
    steps.append(closed(4.2, 1007, "Request contains an invalid argument.", "server"))
    first, *others = explained(steps).causes
    assert first.evident
    assert "clientContent in the middle" in first.says
    assert first.rows == (len(steps) - 2,)
    assert others
    assert not any(cause.evident for cause in others)
    assert "clientContent" not in explained(steps, linted=False).causes[0].says


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([*opened(), got(1, goAway={"timeLeft": "50s"})], "goAway"),
        ([*opened(tools=[{}]), called(1), responded(2)], "function call or response"),
        (opened(), "a fault of the service"),
    ],
)
def test_a_fault_of_the_service_is_put_beside_what_came_before(
    steps: list[Step], says: str
) -> None:
    close = explained([*steps, closed(5, 1011, "Internal error encountered.", "server")])
    assert says in close.causes[0].says


def test_a_call_that_waits_may_have_been_the_end_of_it() -> None:
    end = closed(5, 1008, "The operation was aborted.", "server")
    assert explained([*opened(), called(1), mic(2), end]).causes[0].evident
    assert not explained([*opened(), called(1), responded(2), end]).causes[0].evident


def test_nothing_after_the_setup_points_to_the_setup() -> None:
    steps = [*opened()[:2], closed(0.2, 1007, "Request contains an invalid argument.", "server")]
    close = explained(steps)
    assert (close.opened, close.age_s) == (False, None)
    assert "setup" in close.causes[0].says
    assert close.causes[0].rows == (1,)


def test_the_connection_before_is_no_evidence() -> None:
    before = [*opened(), got(1, goAway={"timeLeft": "50s"}), closed(2)]
    close = explained([*before, *opened(at_s=3), closed(5, 1011, "", "server")])
    assert not any(cause.evident for cause in close.causes)
    assert close.age_s == pytest.approx(1.7)


@pytest.mark.parametrize("row", ROWS)
def test_every_known_reason_is_explained(row: dict[str, object]) -> None:
    reason = str(row["reason"])
    close = explained([*opened(), closed(5, int(str(row["code"])), reason, "server")])
    assert close.means
    assert close.source
    assert close.cut is (len(reason.encode()) > 120)


def test_a_code_that_nobody_knows_is_told_as_it_is() -> None:
    close = explained([*opened(), closed(5, 4242, "because", "server")])
    assert (close.means, close.causes, close.name) == ("", (), "")
    assert close.sentence == "The server closed the connection with 4242: because"


def test_no_other_record_is_explained() -> None:
    with pytest.raises(ValueError, match="no connection"):
        explained(opened())
