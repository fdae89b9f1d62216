from __future__ import annotations

from typing import Any

import orjson

from tests.widgets.wire_log import PCM
from tui.core.diff_lines import MOST, PIECES, VALUE_CHARS, DiffLines


def lines(before: Any, after: Any) -> list[str]:
    shown = DiffLines.of("title", before, after)
    return ["".join(text for text, _ in shown.line(at)) for at in range(len(shown))]


def test_signs_paths_and_values() -> None:
    assert lines({"a": 1, "b": "x", "same": 0}, {"a": 2, "same": 0, "c": [True]}) == [
        "title",
        "~ a 1 → 2",
        '- b "x"',
        "+ c [true]",
    ]


def test_the_same_is_said() -> None:
    assert lines({"a": 1}, {"a": 1}) == ["title", "They say the same."]


def test_media_are_told_without_their_base64_wherever_they_are() -> None:
    assert lines({}, {"audio": PCM})[1] == '+ audio "‹audio/pcm · 24 kHz · 200 ms · 9,600 B›"'
    assert "AAAA" not in lines({}, {"deep": [{"parts": [PCM]}]})[1]


def test_long_and_deep_values_are_cut() -> None:
    deep = orjson.loads(b"[" * 1000 + b"]" * 1000)
    for value in ("x" * 1_000_000, deep, list(range(100_000)), {str(n): n for n in range(999)}):
        (line,) = lines({}, {"a": value})[1:]
        assert len(line) <= VALUE_CHARS + 5


def test_very_many_differences_are_cut() -> None:
    shown = lines({}, {str(number): number for number in range(MOST + 5)})
    assert len(shown) == MOST + 2
    assert shown[-1] == "… and more than 1,000 differences"


def test_hostile_names_and_values_are_made_visible() -> None:
    shown = DiffLines.of("t", {"\x1b[31m": "\u202e"}, {"\x9b": {"\x07": "\x1b"}})
    drawn = "".join(text for at in range(len(shown)) for text, _ in shown.line(at))
    assert drawn.isprintable()


def test_the_path_of_a_line_and_its_look() -> None:
    shown = DiffLines.of("t", {"a": {"b": 1}}, {"a": {"b": 2}})
    assert [shown.path(at) for at in range(3)] == ["", "a.b", ""]
    assert shown.line(1)[0][1] == PIECES["~"] == "changed"
