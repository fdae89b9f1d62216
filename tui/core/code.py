"""Code in pieces of one kind each, by pygments' lexer."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LANGUAGES: Final = frozenset({"PYTHON"})
"""Those of the protocol's ``ExecutableCode.Language`` that can be told apart."""
RAN: Final = "OUTCOME_OK"
OUTCOMES: Final = {"OUTCOME_FAILED": "failed", "OUTCOME_DEADLINE_EXCEEDED": "took too long"}
"""What became of code that did not run to its end, in words."""
LONGEST: Final = 8_000
"""Characters; what is longer stays in one piece."""
KINDS: Final = (
    ("Comment", "comment"),
    ("Literal.String", "string"),
    ("Literal.Number", "number"),
    ("Keyword", "keyword"),
    ("Operator.Word", "keyword"),
    ("Name.Builtin", "builtin"),
    ("Name.Function", "builtin"),
    ("Name.Class", "builtin"),
    ("Name.Decorator", "builtin"),
)
"""Kinds of tokens by pygments' names, with what is below them, and ours."""
PLAIN: Final = "code"


@lru_cache(maxsize=64)
def pieces(code: str, language: str) -> tuple[tuple[str, str], ...]:
    """The text in order, each piece with one of `KINDS` or `PLAIN`; joined it is the code."""
    if language not in LANGUAGES or len(code) > LONGEST:
        return ((code, PLAIN),)
    from pygments.lexers.python import PythonLexer

    found: list[tuple[str, str]] = []
    for _, token, text in PythonLexer().get_tokens_unprocessed(code):
        kind = _kind(".".join(token))
        if found and found[-1][1] == kind:
            found[-1] = (found[-1][0] + text, kind)
        else:
            found.append((text, kind))
    return tuple(found)


def _kind(token: str) -> str:
    return next((kind for name, kind in KINDS if f"{token}.".startswith(f"{name}.")), PLAIN)
