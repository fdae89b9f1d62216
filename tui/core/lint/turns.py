"""Turns: what came of each, and how it ended."""

from __future__ import annotations

from typing import ClassVar

from tui.core.frame import Event
from tui.core.lint.scene import Check
from tui.core.turn import ANSWER_LANES, Turn
from tui.core.values import dict_of
from tui.core.wire import Fact

UNREMARKABLE = frozenset({"", "TURN_COMPLETE_REASON_UNSPECIFIED", "NEED_MORE_INPUT"})
"""Reasons of a turn that went well."""
NORMAL_CODES = (1000, 1001, None)
"""Close codes with which a connection ends as it was to."""
SENTENCE_ENDS = ".!?…。！？\"')”’»]*:;।؟\n"


class Turns(Check):
    """How turns end."""

    def begin(self) -> None:
        """No turn yet."""
        self._forget()
        self._language = ""
        """Of the person's words, where the server names it."""

    def _forget(self) -> None:
        self._content: list[int] = []
        """First and last row of the model's content."""

    def content(self, fact: Fact) -> None:
        """Something of the answer."""
        self._content = [*self._content[:1], self.scene.row]

    def complete(self, fact: Fact) -> None:
        """`turnComplete`."""
        turn = self.scene.completed
        if fact.value is True and turn is not None:
            self._judge(turn)
        self._forget()

    def _judge(self, turn: Turn) -> None:
        scene, interrupted = self.scene, turn.interrupted_s is not None
        goes_on = any(fact.kind.endswith("turnCompleteReason") for fact in scene.frame.facts)
        said = bool(turn.pieces or turn.audio_s or turn.calls)
        if not said and not interrupted and not goes_on and not self._content:
            tokens = next((_tokens(f) for f in scene.frame.facts if f.kind == "usageMetadata"), 0)
            if tokens:
                scene.report("turn-unrecorded", tokens=tokens)
            elif turn.asked_s is not None:
                scene.report("turn-empty")
        self._late(turn)
        words = "".join(each.text for each in turn.pieces if each.lane in ANSWER_LANES).rstrip()
        cut = turn.generated_s is None and not interrupted and not turn.calls
        if cut and words and words[-1] not in SENTENCE_ENDS:
            scene.report("turn-cut", *self._content, scene.row, tail=words[-40:])
        kinds = [fact.kind for fact in scene.frame.facts if fact.kind in _CONTENT]
        if kinds and not interrupted:
            scene.report("fields-bundled", key="bundled", kinds=" and ".join(sorted({*kinds})))

    def _late(self, turn: Turn) -> None:
        """An app that counts turns by its own questions takes this for the next one's end."""
        scene = self.scene
        later = scene.session.conversation.current
        if turn.interrupted_s is not None and later is not None and later.typed:
            ms = round((scene.now_s - later.started_s) * 1000)
            scene.report("turn-complete-late", key="late", ms=ms)

    def reason(self, fact: Fact) -> None:
        """`turnCompleteReason`."""
        if str(fact.value) not in UNREMARKABLE:
            self.scene.report("turn-rejected", reason=str(fact.value))

    def status(self, fact: Fact) -> None:
        """`interactionStatus`: a complete turn may not be the end."""
        if fact.value == "IN_PROGRESS":
            self.scene.report("interaction-goes-on", key="goes on")

    def waiting(self, fact: Fact) -> None:
        """`waitingForInput`."""
        if fact.value is True:
            self.scene.report("waiting-for-input", key="waiting")

    def words(self, fact: Fact) -> None:
        """What the person said."""
        language = dict_of(fact.value).get("languageCode")
        if isinstance(language, str):
            if self._language not in ("", language):
                figures = {"language": language, "before": self._language}
                self.scene.report("language-changed", key="language", **figures)
            self._language = language

    def closed(self, event: Event) -> None:
        """The connection is gone: was a turn still open?"""
        scene = self.scene
        cut = [turn for turn in scene.session.turns if turn.cut and turn.completed_s == scene.now_s]
        wanted = event.detail.get("by") == "client" and event.detail.get("code") in NORMAL_CODES
        if not wanted and any(turn.answered for turn in cut) and self._content:
            scene.report("turn-incomplete", *self._content, scene.row, number=cut[0].number)

    received: ClassVar = {
        "serverContent.modelTurn.audio": content,
        "serverContent.modelTurn.text": content,
        "serverContent.modelTurn.thought": content,
        "serverContent.modelTurn.executableCode": content,
        "serverContent.modelTurn.codeExecutionResult": content,
        "serverContent.modelTurn.part": content,
        "serverContent.modelTurn.image": content,
        "serverContent.modelTurn.video": content,
        "serverContent.outputTranscription": content,
        "serverContent.turnComplete": complete,
        "serverContent.turnCompleteReason": reason,
        "serverContent.interactionStatus": status,
        "serverContent.waitingForInput": waiting,
        "serverContent.inputTranscription": words,
    }
    happened: ClassVar = {"connection.closed": closed}


_CONTENT = frozenset(
    {
        "serverContent.modelTurn.audio",
        "serverContent.modelTurn.text",
        "serverContent.outputTranscription",
    }
)


def _tokens(fact: Fact) -> int:
    usage = dict_of(fact.value)
    count = usage.get("responseTokenCount", usage.get("candidatesTokenCount"))
    return count if isinstance(count, int) else 0
