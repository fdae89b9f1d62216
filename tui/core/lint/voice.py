"""What the model says: whether it can be heard, and whether it is still to be played."""

from __future__ import annotations

from typing import ClassVar

from tui.core import media
from tui.core.lint import pcm
from tui.core.lint.scene import Check
from tui.core.values import dict_of
from tui.core.wire import Fact

AUDIBLE_S = 0.5
"""Shorter silence at the end of an answer is no silent answer."""
LATE_S = 0.3
"""A player buffers so much before it runs dry."""


class Voice(Check):
    """Audio of the model, turn by turn."""

    def begin(self) -> None:
        """A connection begins with a turn of its own."""
        self._forget()

    def _forget(self) -> None:
        """A turn begins."""
        self._first: tuple[int, float] | None = None
        """Row and time of the first audio."""
        self._last = 0
        self._audio_s = 0.0
        self._loud = False
        self._peak = 0
        self._gap_s = 0.0
        self._gap_rows: tuple[int, int] = (0, 0)
        self._interrupted: int | None = None
        self._texts: list[int] = []
        self._spoken: list[int] = []
        """Rows of transcriptions of what was said."""
        self._tools = False

    def audio(self, fact: Fact) -> None:
        """One chunk."""
        scene = self.scene
        blob = dict_of(fact.value)
        if not media.is_pcm(blob):
            return
        size = media.size_bytes(blob)
        if size % 2 and pcm.is_whole(blob):
            scene.report("pcm-odd", key="received", way="received", size=size)
        if not self._loud:
            self._listen(fact)
        if self._first is None:
            self._first = (scene.row, scene.now_s)
        elif self._interrupted is None:
            self._dry(scene.now_s)
        rate_hz = media.pcm_rate_hz(str(blob.get("mimeType", "")), media.OUTPUT_RATE_HZ)
        self._audio_s += size / media.BYTES_PER_SAMPLE / rate_hz
        self._last = scene.row
        if self._interrupted is not None and self._interrupted != scene.row:
            scene.report("audio-after-interrupted", scene.row, key=self._interrupted)

    def _listen(self, fact: Fact) -> None:
        try:
            self._peak = max(self._peak, pcm.peak(self.scene.blob(self.scene.row, fact)))
            self._loud = self._peak >= pcm.SILENT_PEAK
        except ValueError:
            self._loud = True
            self.scene.report("base64-broken", key="received", way="received")

    def _dry(self, now_s: float) -> None:
        """How long a player had nothing to play before this chunk came."""
        assert self._first is not None
        gap_s = now_s - self._first[1] - self._audio_s
        if gap_s > max(LATE_S, self._gap_s):
            self._gap_s, self._gap_rows = gap_s, (self._last, self.scene.row)

    def text(self, fact: Fact) -> None:
        """Text that is no thought."""
        self._texts.append(self.scene.row)

    def transcription(self, fact: Fact) -> None:
        """Words that were said."""
        if dict_of(fact.value).get("text"):
            self._spoken.append(self.scene.row)

    def call(self, fact: Fact) -> None:
        """A function call may stand in place of an answer."""
        self._tools = True

    def interrupted(self, fact: Fact) -> None:
        """What comes now is not to be played."""
        if fact.value is True:
            self._interrupted = self.scene.row

    def complete(self, fact: Fact) -> None:
        """The turn is over: what was to be heard of it?"""
        if fact.value is not True:
            return
        self._judge()
        self._forget()

    def _judge(self) -> None:
        scene, speaks = self.scene, self.scene.link.modalities in ([], ["AUDIO"])
        if self._first is not None and not self._loud and self._audio_s >= AUDIBLE_S:
            scene.report(
                "audio-silent", self._first[0], self._last, seconds=self._audio_s, peak=self._peak
            )
        if self._gap_s and self._first is not None:
            scene.report("audio-late", *self._gap_rows, seconds=self._gap_s)
        if not speaks or self._interrupted is not None:
            return
        worded = [*self._spoken, *self._texts]
        if worded and self._first is None and not self._tools and scene.link.whole:
            if self._spoken or scene.link.modalities:
                scene.report("turn-silent", *worded[:1], scene.row)
        elif self._texts and self._first is not None:
            scene.report("text-unspoken", *self._texts, key="unspoken")

    received: ClassVar = {
        "serverContent.modelTurn.audio": audio,
        "serverContent.modelTurn.text": text,
        "serverContent.outputTranscription": transcription,
        "toolCall": call,
        "serverContent.interrupted": interrupted,
        "serverContent.turnComplete": complete,
    }
