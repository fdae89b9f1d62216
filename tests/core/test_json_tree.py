from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest

from tui.core.json_tree import (
    GROUP,
    INDENTED_LEVELS,
    LONG_LINES,
    OPEN_LINES,
    PIECES,
    JsonTree,
    escaped,
    json_text,
    wrapped,
)


def tree(value: Any, *unknown: str, wrap: int = 60) -> JsonTree:
    return JsonTree(value, unknown, rate_hz=24_000, wrap=wrap)


def lines(shown: JsonTree) -> list[str]:
    return ["".join(text for text, _ in shown.line(at)).rstrip() for at in range(len(shown))]


def test_a_small_message_is_open_with_its_keys_as_on_the_wire() -> None:
    message = {"client_content": {"turns": [{"role": "user"}], "turnComplete": True, "n": None}}
    assert lines(tree(message)) == [
        "▾ client_content {3}",
        "  ▾ turns [1]",
        "    ▾ 0 {1}",
        '        role "user"',
        "    turnComplete true",
        "    n null",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ["  {}"]),
        ({"a": {}, "b": []}, ["  a {}", "  b []"]),
        ({"a": 1.5}, ["  a 1.5"]),
    ],
)
def test_what_holds_nothing_is_one_line(value: Any, expected: list[str]) -> None:
    assert lines(tree(value)) == expected


@pytest.mark.parametrize(
    ("blob", "chip"),
    [
        (
            {"mime_type": "audio/pcm;rate=16000", "data": base64.b64encode(bytes(640)).decode()},
            "‹audio/pcm · 16 kHz · 20 ms · 640 B›",
        ),
        (
            {"mimeType": "audio/pcm", "data": base64.urlsafe_b64encode(b"\xff" * 9600).decode()},
            "‹audio/pcm · 24 kHz? · 200 ms · 9,600 B›",
        ),
        ({"mimeType": "image/jpeg", "data": "_9j_4A=="}, "‹image/jpeg · 4 B›"),
        ({"mimeType": "image/\x1b[31m", "data": ""}, "‹image/␛[31m · 0 B›"),
    ],
)
def test_media_is_a_chip_that_opens(blob: dict[str, str], chip: str) -> None:
    shown = tree({"inlineData": blob})
    assert lines(shown) == [f"▸ inlineData {chip}"]
    assert shown.open(0)
    assert len(shown) == 3


def test_what_the_sdk_does_not_know_is_marked_in_either_spelling() -> None:
    message = {"server_content": {"model_turn": {"new_field": 1}, "turn_complete": True}}
    assert lines(tree(message, "serverContent.modelTurn.new_field")) == [
        "▾ server_content {2}",
        "  ▾ model_turn {1}",
        "      new_field 1 ⚑ unknown to the SDK",
        "    turn_complete true",
    ]


def test_a_large_message_opens_to_what_is_not_known() -> None:
    message = {"setup": {"fill": list(range(90)), "deep": {"a": [{"odd": 1}], "b": {"c": 2}}}}
    shown = lines(tree(message, "setup.deep.a[0].odd"))
    assert "  ▸ fill [90]" in shown
    assert any(line.endswith("odd 1 ⚑ unknown to the SDK") for line in shown)


def test_only_the_field_itself_is_marked_not_its_lines() -> None:
    shown = tree({"odd": "word " * 100, "more": list(range(200))}, "odd", "more")
    shown.open(1)
    shown.open(0)
    assert [line for line in lines(shown) if "⚑" in line] == [
        "▾ odd 500 characters ⚑ unknown to the SDK",
        "▾ more [200] ⚑ unknown to the SDK",
    ]


def test_a_huge_object_is_shown_in_groups_by_its_keys() -> None:
    shown = tree({"n": {f"key{number}": number for number in range(250)}})
    shown.open(0)
    assert lines(shown)[1:] == [
        "  ▸ key0 … key99 100 items",
        "  ▸ key100 … key199 100 items",
        "  ▸ key200 … key249 50 items",
    ]
    shown.open(3)
    assert lines(shown)[-1] == "      key249 249"
    assert shown.nodes[-1].path == "n.key249"


def test_a_long_string_is_cut_and_says_its_length() -> None:
    shown = tree({"text": "word " * 100})
    assert lines(shown) == [f'▸ text "{"word " * 8}…" 500 characters']
    assert shown.open(0)
    assert lines(shown)[0] == "▾ text 500 characters"
    assert "".join(shown.text(at) for at in range(1, len(shown))) == "word " * 100
    assert max(map(len, lines(shown))) <= 60


def test_the_lines_of_a_string_are_its_own() -> None:
    shown = tree({"text": "one\ntwo"})
    assert lines(shown) == ['▸ text "one…" 7 characters']
    shown.open(0)
    assert lines(shown)[1:] == ["    one", "    two"]


