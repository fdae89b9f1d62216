"""One turn of a conversation: what was asked, what came back, what was heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tui.core.attachment import Attached, Prefilled
from tui.core.connection import Connection
from tui.core.grounding import UNGROUNDED, Grounding
from tui.core.tool_call import ToolCall


class Lane(StrEnum):
    """Where a piece of the model's output belongs; only SPEECH and TEXT are the answer itself."""

    SPEECH = "speech"
    """Transcription of the audio that was generated."""
    TEXT = "text"
    """The answer of a TEXT session."""
    UNSPOKEN = "unspoken"
    """Text of an AUDIO session that no voice speaks (agents-js#2294)."""
    THOUGHT = "thought"
    CODE = "code"
    RESULT = "result"


ANSWER_LANES = frozenset({Lane.SPEECH, Lane.TEXT})

GAP_S = 0.02
"""Audio that is no later than a block of a speaker leaves no gap."""


@dataclass(slots=True)
class Piece:
    """Consecutive output of one lane, its deltas joined."""

    lane: Lane
    text: str
    note: str = ""
    """The language of code, or the outcome of its result, as on the wire."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one turn; ``prompt`` is the whole context (python-genai#1917)."""

    prompt: int = 0
    response: int = 0
    thoughts: int = 0
    tools: int = 0
    """Prompts of the service's own tools (``toolUsePromptTokenCount``)."""
    total: int = 0
    """As the server adds up; it may leave the thoughts out (discuss.ai.google.dev/t/188765)."""
    prompt_by: Mapping[str, int] = field(default_factory=dict)
    response_by: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt,
            self.response + other.response,
            self.thoughts + other.thoughts,
            self.tools + other.tools,
            self.total + other.total,
            _merged(self.prompt_by, other.prompt_by),
            _merged(self.response_by, other.response_by),
        )

    @classmethod
    def read(cls, value: Any) -> Usage:
        """From a canonical ``usageMetadata``, in the Gemini or the Vertex dialect."""
        row = value if isinstance(value, dict) else {}
        response = _count(row.get("responseTokenCount", row.get("candidatesTokenCount")))
        prompt, thoughts, tools = (
            _count(row.get(name))
            for name in ("promptTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount")
        )
        return cls(
            prompt,
            response,
            thoughts,
            tools,
            _count(row.get("totalTokenCount")) or prompt + response + thoughts + tools,
            _by_modality(row.get("promptTokensDetails")),
            _by_modality(row.get("responseTokensDetails", row.get("candidatesTokensDetails"))),
        )


def _merged(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in sorted({*one, *other})}


INT64_MAX = 2**63 - 1


def _count(value: Any) -> int:
    """A token count; int64 may come as a string (proto3 JSON)."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, (int, str)):
        try:
            return min(max(0, int(value)), INT64_MAX)
        except ValueError:
            return 0
    return 0


def _by_modality(details: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in details if isinstance(details, list) else ():
        if isinstance(row, dict) and isinstance(row.get("modality"), str):
            counts[row["modality"]] = counts.get(row["modality"], 0) + _count(row.get("tokenCount"))
    return counts


@dataclass(slots=True)
class Turn:
    """One exchange. Times are seconds of the journal's clock; None has not happened."""

    number: int
    started_s: float
    connection: Connection | None = None
    """What it was held over: another model may answer the next one."""
    asked_s: float | None = None
    """When the person's input was complete."""
    user: str = ""
    """What the person typed, or the transcription of what they said."""
    user_interim: str = ""
    """The interim transcription; each one replaces the last."""
    typed: bool = False
    attached: list[Attached] = field(default_factory=list)
    enclosed: str = ""
    """The text of attached files, which stood before `user` in what was sent."""
    prefilled: list[Prefilled] = field(default_factory=list)
    """What was laid into the context before it."""
    ended_s: float | None = None
    """When the person's input had ended, by `anchor`; `asked_s` may be later, or not know it."""
    anchor: str = ""
    """What that is known by (`tui.core.utterances.Anchor`); else why it is not, in words."""
    decided_s: float | None = None
    """When the server said that speech had ended, or was told so."""
    pieces: list[Piece] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    audio_s: float = 0.0
    """Seconds of audio received."""
    dry_s: float | None = None
    """When the audio received would have been played, played without a pause."""
    gaps: int = 0
    """How often audio came later than that."""
    gap_s: float = 0.0
    """How much later, together."""
    first_content_s: float | None = None
    first_answer_s: float | None = None
    """The first audio, words of it, or text: content that is neither thought nor tool call."""
    last_content_s: float | None = None
    """When the latest of it came."""
    first_played_s: float | None = None
    heard_s: float | None = None
    """Seconds really played, known when playback was flushed or drained."""
    interrupted_s: float | None = None
    stop_asked_s: float | None = None
    """When the person began to interrupt, by `stop_anchor`."""
    stop_anchor: str = ""
    """What that is known by: a key, a question, or who heard speech begin."""
    silenced_s: float | None = None
    """When playback was flushed."""
    underruns: int | None = None
    """How often the speaker ran dry while it played, where the journal says so."""
    interrupted_by: str = ""
    """Who interrupted (`tui.core.barge_in`), where that was found out."""
    likeness: float = 0.0
    """How much the microphone then heard our own speaker, 0..1."""
    continues: int = 0
    """Number of the interrupted turn that it goes on with."""
    continued_by: int = 0
    """Number of the turn that goes on with it."""
    generated_s: float | None = None
    """When `generationComplete` came."""
    completed_s: float | None = None
    """When `turnComplete` came, or the connection ended."""
    cut: bool = False
    """The connection ended before `generationComplete`."""
    reason: str = ""
    """`turnCompleteReason`, where the server gave one."""
    usage: Usage | None = None
    grounding: Grounding = UNGROUNDED
    """What the answer rests on, where the server says so."""

    @property
    def answered(self) -> bool:
        """Whether anything of the model's came."""
        return self.first_content_s is not None

    @property
    def answer(self) -> str:
        """The words of the answer: what was spoken, or the text of a TEXT session."""
        return "".join(piece.text for piece in self.pieces if piece.lane in ANSWER_LANES)

    @property
    def latency_s(self) -> float | None:
        """From the end of input to the first played sample, or to the first content if unplayed."""
        first = self.first_played_s if self.first_played_s is not None else self.first_content_s
        return None if first is None or self.ended_s is None else first - self.ended_s

    def sound(self, seconds: float, now_s: float) -> None:
        """Audio has come."""
        self.answer_begins(now_s)
        if self.dry_s is None:
            self.dry_s = now_s
        elif now_s > self.dry_s + GAP_S and self.interrupted_s is None:
            self.gaps += 1
            self.gap_s += now_s - self.dry_s
        self.dry_s = max(self.dry_s, now_s) + seconds
        self.audio_s += seconds

    def played(self, now_s: float) -> None:
        """The first sample of it leaves the speaker."""
        if self.first_played_s is None:
            self.first_played_s = now_s
            self.dry_s = now_s + self.audio_s

    def answer_begins(self, now_s: float) -> None:
        """Something of the answer itself is there."""
        if self.first_answer_s is None:
            self.first_answer_s = now_s

    def run(self, lane: Lane, text: str, note: str) -> None:
        """Code, or what came of it; each comes whole."""
        self.pieces.append(Piece(lane, text, note))

    def say(self, lane: Lane, text: str) -> None:
        """Join a delta to the last piece of its lane, or begin one."""
        if self.pieces and self.pieces[-1].lane is lane:
            self.pieces[-1].text += text
        elif text:
            self.pieces.append(Piece(lane, text))
