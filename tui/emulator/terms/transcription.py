"""How a session wants the words of its sound: `inputAudioTranscription` and its like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tui.emulator import refusal
from tui.emulator.fields import Fields
from tui.emulator.terms.generation import LANGUAGE

VOCABULARY = 1000
"""Entries of customVocabulary (protocol notes, section 5.3)."""
_FILLER = re.compile(r"(?:^|(?<=\s))(?:um+|uh+|er+m?|hmm+)\b[,.…]*\s*", re.IGNORECASE)
_REPEATED = re.compile(r"\b(\w+)(?:,?\s+\1\b)+", re.IGNORECASE)


@dataclass(frozen=True)
class Transcription:
    """What is asked of the words of one direction."""

    wanted: bool
    words: bool
    """Each word comes with its offsets."""
    smart: bool
    """Fillers and repetitions are left out."""
    vocabulary: tuple[str, ...]

    @classmethod
    def granted(cls, config: Fields) -> Transcription:
        """What ``config`` asks for; raises `Refusal` for what the service refuses.

        Languages are hints, and taken without effect: the recognizer has English only. So are
        speakers, which it does not tell apart, and a source text, which it does not edit.
        """
        codes = [*config.texts("languageCodes")]
        codes += config.object("languageHints").texts("languageCodes")
        vocabulary = [*config.texts("customVocabulary"), *config.texts("adaptationPhrases")]
        smart = config.text("mode").upper() == "SMART"
        exact = config.flag("wordTimestamp") or config.flag("diarization")
        if (
            not all(LANGUAGE.fullmatch(code) for code in codes)
            or len(vocabulary) > VOCABULARY
            or (smart and exact)  # google-genai 3.4.0, AudioTranscriptionConfig.mode
        ):
            raise refusal.invalid_argument()
        return cls(config.given, config.flag("wordTimestamp"), smart, tuple(vocabulary))

    def spelt(self, text: str) -> str:
        """The words as the client wants them: its own spelling, and no fillers if it says so."""
        if self.smart:
            text = _REPEATED.sub(r"\1", _FILLER.sub("", text)).strip()
            text = text[:1].upper() + text[1:]
        return self._spelling.sub(self._spell, text) if self.vocabulary else text

    @cached_property
    def _spelling(self) -> re.Pattern[str]:
        terms = sorted(map(re.escape, filter(None, self.vocabulary)), key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(terms)})\b" if terms else r"(?!)", re.IGNORECASE)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {term.lower(): term for term in self.vocabulary}

    def _spell(self, found: re.Match[str]) -> str:
        return self._spellings[found[0].lower()]
