"""What was said in a session, by whom, and what it weighs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "model"]

AUDIO_TOKENS_PER_S = 25
CHARS_PER_TOKEN = 4
TURNS = 500
"""No more turns are kept, however short they are."""


@dataclass(frozen=True, slots=True)
class Said:
    """One side's contribution; ``spoken_s`` is the length of its speech, 0 for plain text."""

    role: Role
    text: str
    spoken_s: float = 0.0

    @property
    def modality(self) -> str:
        """AUDIO for speech, TEXT for the rest."""
        return "AUDIO" if self.spoken_s else "TEXT"

    @property
    def tokens(self) -> int:
        """Its weight in a context, by Google's published rates."""
        if self.spoken_s:
            return math.ceil(self.spoken_s * AUDIO_TOKENS_PER_S)
        return math.ceil(len(self.text) / CHARS_PER_TOKEN)


def tokens_by_modality(said: Iterable[Said]) -> dict[str, int]:
    """How many tokens of each modality ``said`` has, TEXT first."""
    totals: dict[str, int] = {}
    for one in said:
        totals[one.modality] = totals.get(one.modality, 0) + one.tokens
    return {name: totals[name] for name in ("TEXT", "AUDIO") if totals.get(name)}


def latest(said: Sequence[Said], context_tokens: int) -> tuple[Said, ...]:
    """The end of ``said`` that a context of ``context_tokens`` holds."""
    kept: list[Said] = []
    for one in reversed(said[-TURNS:]):
        context_tokens -= one.tokens
        if context_tokens < 0:
            break
        kept.append(one)
    return tuple(kept[::-1])


def pending(said: Sequence[Said]) -> list[str]:
    """What the user has said since the model last spoke."""
    texts: list[str] = []
    for one in reversed(said):
        if one.role == "model":
            break
        texts.append(one.text)
    return texts[::-1]
