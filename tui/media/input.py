"""The sound card's side of the microphone: one PortAudio stream, until it is lost or closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import soxr

from tui.core.capture import BLOCK_S, RATE_HZ
from tui.media import portaudio
from tui.media.portaudio import WITHOUT, MissingDevice, MissingLibrary
from tui.media.ring import Samples

OFF = "The microphone is off:"

NO_DEVICE = (
    f"{OFF} no sound device was found. Connect a microphone or start your sound server; "
    f"bidiscope looks for it every second. {WITHOUT}"
)


class InputError(Exception):
    """Nothing can be heard; the message is a sentence that says why and what to do.

    Args:
        sentence: what to show.
        worth_retrying: the device may come back.
    """

    def __init__(self, sentence: str, *, worth_retrying: bool = True) -> None:
        super().__init__(sentence)
        self.worth_retrying = worth_retrying


class Input:
    """A running mono stream of 16 kHz. Opening and closing may block for some milliseconds.

    Args:
        device: number, name or part of a name; None is the default device.
        heard: called on PortAudio's thread with this input, a block of samples at `rate_hz`, and
            the `time.perf_counter()` of its end.
        ended: called on PortAudio's thread when the stream ends and nobody here ended it.
    """

    def __init__(
        self,
        device: str | int | None,
        heard: Callable[[Input, Samples, float], None],
        ended: Callable[[Input], None],
    ) -> None:
        self._device = device
        self._heard = heard
        self._ended = ended
        self._stream: Any = None
        self._ours = False
        self._resampler: soxr.ResampleStream | None = None
        self.name = ""
        self.heard_at = 0.0
        """`time.perf_counter()` of the last block; 0 before the first."""
        self.overflows = 0

    def open(self) -> None:
        """Find the device and listen to it at 16 kHz, or at its own rate when it refuses.

        Raises:
            InputError: there is no PortAudio, no such device, or the device refuses.
        """
        with portaudio.LOCK:
            try:
                sounddevice, found = portaudio.library(), portaudio.device(self._device, "input")
            except MissingLibrary as error:
                raise InputError(f"{OFF} {error}", worth_retrying=False) from error
            except MissingDevice as error:
                raise InputError(self._not_found(error)) from error
            self.name = found["name"]
            try:
                self._start(sounddevice, found)
            except (sounddevice.PortAudioError, ValueError) as error:
                raise InputError(
                    f"{OFF} {self.name!r} could not be opened ({error}). bidiscope tries again "
                    f"every second; another program may hold it, or pick another one. {WITHOUT}"
                ) from error

    def close(self) -> None:
        """Give the device back; no block comes after this."""
        stream, self._stream = self._stream, None
        self._ours = True
        if stream is not None:
            with portaudio.LOCK:
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    def resampled(self, samples: Samples) -> Samples:
        """Samples of `heard` at 16 kHz; call it in order, from one thread."""
        if self._resampler is None:
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples)
        return resampled

    def _start(self, sounddevice: Any, found: dict[str, Any]) -> None:
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
            self._stream = stream
            stream.start()
            return
        if refused is not None:
            raise refused

    def _callback(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self.overflows += bool(status.input_overflow)
        self.heard_at = time.perf_counter()
        self._heard(self, data[:, 0].copy(), self.heard_at)

    def _finished(self) -> None:
        if not self._ours:
            self._ended(self)

    def _not_found(self, missing: MissingDevice) -> str:
        known = str(missing)
        if self._device is None or not known:
            return NO_DEVICE
        return (
            f"{OFF} {self._device!r} does not name one microphone. "
            f"Pick one of these: {known}. {WITHOUT}"
        )


def _formats(found: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Rates and channels to try: some drivers take only their own rate, and some no mono."""
    own_hz = round(found["default_samplerate"])
    yield RATE_HZ, 1
    yield own_hz, 1
    yield own_hz, found["max_input_channels"]
