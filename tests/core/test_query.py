from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui.core.fields import FIELDS, Field, QueryError
from tui.core.query import DEEPEST, LONGEST_CHARS, SYNTAX, All, Either, Not, parse
from tui.core.terms import Has, Heading, Kind, Number, Path, Pattern, Unknown, Word


def test_all_terms_of_a_query_hold_together() -> None:
    node = parse(
        'kind:toolCall dir:recv turn:3 size>64k dt>800ms t<1:20 -kind:audio "two words" '
        "path:serverContent.modelTurn.parts[0].text~hello unknown:yes"
    )
    assert node == All(
        (
            Kind("toolcall", ":"),
            Heading("r"),
            Number("turn", "=", 3),
            Number("size", ">", 64_000),
            Number("dt", ">", 0.8),
            Number("t", "<", 80),
            Not(Kind("audio", ":")),
            Word("two words"),
            Path(("servercontent", "modelturn", "parts", 0, "text"), "~", "hello", None),
            Unknown(True),
        )
    )


@pytest.mark.parametrize(
    ("query", "node"),
    [
        ("", All(())),
        ("   ", All(())),
        ("a or b c", Either((Word("a"), All((Word("b"), Word("c")))))),
        ("a OR b | c", Either((Word("a"), Word("b"), Word("c")))),
        ("a|b c", All((Either((Word("a"), Word("b"))), Word("c")))),
        ("a and b", All((Word("a"), Word("b")))),
        ("(a or b) -c", All((Either((Word("a"), Word("b"))), Not(Word("c"))))),
        ("!(a b)", Not(All((Word("a"), Word("b"))))),
        ("--a", Word("a")),
        ("a-b", Word("a-b")),
        ('"or" "a:b"', All((Word("or"), Word("a:b")))),
        (r'"a \"b\" \\ \d"', Word(r'a "b" \ \d')),
        ('"one\\ntwo"', Word("one\ntwo")),
        ("order android", All((Word("order"), Word("android")))),
        ("kind:audio|text", Either((Kind("audio", ":"), Kind("text", ":")))),
        ("kind=tool_call kind~tool", All((Kind("toolcall", "="), Kind("tool", "~")))),
        ("DIR:Sent", Heading("s")),
        ("has:image", Has("image")),
        ("unknown:no", Unknown(False)),
        ("turn:3-5", Number("turn", "-", 3, 5)),
        ("turn>=3", Number("turn", ">=", 3)),
        ("turn:>=3", Number("turn", ">=", 3)),
        ("size:1k-2m", Number("size", "-", 1000, 2_000_000)),
        ("size<=1.5ki", Number("size", "<=", 1536)),
        ("dt:1s-1500ms", Number("dt", "-", 1, 1.5)),
        ("t>1:02:03", Number("t", ">", 3723)),
        ("t<1:02.5", Number("t", "<", 62.5)),
        ("t<2m", Number("t", "<", 120)),
        ("path:goAway", Path(("goaway",), "", "", None)),
        ("path:a_b[].c[*]=1.5k", Path(("ab", "*", "c", "*"), "=", "1.5k", 1500)),
        ('path:a."x y"~"p q"', Path(("a", "x y"), "~", "p q", None)),
        ("path:a.*<-3", Path(("a", "*"), "<", "-3", -3)),
    ],
)
def test_reads(query: str, node: object) -> None:
    assert parse(query) == node


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ("kinda:audio", 0, "did you mean kind?"),
        ("a http://b", 2, "no field http"),
        ("kind:", 5, "kind:NAME"),
        ("kind>3", 4, "kind takes"),
        ("a dir:up|sideways", 9, "send, recv or event"),
        ("size>many", 5, "such as 900"),
        ("size>3s", 5, "such as 900"),
        ("t<1:2x", 2, "1:20"),
        ("turn:5-3", 5, "turn it around"),
        ("turn>3-5", 5, "after a colon"),
        ("turn:3-x", 7, "needs a number"),
        ("t=5", 2, "exactly"),
        ('a "b c', 2, "not closed"),
        ('""', 0, "nothing in the quotes"),
        ("(a b", 0, "no ) for this ("),
        ("a b)", 3, "no ( for this )"),
        ("a ()", 3, "nothing in the parentheses"),
        ("a or", 4, "after or"),
        ("or a", 0, "before it"),
        ("a and", 5, "after and"),
        ("a - b", 2, "must not hold"),
        ("re:x", 3, "between slashes"),
        ("finding:stal", 8, "did you mean stall?"),
        ("finding:xyz", 8, "--list-rules has all"),
        ("re:/a(b/", 7, "missing )"),
        ("re:/a/g", 6, "only letter"),
        ("re://", 3, "empty"),
        ("path:", 5, "path reads like"),
        ("path:a..b", 5, "path reads like"),
        ("path:a>b", 7, "need a number"),
        ("path:a~", 7, "a value"),
        ("@fast", 0, "no saved filter @fast; there is @slow"),
        ("(" * 60 + "a", DEEPEST, "at most"),
        ("a" * 5000, LONGEST_CHARS, "at most"),
    ],
)
def test_a_mistake_is_one_sentence_and_a_column(query: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, {"slow": "dt>1s"})
    assert words in str(caught.value)
    assert caught.value.column == column
    assert "\n" not in str(caught.value)


