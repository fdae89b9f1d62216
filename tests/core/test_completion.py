from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.completion import complete, quoted, term_of_kinds, term_of_value
from tui.core.content import Content
from tui.core.query import All, parse
from tui.core.terms import ContentTerm, Kind, Word

KINDS = ("serverContent.modelTurn.audio", "toolCall", "realtimeInput.audio", "toolResponse")


@pytest.mark.parametrize(
    ("query", "choices"),
    [
        ("", ["kind:", "dir:", "turn:", "size>", "dt>", "t<", "seq:", "has:", "unknown:"]),
        ("ki", ["kind:"]),
        ("a -(k", ["kind:"]),
        ("dir:", ["send", "recv", "event"]),
        ("dir:r", ["recv"]),
        ("kind:tool", ["toolCall", "toolResponse"]),
        ("kind:tool_", ["toolCall", "toolResponse"]),
        ("kind:audio|toolR", ["toolResponse"]),
        ("kind=server", ["serverContent.modelTurn.audio"]),
        ("has:x", []),
        ("size>", []),
        ("@", ["slow", "odd"]),
        ("a -@s", ["slow"]),
        ('"kin', []),
        ("nothing", []),
    ],
)
def test_what_may_come_next(query: str, choices: list[str]) -> None:
    found = complete(query, len(query), KINDS, ["slow", "odd"])
    assert list(found.choices[: len(choices) or None]) == choices


def test_a_choice_takes_the_place_of_what_is_typed() -> None:
    query = "a kind:tool b"
    found = complete(query, 11, KINDS, ())
    assert found.apply(query, 0) == ("a kind:toolCall b", 15)
    assert found.apply(query, 1) == ("a kind:toolResponse b", 19)
    assert found.apply(query, 2) == found.apply(query, 0)


@settings(deadline=None)
@given(st.text(max_size=30), st.integers(0, 30))
def test_any_query_can_be_completed(query: str, at: int) -> None:
    at = min(at, len(query))
    found = complete(query, at, KINDS, ["slow"])
    assert 0 <= found.start <= found.end == at


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_quoted_words_are_read_as_they_are(words: str) -> None:
    assert parse(quoted(words)) == Word(words)


def test_a_kind_makes_a_term_that_chooses_it() -> None:
    term = parse(term_of_kinds(("serverContent.modelTurn.audio", "usageMetadata")))
    assert term == Kind("servercontent.modelturn.audio", "=")
    assert term_of_kinds(()) == ""
    assert parse(term_of_kinds(('new kind"',))) == Kind('new kind"', "=")


@pytest.mark.parametrize(
    ("path", "value", "query"),
    [
        (
            "toolCall.functionCalls[0].name",
            "weather",
            "path:toolCall.functionCalls[0].name=weather",
        ),
        ("a.b", "two words", 'path:a.b="two words"'),
        ("a.b", "true", "path:a.b=true"),
        ("a.b", '{\n  "c": 1\n}', "path:a.b"),
        ("a.b", "", "path:a.b"),
        ("a.b", "x" * 90, f"path:a.b~{'x' * 40}"),
        ("a.b", "one\ntwo", "path:a.b~one"),
        ("odd key", "value", "value"),
    ],
)
def test_a_value_makes_a_term_that_chooses_it(path: str, value: str, query: str) -> None:
    assert term_of_value(path, value) == query
    assert parse(query) != All(())


@settings(deadline=None)
@given(st.text('ab_ .[]"é', max_size=6), st.text(max_size=60))
def test_the_term_of_a_value_is_a_query_that_the_message_matches(key: str, value: str) -> None:
    if value.partition("\n")[0]:
        node = parse(term_of_value(key, value))
        assert isinstance(node, ContentTerm)
        if key.isidentifier():
            assert node.matches(Content("", {key: value}))
