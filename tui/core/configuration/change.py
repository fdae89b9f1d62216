"""From one set-up to another: what a session that goes on must be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.core.models import Model

Update = dict[str, Any]
"""The fields of a `contextUpdate` that change: `systemInstruction`, `tools`."""


def context_update(
    before: Mapping[str, Any], after: Mapping[str, Any], model: Model
) -> Update | None:
    """What changes the session in its course; empty for nothing, None where it must connect anew.

    A message cannot take an instruction away, only replace it; tools it can.
    """
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if not changed:
        return {}
    if not model.context_update or changed - {"systemInstruction", "tools"}:
        return None
    update = {name: after.get(name, []) for name in changed}
    return None if update.get("systemInstruction") == [] else update
