"""The rules of the linter, from `rules.toml`: what each says, how grave it is, what to do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources

CLOSES = frozenset({"close", "connection-failed", "close-unasked"})
"""Rules whose findings `tui.core.closing` explains; their last row is the close."""


class Severity(IntEnum):
    """Wireshark's severities of expert information, the mildest first."""

    CHAT = 1
    """The usual course of a session, worth knowing."""
    NOTE = 2
    """Unusual, and often harmless."""
    WARN = 3
    """Something does not work as its author will have meant it."""
    ERROR = 4
    """The protocol is broken, or the service refuses it."""

    @property
    def word(self) -> str:
        """The name that users know it by."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding."""

    id: str
    severity: Severity
    group: str
    """What it is about: connection, setup, sequence, media, turns, tools, tokens, wire."""
    sentence: str
    """A template; `Finding.sentence` puts the figures of a case in."""
    advice: str
    source: tuple[str, ...]
    """Threads (``owner/name#1``), documentation pages, sections of the protocol's reference."""
    ahead: str
    """The template for a message that is still to be sent."""

    @property
    def about(self) -> str:
        """The sentence without a case, its figures as ``…``."""
        return self.sentence.format_map(_Blank())


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> object:
        return _DOTS


class _Dots:
    def __format__(self, spec: str) -> str:
        return "…"


_DOTS = _Dots()


@cache
def rules() -> dict[str, Rule]:
    """All rules by their id, in the table's order: by group, the gravest first."""
    text = resources.files(__package__).joinpath("rules.toml").read_text("utf-8")
    groups = tomllib.loads(text)
    table = [
        Rule(
            name,
            Severity[row["severity"].upper()],
            group,
            row["sentence"],
            row["advice"],
            tuple(row["source"]),
            row.get("ahead", row["sentence"]),
        )
        for group, rows in groups.items()
        if isinstance(rows, dict)
        for name, row in rows.items()
    ]
    order = list(groups)
    return {
        rule.id: rule
        for rule in sorted(table, key=lambda rule: (order.index(rule.group), -rule.severity))
    }
