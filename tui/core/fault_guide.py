"""The faults on one page."""

from __future__ import annotations

from collections.abc import Iterable

from tui.core.fault import SELECTIONS, Kind, Parameter, kinds, shown

_WHEN = {
    "moment": "When a moment comes, by one of the first three:",
    "turn": "In which turns:",
    "message": "At which messages:",
}


def page() -> str:
    """Every fault with its parameters and sources, then when and how often they come about."""
    lines = ["Faults, and the keys of each: NAME, or NAME:key=value,key=value", ""]
    for kind in kinds().values():
        lines += [kind.name, f"    {kind.does}", *_keys(kind.own)]
        if when := selection(kind):
            lines.append(f"    when    {when}")
        if kind.source:
            lines.append(f"    source  {', '.join(kind.source)}")
    lines.append("")
    for occasion, heading in _WHEN.items():
        lines += [heading, *_keys(SELECTIONS[occasion])]
    return "\n".join(lines)


def selection(kind: Kind) -> str:
    """The keys that say when it comes about."""
    keys = [each.key for each in SELECTIONS[kind.occasion]]
    return ", ".join(keys) + (f" (default: {kind.chance:g})" if kind.chance < 1 else "")


def key(parameter: Parameter) -> str:
    """What a parameter means, may be, and is if nobody says otherwise."""
    each = ", or each" if parameter.key == "turn" else ""
    default = "" if parameter.default is None else f"; default: {shown(parameter.default)}"
    return f"{parameter.means} ({parameter.range}{each}{default})"


def _keys(parameters: Iterable[Parameter]) -> list[str]:
    return [f"    {each.key:<8}{key(each)}" for each in parameters]
