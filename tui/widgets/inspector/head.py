"""What a record is, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from tui.core.frame import BINARY, Direction, Event, Frame, Record
from tui.core.row_text import ARROWS, clock, size_text
from tui.core.text import safe

HEAD_CHARS = 80
"""The length at which a list in the head is cut."""


def head(record: Record, messages: int, marked: bool) -> Iterator[Content]:
    """What a record is, in words.

    Args:
        record: the one that is shown.
        messages: of its run, which the list shows as one row.
        marked: it is the one that others are compared with.
    """
    yield Content(f"#{record.seq}")
    if marked:
        yield Content.styled("= marked", "$warning bold")
    yield Content(clock(record.mono_s))
    if isinstance(record, Event):
        yield Content.styled(f"{ARROWS['event']} event", "$bd-family-events")
        yield Content.styled(safe(record.name), "bold")
        return
    direction = "sent" if record.direction is Direction.SEND else "received"
    yield Content.styled(f"{ARROWS[direction]} {direction}", f"$bd-{direction}")
    yield Content("binary" if record.opcode == BINARY else "text")
    yield Content(size_text(len(record.payload)))
    yield Content.styled(_listed(" + ", (fact.kind for fact in record.facts)), "bold")
    if messages > 1:
        yield Content.styled(f"first of {messages:,}", "$bd-family-metadata")
    if record.masked:
        yield Content.styled("masked: a credential was replaced", "$bd-unknown bold")
    if unknown := unknown_paths(record):
        paths = _listed(", ", unknown)
        yield Content.styled(f"⚑ unknown to the SDK: {paths}", "$bd-unknown bold")


def unknown_paths(record: Frame) -> list[str]:
    """What in it the SDK does not know."""
    return [path for fact in record.facts for path in fact.unknown]


def _listed(separator: str, words: Iterable[str]) -> str:
    text = safe(separator.join(words))
    return text if len(text) <= HEAD_CHARS else text[: HEAD_CHARS - 1] + "…"
