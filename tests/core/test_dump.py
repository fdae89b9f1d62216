from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.dump import HexDump, TextDump


def text_lines(payload: bytes, width: int = 20) -> list[str]:
    dump = TextDump(payload, width)
    return ["".join(text for text, _ in dump.line(at)) for at in range(len(dump))]


def hex_lines(payload: bytes, width: int) -> list[str]:
    dump = HexDump(payload, width)
    return ["".join(text for text, _ in dump.line(at)) for at in range(len(dump))]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", [""]),
        (b'{"a": 1}', ['{"a": 1}']),
        (b'{\n  "a": 1\n}\n', ["{", '  "a": 1', "}"]),
        (b"\n\n", ["", ""]),
        (b"x" * 45, ["x" * 20, "x" * 20, "x" * 5]),
        (b"bad \xff end", ["bad \\xff end"]),
        (b"\x1b[31m\x9b\r\n", ["␛[31m\\x9b␍"]),
        ("日本".encode() * 8, ["日本" * 5, "日本" * 3]),
        ("\u202e\x85".encode(), ["␦␤"]),
    ],
)
def test_text_is_what_crossed_the_wire_made_harmless(payload: bytes, expected: list[str]) -> None:
    assert text_lines(payload) == expected


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.just("\n")))
def test_no_character_of_the_text_is_lost(text: str) -> None:
    assert "".join(text_lines(text.encode())) == text.replace("\n", "")


def test_bytes_stand_in_rows_with_their_offset() -> None:
    assert hex_lines(b'{"a": "\xc3\xbc"}', 80) == [
        '000000  7b 22 61 22 3a 20 22 c3 bc 22 7d                 {"a": ".."}'
    ]
    assert hex_lines(bytes(range(0x41, 0x4B)), 50) == [
        "000000  41 42 43 44 45 46 47 48  ABCDEFGH",
        "000008  49 4a                    IJ",
    ]


@pytest.mark.parametrize("width", [30, 42, 74, 138])
def test_rows_of_bytes_fit_the_pane(width: int) -> None:
    assert max(map(len, hex_lines(bytes(100), width))) <= width


def test_no_byte_acts_on_the_terminal() -> None:
    assert all(line.isascii() and line.isprintable() for line in hex_lines(bytes(range(256)), 80))


def test_nothing_is_one_empty_row() -> None:
    assert hex_lines(b"", 80) == [f"000000  {'':49}"]
