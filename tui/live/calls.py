"""The model's calls of functions, carried out and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.core.frame import Frame
from tui.core.tool import Tool, ToolsError
from tui.live.recorder import JournalRecorder

if TYPE_CHECKING:
    from tui.live.link import Link

Answer = Callable[[Tool, Mapping[str, Any]], Awaitable[tuple[dict[str, Any], str]]]
"""Carries a call out: the response and what was printed, or `ToolsError`."""


class Calls:
    """Answers the calls of tools that need no person. Lives on the engine's loop.

    Every one is answered, by an error where nothing better came, unless it is cancelled or its
    connection ends; those processes are ended.
    """

    def __init__(self, tools: Sequence[Tool], answer: Answer, recorder: JournalRecorder) -> None:
        self._tools = {tool.name: tool for tool in tools if tool.automatic}
        self._answer, self._recorder = answer, recorder
        self._running: dict[asyncio.Task[None], tuple[str, str]] = {}
        """Their tasks, with id and name."""

    def take(self, frame: Frame, link: Link | None) -> None:
        """A message of the server: its calls begin, and those that it cancels end."""
        for fact in frame.facts:
            value = fact.value if isinstance(fact.value, dict) else {}
            if fact.kind == "toolCall" and link is not None:
                self._begin(value.get("functionCalls"), link)
            elif fact.kind == "toolCallCancellation":
                ids = value.get("ids")
                self._cancel("the server", ids if isinstance(ids, list) else [])

    def end(self) -> None:
        """The connection has ended, and with it all calls."""
        self._cancel("the end of the connection", None)

    def _begin(self, calls: Any, link: Link) -> None:
        for call in calls if isinstance(calls, list) else ():
            tool = self._tools.get(str(call.get("name"))) if isinstance(call, dict) else None
            if tool is not None:
                key, args = str(call.get("id") or ""), call.get("args")
                args = args if isinstance(args, dict) else {}
                self._recorder.event("tool.started", id=key, function=tool.name)
                task = asyncio.get_running_loop().create_task(self._run(tool, key, args, link))
                self._running[task] = (key, tool.name)
                task.add_done_callback(lambda done: self._running.pop(done, None))

    def _cancel(self, by: str, ids: list[Any] | None) -> None:
        for task, (key, name) in list(self._running.items()):
            if ids is None or key in ids:
                del self._running[task]
                task.cancel()
                self._recorder.event("tool.cancelled", id=key, function=name, by=by)

    async def _run(self, tool: Tool, key: str, args: Mapping[str, Any], link: Link) -> None:
        try:
            response, printed = await self._answer(tool, args)
            outcome = {"printed": printed} if printed else {}
        except ToolsError as error:
            response, outcome = {"error": str(error)}, {"message": f"Tool: {error}."}
        except OSError as error:
            words = f"{tool.name} cannot be run: {error.strerror}"
            response, outcome = {"error": words}, {"message": f"Tool: {words}."}
        name = "tool.failed" if "message" in outcome else "tool.answered"
        await link.send_answer(key, tool.name, response, tool.scheduling)
        self._recorder.event(name, id=key, function=tool.name, **outcome)
