"""A session log that grows by the message, for the tests of the right half of the workbench."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from textual.app import App

from tui.core.frame import BINARY, TEXT, Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.theming import VARIABLE_DEFAULTS


class WireLog:
    """A journal in memory and the log of it; each record comes 10 ms after the last."""

    def __init__(self) -> None:
        storage = MemoryStorage()
        self.log = SessionLog(storage.read)
        self._journal = Journal(storage, {"tool": "tests"}, Mask())
        self._mono_s = 0.0

    def sent(self, message: Mapping[str, Any] | bytes) -> None:
        self._frame(Direction.SEND, TEXT, message)

    def received(self, message: Mapping[str, Any] | bytes) -> None:
        self._frame(Direction.RECEIVE, BINARY, message)

    def happened(self, name: str, **detail: Any) -> None:
        self._mono_s += 0.01
        self.log.ingest(
            *self._journal.event(name, detail, time_s=1_795_000_000.0, mono_s=self._mono_s)
        )

    def mic(self, count: int = 1) -> None:
        """40 ms of microphone a message."""
        data = base64.urlsafe_b64encode(bytes(1280)).decode()
        for _ in range(count):
            self.sent(
                {"realtime_input": {"audio": {"data": data, "mime_type": "audio/pcm;rate=16000"}}}
            )

    def voice(self, count: int = 1) -> None:
        """200 ms of the model's voice a message."""
        for _ in range(count):
            self.received(content(modelTurn={"parts": [{"inlineData": PCM}]}))

    def turn_complete(self) -> None:
        self.received(content(turnComplete=True))

    def _frame(self, direction: Direction, opcode: int, message: Mapping[str, Any] | bytes) -> None:
        self._mono_s += 0.01
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        time_s = 1_795_000_000.0 + self._mono_s
        self.log.ingest(
            *self._journal.frame(direction, opcode, payload, time_s=time_s, mono_s=self._mono_s)
        )


PCM = {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(bytes(9600)).decode()}


def content(**fields: Any) -> dict[str, Any]:
    """A serverContent message."""
    return {"serverContent": fields}


class BareApp(App[None]):
    """An app with the colours that our widgets ask for."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def actions(self) -> set[str]:
        """What markup on the screen would do when it is clicked."""
        styles = (
            self.screen.get_style_at(x, y)
            for x in range(self.size.width)
            for y in range(self.size.height)
        )
        return {str(style.meta["@click"]) for style in styles if "@click" in style.meta}
