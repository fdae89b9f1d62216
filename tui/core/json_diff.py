"""What one JSON value has that another has not: structural, path by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Sign = Literal["+", "-", "~"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``+`` only after, ``-`` only before, ``~`` another value."""

    sign: Sign
    path: str
    before: Any = None
    after: Any = None


def changes(before: Any, after: Any) -> Iterator[Change]:
    """All differences in the order of the values, containers entered where both have one.

    Arrays of one length are compared element by element; of different lengths, what they begin
    and end with alike is left out first. Any nesting is taken.
    """
    waiting: list[Change | tuple[str, Any, Any]] = [("", before, after)]
    while waiting:
        step = waiting.pop()
        if isinstance(step, Change):
            yield step
            continue
        path, old, new = step
        if isinstance(old, dict) and isinstance(new, dict):
            waiting += reversed([*_fields(path, old, new)])
        elif isinstance(old, list) and isinstance(new, list):
            waiting += reversed([*_elements(path, old, new)])
        elif not _equal(old, new):
            yield Change("~", path, old, new)


def _fields(
    path: str, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[Change | tuple[str, Any, Any]]:
    for key, value in old.items():
        below = f"{path}.{key}" if path else key
        if key in new:
            yield below, value, new[key]
        else:
            yield Change("-", below, before=value)
    for key, value in new.items():
        if key not in old:
            yield Change("+", f"{path}.{key}" if path else key, after=value)


def _elements(path: str, old: list[Any], new: list[Any]) -> Iterator[Change | tuple[str, Any, Any]]:
    start, end = 0, 0
    if len(old) != len(new):
        shorter = min(len(old), len(new))
        while start < shorter and _alike(old[start], new[start]):
            start += 1
        while end < shorter - start and _alike(old[-1 - end], new[-1 - end]):
            end += 1
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    for at, (one, other) in enumerate(zip(left, right, strict=False), start):
        yield f"{path}[{at}]", one, other
    for at in range(len(right), len(left)):
        yield Change("-", f"{path}[{start + at}]", before=left[at])
    for at in range(len(left), len(right)):
        yield Change("+", f"{path}[{start + at}]", after=right[at])


def _equal(old: Any, new: Any) -> bool:
    """Whether two values that are not both objects or both arrays say the same."""
    if isinstance(old, (dict, list, bool)) or isinstance(new, (dict, list, bool)):
        return old is new
    return bool(old == new)


def _alike(one: Any, other: Any) -> bool:
    """Whether two elements are surely equal; those too deep to be written count as different."""
    try:
        return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
            other, option=orjson.OPT_SORT_KEYS
        )
    except orjson.JSONEncodeError:
        return False
