"""What is known about the field that the cursor is on."""

from __future__ import annotations

from typing import Any, Final

from textual.content import Content
from textual.widgets import Static

from tui.core import field_guide
from tui.core.field_text import described
from tui.core.frame import Direction, Event, Record

_COLOURS: Final = {
    "key": "$bd-family-client bold",
    "number": "$bd-received",
    "word": "$bd-family-events",
    "dim": "$bd-family-metadata",
    "unknown": "$bd-unknown bold",
    "text": "",
}


class FieldLine(Static):
    """Type, meaning, first SDK and values, as far as two lines go."""

    DEFAULT_CSS = """
    FieldLine { height: 2; padding: 0 1; background: $panel; }
    """

    def show(self, record: Record | None, path: str, value: Any) -> None:
        """Describe the field at a path of a message; an empty path is none."""
        if isinstance(record, Event):
            self.update("An event of this side, which is not on the wire.")
            return
        sent = record is not None and record.direction is Direction.SEND
        note = field_guide.note(path, "send" if sent else "receive") if path else None
        pieces = described(note, value)
        self.update(Content("").join(Content.styled(text, _COLOURS[look]) for text, look in pieces))
