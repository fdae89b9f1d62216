"""A search that looks nowhere: made-up results that say so, and their metadata."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import quote_plus

from tui.emulator.session.steps import Ground, Say, Step, Website

DOMAIN = "results.example"
"""Reserved for examples (RFC 2606): it leads nowhere."""
QUERY_LENGTH = 120


def searched(query: str) -> tuple[Step, ...]:
    """The answer to a search for ``query``."""
    query = " ".join(query.split())[:QUERY_LENGTH].rstrip(" ?.!")
    honest = f"I am an emulator and have searched nothing for {query}."
    claims = (
        (f"The first made-up result says that {query} is well worth reading about.", (0,)),
        ("Both made-up results agree that the real service would cite its sources here.", (0, 1)),
    )
    websites = (
        Website(f"Made up by bidiscope: {query}, part one", f"https://{DOMAIN}/1"),
        Website(f"Made up by bidiscope: {query}, part two", f"https://{DOMAIN}/2"),
    )
    text = " ".join([honest, *(claim for claim, _ in claims)])
    return Say(text), Ground((query,), websites, claims)


def metadata(ground: Ground, text: str) -> dict[str, Any]:
    """`groundingMetadata` of what was said; segments are counted in bytes of ``text``'s UTF-8."""
    chunks = [
        {"web": {"uri": one.uri, "title": one.title, "domain": one.uri.split("/")[2]}}
        for one in ground.websites
    ]
    found: dict[str, Any] = {
        "searchEntryPoint": {"renderedContent": _chips(ground.queries)},
        "groundingChunks": chunks,
        "groundingSupports": _supports(ground, text),
        "webSearchQueries": [*ground.queries],
    }
    return {key: value for key, value in found.items() if value}


def _supports(ground: Ground, text: str) -> list[dict[str, Any]]:
    supports: list[dict[str, Any]] = []
    for claim, indices in ground.claims:
        start = text.find(claim)
        if start < 0:
            continue
        first = len(text[:start].encode())
        segment = {"startIndex": first, "endIndex": first + len(claim.encode()), "text": claim}
        if not first:
            del segment["startIndex"]  # proto3 omits defaults
        supports.append({"segment": segment, "groundingChunkIndices": [*indices]})
    return supports


def _chips(queries: tuple[str, ...]) -> str:
    """Links to a real search, as Google asks to show them."""
    links = "".join(
        f'<a href="https://www.google.com/search?q={quote_plus(query)}">{html.escape(query)}</a>'
        for query in queries
    )
    return f'<div class="container">{links}</div>\n'
