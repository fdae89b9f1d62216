"""Values of a message, whatever the other side has put in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def dict_of(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def rows_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of an array; what is none is left out."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
