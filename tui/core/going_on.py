"""The undo of a false interruption: the model is asked to go on from where it was heard."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core.barge_in import cut_short
from tui.core.prose import Hearing, heard_length, share
from tui.core.session import Session
from tui.core.turn import Lane, Turn

QUOTED_WORDS = 12
"""The last ones that were heard, by which the model finds the place."""
LOST_WORDS = 60
"""So many of those that were lost are told."""


class Nothing(ValueError):
    """Why there is nothing to go on with, in a sentence."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What was heard of an answer that was interrupted, and what was not."""

    turn: int
    heard: str
    """The words; which they are is an estimate where they were spoken."""
    lost: str
    """The words that had come and were not heard; the model may have had more to say."""
    heard_s: float | None
    """Seconds that were really played; None where none was, or the answer was read."""
    audio_s: float

    @property
    def request(self) -> str:
        """What the model is asked."""
        said = ["You were interrupted by mistake."]
        if self.heard:
            said.append(f"The last words of your answer that I heard are: “{_tail(self.heard)}”.")
        elif self.heard_s:
            said.append(f"I heard the first {self.heard_s:.1f} s of your answer.")
        else:
            said.append("I heard none of your answer.")
        if self.lost:
            said.append(f"I did not hear: “{_head(self.lost)}”.")
        ending = "do not repeat what I heard." if self.heard or self.heard_s else "begin again."
        return " ".join([*said, f"Go on from there in the same language; {ending}"])

    @property
    def known(self) -> str:
        """How much is known of what was heard."""
        if self.heard_s is None:
            return "as far as it had come" if self.heard else "from its beginning"
        of = f"from {self.heard_s:.1f} of {self.audio_s:.1f} s"
        words = "the words are an estimate" if self.heard or self.lost else "no words are known"
        return f"{of}, {words}"


def rest(session: Session) -> Rest:
    """Of the last answer that was interrupted, and not gone on with.

    Raises:
        Nothing: There is none.
    """
    if session.continuous:
        raise Nothing("This model has no turns that could be interrupted.")
    cut = [turn for turn in session.turns if cut_short(turn)]
    left = [turn for turn in cut if not turn.continued_by]
    if not left:
        raise Nothing(_ALREADY.format(cut[-1].continued_by) if cut else _NOTHING)
    return _rest(left[-1])


_NOTHING = "No answer was interrupted: there is nothing to go on with."
_ALREADY = "The answer that was interrupted was gone on with in turn {}."


def _rest(turn: Turn) -> Rest:
    spoken = "".join(piece.text for piece in turn.pieces if piece.lane is Lane.SPEECH)
    if turn.heard_s is None:  # it was read, in TEXT or with its sound thrown away
        return Rest(turn.number, turn.answer, "", None, turn.audio_s)
    length = heard_length(spoken, share(turn.audio_s, Hearing(turn.heard_s, waits=False)))
    heard, lost = spoken[:length].strip(), spoken[length:].strip()
    return Rest(turn.number, heard, lost, turn.heard_s, turn.audio_s)


def _tail(text: str) -> str:
    words = _unquoted(text).split()
    return ("…" if len(words) > QUOTED_WORDS else "") + " ".join(words[-QUOTED_WORDS:])


def _head(text: str) -> str:
    words = _unquoted(text).split()
    return " ".join(words[:LOST_WORDS]) + ("…" if len(words) > LOST_WORDS else "")


def _unquoted(text: str) -> str:
    """Without the marks that would end the quotation."""
    return text.replace("“", "").replace("”", "").replace('"', "")