def test_a_huge_string_is_not_laid_out_whole() -> None:
    shown = tree({"data": "A" * 1_000_000})
    shown.open(0)
    assert len(shown) == LONG_LINES + 2
    assert lines(shown)[-1].endswith("the rest is in the raw text")


def test_a_huge_array_is_shown_in_groups_that_are_made_when_opened() -> None:
    shown = tree({"n": list(range(100_000))})
    assert lines(shown) == ["▸ n [100,000]"]
    shown.open(0)
    assert len(shown) == 1 + 10
    assert lines(shown)[1] == "  ▸ 0 … 9999 10,000 items"
    shown.open(1)
    assert lines(shown)[2] == "    ▸ 0 … 99 100 items"
    shown.open(2)
    assert lines(shown)[GROUP + 2] == "        99 99"
    assert shown.nodes[3].path == "n[0]"


def test_a_large_object_does_not_open_by_itself() -> None:
    shown = tree({f"key{number}": {"a": 1} for number in range(80)})
    assert len(shown) == 80
    assert not any(node.opened for node in shown.nodes)


def test_a_tree_opens_by_itself_only_as_far_as_fits() -> None:
    rows = [{"name": f"tool{number}", "parameters": {"a": 1, "b": 2}} for number in range(25)]
    assert len(tree({"setup": {"tools": rows}})) <= OPEN_LINES


def test_opening_and_closing_go_both_ways() -> None:
    shown = tree({"a": {"b": {"c": 1}}, "d": 2})
    before = lines(shown)
    assert shown.close(0)
    assert not shown.close(0)
    assert lines(shown) == ["▸ a {1}", "  d 2"]
    assert shown.open(0)
    assert not shown.open(0)
    assert shown.open(1)
    assert lines(shown) == before
    assert not shown.open(3)


def test_the_parent_is_the_line_above_that_holds_it() -> None:
    shown = tree({"a": {"b": 1, "c": {"d": 2}}})
    assert [shown.parent(at) for at in range(len(shown))] == [0, 0, 0, 2]


def test_deep_nesting_is_opened_by_hand_and_stays_in_the_pane() -> None:
    shown = tree(orjson.loads(b'{"a":' * 900 + b"1" + b"}" * 900))
    for at in range(900):
        shown.open(at)
    assert len(shown) == 900
    assert len(lines(shown)[800]) < 2 * INDENTED_LEVELS + 20
    assert lines(shown)[800].lstrip().startswith("800·")
    with pytest.raises(ValueError, match="too deep"):
        shown.text(0)


def test_hostile_keys_and_values_are_made_visible() -> None:
    shown = tree({"\x1b[31m\u202e": "\x1b]52;c;AAAA\x07 [@click=app.bell]x[/]"})
    assert lines(shown) == ['  ␛[31m␦ "␛]52;c;AAAA␇ [@click=app.bell]x[/]"']


def test_every_piece_has_a_known_kind() -> None:
    message = {"a": {"mimeType": "x/y", "data": ""}, "b": [1, True, "t"], "c": "x" * 100}
    shown = tree(message, "c")
    kinds = {kind for at in range(len(shown)) for _, kind in shown.line(at)}
    assert kinds == set(PIECES)


def test_what_a_line_holds_can_be_copied() -> None:
    shown = tree({"a": {"b": "one\ntwo\x1b"}, "n": [1]})
    assert json.loads(shown.text(0)) == {"b": "one\ntwo\x1b"}
    assert shown.text(1) == "one\ntwo␛"
    assert json.loads(shown.text(2)) == [1]
    groups = tree({"n": list(range(250))})
    groups.open(0)
    assert len(json.loads(groups.text(1))) == GROUP


def test_a_remark_is_one_line() -> None:
    assert lines(JsonTree.remark("The message is not JSON.")) == ["  The message is not JSON."]


@pytest.mark.parametrize("text", ["\u202e", "\x9b31m", "\x7f", "\U000e0041", "\u200b"])
def test_copied_json_means_the_same_and_acts_on_nothing(text: str) -> None:
    written = json_text({"a": text})
    assert written.isascii()
    assert json.loads(written) == {"a": text}
    assert json.loads(escaped(json.dumps({"a": text}, ensure_ascii=False))) == {"a": text}


def test_harmless_json_is_copied_as_it_is() -> None:
    assert escaped('{\n\t"a": "日本 ü"\n}\n') == '{\n\t"a": "日本 ü"\n}\n'
    assert escaped('{\r\n"a": "\u202e"}') == '{\n"a": "\\u202e"}'


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("", [(0, 0)]),
        ("abcdef", [(0, 4), (4, 6)]),
        ("日本語", [(0, 2), (2, 3)]),
        ("übel", [(0, 4)]),
    ],
)
def test_lines_are_cut_where_they_surely_fit(line: str, pieces: list[tuple[int, int]]) -> None:
    assert wrapped(line, 4) == pieces
