"""The pieces of a streamed chat completion → steps, sentence by sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tui.core.text import safe
from tui.emulator.session.steps import Call, FunctionCall, Say, Step, Think

LONGEST_CHARS = 100_000
"""More is not said: a brain that does not stop is cut."""
MOST_CALLS = 64
DONE = "[DONE]"

_SENTENCE = re.compile(r".+?(?:[.!?…][\"')\]]*\s+|\n\s*)", re.S)
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.S)
_ABBREVIATED = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|vs|e\.g|i\.e|\w)|^\s*\d+)\.\s+$")


class BrokenStream(Exception):
    """What came is no chat completion; the message is one sentence."""


@dataclass(slots=True)
class _Asked:
    """A call that comes in pieces."""

    name: str = ""
    arguments: str = ""


class Stream:
    """Collects the pieces of one answer."""

    def __init__(self) -> None:
        self.over = self.answered = False
        self._text = self._thought = ""
        """What was not handed on yet."""
        self._chars = 0
        self._begun = False
        """The first words that are said, or are a thought, have come."""
        self._calls: dict[int, _Asked] = {}

    def take(self, data: str) -> Iterator[Step]:
        """The steps that are whole with this piece.

        Raises:
            BrokenStream: It is none, or tells of an error.
        """
        if data.strip() == DONE:
            self.over = True
            return
        delta = self._delta(data)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str):
            self._thought += thought[: LONGEST_CHARS - len(self._thought)]
        self._ask(delta.get("tool_calls"))
        if isinstance(delta.get("content"), str):
            yield from self._say(delta["content"])

    def end(self) -> Iterator[Step]:
        """The steps that are left when no more comes."""
        yield from self.rest()
        if self._calls:
            self.answered = True
            yield Call(tuple(_call(asked) for _, asked in sorted(self._calls.items())))

    def rest(self) -> Iterator[Step]:
        """The words that are left."""
        yield from self._thoughts()
        text, self._text = self._text, ""
        if text.strip():
            self.answered = True
            yield Say(text)

    def _delta(self, data: str) -> dict[str, Any]:
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise BrokenStream(f"what it sent is not JSON: {error.msg}") from None
        if not isinstance(chunk, dict):
            raise BrokenStream("what it sent is no chat completion")
        if "error" in chunk:
            raise BrokenStream(f"it says: {error_words(chunk)}")
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        delta = choice.get("delta") if isinstance(choice, dict) else None
        return delta if isinstance(delta, dict) else {}

    def _say(self, text: str) -> Iterator[Step]:
        room = LONGEST_CHARS - self._chars
        self._chars += len(text)
        self._text += text[: max(0, room)]
        if room <= len(text):
            self.over = True
        if not self._begun and not self._begin():
            return
        yield from self._thoughts()
        while sentence := self._sentence():
            self.answered = True
            yield Say(sentence)

    def _begin(self) -> bool:
        """Whether the words begin; models that think aloud put that between tags before them."""
        text = self._text.lstrip()
        if not text or "<think>".startswith(text):
            return False
        if text.startswith("<think>"):
            found = _THOUGHT.match(self._text)
            if found is None:
                return False
            self._thought += found[1]
            self._text = self._text[found.end() :]
        self._begun = True
        return True

    def _sentence(self) -> str:
        """Takes the first whole sentence; nothing while there is none."""
        end = 0
        for found in _SENTENCE.finditer(self._text):
            end = found.end()
            if not _ABBREVIATED.search(found[0]):
                break
        else:
            return ""
        sentence, self._text = self._text[:end], self._text[end:]
        return sentence

    def _thoughts(self) -> Iterator[Step]:
        thought, self._thought = self._thought.strip(), ""
        if thought:
            yield Think(thought)

    def _ask(self, pieces: Any) -> None:
        for piece in pieces if isinstance(pieces, Iterable) else ():
            if not isinstance(piece, dict) or len(self._calls) >= MOST_CALLS:
                continue
            index, function = piece.get("index"), piece.get("function")
            # Ollama sends whole calls, each with index 0.
            number = index if isinstance(index, int) else len(self._calls)
            if not isinstance(function, dict):
                continue
            name, arguments = function.get("name"), function.get("arguments")
            if name and self._calls.get(number, _Asked()).name:
                number = max(self._calls) + 1
            asked = self._calls.setdefault(number, _Asked())
            asked.name += name if isinstance(name, str) else ""
            if len(asked.arguments) < LONGEST_CHARS:
                asked.arguments += _json(arguments)


def error_words(answer: Any) -> str:
    """What an error says, in any of the forms that servers have."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    words = error.get("message", error) if isinstance(error, dict) else error
    return safe(str(words))[:200].rstrip(". ")


def _json(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return orjson.dumps(arguments).decode() if isinstance(arguments, dict) else ""


def _call(asked: _Asked) -> FunctionCall:
    try:
        arguments = orjson.loads(asked.arguments or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not asked.name or not isinstance(arguments, dict):
        raise BrokenStream(f"it calls {safe(asked.name) or 'nothing'} with no JSON object")
    return FunctionCall(asked.name, arguments)
