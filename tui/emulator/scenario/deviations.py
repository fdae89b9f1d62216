"""What a client does otherwise than the recorded one: told in words, message by message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tui.core.json_diff import changes
from tui.core.text import safe
from tui.core.wire import Fact
from tui.emulator.scenario.inputs import SOUND, Input
from tui.emulator.scenario.recorded import Part, Recorded
from tui.emulator.scenario.scenario import Say

TOLD = 20
"""So many are told of a session."""
PATHS = 3

_SPARED = re.compile(r"(?:^|\.)(?:data|handle)$")
"""Where a message that is repeated may differ."""


class Deviations:
    """Those of one session; ``failed`` is told of each."""

    def __init__(self, recorded: Recorded, part: Part, say: Say, failed: Say) -> None:
        self.count = 0
        self._recorded, self._part = recorded, part
        self._say, self._failed = say, failed
        self._said = 0
        """How many messages that count the client has sent."""

    def compare(self, given: Sequence[Input], facts: Sequence[Fact]) -> None:
        """The client has sent a message: tell how it differs from the one that it repeats."""
        if facts[0].kind == "invalid":
            self.tell(f"the client sent what is no message: {facts[0].value['reason']}")
        counted = [each for each in given if each.kind != SOUND]
        if not counted:
            return
        kinds = "+".join(each.kind for each in counted)
        if self._said == len(self._part.said):
            self.tell(f"the client sent {kinds}; in the recording it sends nothing more")
            return
        row = self._part.said[self._said]
        self._said += 1
        recorded = [each for each in self._recorded.inputs(row) if each.kind != SOUND]
        number = self._recorded.log.seqs[row]
        if [each.kind for each in recorded] != [each.kind for each in counted]:
            should = "+".join(each.kind for each in recorded)
            self.tell(f"the client sent {kinds} where message {number} is {should}")
            return
        for one, other in zip(recorded, counted, strict=True):
            if paths := [*_differences(one.value, other.value)]:
                at = ", ".join(paths[:PATHS]) + (", …" if paths[PATHS:] else "")
                self.tell(f"{one.kind} differs from message {number} at {at}")

    def tell(self, what: str) -> None:
        """This is not as it was."""
        self.count += 1
        self._failed(what)
        if self.count <= TOLD:
            self._say(f"deviates: {safe(what)}")
        elif self.count == TOLD + 1:
            self._say("deviates in more; that is not told")

    def __str__(self) -> str:
        if not self.count:
            return "no deviation"
        return f"{self.count} deviation{'s'[: self.count > 1]}"


def _differences(recorded: Any, given: Any) -> Iterator[str]:
    for change in changes(recorded, given):
        if not _SPARED.search(change.path):
            yield change.path or "its value"
