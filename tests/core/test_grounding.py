from __future__ import annotations

from typing import Any

import pytest

from tui.core.grounding import UNGROUNDED, Source, Support, marks

PAGES = [
    {"web": {"uri": "https://a.example/1", "title": "A", "domain": "a.example"}},
    {"maps": {"uri": "https://maps.example/b", "title": "B"}},
    {"retrievedContext": {"uri": "gs://c/d.pdf", "title": "C"}},
    {"future": {}},
]
A, B, C, UNKNOWN = (
    Source("A", "https://a.example/1", "a.example"),
    Source("B", "https://maps.example/b"),
    Source("C", "gs://c/d.pdf"),
    Source("a source of a kind that is not known"),
)


def support(text: Any, indices: Any) -> dict[str, Any]:
    return {"segment": {"text": text}, "groundingChunkIndices": indices}


def test_sources_queries_and_supports_are_read() -> None:
    found = UNGROUNDED.searched(
        {
            "webSearchQueries": ["x", "x", "y"],
            "groundingChunks": PAGES,
            "groundingSupports": [support("yes", [0, 2]), support("no", [9, "0"])],
        }
    )
    assert found.queries == ("x", "y")
    assert found.sources == (A, B, C, UNKNOWN)
    assert found.supports == (Support("yes", (1, 3)),)


def test_later_messages_add_and_their_indices_are_their_own() -> None:
    first = UNGROUNDED.searched({"groundingChunks": PAGES[:2]})
    chunks = [PAGES[2], PAGES[0]]
    both = first.searched(
        {"groundingChunks": chunks, "groundingSupports": [support("yes", [0, 1])]}
    )
    assert both.sources == (A, B, C)
    assert both.supports == (Support("yes", (3, 1)),)
    assert both.searched({"groundingChunks": PAGES[:1]}) == both


def test_pages_that_were_fetched_are_sources_and_say_when_they_were_not_read() -> None:
    rows = [
        {"retrievedUrl": "https://a.example", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"},
        {"retrievedUrl": "https://b.example", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_PAYWALL"},
    ]
    assert UNGROUNDED.fetched({"urlMetadata": rows}).sources == (
        Source("", "https://a.example"),
        Source("", "https://b.example", note="not read: paywall"),
    )


@pytest.mark.parametrize("junk", [None, 3, "x", [3], {"web": 3}, [{"web": 3}], [[]]])
def test_what_is_no_metadata_is_none(junk: Any) -> None:
    keys = ("groundingChunks", "groundingSupports", "webSearchQueries", "urlMetadata")
    metadata = dict.fromkeys(keys, junk)
    found = UNGROUNDED.searched(metadata).fetched(metadata)
    assert found.supports == ()


def test_marks_stand_behind_the_words_in_order_of_place() -> None:
    supports = [
        Support("two", (2,)),
        Support("one", (1,)),
        Support("two", (3,)),
        Support("x", (4,)),
    ]
    assert list(marks("one two", supports)) == [(3, "[1]"), (7, "[2][3]")]


@pytest.mark.parametrize(
    ("uri", "linked"),
    [
        ("https://a.example/b?c=d;e#f", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[broken", False),
        ("https://good.example@evil.example/", False),
        ("https://a.example/\x1b]8;;\x07", False),
        ("https://a.example/a b", False),
        ("https://\u0430.example/", False),
        ("https://a.example/" + "x" * 3000, False),
    ],
)
def test_only_plain_web_addresses_are_links(uri: str, linked: bool) -> None:
    assert Source("t", uri).link == (uri if linked else "")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (A, "a.example/1"),
        (Source("t", "https://a.example/" + "x" * 60, "else.example"), "a.example"),
        (Source("t", "https://vertexaisearch.cloud.google.com/x", "a.example"), "a.example"),
        (Source("t", site="a.example"), "a.example"),
    ],
)
def test_the_place_is_where_a_link_leads(source: Source, place: str) -> None:
    assert source.place == place
