"""What the emulator's brain makes of the things it is told: facts, and answers about them.

Nothing is stored: facts are read from the conversation whenever they are asked for, so that
history which a client replays or resumes is remembered like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tui.emulator.mind.numerals import NUMERAL
from tui.emulator.session.conversation import Said

HEARD_LENGTH = 2000
"""Characters of one contribution that are listened to."""
QUOTE_LENGTH = 80
"""Characters of the user's words that an answer repeats."""


class Fact(NamedTuple):
    """Something the user told: ``your name is Ada`` is ``("your", "name", "Ada")``.

    A note has no subject, and a whole sentence in the second person as its value.
    """

    whose: str
    subject: str
    value: str

    def __str__(self) -> str:
        if self.subject == "number":
            return f"you told me the number {self.value}"
        return f"{self.whose} {self.subject} is {self.value}" if self.subject else self.value


_POLITE = re.compile(
    r"^(?:(?:please|kindly|(?:can|could|would|will) you|i want you to|i would like you to|hey"
    r"|hello|hi|okay|ok|well|so|and|now|gemini)\b[\s,.!?]*)+",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:what|who|whom|whose|where|when|why|how|which|do|does|did|is|are|am|was|were|shall|should"
    r"|may|tell|say|count|spell|repeat|give|show|stop|write|explain|calculate|compute|sing|read)\b",
    re.IGNORECASE,
)
_END = r"(?=,? (?:and|but) (?:my|i|i'm|the)\b|[.;!?](?:\s|$)|,\s|\s*$)"
_IS = r"(?: is | are | was | ?= ?|'s (?!\w+ (?:is|are|was)\b))"
_THING = re.compile(rf"\b(my|our|the) ([a-z][a-z' ]{{0,40}}?){_IS}(.+?){_END}", re.I)
_NAMED = re.compile(r"\b(?:call me|i am called|i'm called) ([^\s,.;!?]+)", re.I)
_SELF = re.compile(r"\b(?:I am|I'm) ([A-Z][a-z][\w-]*)\b")
_NOTE = re.compile(rf"\bi (?:like|love|hate|live|work|have|come|am from|prefer) .+?{_END}", re.I)
_REMEMBER = re.compile(
    r"(?:remember|don't forget|do not forget|note)\b(?! (?:me|what|when|how|who|my|the \w+\?))"
    r"(?: that| this)?:?\s*",
    re.I,
)
_NUMBER = re.compile(rf"\d+(?:-\d+)+|{NUMERAL.pattern}", re.I)
_PERSON = {"i": "you", "my": "your", "me": "you", "am": "are", "mine": "yours", "i'm": "you are"}


def plainly(text: str) -> str:
    """The beginning of ``text`` with straight quotes and single spaces."""
    text = text[:HEARD_LENGTH]
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split())


def bare(text: str) -> str:
    """The request in ``text`` without polite words around it."""
    return _POLITE.sub("", plainly(text))


def quoted(text: str) -> str:
    """The user's words in quotation marks, cut where they are long."""
    text = plainly(text)
    cut = text if len(text) <= QUOTE_LENGTH else f"{text[: QUOTE_LENGTH - 1].rstrip()}…"
    return f"“{cut}”"


def sentences(text: str) -> list[str]:
    """The sentences of ``text``, polite words taken off."""
    found = (_POLITE.sub("", one) for one in re.split(r"(?<=[.!?])\s+", plainly(text)))
    return [sentence for sentence in found if sentence]


def learn(text: str) -> list[Fact]:
    """The facts that ``text`` tells; none when it only asks, or is a directive."""
    facts: list[Fact] = []
    if text.lstrip().startswith("/"):
        return facts
    for sentence in sentences(text):
        asks = sentence.endswith("?") or _REQUEST.match(sentence)
        if not asks or _REMEMBER.match(sentence):
            facts += _told(sentence.rstrip(" ?"))
    return facts


def _told(statement: str) -> list[Fact]:
    facts = [_thing(found) for found in _THING.finditer(statement)]
    names = _NAMED.findall(statement) or _SELF.findall(statement)
    facts += [Fact("your", "name", name) for name in names[:1]]
    facts += [Fact("", "", _turned(found[0])) for found in _NOTE.finditer(statement)]
    number = _number(statement)
    if number and not any(number in fact.value for fact in facts):
        facts.append(Fact("the", "number", number))
    if not facts and (asked := _REMEMBER.match(statement)) and statement[asked.end() :]:
        facts.append(Fact("", "", _turned(statement[asked.end() :].rstrip(" ."))))
    return facts


