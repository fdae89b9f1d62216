"""What is said of a session without turns where that of a conversation would be wrong."""

from __future__ import annotations

from tui.core.captions import PAUSE_S
from tui.core.models import TRANSCRIPTION, TRANSLATION
from tui.core.session import Session

ROUTE = "continuous"
"""An interrupt's ``route`` where there are no turns: what had come was thrown away."""
SAID_S = 6.0
"""So long that is told, for no later turn ends it."""

DEAF = "This model takes no text: speak."
"""Why nothing typed is sent."""
WORK = {TRANSLATION: "Translating", TRANSCRIPTION: "Transcribing"}
_SILENCED = "silenced: what had come is thrown away (r plays it); without turns the model goes on"


def word(session: Session) -> str:
    """The state in a word: what comes is all that tells of work."""
    assert session.connection is not None
    ends = (each.last_s for each in (session.captions.source, session.captions.target) if each)
    busy = session.now_s - max(ends, default=-PAUSE_S) < PAUSE_S
    return WORK[session.connection.task] if busy and not session.talking else "Listening"


def lag(session: Session) -> str:
    """How far the target is behind the source, or final words behind speech; empty if unknown."""
    if not session.continuous:
        return ""
    for passage in reversed(session.captions.passages):
        if passage.lag_s is not None:
            return f"lag {passage.lag_s:.2f} s"
        if passage.settle_s is not None and not passage.targets:
            return f"final {passage.settle_s:.2f} s after speech"
    return ""


def silenced(session: Session) -> str:
    """What came of the last wish for silence; empty after a while."""
    interrupt = session.interrupt
    if interrupt is None or interrupt.route != ROUTE:
        return ""
    return _SILENCED if session.now_s - interrupt.asked_s < SAID_S else ""


def welcome(session: Session) -> tuple[str, ...]:
    """What an empty transcript says."""
    connection = session.connection
    assert connection is not None
    if connection.task == TRANSCRIPTION:
        work = "This model writes down what it hears. It has no turns, and answers nothing."
    else:
        target = connection.target or "the language that the model takes where none is named"
        work = f"This model translates what it hears into {target}, as it comes: it has no turns."
    return ("Nothing has been heard yet.", work, "Speak; d chooses a microphone, m mutes it.")
