"""Why a connection ended, in one sentence, with what to try where that is known."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

_WHO = {"server": "The server", "client": "This side", "network": "The network"}


@cache
def _hints() -> list[dict[str, Any]]:
    table = tomllib.loads(resources.files(__package__).joinpath("closes.toml").read_text("utf-8"))
    hints: list[dict[str, Any]] = table["hint"]
    return hints


def describe(code: int | None, reason: str, by: str, last_sent: str = "") -> str:
    """The sentence for a close code.

    Without a code there never was a session. ``by`` is "server", "client" or "network";
    ``last_sent`` is the kind of the last message sent.
    A normal end on request (1000 by this side) is not worth a sentence: the result is empty then.
    """
    if by == "client" and code in (1000, 1001):
        return ""
    who = "No connection" if code is None else f"{_WHO.get(by, by)} closed the connection ({code})"
    said = f"{who}: {reason or 'no reason given'}"
    known = next((row["try"] for row in _hints() if row["contains"] in reason), "")
    sent = f"Last sent: {last_sent}." if last_sent else ""
    return " ".join(filter(None, (said if said.endswith(".") else f"{said}.", known, sent)))
