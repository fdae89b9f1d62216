"""What a client is told of its own speech: activity, and its words."""

from __future__ import annotations

import re
from typing import Any

from tui.core.models import TRANSCRIPTION
from tui.emulator.perception.hearing import Began, Heard, Interim
from tui.emulator.terms.setup import Setup

LANGUAGE = "en"
"""What the recognizer understands."""
_DELTA = re.compile(r"\s*\S+(?:\s+\S+){0,2}\s*")
"""Words that go out in one transcription."""

Message = dict[str, Any]


class Hearsay:
    """Messages about what was heard, as the session's setup and model have them."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._transcribes = setup.profile.model.task == TRANSCRIPTION

    @property
    def interim(self) -> bool:
        """Words are wanted before they are final."""
        return self._setup.heard.wanted or self._transcribes

    def began(self, began: Began) -> list[Message]:
        """Somebody speaks."""
        return self._activity("ACTIVITY_START", "VAD_SIGNAL_TYPE_SOS", began.offset_s)

    def ended(self, heard: Heard) -> list[Message]:
        """Nobody speaks any more."""
        return self._activity("ACTIVITY_END", "VAD_SIGNAL_TYPE_EOS", heard.end_s)

    def so_far(self, interim: Interim) -> list[Message]:
        """Words that are not final."""
        said: Message = {"text": self._setup.heard.spelt(interim.text)}
        if self._setup.interim_offsets:
            said |= _offsets(interim.begin_s, interim.end_s)
        return [_content("interimInputTranscription", said)]

    def words(self, heard: Heard) -> list[Message]:
        """The final words: whole where nothing else is made of them, else in pieces."""
        text = self._setup.heard.spelt(heard.words or "")
        if not (text and self.interim):
            return []
        begin_s = heard.end_s - heard.duration_s
        exact = _words(text, begin_s, heard.end_s) if self._setup.heard.words else []
        if self._transcribes or exact:
            said = {"text": text, "languageCode": LANGUAGE, **_offsets(begin_s, heard.end_s)}
            return [_content("inputTranscription", said | ({"words": exact} if exact else {}))]
        return [_content("inputTranscription", {"text": delta}) for delta in _DELTA.findall(text)]

    def _activity(self, edge: str, signal: str, offset_s: float) -> list[Message]:
        messages: list[Message] = []
        if where := self._setup.profile.voice_activity:
            activity = {"voiceActivity": {"type": edge, "audioOffset": _duration(offset_s)}}
            messages.append({"serverContent": {}} | activity if where == "beside" else activity)
        if self._setup.vad_signals:
            messages.append({"voiceActivityDetectionSignal": {"vadSignalType": signal}})
        return messages


def _words(text: str, begin_s: float, end_s: float) -> list[Message]:
    """Each word with offsets: the recognizer has none, so letters count as equally long."""
    rate = (end_s - begin_s) / len(text)
    return [
        {"word": found[0], **_offsets(begin_s + found.start() * rate, begin_s + found.end() * rate)}
        for found in re.finditer(r"\S+", text)
    ]


def _content(name: str, said: Message) -> Message:
    return {"serverContent": {name: said}}


def _offsets(begin_s: float, end_s: float) -> Message:
    return {"startOffset": _duration(begin_s), "endOffset": _duration(end_s)}


def _duration(seconds: float) -> str:
    return f"{seconds:.3f}s"
