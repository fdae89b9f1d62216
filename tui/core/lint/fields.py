"""The message as such: its size, what cannot be decoded, what the SDK does not know."""

from __future__ import annotations

from typing import ClassVar

from tui.core.frame import Direction, Frame
from tui.core.lint.scene import Check
from tui.core.values import dict_of
from tui.core.wire import Fact

MAX_BYTES = 1 << 20
"""`max_size` of the websockets library: a larger message closes the connection with 1009."""
MOST_PATHS = 100
"""So many unknown fields of a connection are told apart."""


class Fields(Check):
    """Looks at every message, whatever it says."""

    def begin(self) -> None:
        """No unknown field was seen."""
        self._paths: set[str] = set()

    def frame(self, frame: Frame) -> None:
        """Any message; called for each, so it must be quick."""
        if frame.size > MAX_BYTES:
            way = "sent" if frame.direction is Direction.SEND else "received"
            self.scene.report("frame-large", key=way, way=way, mib=frame.size / MAX_BYTES)
        if frame.masked:
            self.scene.report("credential", key="credential")
        if not any(fact.unknown for fact in frame.facts):
            return
        if frame.direction is Direction.RECEIVE and _strange(frame):
            self._report_strange(frame)
            return
        for fact in frame.facts:
            self._unknown(fact, frame)

    def _unknown(self, fact: Fact, frame: Frame) -> None:
        sent = frame.direction is Direction.SEND
        for path in fact.unknown:
            path = _without_numbers(path)
            if path not in self._paths and len(self._paths) >= MOST_PATHS:
                path = "others"
            self._paths.add(path)
            rule = "field-unknown-sent" if sent else "field-unknown"
            self.scene.report(rule, key=path, path=path[:120])

    def _report_strange(self, frame: Frame) -> None:
        first = frame.facts[0]
        if first.kind == "error":
            said = dict_of(first.value)
            words = f"{said.get('code', '')} {said.get('message', '')}".strip()
            self.scene.report("error-object", said=words or "no words")
        else:
            keys = ", ".join(fact.kind for fact in frame.facts[:4])
            self.scene.report("message-unknown", key=keys, keys=keys)

    def invalid(self, fact: Fact) -> None:
        """No JSON object at all."""
        why = str(dict_of(fact.value).get("reason", ""))
        sent = self.scene.frame.direction is Direction.SEND
        self.scene.report("undecodable-sent" if sent else "undecodable", key=why, why=why)

    sent: ClassVar = {"invalid": invalid}
    received: ClassVar = {"invalid": invalid}


def _strange(frame: Frame) -> bool:
    """Whether the SDK knows no key of the message: its `receive` raises then."""
    return all(fact.unknown == (fact.path,) and "." not in fact.path for fact in frame.facts)


def _without_numbers(path: str) -> str:
    """The path with every index as ``[]``: the same field of other elements is the same."""
    head, *rest = path.split("[")
    return head + "".join(f"[{each.partition(']')[1]}{each.partition(']')[2]}" for each in rest)
