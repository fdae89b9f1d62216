"""What was said in a session, by whom, and what it weighs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Role = Literal["user", "model", "tool"]
"""A tool's are the calls of functions and what they gave."""

AUDIO_TOKENS_PER_S = 25
TOKENS_PER_PICTURE = 258
"""Where `mediaResolution` does not say."""
CHARS_PER_TOKEN = 4
TURNS = 500
"""No more turns are kept, however short they are."""


@dataclass(frozen=True, slots=True)
class Said:
    """One side's contribution."""

    role: Role
    text: str
    spoken_s: float = 0.0
    """The length of its speech; 0 for what was written."""
    frames: int = 0
    """Pictures that were streamed along with it."""
    images: int = 0
    """Pictures among its parts."""
    picture_tokens: int = TOKENS_PER_PICTURE
    """What each of its pictures weighs."""

    @property
    def weights(self) -> dict[str, int]:
        """Its tokens of each modality in a context, by Google's published rates."""
        written = 0 if self.spoken_s else tokens_of(self.text)
        return {
            "TEXT": written,
            "AUDIO": math.ceil(self.spoken_s * AUDIO_TOKENS_PER_S),
            "IMAGE": self.images * self.picture_tokens,
            "VIDEO": self.frames * self.picture_tokens,
        }

    @property
    def tokens(self) -> int:
        """Its whole weight."""
        return sum(self.weights.values())


def tokens_of(text: str) -> int:
    """The weight of a text."""
    return math.ceil(len(text) / CHARS_PER_TOKEN)


def tokens_by_modality(said: Iterable[Said]) -> dict[str, int]:
    """How many tokens of each modality ``said`` has, none that has none."""
    totals = sum((Counter(one.weights) for one in said), Counter())
    return {name: totals[name] for name in Said("user", "").weights if totals[name]}


def instructed(turns: Sequence[Said]) -> Sequence[Said]:
    """Turns that a client has written, where LiveKit's instructions count as the user's words.

    It gives them as a turn of the model, and a user's full stop after it to have them followed
    (`generate_reply` of livekit-plugins-google 1.8.9).
    """
    match turns:
        case [*before, Said(role="model") as told, Said(role="user", text=".")]:
            return [*before, replace(told, role="user")]
    return turns


def pending(said: Sequence[Said]) -> list[str]:
    """What the user has said since the model last spoke or called a function."""
    texts: list[str] = []
    for one in reversed(said):
        if one.role != "user":
            break
        texts.append(one.text)
    return texts[::-1]
