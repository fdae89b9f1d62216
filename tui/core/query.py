"""The query language: terms that all hold, ``-`` in front of what must not, ``|`` for either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.core.fields import BY_NAME, PATH, Field, Given, QueryError, Term, path, pattern, steps
from tui.core.terms import Finding, Number, Word

LONGEST_CHARS = 4000
DEEPEST = 40
"""How deep parentheses and saved filters may nest."""


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One part at least holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node = All | Either | Not | Term

SYNTAX = (
    ("words", "A word stands somewhere in the message, as it crossed the wire or with its escapes "
     "resolved. Capital and small letters are alike unless the word has a capital one. A word "
     "shorter than 12 characters is not looked for in base64 media.", "albatross"),
    ('"several words"', r'The same, with blanks, brackets or colons in it; \" is a quote.',
     '"turn complete"'),
    ("ONE TWO", "Both hold.", "kind:audio dir:recv"),
    ("-TERM  !TERM", "It does not hold.", "-kind:audio"),
    ("ONE or TWO  ONE | TWO", "One of them holds; ( ) group.", "(kind:error or kind:goAway) t<60s"),
    ("FIELD:A|B", "One of the values.", "kind:toolCall|toolResponse"),
    ("@NAME", "The filter that was saved by that name.", "@slow -kind:audio"),
)  # fmt: skip
"""What is no field: how it is written, what it means, an example."""

_SPACE = re.compile(r"\s*")
_BARE = re.compile(r'[^\s()|"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BETWEEN = re.compile(r"(\||(?:or|and)(?=[\s()]|$))", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z][A-Za-z_]*)(:(?:[<>]=?|[=~])?|[<>]=?|[=~])")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)")
_OPERATOR = re.compile(r"[<>]=?|[=~]")
_NAME = re.compile(r"@([\w-]+)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def parse(query: str, saved: Mapping[str, str] | None = None) -> Node:
    """The query as a tree; ``saved`` has the filters that ``@name`` stands for.

    An empty query is ``All(())``, which everything matches.

    Raises:
        QueryError: It cannot be understood; with the column.
    """
    if len(query) > LONGEST_CHARS:
        raise QueryError(f"A query has at most {LONGEST_CHARS:,} characters.", LONGEST_CHARS)
    return _Parser(query, saved or {}, 0).whole()


def asks_for_findings(node: Node) -> bool:
    """Whether the query has a ``finding:``."""
    return any(isinstance(term, Finding) for term in terms(node))


def asks_for_turns(node: Node) -> bool:
    """Whether the query has a ``turn:``, which a record alone does not tell."""
    return any(isinstance(term, Number) and term.column == "turn" for term in terms(node))


def terms(node: Node) -> Iterator[Term]:
    """All terms of a query."""
    if isinstance(node, Not):
        yield from terms(node.part)
    elif isinstance(node, (All, Either)):
        for part in node.parts:
            yield from terms(part)
    else:
        yield node


class _Parser:
    """Reads a query from left to right."""

    def __init__(self, text: str, saved: Mapping[str, str], depth: int) -> None:
        self._text = text
        self._saved = saved
        self._depth = depth
        self._at = 0

    def whole(self) -> Node:
        """The whole query."""
        self._skip()
        if self._ended:
            return All(())
        node = self._either()
        if not self._ended:
            raise QueryError("There is no ( for this ).", self._at)
        return node

    @property
    def _ended(self) -> bool:
        return self._at >= len(self._text)

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: re.Pattern[str]) -> re.Match[str] | None:
        """What is next, if it is that."""
        found = wanted.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _skip(self) -> None:
        self._take(_SPACE)

    def _either(self) -> Node:
        parts = [self._all()]
        while (between := self._between()) in ("or", "|"):
            self._take(_BETWEEN)
            self._skip()
            self._expect_term(f"What stands after {between}?")
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Node:
        if self._between():
            raise QueryError("What stands before it? Put quotes around it to find it.", self._at)
        parts: list[Node] = []
        while not self._ended and self._next != ")" and self._between() not in ("or", "|"):
            if self._between() == "and":
                self._take(_BETWEEN)
                self._skip()
                self._expect_term("What stands after and?")
            parts.append(self._not())
            self._skip()
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _between(self) -> str:
        """``or``, ``|`` or ``and`` where that is next; else empty."""
        found = _BETWEEN.match(self._text, self._at)
        return found[1].lower() if found else ""

    def _expect_term(self, sentence: str) -> None:
        if self._ended or self._next == ")" or self._between():
            raise QueryError(sentence, self._at)

    def _not(self) -> Node:
        negated = False
        while self._next in ("-", "!"):
            self._at += 1
            negated = not negated
            if self._ended or self._next.isspace():
                sentence = "What must not hold? Put quotes around it to find it."
                raise QueryError(sentence, self._at - 1)
        node = self._group() if self._next == "(" else self._term()
        return Not(node) if negated else node

    def _group(self) -> Node:
        start = self._at
        self._deeper(start)
        self._at += 1
        self._skip()
        if self._next == ")":
            raise QueryError("There is nothing in the parentheses.", self._at)
        node = self._either()
        if self._next != ")":
            raise QueryError("There is no ) for this (.", start)
        self._at += 1
        self._depth -= 1
        return node

    def _deeper(self, column: int) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"A query nests at most {DEEPEST} deep.", column)

    def _term(self) -> Node:
        start = self._at
        if found := self._take(_NAME):
            return self._saved_filter(found[1], start)
        if found := self._take(_FIELD):
            return self._field(found[1], found[2].removeprefix(":") or ":", start)
        return _either_of([Word(value) for value, _ in self._values("a word")])

    def _saved_filter(self, name: str, column: int) -> Node:
        text = self._saved.get(name)
        if text is None:
            known = ", ".join(f"@{each}" for each in self._saved) or "none"
            raise QueryError(f"There is no saved filter @{name}; there is {known}.", column)
        self._deeper(column)
        try:
            node = _Parser(text, self._saved, self._depth).whole()
        except QueryError as error:
            raise QueryError(f"In the saved filter @{name}: {error}", column) from None
        self._depth -= 1
        return node

    def _field(self, name: str, operator: str, column: int) -> Node:
        field = BY_NAME.get(name.lower())
        if field is None:
            near = get_close_matches(name.lower(), BY_NAME, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            sentence = f"There is no field {name}{hint} Put quotes around it to find the words."
            raise QueryError(sentence, column)
        if operator not in field.operators:
            told = " ".join(field.operators)
            raise QueryError(f"{field.name} takes {told}", column + len(name))
        if field.name == "re":
            return self._pattern()
        if field.name == "path":
            return self._path()
        return self._compared(field, operator)

    def _compared(self, field: Field, operator: str) -> Node:
        assert field.parse is not None
        values = self._values(field.usage)
        return _either_of(
            [field.parse(Given(field.name, operator, value, at)) for value, at in values]
        )

    def _pattern(self) -> Node:
        start = self._at
        found = self._take(_REGEX)
        if found is None:
            raise QueryError("A pattern stands between slashes, as in re:/turn [0-9]+/.", start)
        if found[2].strip("i"):
            raise QueryError("The only letter after a pattern is i.", found.start(2))
        if not found[1]:
            raise QueryError("The pattern is empty.", start)
        return pattern(found[1], found[2], start + 1)

    def _path(self) -> Node:
        start = self._at
        found = self._take(PATH)
        if found is None:
            sentence = "A path reads like serverContent.modelTurn.parts[0].text."
            raise QueryError(sentence, start)
        way = steps(found[0], start)
        compared = self._take(_OPERATOR)
        if compared is None:
            return path(way, Given("path", "", "", self._at))
        values = self._values("a value")
        return _either_of(
            [path(way, Given("path", compared[0], value, at)) for value, at in values]
        )

    def _values(self, wanted: str) -> list[tuple[str, int]]:
        """One value or several with ``|`` between them, and where each begins."""
        values = [self._value(wanted)]
        while self._next == "|":
            self._at += 1
            values.append(self._value(wanted))
        return values

    def _value(self, wanted: str) -> tuple[str, int]:
        start = self._at
        if self._next == '"':
            found = self._take(_QUOTED)
            if found is None:
                raise QueryError("The quote is not closed.", start)
            if not found[1]:
                raise QueryError("There is nothing in the quotes.", start)
            return _ESCAPED.sub(lambda each: _ESCAPES.get(each[1], each[0]), found[1]), start
        found = self._take(_BARE)
        if found is None:
            raise QueryError(f"Here should be {wanted}.", start)
        return found[0], start


def _either_of(parts: list[Term]) -> Node:
    return parts[0] if len(parts) == 1 else Either(tuple(parts))
