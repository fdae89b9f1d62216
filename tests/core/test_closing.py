from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.core.closing import describe

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
