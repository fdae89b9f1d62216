"""The events of a journal: what happens on this side, and what it changes in the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from tui.core.area import Area
from tui.core.attachment import Attached, Broadcast, Description, Medium
from tui.core.board import BOARD_EVENTS
from tui.core.capture import BLOCK_S
from tui.core.connection import Complaint, Connection, Interrupt, Misfortune, Renewal
from tui.core.fault import OFF
from tui.core.frame import Event

if TYPE_CHECKING:
    from tui.core.session import Session


def _opening(session: Session, event: Event) -> Area:
    model, modality, origin, host, carry = (
        str(event.detail.get(key, "")) for key in ("model", "modality", "origin", "host", "carry")
    )
    turns = event.detail.get("turns")
    carried = turns if isinstance(turns, int) else 0
    connection = Connection(model, modality, origin, host, carry, carried, event.mono_s)
    session.connect(connection)
    return Area.CONNECTION | Area.TRANSCRIPT | Area.NOTICE


def _closed(session: Session, event: Event) -> Area:
    if session.connection is not None:
        session.connection.closed_s = event.mono_s
        code = event.detail.get("code")
        session.connection.code = code if isinstance(code, int) else None
        session.connection.reason = str(event.detail.get("reason", ""))
        session.connection.by = str(event.detail.get("by", ""))
    session.broadcast = None
    session.conversation.cut(event.mono_s)
    session.board.lose(event.mono_s)
    session.problem = str(event.detail.get("message", ""))
    return Area.CONNECTION | Area.TRANSCRIPT | Area.NOTICE


def _renewing(session: Session, event: Event) -> Area:
    """A connection will be made again: ``attempt``, in ``delay_s``, because of ``cause``."""
    attempt, delay_s = event.detail.get("attempt"), event.detail.get("delay_s")
    session.renewal = Renewal(
        attempt if isinstance(attempt, int) else 1,
        event.mono_s + (float(delay_s) if isinstance(delay_s, (int, float)) else 0.0),
        str(event.detail.get("cause", "")),
        event.detail.get("fresh") is True,
    )
    return Area.CONNECTION | Area.NOTICE


def _given_up(session: Session, event: Event) -> Area:
    """No connection will be made again by itself; ``why`` is empty when a person wants none."""
    session.renewal = None
    if why := str(event.detail.get("why", "")):
        session.problem = f"{session.problem} Not connected again by itself: {why}.".strip()
    return Area.CONNECTION | Area.NOTICE


def _failed(session: Session, event: Event) -> Area:
    session.problem = str(event.detail.get("message", ""))
    return Area.NOTICE


def _viewed(session: Session, event: Event) -> Area:
    session.view = str(event.detail.get("view", session.view))
    return Area.CONNECTION | Area.TRANSCRIPT


def _interrupt_asked(session: Session, event: Event) -> Area:
    turn = event.detail.get("turn")
    number = turn if isinstance(turn, int) else 0
    session.interrupt = Interrupt(event.mono_s, str(event.detail.get("route", "")), number)
    stopped = session.conversation.turn(number)
    if stopped is not None and stopped.stop_asked_s is None:
        stopped.stop_asked_s, stopped.stop_anchor = event.mono_s, "interrupt"
    return Area.NOTICE


def _explained(session: Session, event: Event) -> Area:
    turn = session.conversation.turn(event.detail.get("turn"))
    if turn is not None:
        alike = (event.detail.get(key) for key in ("heard", "sent"))
        turn.interrupted_by = str(event.detail.get("by", ""))
        turn.likeness = max(float(each) for each in (0.0, *alike) if isinstance(each, (int, float)))
    return Area.TRANSCRIPT | Area.NOTICE


def _going_on(session: Session, event: Event) -> Area:
    """The question that follows asks the model to go on with a ``turn`` that was interrupted."""
    turn = event.detail.get("turn")
    session.conversation.continues = turn if isinstance(turn, int) else 0
    return Area.NOTHING


def _playback_started(session: Session, event: Event) -> Area:
    turn = session.conversation.turn(event.detail.get("turn"))
    caption = session.captions.caption(event.detail.get("caption"))
    if turn is not None:
        session.playing_turn = turn.number
        turn.played(event.mono_s)
    if caption is not None and caption.first_played_s is None:
        caption.first_played_s = event.mono_s
    return Area.TRANSCRIPT | Area.CONNECTION


def _playback_ended(session: Session, event: Event) -> Area:
    turn = session.conversation.turn(event.detail.get("turn"))
    heard, underruns = (event.detail.get(key) for key in ("heard_s", "underruns"))
    caption = session.captions.caption(event.detail.get("caption"))
    session.playing_turn = 0
    if caption is not None and isinstance(heard, (int, float)):
        caption.heard_s = (caption.heard_s or 0.0) + float(heard)
    if turn is not None and isinstance(heard, (int, float)):
        turn.heard_s = float(heard)
    if turn is not None and isinstance(underruns, int):
        turn.underruns = underruns
    if turn is not None and event.name == "playback.flushed":
        turn.silenced_s = event.mono_s
    return Area.TRANSCRIPT | Area.CONNECTION


def _speech_edge(session: Session, event: Event) -> Area:
    """Local voice activity detection; it is surely silent only `quiet_s` after speech."""
    quiet_s = event.detail.get("quiet_s")
    since_s = float(quiet_s) if isinstance(quiet_s, (int, float)) else 0.0
    session.utterances.heard_here(event.name == "speech.started", event.mono_s - since_s)
    session.anchor_late()
    return Area.NOTHING


def _faulted(session: Session, event: Event) -> Area:
    fault, happened = str(event.detail.get("fault", "")), event.detail.get("state") == "happened"
    session.misfortune = None if fault == OFF else Misfortune(fault, happened, event.mono_s)
    return Area.CONNECTION | Area.NOTICE


def _complained(session: Session, event: Event) -> Area:
    session.complaint = Complaint(str(event.detail.get("message", "")), event.mono_s)
    return Area.NOTICE


def _pinged(session: Session, event: Event) -> Area:
    rtt_ms = event.detail.get("rtt_ms")
    if isinstance(rtt_ms, (int, float)):
        session.pings_ms.append(float(rtt_ms))
    if session.connection is not None:
        session.connection.heard_s, session.connection.unanswered_s = event.mono_s, None
    return Area.CONNECTION | Area.NOTICE


def _unanswered(session: Session, event: Event) -> Area:
    """A ping that was sent `after_s` ago has no answer yet."""
    after_s = event.detail.get("after_s")
    if session.connection is not None and isinstance(after_s, (int, float)):
        session.connection.unanswered_s = event.mono_s - after_s
    return Area.CONNECTION | Area.NOTICE


def _sound_kept(session: Session, event: Event) -> Area:
    if session.connection is not None:
        session.connection.kept_s += _blocks_s(event)
    return Area.CONNECTION | Area.NOTICE


def _sound_dropped(session: Session, event: Event) -> Area:
    if session.connection is not None:
        session.connection.dropped_s += _blocks_s(event)
    return Area.CONNECTION | Area.NOTICE


def _blocks_s(event: Event) -> float:
    blocks = event.detail.get("blocks")
    return blocks * BLOCK_S if isinstance(blocks, int) else 0.0


def _attached(session: Session, event: Event) -> Area:
    """A file goes with what is sent next; sound begins to be sent at once."""
    about = Description.read(event.detail)
    session.conversation.attached.append(Attached(about))
    if about.medium == Medium.AUDIO:
        session.broadcast = Broadcast(about.name, about.seconds, session.utterances.sent_s)
    return Area.TRANSCRIPT | Area.NOTICE


def _attachment_sent(session: Session, event: Event) -> Area:
    """The sound of a file is at its end, or was stopped before."""
    session.broadcast, session.conversation.sounded_s = None, event.mono_s
    seconds, whole = event.detail.get("seconds"), event.detail.get("whole") is True
    attached = session.conversation.sounding
    if attached is not None and not whole and isinstance(seconds, (int, float)):
        attached.sent_s = float(seconds)
    return Area.TRANSCRIPT | Area.NOTICE


EVENTS: Final[Mapping[str, Callable[[Session, Event], Area]]] = {
    "connection.opening": _opening,
    "connection.closed": _closed,
    "connection.renewing": _renewing,
    "connection.given_up": _given_up,
    "attachment": _attached,
    "attachment.sent": _attachment_sent,
    "budget": _failed,
    "error": _failed,
    "tools.news": _failed,
    "emulator.complaint": _complained,
    "view": _viewed,
    "interrupt": _interrupt_asked,
    "interrupted": _explained,
    "going_on": _going_on,
    "fault": _faulted,
    "microphone.dropped": _sound_dropped,
    "microphone.held": _sound_kept,
    "ping": _pinged,
    "ping.unanswered": _unanswered,
    **BOARD_EVENTS,
    "speech.started": _speech_edge,
    "speech.ended": _speech_edge,
    "playback.started": _playback_started,
    "playback.flushed": _playback_ended,
    "playback.drained": _playback_ended,
}
"""By name. Other events are kept and listed, and change nothing."""
