"""What this side sends, and what it changes in the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tui.core import media, models
from tui.core.area import Area
from tui.core.connection import Connection
from tui.core.frame import Frame
from tui.core.utterances import Anchor
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

if TYPE_CHECKING:
    from tui.core.session import Session


def _setup(session: Session, fact: Fact, frame: Frame) -> Area:
    setup, connection = dict_of(fact.value), session.connection
    if connection is None or connection.open_s is not None:  # no event said that one opens
        model = str(setup.get("model", "")).rpartition("/")[2]
        connection = Connection(model, "", "", "", "", 0, frame.mono_s)
        session.connect(connection)
    generation = dict_of(setup.get("generationConfig"))
    modalities = generation.get("responseModalities")
    if isinstance(modalities, list) and modalities:
        connection.modality = str(modalities[0])
    listening = dict_of(setup.get("realtimeInputConfig"))
    detection = dict_of(listening.get("automaticActivityDetection"))
    connection.manual = detection.get("disabled") is True
    session.board.declare(setup.get("tools"))
    connection.task = models.task(models.model(str(setup.get("model", connection.model))), setup)
    target = dict_of(generation.get("translationConfig")).get("targetLanguageCode")
    connection.target = target if isinstance(target, str) else ""
    connection.resumed = bool(dict_of(setup.get("sessionResumption")).get("handle"))
    return Area.CONNECTION


def _content(session: Session, fact: Fact, frame: Frame) -> Area:
    """A question, unless it only lays history down (``turnComplete`` false)."""
    value = dict_of(fact.value)
    if value.get("turnComplete") is not True:
        return Area.NOTHING
    session.utterances.ended(Anchor.CONTENT, frame.mono_s)
    text = _last_user_text(value.get("turns"))
    return _ask(session, text, frame, Anchor.CONTENT) if text else Area.NOTHING


def _text(session: Session, fact: Fact, frame: Frame) -> Area:
    if not isinstance(fact.value, str):
        return Area.NOTHING
    session.utterances.ended(Anchor.TEXT, frame.mono_s)
    return _ask(session, fact.value, frame, Anchor.TEXT)


def _audio(session: Session, fact: Fact, frame: Frame) -> Area:
    seconds = media.audio_seconds(dict_of(fact.value), media.INPUT_RATE_HZ)
    session.utterances.sent(frame.mono_s, seconds)
    return Area.NOTHING


def _stream_end(session: Session, fact: Fact, frame: Frame) -> Area:
    if fact.value is True:
        session.utterances.ended(Anchor.STREAM_END, frame.mono_s)
    return Area.NOTHING


def _ask(session: Session, text: str, frame: Frame, anchor: Anchor) -> Area:
    if session.continuous:
        return Area.NOTHING  # there are no turns, and no such model takes text
    session.conversation.ask(text, frame.mono_s, anchor.value)
    return Area.TRANSCRIPT


def _activity_start(session: Session, fact: Fact, frame: Frame) -> Area:
    session.talking = True
    session.utterances.started(frame.mono_s)
    return Area.CONNECTION


def _activity_end(session: Session, fact: Fact, frame: Frame) -> Area:
    session.talking = False
    session.utterances.ended(Anchor.ACTIVITY_END, frame.mono_s)
    turn = session.conversation.current
    if turn is not None and not turn.answered:
        turn.asked_s = frame.mono_s
    return Area.CONNECTION


def _tool_response(session: Session, fact: Fact, frame: Frame) -> Area:
    for response in rows_of(dict_of(fact.value).get("functionResponses")):
        session.board.answer(response, frame)
    return Area.TRANSCRIPT


def _context(session: Session, fact: Fact, frame: Frame) -> Area:
    """Other tools may be offered from now on."""
    tools = dict_of(dict_of(fact.value).get("tools"))
    if "tools" in tools:
        session.board.declare(tools["tools"])
    return Area.NOTHING


def _last_user_text(turns: Any) -> str:
    """The text of the last turn, if it is the person's (a missing role is)."""
    last = dict_of(turns[-1]) if isinstance(turns, list) and turns else {}
    if last.get("role", "user") != "user":
        return ""
    parts = last.get("parts")
    texts = (dict_of(part).get("text") for part in (parts if isinstance(parts, list) else ()))
    return "".join(text for text in texts if isinstance(text, str))


SENT: Final[dict[str, Callable[[Session, Fact, Frame], Area]]] = {
    "setup": _setup,
    "clientContent": _content,
    "realtimeInput.text": _text,
    "realtimeInput.audio": _audio,
    "realtimeInput.audioStreamEnd": _stream_end,
    "realtimeInput.activityStart": _activity_start,
    "realtimeInput.activityEnd": _activity_end,
    "toolResponse": _tool_response,
    "contextUpdate": _context,
}