def test_a_saved_filter_stands_for_its_query() -> None:
    saved = {"slow": "dt>1s or t<1s", "both": "@slow -a"}
    slow = Either((Number("dt", ">", 1), Number("t", "<", 1)))
    assert parse("b @slow", saved) == All((Word("b"), slow))
    assert parse("-@both", saved) == Not(All((slow, Not(Word("a")))))


def test_a_saved_filter_that_is_wrong_or_names_itself_is_pointed_at() -> None:
    with pytest.raises(QueryError, match="@bad: There is nothing in the quotes") as caught:
        parse("a @bad", {"bad": '""'})
    assert caught.value.column == 2
    with pytest.raises(QueryError, match="nests at most"):
        parse("@one", {"one": "@two", "two": "@one"})


def test_every_example_of_the_help_is_a_query() -> None:
    examples = [field.example for field in FIELDS] + [example for *_, example in SYNTAX]
    for each in examples:
        assert parse(each, {"slow": "dt>1s"}) != All(())


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_refuses_an_operator_it_does_not_list(field: Field) -> None:
    for operator in (":", "=", "~", "<", "<=", ">", ">="):
        query = f"{field.name}{operator}"
        with pytest.raises(QueryError) as caught:
            parse(query)
        refused = "takes" in str(caught.value)
        assert refused is (operator not in field.operators)


@settings(deadline=None)
@given(st.text(max_size=60))
@example("t<" + "9" * 400)
@example("re:/(?<=a)+*/")
@example("path:a[99999999999]")
@example("size>١k")
def test_any_text_is_a_query_or_a_mistake_with_its_column(text: str) -> None:
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.column <= len(text)


PIECES = st.sampled_from(
    [*'"()|-! ~/[]:=\a*.', "or", "and", "kind:", "size>", "path:a", "re:/", "1k", "@a", "t<", "3-5"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_mixture_of_its_signs_is_a_query_or_a_mistake(text: str) -> None:
    try:
        parse(text, {"a": "b or c"})
    except QueryError as error:
        assert 0 <= error.column <= len(text)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_any_words_can_be_quoted(words: str) -> None:
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    assert parse(f'"{quoted}"') == Word(words)


def test_a_pattern_keeps_its_spaces_and_slashes() -> None:
    node = parse(r"re:/a \/ b|c/i x")
    assert isinstance(node, All)
    first, second = node.parts
    assert isinstance(first, Pattern)
    assert first.compiled.search("A / B")
    assert second == Word("x")
