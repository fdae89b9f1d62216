"""What a turn's times are measured from: the end of its question, the beginning of an interruption.

Of the end of speech there may be no mark at all, or a better one after the answer has begun. None
is ever guessed: a turn says what its anchor is, or why it has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.core.turn import Turn
from tui.core.utterances import Anchor, Utterances

UNMARKED = "nobody marked the end of speech, and audio kept streaming"
UNASKED = "there was no input since the last answer began"


def anchor(turn: Turn, turns: Sequence[Turn], utterances: Utterances) -> None:
    """Note the end of input that the answer to what was said is measured from; it has begun."""
    assert turn.first_content_s is not None
    begun_s, before = turn.first_content_s, turns[: turn.number - 1]
    answers = (each.first_content_s for each in reversed(before))
    after_s = next((at for at in answers if at is not None), -1.0)
    found = utterances.end(after_s, begun_s)
    known = Anchor(turn.anchor) if turn.ended_s is not None else None
    if found is None:
        turn.anchor = turn.anchor or (UNMARKED if utterances.streams(begun_s) else UNASKED)
    elif known is None or found[1].rank < known.rank:
        turn.ended_s, turn.anchor = found[0], found[1].value
        decided_s = utterances.decided_s
        told = decided_s is not None and turn.ended_s < decided_s <= begun_s
        turn.decided_s = decided_s if told else None


def explain_stop(turn: Turn, turns: Sequence[Turn], utterances: Utterances) -> None:
    """Note when the person began to interrupt: by a later question, or by speaking."""
    assert turn.interrupted_s is not None
    later = next((each for each in turns[turn.number :] if each.typed), None)
    began_s = turn.started_s if turn.first_content_s is None else turn.first_content_s
    spoke = utterances.start(began_s, turn.interrupted_s)
    if later is not None:
        turn.stop_asked_s, turn.stop_anchor = later.started_s, "question"
    elif spoke is not None:
        turn.stop_asked_s, turn.stop_anchor = spoke
