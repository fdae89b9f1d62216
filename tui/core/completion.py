"""What may come next in a query: names of fields, their values, the kinds that a log has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tui.core.fields import BY_NAME, FIELDS, PATH, QueryError, steps
from tui.core.terms import alike

MOST = 200
"""How many choices there are at most."""

LONGEST_VALUE = 40
"""How much of a value a term of it has."""

_CUT = re.compile("[\n\u2400-\u2426]")
"""A term ends before a new line, and before what `tui.core.text.safe` puts in place of others."""

_HEAD = re.compile(r"[-!(]*")
_FIELD = re.compile(r"([A-Za-z]+)(?::=?|=|~)(?:.*\|)?")


@dataclass(frozen=True, slots=True)
class Completion:
    """The stretch of a query that may be completed, and by what."""

    start: int
    end: int
    choices: tuple[str, ...]

    def apply(self, query: str, choice: int) -> tuple[str, int]:
        """The query with that choice in it, and where the cursor is then."""
        word = self.choices[choice % len(self.choices)]
        text = query[: self.start] + word + query[self.end :]
        return text, self.start + len(word)


def complete(query: str, at: int, kinds: Iterable[str], saved: Iterable[str]) -> Completion:
    """What the word before the cursor may become."""
    before = query[:at]
    if before.count('"') % 2:
        return Completion(at, at, ())
    start = max(before.rfind(char) for char in " \t()") + 1
    head = _HEAD.match(query, start, at)
    start = head.end() if head else start
    word = query[start:at]
    if word.startswith("@"):
        return _like(start + 1, at, word[1:], saved)
    found = _FIELD.match(word)
    if found is None:
        return _like(start, at, word, [_opening(field.usage) for field in FIELDS])
    values: Iterable[str] = ()
    if found[1].lower() == "kind":
        values = _names(kinds)
    elif (field := BY_NAME.get(found[1].lower())) is not None:
        values = field.values
    return _like(start + found.end(), at, word[found.end() :], values)


def term_of_kinds(kinds: Iterable[str]) -> str:
    """The term that chooses messages of the first of these kinds; empty when it cannot be said."""
    kind = next(iter(kinds), "")
    return f"kind={quoted(kind)}" if kind else ""


def term_of_value(path: str, value: str) -> str:
    """The term that chooses messages with that value at that path.

    Args:
        path: Where it stands, keys as on the wire.
        value: A string as it reads, anything else as JSON. Of a long one the beginning counts, of
            an object or array that it is there.
    """
    if not _is_path(path):
        return quoted(_CUT.split(value[:LONGEST_VALUE], maxsplit=1)[0])
    if value[:1] in ("{", "["):
        return f"path:{path}"
    first = _CUT.split(value, maxsplit=1)[0]
    if len(first) > LONGEST_VALUE or first != value or not value:
        return f"path:{path}~{quoted(first[:LONGEST_VALUE])}" if first else f"path:{path}"
    return f"path:{path}={quoted(value)}"


def quoted(words: str) -> str:
    """The words as a query has them, in quotes where they need them."""
    if re.fullmatch(r"[\w.+/][\w.+/-]*", words):
        return words
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_path(text: str) -> bool:
    try:
        return PATH.fullmatch(text) is not None and bool(steps(text, 0))
    except QueryError:
        return False


def _opening(usage: str) -> str:
    """``kind:``, ``size>``: the name and its first operator."""
    found = re.match(r"[a-z]+[:<>]", usage)
    return found[0] if found else usage


def _names(kinds: Iterable[str]) -> Iterable[str]:
    """The kinds, and before each its last part, which is what one types."""
    whole = sorted(set(kinds))
    return [*dict.fromkeys(kind.rpartition(".")[2] for kind in whole), *whole]


def _like(start: int, end: int, typed: str, choices: Iterable[str]) -> Completion:
    fitting = (each for each in choices if alike(each).startswith(alike(typed)))
    found = tuple(dict.fromkeys(each for each in fitting if each != typed))
    return Completion(start, end, found[:MOST])