def _thing(found: re.Match[str]) -> Fact:
    whose = {"my": "your", "our": "your"}.get(found[1].lower(), "the")
    return Fact(whose, _subject(found[2]), found[3].rstrip())


def _number(statement: str) -> str | None:
    """The number that was told: digits anywhere, a word when it is called or is all there is."""
    numbers = [found[0] for found in _NUMBER.finditer(statement)]
    digits = [number for number in numbers if number[-1].isdigit()]
    named = re.search(r"\b(?:number|code|pin)\b", statement, re.I)
    alone = numbers and numbers[0] == _REMEMBER.sub("", statement).rstrip(" .!")
    candidates = numbers if named or alone else digits
    return candidates[-1] if candidates else None


def _subject(text: str) -> str:
    """A subject as it is compared: lower case, one spelling."""
    text = re.sub(r"\bfavorite\b", "favourite", text.strip().lower())
    return re.sub(r"\bcolor\b", "colour", text)


def _turned(text: str) -> str:
    """``text`` seen from the other side: I am → you are."""
    return " ".join(_PERSON.get(word.lower(), word) for word in text.split())


def known(said: Iterable[Said]) -> dict[str, Fact]:
    """Every fact the user has told, the newest of each subject, in the order of telling."""
    facts: dict[str, Fact] = {}
    for one in said:
        if one.role == "user":
            for fact in learn(one.text):
                key = fact.subject or fact.value
                facts.pop(key, None)
                facts[key] = fact
    return facts


_THING_ASKED = re.compile(
    r"\b(?:(?:what|who|which)(?:'s| is| are| was)|tell me|know|remember) (my|our|the) (.+)"
)
_NUMBER_ASKED = re.compile(r"\b(?:what|which|tell me the|remember the|recall the)\b.*\bnumbers?\b")
_SAID_ASKED = re.compile(
    r"\bwhat did i (?:(?:just|first|last) )?(?:say|tell you|ask)\b"
    r"|\bwhat was (?:the |my )?(?:first|last) (?:thing|message|question)\b"
    r"|\bthe (?:first|last) thing i said\b|\bwhat (?:have|had) i said\b"
)
_ALL_ASKED = re.compile(
    r"\bwhat (?:do|can) you (?:remember|know about me)|\bdo you remember (?:me|anything|what i)"
    r"|\bwhat have i told you\b|^where do i live|^how old am i|^where am i from"
)


def recall(sentence: str, before: Sequence[Said]) -> str | None:
    """The answer when ``sentence`` asks for what was said ``before``; else None."""
    asked = bare(sentence).lower().rstrip(" ?.!")
    if asked in ("who am i", "say my name"):
        asked = "what is my name"
    if _ALL_ASKED.search(asked):
        return _everything(before)
    if _SAID_ASKED.search(asked):
        return _what_was_said(before, asked)
    if found := _THING_ASKED.search(asked):
        subject = _subject(re.sub(r" (?:again|please|now|i told you|i gave you)$", "", found[2]))
        if answer := _thing_told(known(before), subject, mine=found[1] != "the"):
            return answer
    return _number_told(before) if _NUMBER_ASKED.search(asked) else None


def _thing_told(facts: dict[str, Fact], subject: str, *, mine: bool) -> str | None:
    if subject in facts:
        return _sentence(facts[subject])
    if mine and subject != "number":
        return f"You have not told me your {subject} yet. Say: my {subject} is, and what it is."
    return None


def _number_told(before: Sequence[Said]) -> str:
    for fact in reversed(known(before).values()):
        if NUMERAL.fullmatch(fact.value) or re.search(r"\d", fact.value):
            return _sentence(fact)
    return "You have not told me a number yet. Tell me one, and ask me again later."


def _what_was_said(before: Sequence[Said], asked: str) -> str:
    told = [one.text for one in before if one.role == "user" and one.text.strip()]
    if not told:
        return "This is the first thing that you have said to me."
    if "first" in asked:
        return f"The first thing you said was: {quoted(told[0])}"
    return f"Just before this you said: {quoted(told[-1])}"


def _everything(before: Sequence[Said]) -> str:
    facts = [str(fact) for fact in known(before).values()]
    if not facts:
        return "So far you have told me nothing to remember. Try: my favourite colour is green."
    return f"I remember that {', and that '.join(facts[-8:])}."


def _sentence(fact: Fact) -> str:
    text = str(fact)
    return f"{text[0].upper()}{text[1:]}."
