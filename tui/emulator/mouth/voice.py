"""The emulator's voice: a clause of text → 24 kHz, 16 bit, mono PCM.

SVOX Pico (py-nanotts) speaks where it is installed; where it is not, and for scripts that it
cannot read, soft tones at the speed of speech stand in.
"""

from __future__ import annotations

import importlib.util
import re
import zlib
from typing import TYPE_CHECKING, Any

from tui.emulator.terms.profiles import Timbre

if TYPE_CHECKING:
    import numpy as np

    Samples = np.ndarray[Any, np.dtype[np.float32]]

RATE_HZ = 24_000
BYTES_PER_S = 2 * RATE_HZ
CLAUSE_LENGTH = 90
"""Characters that are spoken at once: Pico holds the interpreter 6 ms for each second of speech."""

_PICO_RATE_HZ = 16_000
_PICO_VOLUME = 0.5  # at its default the samples clip
_PICO_SPEED = 1.1
_AUDIBLE = 0.02
_PAUSE_S = {",": 0.12, ";": 0.2, ":": 0.2}
_SENTENCE_PAUSE_S = 0.3
_WORD_PAUSE_S = 0.06

_CLAUSE = re.compile(
    rf"\s*(?:\S.{{0,{CLAUSE_LENGTH - 2}}}?(?:[.!?;:,…。！？]+[\"'”’)]*(?=\s|$)|$)"
    rf"|\S.{{0,{CLAUSE_LENGTH - 2}}}(?=\s)|\S{{1,{CLAUSE_LENGTH}}})",
    re.S,
)
_WIDE = re.compile(r"[\u0e00-\u0eff\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SYLLABLE = re.compile(rf"{_WIDE.pattern}|[aeiouyäöüáéíóúàèìòùâêîôûåæø]+|\d", re.IGNORECASE)


def installed() -> bool:
    """Whether real speech is to be had here."""
    return importlib.util.find_spec("py_nanotts") is not None


def clauses(text: str) -> list[str]:
    """``text`` cut where a speaker draws breath; joined they are ``text`` again."""
    return _CLAUSE.findall(text)


class Voice:
    """Speaks one clause at a time; not for several threads at once."""

    def __init__(self) -> None:
        """Load the speech engine, if there is one; takes some tenths of a second."""
        self._pico = None
        if installed():
            from py_nanotts import NanoTTS

            self._pico = NanoTTS()
            self.speak("Hello.", Timbre("en-US", 1.0))

    def speak(self, clause: str, timbre: Timbre) -> bytes:
        """The clause in PCM (24 kHz, s16le, mono), a pause after it; never empty."""
        import numpy as np

        speech = self._spoken(clause, timbre)
        if speech is None:
            speech = _toned(clause, timbre)
        pause = np.zeros(int(_pause_s(clause) * RATE_HZ), np.float32)
        samples = np.concatenate([speech, pause])
        pcm: bytes = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        return pcm

    def close(self) -> None:
        """Nothing is to be ended."""

    def _spoken(self, clause: str, timbre: Timbre) -> Samples | None:
        """What Pico makes of it, without the silence around; None when that is nothing."""
        if self._pico is None or _WIDE.search(clause):
            return None
        import numpy as np
        import soxr

        # Pico takes angle brackets for markup.
        text = re.sub(r"[<>\x00-\x1f]", " ", clause)
        pcm = self._pico.speak(
            text,
            voice=timbre.speaker,
            pitch=timbre.pitch,
            speed=_PICO_SPEED,
            volume=_PICO_VOLUME,
        )
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        loud = np.flatnonzero(np.abs(samples) > _AUDIBLE)
        if not loud.size:
            return None
        margin = _PICO_RATE_HZ // 50
        speech = samples[max(loud[0] - margin, 0) : loud[-1] + margin]
        return np.asarray(soxr.resample(speech, _PICO_RATE_HZ, RATE_HZ, "HQ"), np.float32)


def _toned(clause: str, timbre: Timbre) -> Samples:
    """A soft tone for each syllable."""
    import numpy as np

    pieces = [np.zeros(0, np.float32)]
    for word in clause.split():
        for syllable in _SYLLABLE.findall(word) or [word]:
            pieces.append(_tone(syllable, timbre))
        pieces.append(np.zeros(int(_WORD_PAUSE_S * RATE_HZ), np.float32))
    return np.concatenate(pieces)


def _tone(syllable: str, timbre: Timbre) -> Samples:
    import numpy as np

    count = int(0.16 * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    # One pitch a syllable, the same each time, so that words have a melody.
    pitch_hz = 180 * timbre.pitch * 2 ** ((zlib.crc32(syllable.encode()) % 7) / 12)
    envelope = np.sin(np.pi * np.arange(count) / count) ** 2
    tone = np.sin(2 * np.pi * pitch_hz * time_s) + 0.3 * np.sin(4 * np.pi * pitch_hz * time_s)
    return np.asarray(0.2 * envelope * tone, np.float32)


def _pause_s(clause: str) -> float:
    last = clause.rstrip().rstrip("\"'”’)")[-1:]
    if last in ".!?…。！？" and last:
        return _SENTENCE_PAUSE_S
    return _PAUSE_S.get(last, _WORD_PAUSE_S)
