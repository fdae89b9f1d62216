"""A toy that stands in for live translation: it knows a few words, and says so.

It translates word by word from English, which is all that the recognizer understands; a word that
it does not know stays. It says once in a session what it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

NOTICE = "Emulator: a toy translation, word by word."
NO_WORDS = "Emulator: I have no words of {target}, so I repeat yours."


class Translator:
    """What is said of what was heard, in one session."""

    def __init__(self, target: str, *, echoes: bool) -> None:
        """``target`` is a BCP-47 code; English is spoken again only if it ``echoes``."""
        self._language = target.partition("-")[0].lower()
        self._words = dictionary().get(self._language, {})
        self._echoes = echoes
        self._introduced = self._language == "en"
        self._target = target

    def translated(self, words: str) -> str:
        """What is said for these words; nothing where they are of the target language already."""
        if self._language == "en":
            return words if self._echoes else ""
        told = re.sub(r"[A-Za-z']+", self._translate, words)
        if self._introduced:
            return told
        self._introduced = True
        return f"{NOTICE if self._words else NO_WORDS.format(target=self._target)} {told}"

    def _translate(self, found: re.Match[str]) -> str:
        word = self._words.get(found[0].lower(), found[0])
        return word[:1].upper() + word[1:] if found[0][:1].isupper() else word


@cache
def dictionary() -> Mapping[str, Mapping[str, str]]:
    """English words and theirs, by language."""
    table = resources.files(__package__).joinpath("dictionary.toml").read_text("utf-8")
    return tomllib.loads(table)
