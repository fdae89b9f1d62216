"""What this side sends, and what it changes in the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui.core import media, models
from tui.core.area import Area
from tui.core.attachment import Attached, Description
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
    """A question, unless it only lays turns into the context (``turnComplete`` false)."""
    value = dict_of(fact.value)
    contents, connection = rows_of(value.get("turns")), session.connection
    if contents and connection is not None and connection.turns and not connection.told:
        connection.told = True  # what was said before is no news
        return Area.NOTHING
    if value.get("turnComplete") is not True:
        for content in contents:
            _enclose(session, content)
            session.conversation.prefill(_role(content), _text_of(content), frame.mono_s)
        return Area.TRANSCRIPT if contents else Area.NOTHING
    session.utterances.ended(Anchor.CONTENT, frame.mono_s)
    last = contents[-1] if contents and _role(contents[-1]) == "user" else {}
    _enclose(session, last)
    text = _text_of(last)
    asks = bool(text or session.conversation.attached)
    return _ask(session, text, frame, Anchor.CONTENT) if asks else Area.NOTHING


def _enclose(session: Session, content: Mapping[str, Any]) -> None:
    """Media that no event has told of: other programs send them, too."""
    attached = session.conversation.attached
    if attached:
        return
    for part in rows_of(content.get("parts")):
        if blob := media.blob(part.get("inlineData")):
            medium = blob["mimeType"]
            attached.append(Attached(Description("", medium, media.size_bytes(blob))))


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


def _role(content: Mapping[str, Any]) -> str:
    """Who says it; a missing role is the person's."""
    return str(content.get("role") or "user")


def _text_of(content: Mapping[str, Any]) -> str:
    texts = (part.get("text") for part in rows_of(content.get("parts")))
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
