"""What is sent again: a recording's input at its very times, or a WAV file as one thing said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import soxr

from tui.core import media
from tui.core.capture import BLOCK_S, QUIET_S, RATE_HZ
from tui.core.comparison import first_setup
from tui.core.configuration.message import Configuration, split
from tui.core.frame import Frame
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.tool_call import ToolCall
from tui.core.trial import Anchor, Input
from tui.core.values import dict_of, rows_of
from tui.importers.opening import open_log
from tui.media.recording import Recording, RecordingError
from tui.media.ring import Samples
from tui.media.voice_activity import VoiceActivity

BLOCK = round(BLOCK_S * RATE_HZ)
LARGEST_WORDS_BYTES = 64 << 10
SOUND = ("realtimeInput.audio", "realtimeInput.mediaChunks")
SIGNALS = {"realtimeInput.activityStart": True, "realtimeInput.activityEnd": False}
"""Whether the person talks from then on."""
_OWN = frozenset({"setup", "toolResponse"})
"""What a new session says by itself."""


class Beat(NamedTuple):
    """One thing that is sent, at a second of its source: one of the others is there."""

    at_s: float
    sound: bytes = b""
    """s16le, mono, 16 kHz."""
    text: str = ""
    """A typed question."""
    talks: bool | None = None
    """The person tells that they begin or end to speak."""
    message: bytes = b""
    """Anything else, as it crossed the wire."""

    @property
    def seconds(self) -> float:
        """How long it sounds; it is sent at the end of that."""
        return len(self.sound) / media.BYTES_PER_SAMPLE / RATE_HZ


class Answer(NamedTuple):
    """What a call was answered with."""

    call: ToolCall
    response: Mapping[str, Any]
    """The `FunctionResponse`."""


class Source(Protocol):
    """Something to send. ``inputs`` takes a while: all of its sound is listened to."""

    name: str
    path: Path
    manual: bool
    """The person tells when they speak; sound is sent only then."""
    silence: bool
    """Silence follows it, as from a microphone."""
    answers: list[Answer]
    notes: list[str]
    """Sentences about what cannot be sent again."""

    @property
    def inputs(self) -> list[Input]:
        """What is said and typed in it."""
        ...

    @property
    def answered(self) -> bool:
        """Whether the last of it shall have an answer, as far as is known."""
        ...

    def beats(self) -> Iterator[Beat]:
        """All of it, in order."""
        ...

    def close(self) -> None:
        """Let its file go."""
        ...


class Voice:
    """A WAV file; ``NAME.txt`` beside it has the words that are said in it.

    Raises:
        JournalError: One of the two cannot be read.
    """

    manual = False
    silence = True

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.answers: list[Answer] = []
        self.notes: list[str] = []
        self.words = _words(path.with_suffix(".txt"))
        self._open()

    def _open(self) -> Recording:
        try:
            return Recording(self.path)
        except RecordingError as error:
            raise JournalError(str(error).removeprefix("The microphone is off: ")) from None

    @cached_property
    def inputs(self) -> list[Input]:
        """All that is said in the file as one, else the whole of it as noise."""
        heard = [*speech(self.beats())]
        if heard:
            return [Input(heard[0].begin_s, heard[-1].end_s, self.words)]
        return [Input(0.0, sum(BLOCK_S for _ in self.beats()), self.words, noise=True)]

    @property
    def answered(self) -> bool:
        """Speech should be answered, and noise should not."""
        return not self.inputs[0].noise

    def beats(self) -> Iterator[Beat]:
        """Blocks of 20 ms."""
        recording, number = self._open(), 0
        while not recording.over:
            yield Beat(number * BLOCK_S, recording.read(BLOCK).tobytes())
            number += 1

    def close(self) -> None:
        """Nothing is open."""


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
        if not self.anchors:
            self.close()
            raise JournalError(
                f"{self.path} holds no session that the server accepted: nothing to send again."
            )
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

    def _source_s(self, mono_s: float) -> float | None:
        """Seconds of connection; None before the first."""
        found = [each for each in self.anchors if each.mono_s <= mono_s]
        return found[-1].source_s + mono_s - found[-1].mono_s if found else None

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def speech(beats: Iterator[Beat]) -> Iterator[Input]:
    """Where a person speaks, as this machine hears it."""
    activity = VoiceActivity()
    begin_s: float | None = None
    at_s = 0.0
    for beat in beats:
        if not beat.sound:
            continue
        if begin_s is not None and beat.at_s - beat.seconds - at_s > QUIET_S:  # it has stopped
            yield Input(begin_s, at_s)
            activity, begin_s = VoiceActivity(), None
        samples = np.frombuffer(beat.sound, np.int16)
        for start in range(0, len(samples), BLOCK):
            block = samples[start : start + BLOCK]
            at_s = beat.at_s - (len(samples) - start - len(block)) / RATE_HZ
            speaks = activity.hears(block)
            if speaks and begin_s is None:
                begin_s = at_s
            elif not speaks and begin_s is not None:
                yield Input(begin_s, max(begin_s, at_s - QUIET_S))
                begin_s = None
    if begin_s is not None:
        yield Input(begin_s, at_s)


def sources(paths: list[Path]) -> list[Source]:
    """What is at the paths: one recording, or WAV files and folders of them.

    Raises:
        JournalError: It is neither, or cannot be read.
    """
    files = [file for path in paths for file in _files(path)]
    voices = [path for path in files if path.suffix.lower() == ".wav"]
    if len(voices) == len(files):
        return [Voice(path) for path in voices]
    if len(files) > 1:
        raise JournalError("One recording at a time, or WAV files and folders of them.")
    return [Recorded(files[0])]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix.lower() == ".wav")
    if not found:
        raise JournalError(f"There is no WAV file in {path}.")
    return found


def _words(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_WORDS_BYTES + 1)
        if len(text) > LARGEST_WORDS_BYTES:
            raise JournalError(f"{path} is larger than 64 KiB: it should have the words alone.")
        return " ".join(text.decode("utf-8-sig").split())
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise JournalError(f"{path} is not UTF-8 text.") from None


# ---- recordings


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
    if not isinstance(blob, dict) or not media.is_pcm(blob):
        return None
    try:
        pcm = media.data_bytes(blob)
    except ValueError:
        return None
    pcm = pcm[: len(pcm) // media.BYTES_PER_SAMPLE * media.BYTES_PER_SAMPLE]
    rate_hz = media.pcm_rate_hz(str(blob["mimeType"]), media.INPUT_RATE_HZ)
    if rate_hz == RATE_HZ:
        return pcm
    if rate_hz not in resampler:
        resampler[rate_hz] = soxr.ResampleStream(rate_hz, RATE_HZ, 1, "int16", "HQ")
    samples: Samples = resampler[rate_hz].resample_chunk(np.frombuffer(pcm, np.int16))
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
