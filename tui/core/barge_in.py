"""Who interrupted the model: a person, or our own speaker in our own microphone. An estimate."""

from __future__ import annotations

from dataclasses import dataclass

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
