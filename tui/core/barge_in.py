"""Who interrupted the model: a person, or our own speaker in our own microphone. An estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.core.turn import Turn

ALIKE = 0.3
"""What was heard resembles what was played; a person over it, or a room's noise, stays below."""

PERSON, SPEAKER, CLIENT, UNKNOWN = "person", "speaker", "client", "unknown"
"""Who it was. CLIENT is no estimate: a message of ours interrupted."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the microphone tells of the last second, in which something was played."""

    heard: float = 0.0
    """Likeness of what was heard and what was played, 0..1: their best correlation."""
    sent: float = 0.0
    """The same of what was sent, from which the echo should have been removed."""
    speech: bool = False
    """Local voice activity detection heard a person."""

    @property
    def by(self) -> str:
        """Who spoke, as far as can be told from here."""
        if self.sent >= ALIKE:
            return SPEAKER
        if self.speech:
            return PERSON
        return SPEAKER if self.heard >= ALIKE else UNKNOWN


UNHEARD_S = 0.05
"""An answer is heard to its end although so much of it was not played."""
WORDLESS_S = 3.0
"""Words of who interrupted have come by then, if there were any."""


def cut_short(turn: Turn) -> bool:
    """Whether an answer was interrupted, or thrown away before it was heard to its end."""
    if not turn.answered:
        return False
    flushed = turn.silenced_s is not None and turn.heard_s is not None
    return turn.interrupted_s is not None or (
        flushed and (turn.heard_s or 0.0) < turn.audio_s - UNHEARD_S
    )


def false_alarm(turns: Sequence[Turn], now_s: float) -> str:
    """What makes the last interruption look like nobody's, in words; empty where nothing does.

    That nobody's words came tells something only where words of the person have come before.
    """
    turn = next((each for each in reversed(turns) if each.interrupted_s is not None), None)
    if turn is None or turn.continued_by or turn.interrupted_by in ("", CLIENT):
        return ""
    after = turns[turn.number :]
    if turn.interrupted_by == SPEAKER:
        return "" if len(after) > 1 else "The model was interrupted by our own speaker"
    if any(each.user or each.user_interim for each in after):
        return ""
    if turn.interrupted_by == UNKNOWN:
        return "The model was interrupted, and nobody was heard here"
    transcribed = any(each.user and not each.typed for each in turns)
    wordless = transcribed and now_s - (turn.interrupted_s or now_s) > WORDLESS_S
    return "The model was interrupted, and no words were understood" if wordless else ""
