"""Whether words that were overheard are meant for the model: for proactive audio.

The rule is plain: speech is meant for somebody else when it calls another one by name at its
beginning ("Anna, can you…", "hey Tom, …"), or says so ("I am not talking to you").
"""

from __future__ import annotations

import re

from tui.emulator.mind.numerals import NUMERAL

OURS = frozenset({"gemini", "emulator", "google", "computer", "assistant"})
"""Names by which the model is called."""
_OPENING = frozenset(
    (
        *("a", "and", "but", "can", "good", "hello", "hey", "hi", "no"),
        *("now", "oh", "okay", "ok", "please", "right", "so", "sorry", "stop"),
        *("thanks", "that", "the", "then", "this", "wait", "well", "what", "yes", "you"),
    )
)
"""First words that are no names."""
_CALLED = re.compile(r"(?:(?:hey|hi|hello|okay|ok),?\s+)?([A-Z][a-z]+),(?:\s+\S+){3}")
"""A name and at least three words: what is shorter is rather a word that was misheard."""
_HEY = re.compile(r"(?i:hey)\s+([A-Z][a-z]+)\b")
_SAID_SO = re.compile(
    r"\b(?:i am|i'm|i was) (?:not (?:talking|speaking) to you|(?:talking|speaking) to (?!you)\w+)",
    re.IGNORECASE,
)


def another(words: str) -> bool:
    """Whether somebody else is meant."""
    words = words.strip()
    if _SAID_SO.search(words):
        return True
    found = _CALLED.match(words) or _CALLED.match(words[:1].lower() + words[1:])
    found = found or _HEY.match(words)
    if found is None or NUMERAL.fullmatch(found[1]):
        return False
    return found[1].lower() not in OURS | _OPENING
