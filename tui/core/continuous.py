"""What the server sends where there are no turns, and what it changes in the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tui.core import media
from tui.core.area import Area
from tui.core.frame import Frame
from tui.core.received import RECEIVED
from tui.core.turn import Usage
from tui.core.values import dict_of
from tui.core.wire import Fact

if TYPE_CHECKING:
    from tui.core.session import Session


def _interim_transcription(session: Session, fact: Fact, frame: Frame) -> Area:
    session.captions.guessed(dict_of(fact.value), frame.mono_s, session.utterances)
    return Area.TRANSCRIPT


def _input_transcription(session: Session, fact: Fact, frame: Frame) -> Area:
    session.captions.understood(dict_of(fact.value), frame.mono_s, session.utterances)
    return Area.TRANSCRIPT


def _output(session: Session, fact: Fact, frame: Frame) -> Area:
    session.captions.made(dict_of(fact.value), frame.mono_s)
    return Area.TRANSCRIPT


def _audio(session: Session, fact: Fact, frame: Frame) -> Area:
    seconds = media.audio_seconds(dict_of(fact.value), media.OUTPUT_RATE_HZ)
    session.captions.sounded(seconds, frame.mono_s)
    return Area.TRANSCRIPT


def _end(session: Session, fact: Fact, frame: Frame) -> Area:
    if fact.value is True:
        session.captions.settled()
    return Area.TRANSCRIPT


def _interrupted(session: Session, fact: Fact, frame: Frame) -> Area:
    """The speaker is flushed; there is no turn that could be interrupted."""
    return Area.NOTICE


def _nothing(session: Session, fact: Fact, frame: Frame) -> Area:
    return Area.NOTHING


def _usage(session: Session, fact: Fact, frame: Frame) -> Area:
    usage = Usage.read(fact.value)
    if usage.total:
        session.captions.usage = usage
    if session.connection is not None and session.connection.context_after is None:
        session.connection.context_after = usage.prompt or None
    return Area.USAGE


CONTINUOUS: Final[dict[str, Callable[[Session, Fact, Frame], Area]]] = {
    **RECEIVED,
    "serverContent.modelTurn.audio": _audio,
    "serverContent.modelTurn.text": _output,
    "serverContent.outputTranscription": _output,
    "serverContent.inputTranscription": _input_transcription,
    "serverContent.interimInputTranscription": _interim_transcription,
    "serverContent.interrupted": _interrupted,
    "serverContent.generationComplete": _end,
    "serverContent.turnComplete": _end,
    "serverContent.turnCompleteReason": _nothing,
    "usageMetadata": _usage,
}
