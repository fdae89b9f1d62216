"""What a person sends over the connection: words, and messages as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core import models
from tui.live.equipment import Equipment
from tui.live.line import Line
from tui.live.recorder import JournalRecorder

if TYPE_CHECKING:
    from tui.live.link import Link


class Outgoing:
    """Sends as the model takes it, or says why not. Lives on the engine's loop."""

    def __init__(self, line: Line, equipment: Equipment, recorder: JournalRecorder) -> None:
        self._line, self._equipment, self._recorder = line, equipment, recorder

    async def say(self, text: str, model: str) -> None:
        """Ask a question; what is still playing is flushed."""
        if (link := self._connected()) is None:
            return
        if models.model(model).client_content == "none":
            self._recorder.event("error", message=f"Not sent: {model} takes no text. Speak to it.")
            return
        self._equipment.silence("question")
        if models.model(model).client_content == "any":
            from google.genai import types

            content = types.Content(role="user", parts=[types.Part(text=text)])
            await link.send(link.session.send_client_content(turns=content, turn_complete=True))
        else:
            await link.send(link.session.send_realtime_input(text=text))

    async def send(self, message: str) -> None:
        """Send a message of the protocol as it is, past the SDK's checks."""
        if (link := self._connected()) is not None:
            await link.send_raw(message)

    def _connected(self) -> Link | None:
        if self._line.link is None:
            self._recorder.event(
                "error", message="Not sent: there is no connection. Reconnect (c)."
            )
        return self._line.link
