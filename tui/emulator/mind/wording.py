"""The words of a request, from which arguments are taken; each is taken once."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from tui.emulator.mind import numerals
from tui.emulator.session.toolbox import spelt


def stem(word: str) -> str:
    """A word without its ending: lights → light."""
    word = word.lower()
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLACES = _words(
    """
    location city place where town country region area address state room destination
    """
)
_PEOPLE = _words("to recipient recipients contact person who whom name user receiver")
_TEXTS = _words(
    """
    message text content body query question q title topic subject song track playlist
    artist term keyword keywords search prompt note reminder task item items product summary
    """
)
_CODES = _words("id number code zip phone pin account order iban")
_ORIGINS = _words("origin from source departure start")
_PLACE = "in|at|for|near|around|of|from|to"
_COMMA = r"|,(?!\s[A-Z]{2}\b)"
_STOP = (
    r"(?=\s+(?:in|at|for|to|from|with|on|by|near|about|saying|that|tomorrow|today|tonight|now"
    rf"|please|using|as|and)\b|\s*[?!;]{_COMMA}|[.\s]*$)"
)
_LIST_STOP = _STOP.replace("|and", "").replace(_COMMA, "")
_IS = r"(?:\s+(?:is|to|as|at|called|named|of)\b)?\s*[:=]?"
_HOUR = r"\b(\d{1,2}:\d\d(?:\s?[ap]m)?|\d{1,2}\s?[ap]m|noon|midnight)\b"
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]|(?<!\w)'([^']+)'(?!\w)")
_LIST = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|\s(?:and|or)\s)\s*", re.I)
_FILLER = _words(
    """
    a an the my me i you your our us it is are be of for in on at to from with by and or
    what what's whats which who how when where please can could would will do does did tell
    give show get set let make want need like know there this that some about now
    """
)


class Wording:
    """One request; ``about`` are the words that only name the function."""

    def __init__(self, text: str, about: Collection[str] = (), whole: str = "") -> None:
        """``whole`` is the sentence that ``text`` is a clause of, where choices may stand, too."""
        self.text, self._whole = text, whole or text
        self._about = {stem(word) for word in about}
        self._taken: list[tuple[int, int]] = []

    def choice(self, values: Sequence[Any], nothing: Any) -> Any:
        """The value that is named; ``nothing`` when none is."""
        for text in (self.text, self._whole):
            named = [value for value in values if value is not None and _named(value, text)]
            if named:
                return max(named, key=lambda value: len(str(value)))
        return nothing

    def choices(self, values: Sequence[Any]) -> list[Any]:
        """All values that are named."""
        return [value for value in values if value is not None and _named(value, self.text)]

    def number(self, name: str) -> float | None:
        """The number at the parameter's name, or else the next one that is free."""
        words = spelt(name)
        at_name = re.compile(rf"\b{re.escape(words)}\b(?:\s+(?:level|value))?{_IS}\s*$", re.I)
        free = [found for found in numerals.NUMERAL.finditer(self.text) if self._free(found.span())]
        units = {stem(word) for word in words.split()}
        named = [found for found in free if at_name.search(self.text[: found.start()])]
        named += [found for found in free if stem(_next_word(self.text[found.end() :])) in units]
        for found in named or free:
            value = _number(found[0])
            if value is not None:
                self._taken.append(found.span())
                return value
        return None

    def numbers(self) -> list[float]:
        """All numbers that are free."""
        found: list[float] = []
        while (value := self.number("")) is not None:
            found.append(value)
        return found

    def phrase(self, name: str) -> str | None:
        """The words for a parameter; None where it is not clear that there are any."""
        words = spelt(name)
        kinds = set(words.split())
        if kinds & _CODES and (code := self._find(r"\b([A-Za-z-]*\d[\w-]*)\b")):
            return code
        if "time" in kinds and (hour := self._find(_HOUR)):
            return hour
        if quoted := self._find(_QUOTED.pattern):
            return quoted
        named = rf"\b{re.escape(words)}{_IS}\s+(\S.*?){_STOP}"
        if kinds & _PLACES or kinds & _ORIGINS:
            before = "from" if kinds & _ORIGINS else _PLACE
            before = "to|in|into|for" if "destination" in kinds else before
            return self._find(rf"\b(?:{before})\s+(?:the\s+)?(\S.*?){_STOP}") or self._find(named)
        if kinds & _TEXTS:
            said = r"\b(?:saying|that|says|about|called|named)\s+(\S.*?)[.?!]*$"
            wanted = r"\bfor\s+(\S.*?)[.?!]*$"
            tries = (r":\s+(\S.*?)\.?$", said, named, wanted)
            return next((found for pattern in tries if (found := self._find(pattern))), None)
        if kinds & _PEOPLE:
            return self._find(rf"\b(?:to|for|with|named|called)\s+(\S.*?){_STOP}")
        return self._find(named)

    def phrases(self, name: str) -> list[str]:
        """The members of a list for a parameter."""
        kinds = set(spelt(name).split())
        before = _PLACE if {stem(kind) for kind in kinds} & _PLACES else "with"
        found = re.search(rf"\b(?:{before})\s+(\S.*?){_LIST_STOP}", self.text, re.I)
        members = _LIST.split(found[1] if found else self.rest())
        stripped = (re.sub(rf"^(?:{_PLACE})\s+", "", one, flags=re.I) for one in members)
        return [one for one in stripped if one]

    def rest(self) -> str:
        """What is left of the words: neither taken nor about the function, without fillers."""
        words = [
            found[0]
            for found in re.finditer(r"[^\s?!,;]+", self.text)
            if self._free(found.span()) and stem(found[0].strip(".:")) not in self._about
        ]
        while words and words[0].lower().strip(".:") in _FILLER:
            words.pop(0)
        while words and words[-1].lower().strip(".:") in _FILLER:
            words.pop()
        return " ".join(words).strip(" .:")

    def _find(self, pattern: str) -> str | None:
        for found in re.finditer(pattern, self.text, re.I | re.S):
            group = next(index for index, text in enumerate(found.groups(), 1) if text)
            value = found[group].strip(" .")
            names_function = all(stem(word) in self._about for word in value.lower().split())
            if value and self._free(found.span(group)) and not names_function:
                self._taken.append(found.span(group))
                return value
        return None

    def _free(self, span: tuple[int, int]) -> bool:
        return all(span[1] <= start or end <= span[0] for start, end in self._taken)


def _named(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return any(_number(found[0]) == value for found in numerals.NUMERAL.finditer(text))
    words = str(value)
    if len(words) == 1:
        return re.search(rf"(?<![\w']){re.escape(words)}(?![\w'])", text) is not None
    ways = {re.escape(words), re.escape(spelt(words)) or re.escape(words)}
    return re.search(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)", text, re.I) is not None


def _number(numeral: str) -> float | None:
    return float(numeral) if "." in numeral else numerals.value(numeral)


def _next_word(text: str) -> str:
    found = re.match(r"\s*([a-z]+)", text, re.I)
    return found[1] if found else ""
