"""The recorded sound of both sides, mixed, from any moment on."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from tui.core import media
from tui.core.frame import Direction, Frame
from tui.core.journal import JournalError
from tui.core.levels import pcm
from tui.core.log import SessionLog
from tui.core.sound_track import Answer, SoundTrack
from tui.core.timeline import blobs

Samples: TypeAlias = NDArray[np.int16]

RATE_HZ = media.OUTPUT_RATE_HZ

SNAP_S = 0.15
"""Blocks of the microphone come a little early or late: up to so much they follow each other
without a gap."""

_MICROPHONE = frozenset({"realtimeInput.audio", "realtimeInput.mediaChunks"})


class Mixdown:
    """Reads on from where `begin` puts it: the model as it was played, the person as recorded."""

    def __init__(self, log: SessionLog, sound: SoundTrack) -> None:
        self._log = log
        self._sound = sound
        self._decoded: tuple[int, Samples] = (-1, np.zeros(0, np.int16))
        """The record decoded last, and its samples."""
        self.begin(0.0)

    def begin(self, at_s: float) -> None:
        """Read from a time of the journal on."""
        self._start_s, self._read = at_s, 0
        self._row = bisect_right(self._log.mono_s, at_s)
        """Of the microphone, the next record to be read."""
        self._captured: deque[Samples] = deque()
        self._waiting = 0
        """Samples in it."""
        self._captured_s = at_s
        """Up to where the microphone has been read."""
        self._resamplers: dict[int, soxr.ResampleStream] = {}

    def read(self, count: int) -> Samples:
        """The next samples at `RATE_HZ`; silence where there is no sound."""
        start_s = self._start_s + self._read / RATE_HZ
        mixed = self._model(start_s, count) + self._microphone(start_s + count / RATE_HZ, count)
        self._read += count
        clipped: Samples = np.clip(mixed, -32768, 32767).astype(np.int16)
        return clipped

    # ---- the model

    def _model(self, start_s: float, count: int) -> NDArray[np.int32]:
        out, at_s, end_s = np.zeros(count, np.int32), start_s, start_s + count / RATE_HZ
        while (playing := self._sound.over(at_s, end_s)) is not None:
            first_s, last_s = max(at_s, playing.span.start_s), min(end_s, playing.span.end_s)
            first, last = (round((each - start_s) * RATE_HZ) for each in (first_s, last_s))
            begin = round(playing.offset_s(first_s) * RATE_HZ)
            self._copy(playing.answer, begin, out[first:last])
            at_s = playing.span.end_s
        return out

    def _copy(self, answer: Answer, begin: int, out: NDArray[np.int32]) -> None:
        """Fill with an answer's samples, from one of them on."""
        index = bisect_right(answer.ends_s, (begin + 0.5) / RATE_HZ)
        filled = 0
        while filled < len(out) and index < len(answer.rows):
            begins_s = answer.ends_s[index - 1] if index else 0.0
            skipped = begin + filled - round(begins_s * RATE_HZ)
            piece = self._samples(answer.rows[index])[max(0, skipped) :][: len(out) - filled]
            out[filled : filled + len(piece)] = piece
            filled += len(piece)
            index += 1

    def _samples(self, row: int) -> Samples:
        if self._decoded[0] != row:
            found = [
                soxr.resample(sound, rate_hz, RATE_HZ, quality="LQ")
                if rate_hz != RATE_HZ
                else sound
                for sound, rate_hz in self._sounds(row)
            ]
            self._decoded = row, np.concatenate([np.zeros(0, np.int16), *found])
        return self._decoded[1]

    # ---- the person

    def _microphone(self, end_s: float, count: int) -> NDArray[np.int32]:
        log = self._log
        while self._captured_s < end_s and self._row < len(log):
            if log.mono_s[self._row] > end_s + SNAP_S:
                break
            if log.directions[self._row] == ord("s") and _MICROPHONE.intersection(
                log.kinds(self._row)
            ):
                for sound, rate_hz in self._sounds(self._row):
                    self._capture(sound, rate_hz, log.mono_s[self._row])
            self._row += 1
        out = np.zeros(count, np.int32)
        filled = 0
        while self._captured and filled < count:
            piece = self._captured.popleft()
            if len(piece) > count - filled:
                self._captured.appendleft(piece[count - filled :])
                piece = piece[: count - filled]
            out[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._waiting -= filled
        if filled < count:
            self._captured_s = max(self._captured_s, end_s)
        return out

    def _capture(self, sound: Samples, rate_hz: int, captured_s: float) -> None:
        """A block whose last sample was captured then; what is before the beginning is cut."""
        start_s = captured_s - len(sound) / rate_hz
        if abs(start_s - self._captured_s) > SNAP_S or not self._resamplers:
            missing_s = start_s - self._captured_s
            if missing_s < 0:
                sound = sound[round(-missing_s * rate_hz) :]
            else:
                self._wait(np.zeros(round(missing_s * RATE_HZ), np.int16))
        resampler = self._resamplers.get(rate_hz)
        if resampler is None:
            self._resamplers[rate_hz] = resampler = soxr.ResampleStream(
                rate_hz, RATE_HZ, 1, dtype="int16", quality="LQ"
            )
        self._wait(resampler.resample_chunk(sound))
        self._captured_s = self._start_s + (self._read + self._waiting) / RATE_HZ

    def _wait(self, sound: Samples) -> None:
        self._captured.append(sound)
        self._waiting += len(sound)

    # ---- the journal

    def _sounds(self, row: int) -> list[tuple[Samples, int]]:
        """All PCM of a record, with its rate in Hz."""
        try:
            record = self._log.record(row)
        except JournalError:
            return []
        if not isinstance(record, Frame):
            return []
        sent = record.direction is Direction.SEND
        found = (
            pcm(blob, sent=sent)
            for fact in record.facts
            if fact.kind in _MICROPHONE or fact.kind == "serverContent.modelTurn.audio"
            for blob in filter(media.is_pcm, blobs(fact.value))
        )
        return [(np.frombuffer(sound, np.int16), rate_hz) for sound, rate_hz in found]
