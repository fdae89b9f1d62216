"""Function calls and their responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tui.core.frame import Event
from tui.core.lint.scene import Check
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

SLOW_S = 10.0
"""A person waits no longer for a function that blocks the answer; no thread gives a figure."""


@dataclass(slots=True)
class _Call:
    """A function call of this connection."""

    id: str
    name: str
    row: int
    asked_s: float
    answered: int | None = None
    cancelled: int | None = None
    told: bool = False


class Tools(Check):
    """Every call is answered once, in time, by its id and name."""

    def begin(self) -> None:
        """No call is open."""
        self._calls: list[_Call] = []

    def call(self, fact: Fact) -> None:
        """`toolCall`: one or several at once."""
        scene = self.scene
        declared = self._declared()
        for row in rows_of(dict_of(fact.value).get("functionCalls")):
            name = str(row.get("name", ""))
            self._calls.append(_Call(str(row.get("id", "")), name, scene.row, scene.now_s))
            if declared and name not in declared:
                scene.report("tool-undeclared", scene.link.setup_row or 0, scene.row, name=name)

    def cancel(self, fact: Fact) -> None:
        """`toolCallCancellation`."""
        ids = dict_of(fact.value).get("ids")
        for call in self._calls:
            if isinstance(ids, list) and call.id in ids and call.answered is None:
                call.cancelled = self.scene.row

    def respond(self, fact: Fact) -> None:
        """`toolResponse`: one or several at once."""
        for response in rows_of(dict_of(fact.value).get("functionResponses")):
            self._response(response)

    def _response(self, response: Mapping[str, Any]) -> None:
        scene, key, name = self.scene, response.get("id"), response.get("name")
        if not key and not scene.link.vertex and scene.link.whole:
            scene.report("tool-response-without-id", name=str(name or "none"))
        if not name:
            scene.report("tool-response-unnamed", id=str(key or "none"))
        call = self._find(key, name)
        if call is None:
            if scene.link.whole:
                named = {"id": str(key or "none"), "name": str(name or "none")}
                scene.report("tool-response-unknown", **named)
        elif call.cancelled is not None:
            scene.report("tool-response-cancelled", call.cancelled, scene.row, name=call.name)
        elif call.answered is not None:
            scene.report("tool-response-twice", call.answered, scene.row, name=call.name)
        else:
            seconds = scene.now_s - call.asked_s
            if seconds >= SLOW_S and not call.told:
                scene.report("tool-late", call.row, scene.row, name=call.name, seconds=seconds)
            call.told = True
            if response.get("willContinue") is not True:
                call.answered = scene.row

    def _find(self, key: object, name: object) -> _Call | None:
        """The call that a response is for; by its name where Vertex AI gives no ids."""
        found = [call for call in self._calls if key and call.id == key]
        if not found and not key:
            found = [call for call in self._calls if call.name == name]
            found = [call for call in found if call.answered is None] or found
        return found[-1] if found else None

    def tick(self, now_s: float) -> None:
        """Calls that wait too long, and were not reported yet."""
        for call in self._calls:
            waits = call.answered is None and call.cancelled is None and not call.told
            if waits and now_s - call.asked_s >= SLOW_S:
                call.told = True
                seconds = now_s - call.asked_s
                self.scene.report("tool-late", call.row, name=call.name, seconds=seconds)

    def closed(self, event: Event) -> None:
        """The connection is gone: calls that nobody will answer."""
        for call in self._calls:
            if call.answered is None and call.cancelled is None:
                self.scene.report("tool-unanswered", call.row, self.scene.row, name=call.name)

    def _declared(self) -> set[str]:
        tools = rows_of(self.scene.link.setup.get("tools"))
        rows = [row for tool in tools for row in rows_of(tool.get("functionDeclarations"))]
        return {str(row.get("name")) for row in rows}

    def context(self, fact: Fact) -> None:
        """`contextUpdate` may declare others: what is declared is known no more."""
        self.scene.link.setup = {**self.scene.link.setup, "tools": []}

    sent: ClassVar = {"toolResponse": respond, "contextUpdate": context}
    received: ClassVar = {"toolCall": call, "toolCallCancellation": cancel}
    happened: ClassVar = {"connection.closed": closed}
