"""Words that were understood, against those that were said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class WordErrors:
    """How many words are wrong, missing or too many, of how many that were said."""

    errors: int
    words: int

    @property
    def rate(self) -> float | None:
        """The word error rate; above 1 where more was heard than said, None of no words."""
        return self.errors / self.words if self.words else None

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(self.errors + other.errors, self.words + other.words)


def word_errors(said: str, heard: str) -> WordErrors:
    """The fewest words to change, leave out or add; case and punctuation do not count."""
    reference, hypothesis = plain(said), plain(heard)
    before = list(range(len(hypothesis) + 1))
    for row, word in enumerate(reference, 1):
        here = [row]
        for column, other in enumerate(hypothesis, 1):
            change = before[column - 1] + (word != other)
            here.append(min(change, before[column] + 1, here[-1] + 1))
        before = here
    return WordErrors(before[-1], len(reference))


def plain(text: str) -> Sequence[str]:
    """The words alone, as they are compared."""
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
