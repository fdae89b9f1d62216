"""The views of a record that are made of its words: tree, differences, what the SDK says."""

from __future__ import annotations

from typing import Any

from tui.core import clip, media, wire
from tui.core.diff_lines import DiffLines
from tui.core.frame import Event, Frame, Record
from tui.core.json_tree import JsonTree, json_text
from tui.widgets.inspector.head import unknown_paths


def payload(record: Record) -> bytes:
    """The message's bytes; an event's detail as JSON."""
    if isinstance(record, Frame):
        return record.payload
    try:
        return json_text(record.detail).encode()
    except ValueError as error:
        return str(error).encode()


def tree(record: Record, width: int) -> JsonTree:
    """A message, or an event's detail; why it is no JSON."""
    if isinstance(record, Event):
        return JsonTree(dict(record.detail), rate_hz=media.OUTPUT_RATE_HZ, wrap=width)
    try:
        message = wire.parse(record.payload)
    except wire.Undecodable as error:
        return JsonTree.remark(str(error))
    rate_hz = clip.default_rate_hz(record)
    return JsonTree(message, unknown_paths(record), rate_hz=rate_hz, wrap=width)


def sdk_tree(shown: dict[str, Any], width: int) -> JsonTree:
    """What the SDK says, its sentences open."""
    tree = JsonTree(shown, rate_hz=media.OUTPUT_RATE_HZ, wrap=width)
    for at in reversed(range(len(tree))):
        if tree.nodes[at].depth == 0 and isinstance(tree.nodes[at].value, str):
            tree.open(at)
    return tree


def diff(before: Record, after: Record) -> DiffLines | JsonTree:
    """The differences of two records, or why there are none to see; may take long."""
    title = f"From #{before.seq} to #{after.seq}, keys in camelCase: + added, - removed, ~ changed"
    try:
        return DiffLines.of(title, _message(before), _message(after))
    except wire.Undecodable as error:
        return JsonTree.remark(str(error))


def _message(record: Record) -> dict[str, Any]:
    """What it says, in one spelling."""
    if isinstance(record, Event):
        return dict(record.detail)
    return wire.canonical(wire.parse(record.payload))
