"""The sound card's side of the microphone: one PortAudio stream, until it is lost or closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import soxr

from tui.core.capture import BLOCK_S, RATE_HZ
from tui.core.devices import Source
from tui.media.device import Device
from tui.media.portaudio import CLOCK
from tui.media.ring import Samples


class Input(Device):
    """A running mono stream of 16 kHz, or of the device's own rate where it refuses that.

    Args:
        wanted: the device.
        heard: called on PortAudio's thread with this input, a block of samples at the stream's
            rate, and two times of `time.perf_counter()`: when it came, and when its last sample
            was in the air.
        ended: called when the stream ends and nobody here ended it; it must return at once.
    """

    KIND = "input"
    OFF = "The microphone is off:"
    WHAT = "microphone"

    def __init__(
        self,
        wanted: Source,
        heard: Callable[[Input, Samples, float, float], None],
        ended: Callable[[Input], None],
    ) -> None:
        super().__init__(wanted)
        self._heard = heard
        self._ended = ended
        self._resampler: soxr.ResampleStream | None = None
        self._latency_s = 0.0
        self.heard_at = 0.0
        """`time.perf_counter()` of the last block; 0 before the first."""
        self.overflows = 0

    def lose(self) -> None:
        """Say that no block comes any more."""
        self._ended(self)

    def resampled(self, samples: Samples) -> Samples:
        """Samples of `heard` at 16 kHz; call it in order, from one thread."""
        if self._resampler is None:
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples)
        return resampled

    def _opened(self, sounddevice: Any, found: dict[str, Any]) -> Any:
        refused: Exception | None = None
        for rate_hz, channels in _formats(found):
            try:
                stream = sounddevice.InputStream(
                    samplerate=rate_hz,
                    blocksize=round(BLOCK_S * rate_hz),
                    device=found["index"],
                    channels=channels,
                    dtype="int16",
                    callback=self._callback,
                    finished_callback=self._finished,
                )
            except sounddevice.PortAudioError as error:
                refused = refused or error
                continue
            if rate_hz != RATE_HZ:
                self._resampler = soxr.ResampleStream(
                    rate_hz, RATE_HZ, 1, dtype="int16", quality="LQ"
                )
            self._latency_s = stream.latency
            try:
                stream.start()
            except sounddevice.PortAudioError:
                stream.close(ignore_errors=True)
                raise
            return stream
        assert refused is not None
        raise refused

    def _callback(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self.overflows += bool(status.input_overflow)
        self.heard_at = time.perf_counter()
        begun_s = CLOCK.perf_counter_s(
            when.currentTime, when.inputBufferAdcTime, -self._latency_s - BLOCK_S
        )
        self._heard(self, data[:, 0].copy(), self.heard_at, begun_s + BLOCK_S)


def _formats(found: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Rates and channels to try: some drivers take only their own rate, and some no mono."""
    own_hz = round(found["default_samplerate"])
    yield RATE_HZ, 1
    yield own_hz, 1
    yield own_hz, found["max_input_channels"]
