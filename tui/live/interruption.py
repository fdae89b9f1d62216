"""Who interrupted an answer, found out when the server says that it was."""

from __future__ import annotations

import asyncio
from typing import Any

from tui.core.barge_in import CLIENT, UNKNOWN, Overlap
from tui.core.frame import Frame
from tui.core.session import Session
from tui.live.input import Input

INTERRUPTED = "serverContent.interrupted"


def interrupts(frame: Frame) -> bool:
    """Whether a frame says that the answer was interrupted."""
    return any(fact.kind == INTERRUPTED and fact.value is True for fact in frame.facts)


async def explained(frame: Frame, session: Session, heard: Input | None) -> dict[str, Any] | None:
    """What is journalled of an interruption; None when no turn was interrupted by this frame.

    Takes some milliseconds, so call it after the flush.
    """
    turn = next((turn for turn in session.turns if turn.interrupted_s == frame.mono_s), None)
    if turn is None:
        return None
    overlap, by = Overlap(), UNKNOWN
    capture = heard.capture if heard is not None else None
    spoke = session.broadcast is not None or (heard is not None and heard.talking)
    if spoke or session.asked_to_interrupt(turn, frame.mono_s):
        by = CLIENT
    elif heard is not None and capture is not None and capture.hears:
        overlap = await asyncio.to_thread(heard.overlap)
        by = overlap.by
    erle_db = capture.erle_db if capture else None
    return {
        "turn": turn.number,
        "by": by,
        "heard": round(overlap.heard, 2),
        "sent": round(overlap.sent, 2),
        "speech": overlap.speech,
        "erle_db": None if erle_db is None else round(erle_db, 1),
    }
