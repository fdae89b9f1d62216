"""Which of the declared functions a sentence asks for, and with which arguments. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tui.emulator.mind import arguments, memory
from tui.emulator.mind.wording import Wording, stem
from tui.emulator.session.steps import FunctionCall
from tui.emulator.session.toolbox import Declaration, spelt

MOST = 16
"""Calls that one sentence can ask for."""
_LEAST = 2
"""What a function must score to be called."""
_WEAK_WORDS = """
a an the of for in on off to from by with and or is are be do does get set fetch find list
show make create add new update current my your me i it what how this that tool function
call run api value values info information data given specified return returns turn all any
user can will when where which who use used using its as at up down
"""
_WEAK = frozenset(_WEAK_WORDS.split())
_POLITE = re.compile(r"[\s,]*\b(?:please|thanks|thank you|will you|would you)\W*$", re.I)
_AND = re.compile(r",?\s+(?:and then|and also|and|then)\s+|\s*;\s*", re.I)
_COMMA = re.compile(r",\s+(?![A-Z]{2}\b)")
_PREPOSITION = re.compile(r"\b(in|at|for|to|from|near|of)\s+\S+(?:\s+\S+){0,3}\W*$", re.I)
_STARTS = re.compile(r"(?:in|at|for|to|from|near|of|with|on)\s", re.I)
_TELLS = re.compile(r"i (?!want|need|would|'d|wish)|(?:my|our|this|that|it|he|she|they|we) ", re.I)


@dataclass(frozen=True, slots=True)
class _Clause:
    function: Declaration
    text: str


def calls(sentence: str, functions: Sequence[Declaration], today: date) -> tuple[FunctionCall, ...]:
    """The calls that ``sentence`` asks for; none when it asks for none.

    Raises:
        Unfillable: A function is meant, but no arguments fit its schema.
    """
    sentence = _POLITE.sub("", memory.bare(sentence))
    tells = any(fact.subject != "number" for fact in memory.learn(sentence))
    if not functions or tells or _TELLS.match(sentence):
        return ()
    found = _clauses(sentence, functions, today)
    return tuple(
        FunctionCall(one.function.name, filled(one.function, one.text, today, whole=sentence))
        for one in found[:MOST]
    )


def filled(function: Declaration, text: str, today: date, *, whole: str = "") -> dict[str, object]:
    """Arguments for the function from the words of ``text``; raises `Unfillable`."""
    return arguments.filled(function.schema, _wording(function, text, whole), today)


def _wording(function: Declaration, text: str, whole: str = "") -> Wording:
    return Wording(text, function.words.split(), whole)


def _clauses(sentence: str, functions: Sequence[Declaration], today: date) -> list[_Clause]:
    """One for each call; a clause that only adds to the one before is part of it."""
    pieces = _AND.split(sentence)
    if len(pieces) > 1:
        pieces = [piece for part in pieces for piece in _COMMA.split(part)]
    found: list[_Clause] = []
    before = ""
    for piece in pieces:
        function = _meant(piece, functions)
        last = found[-1] if found else None
        if function is None and last is not None:
            again = _continued(last, piece)
            if _same_again(last, again, today):
                found.append(_Clause(last.function, again))
            else:
                found[-1] = _Clause(last.function, f"{last.text} and {piece}")
        elif function is not None:
            found.append(_Clause(function, before + piece))
        else:
            before += f"{piece} and "
    if not found and (function := _meant(sentence, functions)):
        return [_Clause(function, sentence)]
    return found


def _continued(last: _Clause, piece: str) -> str:
    """``London`` after ``the weather in Paris`` is ``in London``."""
    before = _PREPOSITION.search(last.text)
    return f"{before[1]} {piece}" if before and not _STARTS.match(piece) else piece


def _same_again(last: _Clause, text: str, today: date) -> bool:
    """Whether ``text`` says another value of what the clause before has said."""
    schema = last.function.schema
    before = arguments.told(schema, _wording(last.function, last.text), today)
    after = arguments.told(schema, _wording(last.function, text), today)
    again = before.keys() & after.keys()
    return any(before[name] != after[name] for name in again) and not any(
        isinstance(after[name], list) for name in again
    )


def _meant(text: str, functions: Sequence[Declaration]) -> Declaration | None:
    words = {stem(word) for word in re.findall(r"\w+", text.lower())}
    told = [(_told(function, words), function) for function in functions]
    meant = [one for one in told if one[0] >= _LEAST]
    return max(meant, key=lambda one: one[0] + _fit(one[1], words))[1] if meant else None


def _told(function: Declaration, words: set[str]) -> int:
    """Two for a telling word of its name, one for one of its description or parameters."""
    name = _name(function)
    properties = function.schema.get("properties")
    parameters = properties if isinstance(properties, dict) else {}
    others = {stem(word) for word in re.findall(r"\w+", function.description.lower())}
    others |= {stem(word) for one in parameters for word in spelt(one).split()}
    told = 2 * len((name - _WEAK) & words) + len((others - _WEAK - name) & words)
    return told or (_LEAST if name and name <= words else 0)


def _fit(function: Declaration, words: set[str]) -> float:
    """How well the rest of its name agrees, where several functions are meant."""
    name = _name(function)
    return 0.5 * len(name & _WEAK & words) - 0.25 * len(name - words)


def _name(function: Declaration) -> set[str]:
    return {stem(word) for word in function.words.split()}
