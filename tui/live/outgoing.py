"""What a person sends over the connection: words, files, and messages as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.core import going_on, models
from tui.core.attachment import Attachment, Medium, prefill_refusal, refusal
from tui.live.broadcast import Broadcast
from tui.live.equipment import Equipment
from tui.live.line import Line
from tui.live.recorder import JournalRecorder
from tui.live.setup import Wish
from tui.live.video import MIME_TYPE

if TYPE_CHECKING:
    from google.genai.types import Part

    from tui.live.link import Link

PICTURES_APART_S = 1.0
"""The service takes a picture a second (protocol, 3.3)."""
_UNCONNECTED = "Not sent: there is no connection. Reconnect (c)."


class Outgoing:
    """Sends as the model takes it, or says why not. Lives on the engine's loop.

    What is not sent is told by an event ``unsent``, so that whoever wrote it can have it back.
    """

    def __init__(
        self,
        line: Line,
        equipment: Equipment,
        recorder: JournalRecorder,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._line, self._equipment, self._recorder = line, equipment, recorder
        self._broadcast = Broadcast(recorder, loop)

    async def say(self, text: str, files: Sequence[Attachment], wish: Wish) -> None:
        """Ask a question; what is still playing is flushed.

        Words, texts and pictures go in one message where the model takes that, sound after them.
        """
        link = self._line.link
        sounds = [each for each in files if each.medium == Medium.AUDIO]
        refused = refusal(wish.model, text, files) or (self._speaking() if sounds else "")
        if reason := self._unsendable(refused):
            self._recorder.event("unsent", message=reason)
            return
        assert link is not None
        self._equipment.silence("question")
        rest = [each for each in files if each.medium != Medium.AUDIO]
        if text or rest:
            sent = await self._written(link, text, rest, wish.model, asks=not sounds)
            if not sent:
                self._recorder.event("unsent", message=_UNCONNECTED)
                return
        if sounds:
            manual = wish.configuration.manual
            self._broadcast.begin(link, sounds, self._equipment.input, manual=manual)

    async def show(self, picture: Attachment) -> None:
        """Let a picture be seen as one of the camera's, without a question."""
        if (link := self._line.link) is None:
            self._recorder.event("unsent", message=_UNCONNECTED)
            return
        self._recorder.event("attachment", **picture.about.detail)
        await link.send_picture(picture.data, MIME_TYPE)

    async def prefill(self, text: str, role: str, files: Sequence[Attachment], wish: Wish) -> None:
        """Lay a turn into the context, which asks for no answer."""
        from google.genai import types

        link = self._line.link
        if reason := self._unsendable(prefill_refusal(wish.model, files)):
            self._recorder.event("unsent", message=reason)
            return
        assert link is not None
        self._tell(files)
        content = types.Content(role=role, parts=_parts(text, files))
        if not await link.send(
            link.session.send_client_content(turns=content, turn_complete=False)
        ):
            self._recorder.event("unsent", message=_UNCONNECTED)

    async def send(self, message: str, source: str = "") -> None:
        """Send a message of the protocol as it is, past the SDK's checks.

        ``source`` says what a person has written it after, where one has; it is journalled.
        """
        if self._line.link is None:
            self._recorder.event("error", message=_UNCONNECTED)
            return
        if source:
            self._recorder.event("message.written", source=source)
        await self._line.link.send_raw(message)

    async def go_on(self, wish: Wish) -> None:
        """Ask the model to go on with the answer that was interrupted, from where it was heard."""
        try:
            left = going_on.rest(self._recorder.session)
        except going_on.Nothing as error:
            self._recorder.event("refused", message=str(error))
            return
        if reason := self._unsendable(refusal(wish.model, left.request, ())):
            self._recorder.event("refused", message=reason)
            return
        heard = {"heard_s": left.heard_s, "audio_s": round(left.audio_s, 3)}
        self._recorder.event("going_on", turn=left.turn, known=left.known, **heard)
        await self.say(left.request, (), wish)

    def stop(self) -> None:
        """Send no more of a file's sound."""
        self._broadcast.stop()

    def _unsendable(self, refused: str) -> str:
        return _UNCONNECTED if self._line.link is None else refused

    def _speaking(self) -> str:
        """Why no sound of a file can be sent now; empty when it can."""
        microphone = self._equipment.input
        if self._broadcast.on:
            return "Not sent: the sound of another file is being sent. Esc stops it."
        talking = microphone is not None and microphone.talking
        return "Not sent: you are talking. Space ends that." if talking else ""

    async def _written(
        self, link: Link, text: str, files: Sequence[Attachment], model: str, *, asks: bool
    ) -> bool:
        """Send words, texts and pictures; whether they are on their way."""
        self._tell(files)
        session = link.session
        if models.model(model).client_content == "any":
            from google.genai import types

            content = types.Content(role="user", parts=_parts(text, files))
            return await link.send(session.send_client_content(turns=content, turn_complete=asks))
        pictures = [each for each in files if each.medium == Medium.IMAGE]
        for number, picture in enumerate(pictures):
            await asyncio.sleep(PICTURES_APART_S if number else 0)
            await link.send_picture(picture.data, MIME_TYPE)
        words = "".join([*_texts(files), text])
        return not words or await link.send(session.send_realtime_input(text=words))

    def _tell(self, files: Sequence[Attachment]) -> None:
        for each in files:
            self._recorder.event("attachment", **each.about.detail)


def _texts(files: Sequence[Attachment]) -> list[str]:
    return [each.data.decode() for each in files if each.medium == Medium.TEXT]


def _parts(text: str, files: Sequence[Attachment]) -> list[Part]:
    """Pictures, the texts of files, and the person's own words at the end."""
    from google.genai import types

    pictures = [each.data for each in files if each.medium == Medium.IMAGE]
    parts = [types.Part.from_bytes(data=data, mime_type=MIME_TYPE) for data in pictures]
    return [*parts, *(types.Part(text=words) for words in [*_texts(files), text] if words)]
