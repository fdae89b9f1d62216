"""A query over a session log: which of its records match, found step by step.

The cheap tests come first: what the columns answer, then the bytes of a word in whole blocks of the
journal; only what is left is decoded. It goes on where the log grows.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import orjson

from tui.core.content import Content
from tui.core.fields import QueryError
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.needle import Needle, beside_media
from tui.core.query import All, Either, Node, Not
from tui.core.recording import LONGEST_LINE_BYTES
from tui.core.terms import (
    ColumnTerm,
    ContentTerm,
    Finding,
    Path,
    RowTest,
    TooSlow,
    Word,
    by_kinds,
)

BLOCK_BYTES = 1 << 20
"""How much of the journal is read at once."""
STEP_ROWS = 4096
"""How many rows a step takes at most."""
GAP_BYTES = 1 << 16
"""Candidates that are further apart are read one by one."""
MOST_TOO_SLOW = 20
"""After so many records on which a pattern took too long the search ends."""

_HEAD = re.compile(
    rb'\{"v":1,"seq":\d+,"type":"(?:send|receive)","time":[0-9.e+-]+,"mono":[0-9.e+-]+,'
    rb'"opcode":\d+,"size":\d+,(?:"masked":true,)?"text":"'
)
"""A message line as `tui.core.journal` writes it; the text of any other is read by `record`."""

FindingTest = Callable[[int, str], bool]
"""Whether the record of a row has a finding of that id or severity; ``*`` is any."""

ContentTest = Callable[[int, Content], bool]


_Place = tuple[int, int, int]
"""A row, and where its line begins and ends in a piece."""


class _Piece(NamedTuple):
    """Bytes of the journal in which the lines of some rows stand."""

    rows: Sequence[int]
    offset: int
    data: bytes


class Search:
    """One query over one log.

    A reader on another thread may look at ``hits`` and ``upto`` while `steps` runs: all hits below
    ``upto`` are there.
    """

    def __init__(self, log: SessionLog, query: Node, finding: FindingTest | None = None) -> None:
        """A search from the first row.

        Raises:
            QueryError: The query asks for findings, and nothing here knows them.
        """
        self.log = log
        self.hits = array("I")
        """The rows that match, in order."""
        self.upto = 0
        """How many rows were looked at."""
        self.too_slow = 0
        """On how many records a pattern was given up: they count as no match."""
        self._finding = finding
        self._columns = self._row_test(query, negated=False)
        self._content = self._content_test(query) if _needs_content(query) else None
        terms = _required(query, negated=False) or []
        found = [Needle.of(each.words) for each in terms]
        self._needles = [each for each in found if each is not None]
        if len(self._needles) != len(found):
            self._needles = []
        self._passes_media = all(isinstance(each, Word) and each.passes_media for each in terms)

    @property
    def needs_words(self) -> bool:
        """Whether `line_test` can tell of a line that it does not match."""
        return bool(self._needles)

    def hit(self, row: int) -> bool:
        """Whether the row matches, as far as is known."""
        at = bisect_left(self.hits, row)
        return at < len(self.hits) and self.hits[at] == row

    def following(self, row: int, forwards: bool) -> int | None:
        """The next hit after the row, or the last before it; None when there is none yet."""
        hits = self.hits
        at = bisect_left(hits, row)
        if not forwards:
            return hits[at - 1] if at else None
        at += at < len(hits) and hits[at] == row
        return hits[at] if at < len(hits) else None

    def run(self) -> Search:
        """To the end of what the log has now."""
        for _ in self.steps():
            pass
        return self

    def steps(self) -> Iterator[None]:
        """Look at the rows that have come since; a step takes a few milliseconds.

        Raises:
            QueryError: A pattern took too long on too many records.
        """
        end = len(self.log)
        while self.upto < end:
            last = min(end, self.upto + STEP_ROWS)
            rows: Sequence[int] = range(self.upto, last)
            if self._columns is not None:
                rows = list(filter(self._columns, rows))
            if self._content is None:
                self.hits.extend(rows)
                self.upto = last
            elif rows:
                yield from self._read(rows, last)
            else:
                self.upto = last
            yield

    def _read(self, rows: Sequence[int], last: int) -> Iterator[None]:
        """Look into the content of candidates."""
        for piece in self._pieces(rows):
            self.hits.extend(self._matching(piece))
            self.upto = piece.rows[-1] + 1
            yield
        self.upto = last

    # ---- what the columns answer

    def _row_test(self, node: Node, negated: bool) -> RowTest | None:
        """Whether a row may match; None where it always may."""
        if isinstance(node, Not):
            return self._row_test(node.part, not negated)
        if isinstance(node, (All, Either)):
            tests = [self._row_test(part, negated) for part in node.parts]
            known = [test for test in tests if test is not None]
            if isinstance(node, All) is not negated:
                return _every(known)
            return _some(known) if len(known) == len(tests) else None
        if isinstance(node, ColumnTerm):
            test = self._bound(node)
            return (lambda row: not test(row)) if negated else test
        return self._path_test(node) if isinstance(node, Path) and not negated else None

    def _bound(self, term: ColumnTerm) -> RowTest:
        if not isinstance(term, Finding):
            return term.bind(self.log)
        finding, name = self._finding, term.name
        if finding is None:
            raise QueryError("Findings are not looked for here.", term.column)
        return lambda row: finding(row, name)

    def _path_test(self, term: Path) -> RowTest:
        """An event's detail may have any path, a message only one that begins as its kinds do."""
        directions, event = self.log.directions, ord("e")
        in_kinds = by_kinds(self.log, term.kinds_test)
        return lambda row: directions[row] == event or in_kinds(row)

    # ---- what the content answers

    def _content_test(self, node: Node) -> ContentTest:
        if isinstance(node, Not):
            part = self._content_test(node.part)
            return lambda row, content: not part(row, content)
        if isinstance(node, (All, Either)):
            parts = [self._content_test(part) for part in sorted(node.parts, key=_needs_content)]
            if isinstance(node, All):
                return lambda row, content: all(part(row, content) for part in parts)
            return lambda row, content: any(part(row, content) for part in parts)
        if isinstance(node, ColumnTerm):
            test = self._bound(node)
            return lambda row, content: test(row)
        matches = node.matches
        return lambda row, content: matches(content)

    def _pieces(self, rows: Sequence[int]) -> Iterator[_Piece]:
        """The lines of the rows, neighbours read together."""
        offsets, lengths = self.log.offsets, self.log.lengths
        start = 0
        for at in range(1, len(rows) + 1):
            if at < len(rows):
                begin, before, row = offsets[rows[start]], rows[at - 1], rows[at]
                near = offsets[row] - offsets[before] - lengths[before] <= GAP_BYTES
                if near and offsets[row] + lengths[row] - begin <= BLOCK_BYTES:
                    continue
            yield from self._piece(rows[start:at])
            start = at

    def _piece(self, rows: Sequence[int]) -> Iterator[_Piece]:
        log, last = self.log, rows[-1]
        offset = log.offsets[rows[0]]
        size = log.offsets[last] + log.lengths[last] - offset
        if size > LONGEST_LINE_BYTES:
            yield _Piece(rows, offset, b"")
            return
        data = log.read(offset, size)
        if len(data) == size or len(rows) == 1:
            yield _Piece(rows, offset, data)
            return
        for row in rows:  # the lines are not in one place, or no longer there
            yield _Piece((row,), log.offsets[row], log.read(log.offsets[row], log.lengths[row]))

    def _matching(self, piece: _Piece) -> Iterator[int]:
        """The rows of a piece that match."""
        assert self._content is not None
        for row, start, end in self._candidates(piece):
            try:
                if self._content(row, self._read_content(piece.data[start:end], row)):
                    yield row
            except TooSlow:
                self.too_slow += 1
                if self.too_slow >= MOST_TOO_SLOW:
                    raise QueryError("The pattern takes too long: make it simpler.", 0) from None

    def _candidates(self, piece: _Piece) -> Iterator[_Place]:
        """The rows whose lines may have the words, and where these stand in the piece."""
        offsets, lengths, data = self.log.offsets, self.log.lengths, piece.data
        places = [
            (row, start := offsets[row] - piece.offset, start + lengths[row]) for row in piece.rows
        ]
        if not self._needles:
            yield from places
        elif self._passes_media:
            yield from self._candidates_beside_media(data, places)
        else:
            yield from self._candidates_anywhere(data, places)

    def _candidates_beside_media(self, data: bytes, places: list[_Place]) -> Iterator[_Place]:
        """Each line is looked at by itself, and of its media only the ends."""
        may_match = self.line_test()
        return (place for place in places if may_match(data, *place[1:]))

    def line_test(self) -> Callable[[bytes, int, int], bool]:
        """Whether a line that stands in bytes from there to there may match, not decoded."""
        needles = [(each.plain, each.any_case, each.escapes.search) for each in self._needles]
        passes_media = self._passes_media

        def may_match(data: bytes, start: int, end: int) -> bool:
            head = _HEAD.match(data, start)
            if head is None:
                return True
            first = head.end()
            text = beside_media(data, first, end) if passes_media else data[first:end]
            small = text.lower()
            return any(
                plain in (small if any_case else text) or escapes(text)
                for plain, any_case, escapes in needles
            )

        return may_match

    def _candidates_anywhere(self, data: bytes, places: list[_Place]) -> Iterator[_Place]:
        """The whole piece is looked at, and each line only where that has a word."""
        searches = [(each.plain, data.lower() if each.any_case else data) for each in self._needles]
        searches = [(plain, text) for plain, text in searches if plain in text]
        escapes = [each.escapes.search for each in self._needles if each.escapes.search(data)]
        for place in places:
            _, start, end = place
            head = _HEAD.match(data, start)
            if (
                head is None
                or any(text.find(plain, head.end(), end) >= 0 for plain, text in searches)
                or any(search(data, head.end(), end) for search in escapes)
            ):
                yield place

    def _read_content(self, line: bytes, row: int) -> Content:
        if _HEAD.match(line):
            try:
                text = orjson.loads(line)["text"]
                if isinstance(text, str):
                    return Content(text)
            except ValueError:
                pass
        try:
            return Content.of(self.log.record(row))
        except JournalError:
            return Content("")


def _every(tests: list[RowTest]) -> RowTest | None:
    if len(tests) > 1:
        return lambda row: all(test(row) for test in tests)
    return tests[0] if tests else None


def _some(tests: list[RowTest]) -> RowTest:
    return lambda row: any(test(row) for test in tests)


def _needs_content(node: Node) -> bool:
    if isinstance(node, Not):
        return _needs_content(node.part)
    if isinstance(node, (All, Either)):
        return any(map(_needs_content, node.parts))
    return isinstance(node, ContentTerm)


def _required(node: Node, negated: bool) -> list[ContentTerm] | None:
    """Terms with words of which a match has one at least; None where no words are needed."""
    if isinstance(node, Not):
        return _required(node.part, not negated)
    if isinstance(node, (All, Either)):
        choices = [_required(part, negated) for part in node.parts]
        known = [choice for choice in choices if choice is not None]
        if isinstance(node, All) is not negated:
            return max(known, key=_rarity, default=None)
        return [*chain.from_iterable(known)] if len(known) == len(choices) else None
    if negated or not isinstance(node, ContentTerm) or not node.words:
        return None
    return [node]


def _rarity(terms: list[ContentTerm]) -> int:
    """The shortest of the words decides."""
    return min(len(term.words) for term in terms)
