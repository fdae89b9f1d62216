"""The turns of a session, and which of them a message belongs to.

Frames are attributed by the server's order: a late `turnComplete` of an interrupted turn comes
after the next question was sent (langwatch/scenario#760), so the turn that the server is at and
the turn that was asked last are two things.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.core.attachment import Attached, Medium, Prefilled
from tui.core.connection import Connection
from tui.core.turn import Turn


@dataclass
class Conversation:
    """Turns in order; ``at`` is the index of the one that the server is at, or their number."""

    turns: list[Turn] = field(default_factory=list)
    at: int = 0
    connection: Connection | None = None
    """The one that new turns are held over."""
    continues: int = 0
    """Number of the interrupted turn that the next question asks to go on with."""
    attached: list[Attached] = field(default_factory=list)
    """Files that the next turn will be about."""
    prefilled: list[Prefilled] = field(default_factory=list)
    """Turns that the next one will come after."""
    sounded_s: float = 0.0
    """When the sound of the last file was at its end, or was stopped."""

    @property
    def current(self) -> Turn | None:
        """The turn that the server is at: asked or being answered, not complete."""
        return self.turns[self.at] if self.at < len(self.turns) else None

    @property
    def last(self) -> Turn | None:
        """The current turn once it has an answer, else the one completed before it."""
        if self.current is not None and (self.current.answered or not self.at):
            return self.current
        return self.turns[self.at - 1] if self.at else None

    @property
    def sounding(self) -> Attached | None:
        """The last sound that was attached."""
        turns = (turn.attached for turn in reversed(self.turns))
        attached = (each for files in (self.attached, *turns) for each in reversed(files))
        return next((each for each in attached if each.about.medium == Medium.AUDIO), None)

    def turn(self, number: object) -> Turn | None:
        """The turn of that number, if there is one."""
        if isinstance(number, int) and 0 < number <= len(self.turns):
            return self.turns[number - 1]
        return None

    def ask(self, text: str, now_s: float, anchor: str) -> None:
        """The person has asked something in writing, by a message of that kind."""
        turn = self._new(now_s)
        turn.enclosed, turn.user = _opened(turn.attached, text)
        turn.typed = True
        turn.asked_s, turn.ended_s, turn.anchor = now_s, now_s, anchor
        before, self.continues = self.turn(self.continues), 0
        if before is not None:
            turn.continues, before.continued_by = before.number, turn.number

    def prefill(self, role: str, text: str, now_s: float) -> None:
        """A turn was laid into the context, with the files that came before it."""
        attached, self.attached = self.attached, []
        enclosed, text = _opened(attached, text)
        self.prefilled.append(Prefilled(role, text, now_s, attached, enclosed))

    def answering(self, now_s: float) -> Turn:
        """The turn that content of the model belongs to; a model may speak unasked."""
        turn = self.current or self._new(now_s)
        if turn.first_content_s is None:
            turn.first_content_s = now_s
        turn.last_content_s = now_s
        return turn

    def listening(self, now_s: float) -> Turn:
        """The turn that a transcription of the person belongs to; it may lag its answer."""
        turn = self.current
        if turn is not None and turn.interrupted_s is not None:
            turn = self.turns[self.at + 1] if self.at + 1 < len(self.turns) else None
        if turn is None:
            return self._new(now_s)
        turn.attached += self.attached
        self.attached = []
        return turn

    def interrupt(self, now_s: float) -> Turn | None:
        """`interrupted` came; of a complete turn too while its audio would still be playing.

        Returns the turn that was interrupted, if one was that had not been before.
        """
        turn = self.current
        if self.at and not (turn is not None and turn.answered):
            before = self.turns[self.at - 1]
            if (before.first_content_s or 0.0) + before.audio_s > now_s:
                turn = before
        if turn is None or turn.interrupted_s is not None:
            return None
        turn.interrupted_s = now_s
        return turn

    def complete(self, now_s: float) -> None:
        """`turnComplete` came."""
        turn = self.current
        if turn is None:
            return
        turn.completed_s = now_s
        self.at += 1
        if turn.interrupted_s is None:
            self._fold_merged_questions(turn)

    def cut(self, now_s: float) -> None:
        """The connection is gone: no open turn will be completed; what was generated is whole."""
        for turn in self.turns[self.at :]:
            turn.completed_s, turn.cut = now_s, turn.generated_s is None
        self.at = len(self.turns)

    def _new(self, now_s: float) -> Turn:
        turn = Turn(
            len(self.turns) + 1,
            now_s,
            self.connection,
            attached=self.attached,
            prefilled=self.prefilled,
        )
        self.attached, self.prefilled = [], []
        self.turns.append(turn)
        return turn

    def _fold_merged_questions(self, turn: Turn) -> None:
        """Questions asked before the answer began were answered by it: servers merge them."""
        while (later := self.current) is not None:
            if turn.first_content_s is None or later.started_s > turn.first_content_s:
                return
            turn.user = f"{turn.user}\n{later.user}"
            turn.enclosed += later.enclosed
            turn.attached += later.attached
            turn.prefilled += later.prefilled
            turn.ended_s, turn.anchor = later.ended_s, later.anchor
            del self.turns[self.at]
            for number, each in enumerate(self.turns[self.at :], self.at + 1):
                each.number = number


def _opened(attached: list[Attached], text: str) -> tuple[str, str]:
    """The text that files have brought, and the person's own after it."""
    chars = sum(each.about.chars for each in attached)
    return text[:chars], text[chars:]
