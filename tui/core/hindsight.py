"""What clock and devices said at a moment of a recording, as far as it tells."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from tui.core import image, media
from tui.core.capture import Capture
from tui.core.frame import Direction, Event, Frame, Record
from tui.core.instant import Instant
from tui.core.journal import JournalError
from tui.core.levels import SLOT_S, Samples, levels_db, pcm
from tui.core.log import SessionLog
from tui.core.occurrences import Occurrences
from tui.core.playback import SILENCE_DB, Playback
from tui.core.playhead import Place
from tui.core.session import Session
from tui.core.timeline import Lane, Timeline, blobs, is_picture
from tui.core.video import Lens, Picture, Video

_MICROPHONE, _MUTED, _SPEAKER = "microphone", "microphone.muted", "speaker"
_STARTED, _ENDED = "speech.started", "speech.ended"
_CAMERA, _SCREEN = "camera", "screen"
_HEARD, _SEEN, _CHUNKS = "realtimeInput.audio", "realtimeInput.video", "realtimeInput.mediaChunks"
_KINDS = (
    *(_MICROPHONE, _MUTED, _SPEAKER, _STARTED, _ENDED, _CAMERA, _SCREEN),
    *(_HEARD, _SEEN, _CHUNKS),
)

_RECORDED = "recorded"
"""The name of a device that the recording does not name."""
_STALE_S = 0.2
"""A level is of the sound that came last, if that is not longer ago."""
_UNSIZED = "The size of this picture cannot be read: it is no JPEG or PNG."


class Hindsight:
    """Makes the `Instant` that a live session would have had.

    Each looks for the last event of every device up to the place, so it costs the same anywhere:
    a few lines of the journal read again. What no record tells (echo, underruns) is left out.
    """

    def __init__(self, log: SessionLog, timeline: Timeline) -> None:
        self._log = log
        self._timeline = timeline
        self._rows = Occurrences(log, _KINDS)
        self._picture: tuple[int, Picture | None] = (-1, None)
        """The one decoded last, and its row."""
        self._samples: tuple[int, Samples, int] = (-1, array("h"), 1)
        """Sound decoded last: its row, samples and rate in Hz."""

    def instant(self, place: Place, session: Session) -> Instant:
        """What could be known at the place; ``session`` is its state there."""
        return Instant(
            place.time_s,
            self._playback(place, session),
            self._capture(place),
            self._video(place, session),
        )

    # ---- sound

    def _playback(self, place: Place, session: Session) -> Playback:
        detail = self._detail(_SPEAKER, place.row)
        device, problem = str(detail.get("device", "")), str(detail.get("problem", ""))
        playing = self._timeline.sound.at(place.time_s)
        if playing is None:
            return Playback(device=device, problem=problem)
        answer, offset_s = playing.answer, playing.offset_s(place.time_s)
        received_s = answer.received_by(place.row)
        piece = answer.piece(offset_s)
        level_db, peak_db = SILENCE_DB, SILENCE_DB
        if piece is not None and piece.row <= place.row:
            level_db, peak_db = self._levels_db(piece.row, piece.offset_s)
        return Playback(
            answer=-answer.turn if playing.span.look else answer.turn,
            received_s=received_s,
            heard_s=min(received_s, offset_s),
            playing=self._timeline.sound.known,
            idle=False,
            level_db=level_db,
            peak_db=peak_db,
            device=device,
            problem=problem,
        )

    def _capture(self, place: Place) -> Capture:
        detail = self._detail(_MICROPHONE, place.row)
        heard = self._last((_HEARD, _CHUNKS), place.row)
        if heard is None and not detail:
            return Capture(off=True)
        level_db, peak_db = SILENCE_DB, SILENCE_DB
        if heard is not None and place.time_s - self._log.mono_s[heard] < _STALE_S:
            level_db, peak_db = self._levels_db(heard, None)
        started, ended = (self._rows.last(kind, place.row) for kind in (_STARTED, _ENDED))
        return Capture(
            level_db=level_db,
            peak_db=peak_db,
            speech=None if started is None else started > (-1 if ended is None else ended),
            muted=self._detail(_MUTED, place.row).get("muted") is True,
            device=str(detail.get("device", "")) or (_RECORDED if heard is not None else ""),
            problem=str(detail.get("problem", "")),
            blocks=self._rows.count(_HEARD, place.row),
        )

    def _levels_db(self, row: int, offset_s: float | None) -> tuple[float, float]:
        """RMS and peak of 20 ms of a record's sound, or of its last ones."""
        if self._samples[0] != row:
            sound, rate_hz = self._decoded(row)
            self._samples = (row, sound, rate_hz)
        _, sound, rate_hz = self._samples
        width = round(SLOT_S * rate_hz)
        start = max(0, len(sound) - width) if offset_s is None else int(offset_s * rate_hz)
        return levels_db(sound[start : start + width])

    def _decoded(self, row: int) -> tuple[Samples, int]:
        record = self._record(row)
        if isinstance(record, Frame):
            sent = record.direction is Direction.SEND
            for fact in record.facts:
                for blob in filter(media.is_pcm, blobs(fact.value)):
                    return pcm(blob, sent=sent)
        return array("h"), media.INPUT_RATE_HZ

    # ---- pictures

    def _video(self, place: Place, session: Session) -> Video:
        seen = self._seen(place)
        device = self._last((_CAMERA, _SCREEN), place.row)
        detail = self._event(device)
        if detail.get("state") == "off" or (device is None and seen is None):
            return Video()
        picture = None if seen is None else self._shown(seen)
        unsized = _UNSIZED if seen is not None and picture is None else ""
        following = self._rows.next(_SEEN, place.row)
        return Video(
            kind=self._log.kinds(device)[0] if device is not None else "video",
            lens=Lens(
                str(detail.get("source", "")) or _RECORDED,
                seen=seen is not None,
                problem=str(detail.get("problem", "")) or unsized,
            ),
            connected=session.connected,
            picture=picture,
            age_s=0.0 if seen is None else place.time_s - self._log.mono_s[seen],
            next_in_s=0.0 if following is None else self._log.mono_s[following] - place.time_s,
            sent=self._rows.count(_SEEN, place.row),
        )

    def _seen(self, place: Place) -> int | None:
        """The last picture's record; where it came as `mediaChunks`, the timeline knows."""
        row = self._rows.last(_SEEN, place.row)
        frames = self._timeline.points(Lane.FRAMES)
        if row is None and frames and (point := frames.last(place.time_s)):
            row = point.row
        return row

    def _shown(self, row: int) -> Picture | None:
        if self._picture[0] != row:
            self._picture = (row, _picture(self._record(row)))
        return self._picture[1]

    # ---- the journal

    def _last(self, kinds: tuple[str, ...], row: int) -> int | None:
        found = (self._rows.last(kind, row) for kind in kinds)
        return max((each for each in found if each is not None), default=None)

    def _detail(self, name: str, row: int) -> Mapping[str, Any]:
        return self._event(self._rows.last(name, row))

    def _event(self, row: int | None) -> Mapping[str, Any]:
        record = None if row is None else self._record(row)
        return record.detail if isinstance(record, Event) else {}

    def _record(self, row: int) -> Record | None:
        """None where it cannot be read again."""
        try:
            return self._log.record(row)
        except JournalError:
            return None


def _picture(record: Record | None) -> Picture | None:
    """The record's last picture, as it was sent."""
    if not isinstance(record, Frame):
        return None
    found = [blob for fact in record.facts for blob in blobs(fact.value) if is_picture(blob)]
    try:
        data = media.data_bytes(found[-1]) if found else b""
    except ValueError:
        return None
    size_px = image.size_px(data)
    return Picture(data, *size_px) if size_px else None
