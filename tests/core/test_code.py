from __future__ import annotations

import pytest

from tui.core import code
from tui.core.prose import Tone

SNIPPET = 'import math\r\n\n\tprint(f"{math.pi:.2f} \N{GREEK SMALL LETTER PI}", 3)  # pi\n\x1b'


@pytest.mark.parametrize("text", [SNIPPET, "", "\n\n", "def (", 'x = """never closed'])
@pytest.mark.parametrize("language", ["PYTHON", "LANGUAGE_UNSPECIFIED"])
def test_the_pieces_are_the_code_and_each_kind_is_a_tone(text: str, language: str) -> None:
    found = code.pieces(text, language)
    assert "".join(piece for piece, _ in found) == text
    assert all(Tone(kind) for _, kind in found)


def test_python_is_told_apart() -> None:
    found = dict(code.pieces(SNIPPET, "PYTHON"))
    kinds = {"import": "keyword", "print": "builtin", "3": "number", "# pi": "comment"}
    assert {word: found[word] for word in kinds} == kinds


def test_very_long_code_stays_in_one_piece() -> None:
    text = "x = 1\n" * code.LONGEST
    assert code.pieces(text, "PYTHON") == ((text, code.PLAIN),)
