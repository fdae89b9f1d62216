"""The sound card's side of the speaker: a PortAudio stream that can be lost and opened again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tui.core.devices import Source
from tui.media import portaudio
from tui.media.device import Device, DeviceError
from tui.media.portaudio import CLOCK, WITHOUT
from tui.media.ring import BLOCK_S, Ring

RATE_HZ = 24000
"""What the Live API speaks (protocol: PCM s16le, mono, 24 kHz)."""

LATENCY_S = 0.03
"""How much the device holds; what was handed to it can no longer be faded.

A flush has two ways. Aborting the stream is silent after 1 ms, but cuts the wave wherever it is:
a click of up to 1.4 times the largest step in the speech. Fading the next block clicks nowhere and
lasts as long as the device's buffer, so that is kept short. With three blocks of 10 ms it is quiet
42 ms after a fade began (p95 48) and a machine with both cores busy loses nothing; with two it is
quiet after 34 ms (p95 36), but such a machine drops samples.
"""

DEEP_S = 0.06
"""A device that holds more than this is aborted at a flush: a click is better than going on."""

STALL_S = 0.7
"""A running stream that asks for nothing for so long is lost; it is said within a second."""

LATE = 3
"""After so many blocks that came too late the next answer gets the device's own safe latency."""

LOST = (
    "Sound is off: the speaker stopped answering. "
    f"bidiscope tries to open it again every second. {WITHOUT}"
)


class Output(Device):
    """A mono int16 stream that reads from a ring, on the device's own thread.

    Every method may block for some milliseconds and belongs to one thread.

    Args:
        wanted: the device.
        ring: read by PortAudio's callback; tuned to the device's rate and latency at `open`.
        ended: called when the stream ends and nobody here ended it; it must return at once.
    """

    KIND = "output"
    OFF = "Sound is off:"
    WHAT = "speaker"

    def __init__(self, wanted: Source, ring: Ring, ended: Callable[[], None]) -> None:
        super().__init__(wanted)
        self._ring = ring
        self._ended = ended
        self._started_at = 0.0
        self._late = 0
        self._safe = False
        self.running = False

    @property
    def is_deep(self) -> bool:
        """Whether the device holds so much that a fade would come late."""
        return self._ring.latency_s > DEEP_S

    def turn_to(self, wanted: Source) -> None:
        """Give the device back and want another one; it is not opened yet."""
        self.close()
        self._wanted = wanted

    def lose(self) -> None:
        """Say that nothing is played any more."""
        self._ended()

    def drop(self) -> None:
        """Close the stream; PortAudio's lock is held."""
        self.running = False
        super().drop()

    def start(self) -> None:
        """Make the device read, opened where it is not.

        A device at rest says nothing when its sound server is restarted, so one that does not
        start is opened anew.

        Raises:
            DeviceError: it is gone, or refuses.
        """
        if self.running or self._started():
            return
        self.close()
        self.open()
        if not self._started():
            self.close()
            raise DeviceError(LOST)

    def rest(self) -> None:
        """Stop reading: a running stream costs 3 % of a core, a resting one nothing."""
        self._stop()
        if self._late > LATE and not self._safe:
            self._safe = True
            self.close()

    def cut(self) -> None:
        """Throw away what the device holds.

        Raises:
            DeviceError: the device is gone.
        """
        if self.running:
            self._stop()
            self.start()

    def is_stalled(self, now: float) -> bool:
        """Whether a running stream has asked for nothing for a while (perf_counter)."""
        return self.running and now - max(self._started_at, self._ring.read_at) > STALL_S

    def _opened(self, sounddevice: Any, found: dict[str, Any]) -> Any:
        shallow_s = max(LATENCY_S, found["default_low_output_latency"])
        safe_s = max(shallow_s, found["default_high_output_latency"])

        def opened(rate_hz: int) -> Any:
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
            stream = opened(RATE_HZ)
        except sounddevice.PortAudioError:
            stream = opened(round(found["default_samplerate"]))
        self._ring.rate_hz = round(stream.samplerate)
        self._ring.latency_s = stream.latency
        return stream

    def _started(self) -> bool:
        import sounddevice

        with portaudio.LOCK:
            self._ours = False
            self._started_at = time.perf_counter()
            try:
                self._stream.start()
            except (sounddevice.PortAudioError, AttributeError):  # AttributeError: there is none
                return False
            self.running = True
        return True

    def _stop(self) -> None:
        with portaudio.LOCK:
            self._ours = True
            self.running = False
            if self._stream is not None:
                self._stream.abort(ignore_errors=True)

    def _callback(self, out: Any, frames: int, when: Any, status: Any) -> None:
        self._late += bool(status.output_underflow)
        leaves_s = CLOCK.perf_counter_s(
            when.currentTime, when.outputBufferDacTime, self._ring.latency_s
        )
        self._ring.read(out[:, 0], leaves_s)
