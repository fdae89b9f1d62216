"""What an answer rests on: what was searched, what was found, and which words rest on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from tui.core.values import dict_of, rows_of

LONGEST_LINK: Final = 2048
SHORTEST_PLACE: Final = 48
"""Characters of an address that is shown whole."""
REDIRECT: Final = "vertexaisearch.cloud.google.com"
"""Google's own address in place of the site's; the title, or ``domain``, names the site."""
_READ: Final = "URL_RETRIEVAL_STATUS_SUCCESS"


@dataclass(frozen=True, slots=True)
class Source:
    """A page, place or document, as the server names it."""

    title: str
    uri: str = ""
    site: str = ""
    note: str = ""
    """What became of it, where it was not read."""

    @property
    def link(self) -> str:
        """The address, if a terminal may be given it as a link; else empty.

        Nothing in it can end the escape sequence that it stands in, nor pretend another host.
        """
        parts = _split(self.uri)
        plain = self.uri.isascii() and self.uri.isprintable() and " " not in self.uri
        fits = plain and len(self.uri) <= LONGEST_LINK
        web = parts is not None and parts.scheme in ("http", "https") and parts.hostname
        return self.uri if fits and web and parts is not None and "@" not in parts.netloc else ""

    @property
    def place(self) -> str:
        """Where it leads: the address itself where it is short, else its host."""
        parts = _split(self.uri)
        if parts is None or not parts.hostname:
            return self.site or self.uri
        if parts.hostname == REDIRECT:
            return self.site
        address = self.uri.partition("://")[2].rstrip("/")
        return address if len(address) <= SHORTEST_PLACE else parts.hostname


@dataclass(frozen=True, slots=True)
class Support:
    """Words of the answer, and the numbers, from 1, of what they rest on."""

    words: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grounding:
    """All that a turn rests on; every message may add to it."""

    queries: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    supports: tuple[Support, ...] = ()

    def searched(self, metadata: Mapping[str, Any]) -> Grounding:
        """With a canonical ``groundingMetadata``; its indices count its own chunks."""
        found = [_chunk(row) for row in rows_of(metadata.get("groundingChunks"))]
        sources = (*self.sources, *(s for s in dict.fromkeys(found) if s not in self.sources))
        numbers = [sources.index(each) + 1 for each in found]
        queries = [
            query
            for name in ("webSearchQueries", "imageSearchQueries", "retrievalQueries")
            for query in _texts(metadata.get(name))
        ]
        supports = [_support(row, numbers) for row in rows_of(metadata.get("groundingSupports"))]
        return Grounding(
            tuple(dict.fromkeys((*self.queries, *queries))),
            sources,
            tuple(dict.fromkeys((*self.supports, *filter(None, supports)))),
        )

    def fetched(self, metadata: Mapping[str, Any]) -> Grounding:
        """With a canonical ``urlContextMetadata``."""
        sources = dict.fromkeys(self.sources)
        for row in rows_of(metadata.get("urlMetadata")):
            status = str(row.get("urlRetrievalStatus", ""))
            note = "" if status in (_READ, "") else f"not read: {_status(status)}"
            sources[Source("", _text(row, "retrievedUrl"), note=note)] = None
        return replace(self, sources=tuple(sources))


UNGROUNDED: Final = Grounding()


def marks(answer: str, supports: Sequence[Support]) -> Iterator[tuple[int, str]]:
    """Where the words of each support end in the answer, and ``[1][2]``; in order of place.

    What the answer does not say in those words has no mark.
    """
    ends: dict[int, dict[int, None]] = {}
    for support in supports:
        start = answer.find(support.words)
        if start >= 0:
            end = start + len(support.words)
            ends.setdefault(end, {}).update(dict.fromkeys(support.sources))
    for end, numbers in sorted(ends.items()):
        yield end, "".join(f"[{number}]" for number in numbers)


def _chunk(row: Mapping[str, Any]) -> Source:
    for kind in ("web", "maps", "retrievedContext", "image"):
        if isinstance(chunk := row.get(kind), dict):
            uri = _text(chunk, "uri") or _text(chunk, "sourceUri")
            title = _text(chunk, "title") or _text(chunk, "documentName")
            return Source(title, uri, _text(chunk, "domain"))
    return Source("a source of a kind that is not known")


def _support(row: Mapping[str, Any], numbers: Sequence[int]) -> Support | None:
    words = _text(dict_of(row.get("segment")), "text").strip()
    indices = row.get("groundingChunkIndices")
    known = [
        numbers[index]
        for index in (indices if isinstance(indices, list) else ())
        if isinstance(index, int) and 0 <= index < len(numbers)
    ]
    return Support(words, tuple(dict.fromkeys(known))) if words and known else None


def _status(status: str) -> str:
    return status.removeprefix("URL_RETRIEVAL_STATUS_").replace("_", " ").lower()


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _split(uri: str) -> Any:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018
    except ValueError:
        return None
    return parts
