"""The sound card's side of the speaker: a PortAudio stream that can be lost and opened again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tui.media import portaudio
from tui.media.portaudio import WITHOUT, MissingDevice, MissingLibrary
from tui.media.ring import BLOCK_S, Ring

RATE_HZ = 24000
"""What the Live API speaks (protocol: PCM s16le, mono, 24 kHz)."""

LATENCY_S = 0.03
"""How much the device holds; what was handed to it can no longer be faded.

A flush has two ways. Aborting the stream is silent after 1 ms, but cuts the wave wherever it is:
a click of up to 1.4 times the largest step in the speech. Fading the next block clicks nowhere and
lasts as long as the device's buffer. So we fade, and keep that buffer short. With three blocks of
10 ms it is quiet 42 ms after a flush (p95 48) and a machine with both cores busy loses nothing;
with two it is quiet after 34 ms (p95 36), but such a machine drops samples.
"""

DEEP_S = 0.06
"""A device that holds more than this is aborted at a flush: a click is better than going on."""

STALL_S = 1.0
"""A running stream that asks for nothing for so long is lost."""

LATE = 3
"""After so many blocks that came too late the next answer gets the device's own safe latency."""

NO_DEVICE = (
    "Sound is off: no sound device was found. Connect a speaker or start your sound server, "
    f"then start bidiscope again. {WITHOUT}"
)
LOST = (
    "Sound is off: the speaker stopped answering. "
    f"bidiscope tries to open it again at the next answer. {WITHOUT}"
)


class OutputError(Exception):
    """There is no sound; the message is a sentence that says why and what to do."""


class Output:
    """A mono int16 stream that reads from a ring, on the device's own thread.

    Every method may block for some milliseconds and belongs to one thread.

    Args:
        device: number, name or part of a name; None is the default device.
        ring: read by PortAudio's callback; tuned to the device's rate and latency at `open`.
        ended: called on PortAudio's thread when the stream ends and nobody here ended it.
    """

    def __init__(self, device: str | int | None, ring: Ring, ended: Callable[[], None]) -> None:
        self._device = device
        self._ring = ring
        self._ended = ended
        self._stream: Any = None
        self._ours = False
        self._started_at = 0.0
        self._late = 0
        self._safe = False
        self.name = ""
        self.running = False

    @property
    def is_open(self) -> bool:
        """Whether there is a stream, running or at rest."""
        return self._stream is not None

    def open(self) -> None:
        """Find the device and open it at 24 kHz, or at its own rate when it refuses.

        Raises:
            OutputError: there is no PortAudio, no such device, or the device refuses.
        """
        with portaudio.LOCK:
            try:
                sounddevice, found = portaudio.library(), portaudio.device(self._device, "output")
            except MissingLibrary as error:
                raise OutputError(f"Sound is off: {error}") from error
            except MissingDevice as error:
                raise OutputError(self._not_found(error)) from error
            self.name = found["name"]
            try:
                self._stream = self._opened(sounddevice, found)
            except (sounddevice.PortAudioError, ValueError) as error:
                raise OutputError(
                    f"Sound is off: the speaker {self.name!r} could not be opened ({error}). "
                    f"bidiscope tries again at the next answer. {WITHOUT}"
                ) from error
        self._ring.rate_hz = round(self._stream.samplerate)
        self._ring.latency_s = self._stream.latency

    def start(self) -> None:
        """Make the device read; nothing happens when it does already.

        Raises:
            OutputError: the device is gone.
        """
        if self.running:
            return
        import sounddevice

        self._ours = False
        self._started_at = time.perf_counter()
        self.running = True
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise OutputError(LOST) from error

    def rest(self) -> None:
        """Stop reading: a running stream costs 3 % of a core, a resting one nothing."""
        self._stop()
        if self._late > LATE and not self._safe:
            self._safe = True
            self.close()

    def cut(self) -> None:
        """Throw away what the device holds, when that is much (`DEEP_S`).

        Raises:
            OutputError: the device is gone.
        """
        if self.running and self._ring.latency_s > DEEP_S:
            self._stop()
            self.start()

    def is_stalled(self, now: float) -> bool:
        """Whether a running stream has asked for nothing for a second (perf_counter)."""
        return self.running and now - max(self._started_at, self._ring.read_at) > STALL_S

    def close(self) -> None:
        """Give the device back; it can be opened again."""
        stream, self._stream = self._stream, None
        self._ours = True
        self.running = False
        if stream is not None:
            with portaudio.LOCK:
                stream.close(ignore_errors=True)

    def _opened(self, sounddevice: Any, found: dict[str, Any]) -> Any:
        shallow_s = max(LATENCY_S, found["default_low_output_latency"])
        safe_s = max(shallow_s, found["default_high_output_latency"])

        def stream(rate_hz: int) -> Any:
            return sounddevice.OutputStream(
                samplerate=rate_hz,
                blocksize=round(BLOCK_S * rate_hz),
                device=found["index"],
                channels=1,
                dtype="int16",
                latency=safe_s if self._safe else shallow_s,
                callback=self._callback,
                finished_callback=self._finished,
            )

        try:
            return stream(RATE_HZ)
        except sounddevice.PortAudioError:
            return stream(round(found["default_samplerate"]))

    def _stop(self) -> None:
        self._ours = True
        self.running = False
        self._stream.abort(ignore_errors=True)

    def _callback(self, out: Any, frames: int, when: Any, status: Any) -> None:
        self._late += bool(status.output_underflow)
        self._ring.read(out[:, 0])

    def _finished(self) -> None:
        if not self._ours:
            self._ended()

    def _not_found(self, missing: MissingDevice) -> str:
        known = str(missing)
        if self._device is None or not known:
            return NO_DEVICE
        return (
            f"Sound is off: {self._device!r} does not name one speaker. "
            f"Start bidiscope again with one of these: {known}. {WITHOUT}"
        )
