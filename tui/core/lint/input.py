"""What the client sends for the model to hear and see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from tui.core import media
from tui.core.frame import Event
from tui.core.lint import pcm
from tui.core.lint.scene import Check
from tui.core.values import rows_of
from tui.core.wire import Fact

SILENT_MICROPHONE_S = 10.0
MUCH_SOUND_S = 20.0
"""In so much sound of a conversation somebody will have spoken."""
LONG_CHUNK_S = 1.0
"""Chunks of 20 to 100 ms are recommended (ai.google.dev, Live API best practices)."""
PACED_CHUNK_S = 0.5
"""Chunks up to this length come from a microphone, in real time; a file is sent in larger ones."""
PACE_WINDOW_S = 8.0
PAUSE_S = 0.5
"""Sound that is sent only while somebody speaks has pauses, and no pace."""
USUAL_RATES_HZ = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
TOO_SOON_S = 0.9
"""The service takes a picture a second at most; this much jitter is a timer's."""
MANY_PICTURES = 3

_RATE = re.compile(r";\s*rate\s*=\s*([^;\s]*)", re.IGNORECASE)


class Sound(Check):
    """The sound that is sent: its rate, its length, whether there is any."""

    def begin(self) -> None:
        """Nothing was sent."""
        self._known: tuple[str, int] = ("", 0)
        """The last mime type, and its rate in Hz: it is read once."""
        self._silent: list[int] | None = []
        """First and last row of digital silence; None once anything was to be heard."""
        self._silent_s = 0.0
        self._pace: tuple[float, float, int] | None = None
        """When steady sound began to be sent, seconds of it since, the first row."""
        self._last_s = 0.0
        self._paced = False
        self._sent_s = 0.0
        self._detected = False
        """The server has told of voice activity."""

    def chunk(self, fact: Fact) -> None:
        """One chunk of `realtimeInput.audio`."""
        if isinstance(fact.value, dict):
            self._blob(fact.value, fact)

    def chunks(self, fact: Fact) -> None:
        """`mediaChunks`: deprecated, and refused by some models."""
        model = self.scene.link.model
        rule = "media-chunks" if model.media_chunks else "media-chunks-refused"
        self.scene.report(rule, key="chunks", model=model.name or "the model")
        for blob in rows_of(fact.value):
            if str(blob.get("mimeType", "")).startswith("audio/"):
                self._blob(blob, None)

    def _blob(self, blob: Mapping[str, Any], fact: Fact | None) -> None:
        size = media.size_bytes(blob)
        rate_hz = self._rate_hz(str(blob.get("mimeType", "")))
        if not rate_hz:
            return
        if not pcm.is_whole(blob):
            self.scene.report("base64-broken", key="sent", way="sent")
        elif size % 2:
            self.scene.report("pcm-odd", key="sent", way="sent", size=size)
        seconds = size / media.BYTES_PER_SAMPLE / rate_hz
        self._sent_s += seconds
        if seconds > LONG_CHUNK_S:
            self.scene.report("chunk-long", key="long", seconds=seconds)
        if self._silent is not None and fact is not None:
            self._hear(fact, seconds)
        if not self._paced:
            self._measure(seconds, rate_hz)

    def _rate_hz(self, mime_type: str) -> int:
        """The rate that a mime type names; 0 where it is no PCM."""
        if mime_type == self._known[0]:
            return self._known[1]
        rate_hz = 0
        if media.is_pcm({"mimeType": mime_type}):
            rate_hz = media.pcm_rate_hz(mime_type, media.INPUT_RATE_HZ)
            named = _RATE.search(mime_type)
            if named is None:
                self.scene.report("rate-missing", key="missing", mime_type=mime_type)
            elif media.pcm_rate_hz(mime_type, 0) == 0:
                self.scene.report("rate-wrong", key=mime_type, rate=named[1] or "nothing")
        self._known = mime_type, rate_hz
        return rate_hz

    def _hear(self, fact: Fact, seconds: float) -> None:
        """Nothing but zeros from the beginning on is no microphone's noise."""
        assert self._silent is not None
        if not self._zero(fact):
            self._silent = None
            return
        self._silent = [*self._silent[:1], self.scene.row]
        self._silent_s += seconds
        if self._silent_s >= SILENT_MICROPHONE_S and seconds <= LONG_CHUNK_S:
            self.scene.report("microphone-silent", *self._silent, seconds=self._silent_s)
            self._silent = None

    def _zero(self, fact: Fact) -> bool:
        try:
            return pcm.is_zero(self.scene.blob(self.scene.row, fact))
        except ValueError:
            return False

    def _measure(self, seconds: float, rate_hz: int) -> None:
        """Seconds of sound for each second of the clock: 1.5 are 24 kHz called 16."""
        now_s, last_s = self.scene.now_s, self._last_s
        self._last_s = now_s
        if seconds > PACED_CHUNK_S or now_s - last_s > PAUSE_S or self._pace is None:
            self._pace = (now_s, 0.0, self.scene.row)
            return
        start_s, sent_s, row = self._pace
        self._pace = (start_s, sent_s + seconds, row)
        took_s = now_s - start_s
        if took_s < PACE_WINDOW_S:
            return
        self._pace = None
        really_hz = (sent_s + seconds) / took_s * rate_hz
        meant_hz = min(USUAL_RATES_HZ, key=lambda usual: abs(usual - really_hz))
        if meant_hz != rate_hz and abs(really_hz - meant_hz) < 0.03 * meant_hz:
            self._paced = True
            self.scene.report(
                "rate-mismatch", row, self.scene.row, rate=rate_hz, really=round(really_hz),
                meant=meant_hz, speed=really_hz / rate_hz,
            )  # fmt: skip

    def detected(self, fact: Fact) -> None:
        """The server tells when it hears speech."""
        self._detected = True

    def closed(self, event: Event) -> None:
        """The connection is over: did the server ever tell when it heard speech?"""
        if self._sent_s >= MUCH_SOUND_S and not self._detected and not self.scene.link.manual:
            self.scene.report("voice-activity-absent", seconds=self._sent_s)

    def muted(self, event: Event) -> None:
        """A person has muted the microphone: silence is what they want."""
        self._silent = None

    def dropped(self, event: Event) -> None:
        """The network was slower than the microphone."""
        blocks = event.detail.get("blocks")
        ms = blocks * 20 if isinstance(blocks, int) else 0
        self.scene.report("microphone-dropped", blocks=blocks, ms=ms)

    sent: ClassVar = {"realtimeInput.audio": chunk, "realtimeInput.mediaChunks": chunks}
    received: ClassVar = {"voiceActivity": detected, "voiceActivityDetectionSignal": detected}
    happened: ClassVar = {
        "microphone.muted": muted,
        "microphone.dropped": dropped,
        "connection.closed": closed,
    }


class Pictures(Check):
    """Pictures that are sent: no more than one a second."""

    def begin(self) -> None:
        """None was sent."""
        self._times: list[tuple[float, int]] = []

    def picture(self, fact: Fact) -> None:
        """One picture; some that come too soon after each other are too many."""
        scene, times = self.scene, self._times
        if not scene.timed:
            return
        if times and scene.now_s - times[-1][0] >= TOO_SOON_S:
            times.clear()
        times.append((scene.now_s, scene.row))
        if len(times) > MANY_PICTURES:
            fps = (len(times) - 1) / max(1e-3, times[-1][0] - times[0][0])
            scene.report("video-fast", *(row for _, row in times), key="fast", fps=fps)
            del times[:-MANY_PICTURES]

    sent: ClassVar = {"realtimeInput.video": picture}
