"""The speaker: answers as they are heard, and as WAV files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import soxr

from tui.core.devices import Source
from tui.core.playback import SILENCE_DB, Playback
from tui.media.device import DeviceError
from tui.media.level import levels_db
from tui.media.output import LOST, RATE_HZ, Output
from tui.media.ring import Lane, Reference, Ring, Samples, Track
from tui.media.wav import WavFile, new_wav

REST_S = 60.0
"""After so much silence the device is stopped until the next answer. Not sooner: a device that
starts again is some milliseconds off, and the echo must be learnt anew."""

LOOK_S = 0.2
"""How often a running device is looked at."""

RETRY_S = 1.0
"""How often a lost device is looked for."""

PLAUSIBLE_HZ = range(4000, 192_001)
"""Any other rate is a mistake on the wire; the answer is then taken for the Live API's 24 kHz."""


@dataclass(slots=True, eq=False)
class _Answer:
    track: Track
    rate_hz: int
    lane: Lane
    """Where it is played. A flush gives the ring another one, and so does a device that is lost:
    this answer stays silent then."""
    received_bytes: int = 0
    ended: bool = False
    odd: bytes = b""
    """Half a sample that waits for its other half."""
    resampler: soxr.ResampleStream | None = None
    wav: WavFile | None = None


class Speaker:
    """Plays the answers of a session one after the other, and saves them.

    `play`, `finish` and `flush` come from one thread (the engine's) and return at once: files,
    resampling and PortAudio, all of which may block, are left to a thread of the speaker's own.
    `snapshot` may come from any thread. Nothing here raises for a device or a disk: the
    snapshot's `problem` tells, and the conversation goes on.

    Args:
        device: number, name or part of a name of an output device; None is the default one.
        sound: False leaves the device alone.
        wav_folder: gets a new WAV file for each answer, with everything received.
        wav_file: becomes one WAV file of all answers; an older file is replaced.
    """

    def __init__(
        self,
        device: Source = None,
        *,
        sound: bool = True,
        wav_folder: Path | None = None,
        wav_file: Path | None = None,
    ) -> None:
        self._sound = sound
        self._wav_folder = wav_folder
        self._wav_file = wav_file
        self._single: WavFile | None = None
        self._latest: _Answer | None = None
        self._lost = False
        """The device shall come back."""
        self._sound_problem = ""
        self._wav_problem = ""
        self._ring = Ring()
        self._orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._output = Output(device, self._ring, ended=lambda: self._orders.put(self._go_on))
        self._thread = threading.Thread(target=self._work, name="speaker", daemon=True)

    def open(self) -> None:
        """Open the device. Where that fails, the snapshot's `problem` tells."""
        if self._sound:
            self._tried(self._output.open)
        self._thread.start()

    def switch(self, device: Source) -> None:
        """Play on another device; what is being played goes on there."""
        self._orders.put(partial(self._turn_to, device))

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """Append audio of an answer; a new number ends the answer before it.

        Args:
            answer: its number.
            pcm: s16le, mono; a chunk may end inside a sample.
            rate_hz: the rate of its first chunk holds for the whole answer.
        """
        current = self._latest
        if current is None or current.ended or current.track.number != answer:
            self._end()
            rate_hz = rate_hz if rate_hz in PLAUSIBLE_HZ else RATE_HZ
            current = self._latest = _Answer(Track(answer), rate_hz, self._ring.lane)
            if self._sound:
                current.lane.append(current.track)
        current.received_bytes += len(pcm)
        current.track.received_s = current.received_bytes // 2 / current.rate_hz
        if self._sound or self._wav_folder or self._wav_file:
            self._orders.put(partial(self._take_in, current, pcm))

    def finish(self, answer: int) -> None:
        """No more audio of this answer comes.

        Call it at `generationComplete`: a server sends `turnComplete` only when it thinks that
        playback is over, and by then an answer that was not finished counts as run dry.
        """
        if self._latest is not None and self._latest.track.number == answer:
            self._end()

    def flush(self, *, abort: bool = False) -> Playback:
        """Fall silent, and forget what waits to be played. Returns how far it was heard.

        Args:
            abort: at once, for a person who speaks over the answer and hides the click; otherwise
                faded, which lasts as long as the device's buffer.
        """
        before = self.snapshot()
        self._ring.flush(fade=not abort)
        self._orders.put(partial(self._cut, abort))
        return before

    def snapshot(self) -> Playback:
        """What is played now, or else waits to be played, or else came last."""
        now = time.perf_counter()
        sounding, waiting = self._ring.sounding(now), self._ring.waiting()
        latest = self._latest.track if self._latest else Track()
        track = sounding or waiting or latest
        level_db, peak_db = levels_db(self._ring.block) if sounding else (SILENCE_DB, SILENCE_DB)
        return Playback(
            answer=track.number,
            received_s=track.received_s,
            heard_s=min(track.received_s, self._ring.heard(track, now) / self._ring.rate_hz),
            playing=sounding is not None,
            idle=sounding is None and waiting is None,
            level_db=level_db,
            peak_db=peak_db,
            underruns=self._ring.underruns,
            device=self._output.name or str(self._wav_folder or self._wav_file or ""),
            problem=" ".join(filter(None, (self._sound_problem, self._wav_problem))),
        )

    @property
    def reference(self) -> Reference:
        """What the device was given to play, for one echo canceller to read."""
        return self._ring.played

    def close(self) -> None:
        """Close the files and give the device back."""
        if self._thread.is_alive():
            self._end()
            self._orders.put(None)
            self._thread.join(timeout=2)  # a hung sound server must not hold the program

    def _end(self) -> None:
        if self._latest is not None and not self._latest.ended:
            self._latest.ended = True
            self._orders.put(partial(self._complete, self._latest))

    # From here on everything runs on the speaker's own thread.

    def _work(self) -> None:
        while (order := self._next_order()) is not None:
            order()
            self._look()
        self._output.close()
        if self._single is not None:
            self._single.close()

    def _next_order(self) -> Callable[[], None] | None:
        wait_s = RETRY_S if self._lost else LOOK_S if self._output.running else None
        try:
            return self._orders.get(timeout=wait_s)
        except Empty:
            return self._go_on if self._lost else self._look

    def _look(self) -> None:
        now = time.perf_counter()
        if self._output.is_stalled(now):
            self._lose(DeviceError(LOST))
        elif self._output.running and self._ring.quiet_s(now) > REST_S:
            self._output.rest()

    def _take_in(self, answer: _Answer, pcm: bytes) -> None:
        pcm = answer.odd + pcm
        whole = len(pcm) // 2 * 2
        answer.odd = pcm[whole:]
        self._save(answer, pcm[:whole])
        if self._sound and answer.lane is self._ring.lane and self._started():
            samples = np.frombuffer(pcm[:whole], "<i2").astype(np.int16, copy=False)
            answer.track.write(self._resampled(answer, samples))

    def _complete(self, answer: _Answer) -> None:
        if answer.resampler is not None:
            answer.track.write(self._resampled(answer, np.zeros(0, np.int16), last=True))
        answer.track.complete = True
        if answer.wav is not None and answer.wav is not self._single:
            answer.wav.close()

    def _started(self) -> bool:
        """Make the device run."""
        if self._sound_problem:
            self._ring.flush(fade=False)
            return False
        return self._tried(self._output.start)

    def _cut(self, abort: bool) -> None:
        if abort or self._output.is_deep:
            self._tried(self._output.cut)

    def _turn_to(self, device: Source) -> None:
        self._output.turn_to(device)
        self._go_on()

    def _go_on(self) -> None:
        """Open the device, and play there what still waits to be played."""
        rate_hz = self._ring.rate_hz
        self._output.close()
        if not self._tried(self._output.open):
            return
        if self._ring.rate_hz != rate_hz:
            self._ring.flush(fade=False)  # its samples are of the old rate
        elif self._ring.waiting():
            self._tried(self._output.start)

    def _tried(self, step: Callable[[], None]) -> bool:
        try:
            step()
        except DeviceError as error:
            self._lose(error)
            return False
        self._sound_problem = ""
        self._lost = False
        return True

    def _lose(self, error: DeviceError) -> None:
        self._sound_problem = str(error)  # first: closing waits for a sound server that hangs
        self._lost = error.worth_retrying
        self._output.close()
        self._ring.flush(fade=False)

    def _resampled(self, answer: _Answer, samples: Samples, last: bool = False) -> Samples:
        if answer.rate_hz == self._ring.rate_hz:
            return samples
        if answer.resampler is None:
            rates = answer.rate_hz, self._ring.rate_hz
            answer.resampler = soxr.ResampleStream(*rates, 1, dtype="int16", quality="LQ")
        resampled: Samples = answer.resampler.resample_chunk(samples, last=last)
        return resampled

    def _save(self, answer: _Answer, pcm: bytes) -> None:
        try:
            if answer.wav is None:
                answer.wav = self._new_wav(answer)
            if answer.wav is not None:
                answer.wav.write(pcm)
        except OSError as error:
            place = self._wav_folder or self._wav_file
            self._wav_problem = (
                f"Answers are not saved: {place} cannot be written ({error.strerror}). "
                "Make room there, or start bidiscope again with another place for them."
            )

    def _new_wav(self, answer: _Answer) -> WavFile | None:
        if self._wav_folder is not None:
            return new_wav(self._wav_folder, answer.track.number, answer.rate_hz)
        if self._wav_file is not None and self._single is None:
            self._single = WavFile(self._wav_file, answer.rate_hz, replace=True)
        return self._single
