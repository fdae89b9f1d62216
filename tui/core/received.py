"""What the server sends, and what it changes in the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tui.core import anchoring, media
from tui.core.area import Area
from tui.core.connection import GoAway, Handle
from tui.core.frame import Frame
from tui.core.turn import Lane, Usage
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

if TYPE_CHECKING:
    from tui.core.session import Session

HANDLES = 100
"""Some models send one every second (google-gemini/gemini-live-api-examples#38)."""


def _setup_complete(session: Session, fact: Fact, frame: Frame) -> Area:
    if session.connection is not None:
        session.connection.open_s = frame.mono_s
        session.connection.session_id = str(dict_of(fact.value).get("sessionId", ""))
    session.problem = ""
    return Area.CONNECTION | Area.NOTICE


def _audio(session: Session, fact: Fact, frame: Frame) -> Area:
    seconds = media.audio_seconds(dict_of(fact.value), media.OUTPUT_RATE_HZ)
    session.answering(frame).sound(seconds, frame.mono_s)
    return Area.TRANSCRIPT


def _text(session: Session, fact: Fact, frame: Frame) -> Area:
    spoken = session.connection is not None and session.connection.modality == "AUDIO"
    lane = Lane.UNSPOKEN if spoken else Lane.TEXT
    return session.say(lane, dict_of(fact.value).get("text"), frame)


def _thought(session: Session, fact: Fact, frame: Frame) -> Area:
    return session.say(Lane.THOUGHT, dict_of(fact.value).get("text"), frame)


def _code(session: Session, fact: Fact, frame: Frame) -> Area:
    code = dict_of(dict_of(fact.value).get("executableCode"))
    return _ran(session, Lane.CODE, code.get("code"), code.get("language"), frame)


def _code_result(session: Session, fact: Fact, frame: Frame) -> Area:
    result = dict_of(dict_of(fact.value).get("codeExecutionResult"))
    return _ran(session, Lane.RESULT, result.get("output"), result.get("outcome"), frame)


def _ran(session: Session, lane: Lane, text: object, note: object, frame: Frame) -> Area:
    words, note = (each if isinstance(each, str) else "" for each in (text, note))
    session.answering(frame).run(lane, words, note)
    return Area.TRANSCRIPT


def _grounding(session: Session, fact: Fact, frame: Frame) -> Area:
    """It comes with the answer, or right behind it."""
    turn = session.conversation.current or session.conversation.last
    if turn is not None:
        turn.grounding = turn.grounding.searched(dict_of(fact.value))
    return Area.TRANSCRIPT


def _url_context(session: Session, fact: Fact, frame: Frame) -> Area:
    turn = session.conversation.current or session.conversation.last
    if turn is not None:
        turn.grounding = turn.grounding.fetched(dict_of(fact.value))
    return Area.TRANSCRIPT


def _output_transcription(session: Session, fact: Fact, frame: Frame) -> Area:
    return session.say(Lane.SPEECH, dict_of(fact.value).get("text"), frame)


def _input_transcription(session: Session, fact: Fact, frame: Frame) -> Area:
    turn = session.conversation.listening(frame.mono_s)
    text = dict_of(fact.value).get("text")
    turn.user += text if isinstance(text, str) else ""
    turn.user_interim = ""
    if not turn.answered:
        turn.asked_s = frame.mono_s
    return Area.TRANSCRIPT


def _interim_transcription(session: Session, fact: Fact, frame: Frame) -> Area:
    text = dict_of(fact.value).get("text")
    session.conversation.listening(frame.mono_s).user_interim = (
        text if isinstance(text, str) else ""
    )
    return Area.TRANSCRIPT


def _interrupted(session: Session, fact: Fact, frame: Frame) -> Area:
    if fact.value is not True:
        return Area.NOTHING
    if session.interrupt is not None and session.interrupt.confirmed_s is None:
        session.interrupt.confirmed_s = frame.mono_s
    turn = session.conversation.interrupt(frame.mono_s)
    if turn is not None and turn.stop_asked_s is None:
        anchoring.explain_stop(turn, session.turns, session.utterances)
    return Area.TRANSCRIPT | Area.NOTICE


def _generated(session: Session, fact: Fact, frame: Frame) -> Area:
    turn = session.conversation.current
    if fact.value is True and turn is not None:
        turn.generated_s = frame.mono_s
    return Area.TRANSCRIPT


def _turn_complete(session: Session, fact: Fact, frame: Frame) -> Area:
    if fact.value is True:
        session.conversation.complete(frame.mono_s)
    return Area.TRANSCRIPT


def _turn_reason(session: Session, fact: Fact, frame: Frame) -> Area:
    turn = session.conversation.current or session.conversation.last
    if turn is not None:
        turn.reason = str(fact.value)
    return Area.TRANSCRIPT


def _usage(session: Session, fact: Fact, frame: Frame) -> Area:
    """A snapshot of the turn that the server is at, or of the one it has just completed.

    The turns of the connection before have had theirs: then it is the history's.
    """
    connection, usage = session.connection, Usage.read(fact.value)
    ends = any(each.kind == "serverContent.turnComplete" for each in frame.facts)
    turn = (session.conversation.current if ends else None) or session.conversation.last
    if turn is not None and connection is not None and turn.connection is not connection:
        connection.replayed = usage if usage.total else connection.replayed
    elif turn is not None and usage.total:
        turn.usage = usage
    if connection is not None and connection.context_after is None and usage.prompt:
        connection.context_after = usage.prompt
    return Area.USAGE


def _tool_call(session: Session, fact: Fact, frame: Frame) -> Area:
    turn = session.answering(frame)
    for row in rows_of(dict_of(fact.value).get("functionCalls")):
        session.board.ask(row, turn, frame)
    return Area.TRANSCRIPT


def _tool_cancelled(session: Session, fact: Fact, frame: Frame) -> Area:
    session.board.cancel(dict_of(fact.value).get("ids"), frame.mono_s)
    return Area.TRANSCRIPT


def _resumption(session: Session, fact: Fact, frame: Frame) -> Area:
    """A handle; an update without one only says that now is no moment to resume."""
    value = dict_of(fact.value)
    handle = str(value.get("newHandle") or "")
    resumable = value.get("resumable") is True
    if handle or session.handle is None:
        session.handle = _kept(session, Handle(handle, resumable and bool(handle), frame.mono_s))
    return Area.CONNECTION


def _kept(session: Session, handle: Handle) -> Handle:
    model = session.connection.model if session.connection is not None else ""
    handle = replace(handle, model=model, connection=len(session.opened), context=session.context)
    if handle.resumable:
        session.handles = [*session.handles[1 - HANDLES :], handle]
    return handle


def _going_away(session: Session, fact: Fact, frame: Frame) -> Area:
    session.go_away = GoAway(str(dict_of(fact.value).get("timeLeft", "")), frame.mono_s)
    return Area.CONNECTION | Area.NOTICE


def _voice_activity(session: Session, fact: Fact, frame: Frame) -> Area:
    speech = session.utterances.heard_there(dict_of(fact.value), frame.mono_s)
    session.speech = session.speech if speech is None else speech
    if speech is False:
        session.anchor_late()
    return Area.CONNECTION


RECEIVED: Final[dict[str, Callable[[Session, Fact, Frame], Area]]] = {
    "setupComplete": _setup_complete,
    "serverContent.modelTurn.audio": _audio,
    "serverContent.modelTurn.text": _text,
    "serverContent.modelTurn.thought": _thought,
    "serverContent.modelTurn.executableCode": _code,
    "serverContent.modelTurn.codeExecutionResult": _code_result,
    "serverContent.groundingMetadata": _grounding,
    "serverContent.urlContextMetadata": _url_context,
    "serverContent.outputTranscription": _output_transcription,
    "serverContent.inputTranscription": _input_transcription,
    "serverContent.interimInputTranscription": _interim_transcription,
    "serverContent.interrupted": _interrupted,
    "serverContent.generationComplete": _generated,
    "serverContent.turnComplete": _turn_complete,
    "serverContent.turnCompleteReason": _turn_reason,
    "usageMetadata": _usage,
    "toolCall": _tool_call,
    "toolCallCancellation": _tool_cancelled,
    "sessionResumptionUpdate": _resumption,
    "goAway": _going_away,
    "voiceActivity": _voice_activity,
}
