"""What the emulator's brain can recite: numbers, words, letters and stories."""

from __future__ import annotations

import re

from tui.emulator.mind import numerals
from tui.emulator.mind.memory import bare

COUNT_MOST = 200

STORY = (
    "Once upon a time there was an old oscilloscope that lived on a shelf above a workbench. "
    "Every night, when the lamp went out, it dreamed of the signals it had seen. "
    "It had seen the hum of the mains, round and patient, fifty times a second. "
    "It had seen a violin, thin as a hair, and a thunderstorm that ran off both sides of the "
    "screen. "
    "But it had never seen a conversation. "
    "One morning the owner came in, put down her tea, and clipped two small wires to a telephone. "
    "Good morning, she said, and a green mountain rose on the screen and fell again. "
    "The oscilloscope held its breath. "
    "Then, after two hundred and forty milliseconds, another mountain rose, from the other side. "
    "Somebody had answered. "
    "All day long the mountains came and went, first on the left and then on the right. "
    "Sometimes one of them stopped in the middle, because the other had begun too early, and the "
    "oscilloscope learned that this is called an interruption. "
    "Sometimes there was a long flat line, and it learned that this is called thinking. "
    "And sometimes both of them trembled together, very quickly, and that was laughter. "
    "In the evening the owner asked: what did you see today? "
    "The oscilloscope had no words, of course. "
    "It drew one small wave, and a moment later it drew a second one, just behind the first. "
    "She looked at it for a while, and smiled, and understood. "
    "Then she switched off the lamp, and this time the oscilloscope dreamed of voices. "
    "It dreamed of all the people who had ever waited for an answer, and of the quiet before it. "
    "And if nobody has pulled the plug, it is dreaming still. That is the end of the story."
)
"""Rather more than a minute of speech, to have something that can be interrupted."""

SHORT_STORY = (
    "A microphone fell in love with a loudspeaker. It told everybody, and the loudspeaker told "
    "everybody too, louder each time. Then somebody switched on the echo cancellation, and they "
    "lived quietly ever after."
)

JOKE = "Why did the packet cross the network? It had no choice: the other side kept asking for it."


def recite(heard: str) -> str | None:
    """The answer when ``heard`` asks for a recital; else None."""
    text = bare(heard).rstrip(" .!?")
    low = text.lower()
    if found := re.match(r"count\b(.*)", low):
        return _count(found[1])
    if found := re.match(r"(?:say|repeat(?: after me)?)\b[\s:,]+(.+)", text, re.I | re.S):
        return _echo(found[1])
    if found := re.match(r"(?:how do you )?spell\b(?: the word)?[\s:]+(.+)", text, re.I):
        return _spelt(found[1])
    if re.search(r"\b(?:story|tale)\b", low):
        return STORY if re.search(r"\blong\w*\b", low) else SHORT_STORY
    return JOKE if re.search(r"\bjoke\b", low) else None


def _count(how: str) -> str | None:
    numbers = [numerals.value(found[0]) for found in numerals.NUMERAL.finditer(how)]
    whole = [number for number in numbers if number is not None]
    down = re.search(r"\b(?:down|backwards?)\b", how) is not None
    if len(whole) >= 2:
        first, last = whole[:2]
    elif whole:
        first, last = (whole[0], 0) if down or " from " in how else (1, whole[0])
    else:
        first, last = (10, 0) if down else (1, 10)
    if abs(last - first) > COUNT_MOST or max(abs(first), abs(last)) >= 1_000_000:
        return f"That is too far for me: I can count {numerals.words(COUNT_MOST)} steps."
    step = 1 if last >= first else -1
    told = ", ".join(numerals.words(number) for number in range(first, last + step, step))
    return f"{told[0].upper()}{told[1:]}."


def _echo(text: str) -> str | None:
    if text.lower() in ("that", "that again", "it", "it again", "again", "something", "yourself"):
        return None
    quotes = re.fullmatch(r"[\"'“](.+)[\"'”]", text, re.S)
    return quotes[1] if quotes else text


def _spelt(word: str) -> str:
    letters = [letter.upper() for letter in word if letter.isalnum()][:60]
    return ", ".join(letters) + "." if letters else "There is no letter in that."
