"""The input of a recorded session, at its very times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from tui.core import media
from tui.core.capture import RATE_HZ
from tui.core.comparison import first_setup
from tui.core.configuration.message import Configuration, split
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.levels import pcm
from tui.core.log import SessionLog
from tui.core.statistics import is_timed
from tui.core.trial import Anchor, Input
from tui.core.values import dict_of, rows_of
from tui.headless.source import Answer, Beat, speech
from tui.importers.opening import open_log
from tui.media.ring import Samples

SOUND = ("realtimeInput.audio", "realtimeInput.mediaChunks")
SIGNALS = {"realtimeInput.activityStart": True, "realtimeInput.activityEnd": False}
"""Whether the person talks from then on."""
_OWN = frozenset({"setup", "toolResponse"})
"""What a new session says by itself."""


@dataclass
class Recorded:
    """The input of a recorded session, whoever recorded it.

    Raises:
        JournalError: It cannot be read, or holds nothing to send.
    """

    path: Path
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = open_log(self.path)
        self.name = self.path.name
        self.anchors = [*_anchors(self.log)]
        if why := self._unfit():
            self.close()
            raise JournalError(f"{self.path} {why}")
        self.manual = any(each.manual for each in self.log.session.opened)
        self.silence = not self.log.known_kinds.isdisjoint(SOUND)
        self.answers = [*_answers(self.log)]
        if self.silence and not self.configuration.get("input_transcription"):
            self._note(
                "The recording asked for no transcription of what was said: "
                "--set input_transcription=yes does."
            )

    @property
    def configuration(self) -> Configuration:
        """What the first connection asked for, less its handle."""
        setup = {**first_setup(self.log)}
        if isinstance(resumption := setup.get("sessionResumption"), dict):
            setup["sessionResumption"] = {k: v for k, v in resumption.items() if k != "handle"}
        return split(setup)

    @cached_property
    def inputs(self) -> list[Input]:
        """Each stretch of speech, and each typed question."""
        typed: list[Input] = []

        def noted() -> Iterator[Beat]:
            for each in self.beats():
                if each.text:
                    typed.append(Input(each.at_s, each.at_s, each.text, typed=True))
                yield each

        return sorted([*speech(noted()), *typed], key=lambda each: each.begin_s)

    @property
    def answered(self) -> bool:
        """It was in the recording."""
        if not self.inputs:
            return False
        column = self.anchors[-1]
        end_s = column.mono_s + self.inputs[-1].end_s - column.source_s
        return any((turn.first_content_s or 0.0) >= end_s for turn in self.log.session.turns)

    def beats(self) -> Iterator[Beat]:
        """What the client sent while it was connected."""
        resampler: dict[int, soxr.ResampleStream] = {}
        removed = 0
        for row in range(len(self.log)):
            if self.log.directions[row] != ord("s") or not _OWN.isdisjoint(self.log.kinds(row)):
                continue
            record = self.log.record(row)
            at_s = self._source_s(record.mono_s)
            if not isinstance(record, Frame) or at_s is None:
                continue
            removed += _is_removed(record)
            first = record.mono_s < self.anchors[1].mono_s if self.anchors[1:] else True
            yield from _beats(record, at_s, resampler, seeds=first)
        if removed:
            self._note(f"Media was removed by a redaction and is not sent: {removed:,} messages.")

    def close(self) -> None:
        """Let the journal go."""
        self.log.close()

    def _unfit(self) -> str:
        """Why it cannot be sent again; empty where it can."""
        if not self.anchors:
            return "holds no session that the server accepted: nothing to send again."
        if not is_timed(self.log):
            return "has no times, so nothing in it can be sent at its time."
        return ""

    def _source_s(self, mono_s: float) -> float | None:
        """Seconds of connection; None before the first."""
        found = [each for each in self.anchors if each.mono_s <= mono_s]
        return found[-1].source_s + mono_s - found[-1].mono_s if found else None

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _anchors(log: SessionLog) -> Iterator[Anchor]:
    """Each connection that was accepted; the time between two is left out."""
    source_s = 0.0
    for each in log.session.opened:
        if each.open_s is not None:
            yield Anchor(0, source_s, each.open_s)
            end_s = each.closed_s if each.closed_s is not None else log.session.now_s
            source_s += max(0.0, end_s - each.open_s)


def _beats(
    frame: Frame, at_s: float, resampler: dict[int, soxr.ResampleStream], *, seeds: bool
) -> Iterator[Beat]:
    """What one message says; history counts only where it ``seeds`` the whole session."""
    rest = False
    for fact in frame.facts:
        if fact.kind in SOUND and (sound := _sound(fact.value, resampler)) is not None:
            if sound:  # a resampler holds the first of it back
                yield Beat(at_s, sound=sound)
        elif fact.kind in SIGNALS:
            yield Beat(at_s, talks=SIGNALS[fact.kind])
        elif fact.kind == "realtimeInput.text" and isinstance(fact.value, str):
            yield Beat(at_s, text=fact.value)
        elif fact.kind == "clientContent" and (text := _question(fact.value)):
            yield Beat(at_s, text=text)
        elif fact.kind != "clientContent" or seeds:
            rest = True
    if rest and not _is_removed(frame):
        yield Beat(at_s, message=frame.payload)


def _sound(value: Any, resampler: dict[int, soxr.ResampleStream]) -> bytes | None:
    """The samples of a Blob, or of a list of one, at 16 kHz; None where it is no PCM."""
    blob = value[0] if isinstance(value, list) and len(value) == 1 else value
    sound, rate_hz = pcm(dict_of(blob), sent=True)
    if not sound:
        return None
    if rate_hz == RATE_HZ:
        return sound.tobytes()
    if rate_hz not in resampler:
        resampler[rate_hz] = soxr.ResampleStream(rate_hz, RATE_HZ, 1, "int16", "HQ")
    samples: Samples = resampler[rate_hz].resample_chunk(np.frombuffer(sound, np.int16))
    return samples.tobytes()


def _question(value: Any) -> str:
    """The text of a question that is nothing but that; empty for history and all else."""
    content = dict_of(value)
    match content.get("turns"):
        case [{"parts": [{"text": str(text)}], **more}] if content.get("turnComplete") is True:
            return text if more.get("role", "user") == "user" else ""
    return ""


def _is_removed(frame: Frame) -> bool:
    return any(
        media.is_removed(blob)
        for fact in frame.facts
        for blob in (fact.value if isinstance(fact.value, list) else [fact.value])
        if isinstance(blob, dict)
    )


def _answers(log: SessionLog) -> Iterator[Answer]:
    """The last answer to each call."""
    rows = {log.seqs[n]: n for n in range(len(log)) if "toolResponse" in log.kinds(n)}
    for call in log.session.board.calls:
        record = log.record(rows[call.answers[-1]]) if call.answers else None
        for fact in record.facts if isinstance(record, Frame) else ():
            for response in rows_of(dict_of(fact.value).get("functionResponses")):
                if str(response.get("id") or "") == call.id and response.get("name") == call.name:
                    yield Answer(call, response)
