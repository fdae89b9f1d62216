"""The model's calls of functions: carried out, or held for a person, and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tui.core.bench import Bench
from tui.core.frame import Direction, Frame
from tui.core.reply import Reply
from tui.core.tool import Tool, ToolsError
from tui.core.tool_call import CallState, ToolCall, Waits
from tui.live.recorder import JournalRecorder

if TYPE_CHECKING:
    from tui.live.link import Link

REFUSAL = "The person in front of the screen has refused this call."
"""What the model is told."""
PERSON, SERVER, CLOSE = "a person", "the server", "the end of the connection"
HAND = "a message that was sent by hand"


class Toolkit(Protocol):
    """Where tools come from, and what carries their calls out. Lives on the engine's loop."""

    @property
    def changed(self) -> bool:
        """Whether there are other tools now than `load` gave."""
        ...

    async def load(self, tell: Callable[[str], None]) -> Sequence[Tool]:
        """The tools that there are; raises `ToolsError` with sentences.

        ``tell`` hears what becomes of them later, in sentences.
        """
        ...

    async def answer(self, tool: Tool, args: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """A call's response, and what was printed; raises `ToolsError` with a clause."""
        ...

    async def close(self) -> None:
        """End what was begun."""
        ...


class Calls:
    """Answers calls by itself, or lets a person do so, as the bench says. On the engine's loop.

    Every call is answered, by an error where nothing better came, unless it is cancelled or its
    connection ends, which ends its function, too. What nothing here carries out is held, and the
    journal says so.

    Args:
        toolkit: None has no tools.
        recorder: knows the session's board, and is told.
        bench: what holds at the start.
        changed: called when the toolkit has other tools than it had.
    """

    def __init__(
        self,
        toolkit: Toolkit | None,
        recorder: JournalRecorder,
        bench: Bench | None = None,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._toolkit, self._recorder, self._changed = toolkit, recorder, changed
        self._bench, self._said = bench or Bench(), bench is None
        self._tools: Mapping[str, Tool] = {}
        self._links: dict[int, Link] = {}
        """Where the calls came from that are neither answered nor over, by number."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._loaded = False
        self._sent = asyncio.Event()
        """An answer has gone out."""

    # ---- the tools

    async def load(self) -> tuple[Tool, ...] | None:
        """The tools, once they are known; None where they are as before, or none can be used."""
        if not self._said:
            await self.change(self._bench)
        if self._toolkit is None or (self._loaded and not self._toolkit.changed):
            return None
        trouble = ""
        self._recorder.event("tools.loading")
        try:
            tools = tuple(await self._toolkit.load(self._tell))
        except ToolsError as error:
            tools, trouble = error.usable, str(error)
        except asyncio.CancelledError:
            self._recorder.event("tools.failed", message="Loading the tools was given up.")
            raise
        self._loaded = not trouble
        if tools or not trouble:
            self._tools = {tool.name: tool for tool in tools}
            self._recorder.event("tools.loaded", functions=list(self._tools))
        if trouble:
            self._recorder.event("tools.failed", message=trouble)
        return None if trouble and not tools else tools

    def forget(self) -> None:
        """The tools are to be loaded again."""
        self._loaded = False

    async def close(self) -> None:
        """End the functions, and what they came from."""
        self.end()
        if self._toolkit is not None:
            await self._toolkit.close()

    # ---- what crosses the wire

    def take(self, frame: Frame, link: Link | None) -> None:
        """A message: calls begin with it, or end."""
        board = self._recorder.session.board
        kinds = {fact.kind for fact in frame.facts}
        if frame.direction is Direction.SEND:
            if "toolResponse" in kinds:
                self._sweep(HAND)
                self._sent.set()
            return
        if "toolCall" in kinds and link is not None:
            for call in board.of_message(frame.seq):
                self._links[call.number] = link
                self._begin(call)
        if "toolCallCancellation" in kinds:
            self._sweep(SERVER)

    def end(self) -> None:
        """The connection has ended, and with it all calls."""
        for number in list(self._links):
            self._drop(number, CLOSE)

    def _sweep(self, by: str) -> None:
        """End the functions whose calls wait for nothing any more."""
        for number in list(self._links):
            if not self._call(number).pending:
                self._drop(number, by)

    def _drop(self, number: int, by: str) -> None:
        del self._links[number]
        self._stop(number)
        self._event("tool.cancelled", self._call(number), by=by)

    # ---- what a person says

    async def change(self, bench: Bench) -> None:
        """From now on so; what is held and need not be any more goes on."""
        self._bench, self._said = bench, True
        self._recorder.event("tool.mode", **bench.detail)
        for call in self._recorder.session.board.pending:
            begun = call.running or call.answers or call.number not in self._links
            if not begun and bench.waits(self._tools.get(call.name)) is not call.waits:
                self._begin(call)

    async def approve(self, number: int) -> None:
        """Let a call that is held run."""
        call = self._open(number)
        if call is not None and call.waits is not Waits.APPROVAL:
            self._refuse(f"{call.name} waits for no approval.")
        elif call is not None:
            self._start(call)

    async def refuse(self, number: int, words: str = REFUSAL) -> None:
        """Answer a call with an error, whatever is under way for it."""
        if await self._answer(number, Reply({"error": words})):
            self._event("tool.refused", self._call(number), by=PERSON)

    async def reply(self, number: int, reply: Reply) -> None:
        """Answer a call as a person wants it; one that continues waits for the next reply."""
        if not await self._answer(number, reply):
            return
        call = self._call(number)
        if reply.will_continue:
            self._event("tool.held", call, waits=Waits.REPLY)
        else:
            self._event("tool.answered", call, by=PERSON)

    async def _answer(self, number: int, reply: Reply) -> bool:
        call = self._open(number)
        if call is None:
            return False
        if self._elder(call):
            self._refuse(f"Not answered: {call.name} has no id, and an earlier one waits: {_FIRST}")
            return False
        self._stop(number)
        link = self._links[number]
        if not reply.will_continue:
            del self._links[number]
        await link.send_answer(call, reply)
        return True

    def _open(self, number: int) -> ToolCall | None:
        """A call that can be answered; why another one cannot be is said."""
        call = self._recorder.session.board.call(number)
        if call is None:
            self._refuse(f"There is no call {number}.")
        elif number not in self._links:
            self._refuse(f"Not answered: {call.name} {_WHY[call.state]}.")
        else:
            return call
        return None

    # ---- a call

    def _begin(self, call: ToolCall) -> None:
        tool = self._tools.get(call.name)
        waits = self._bench.waits(tool)
        if waits is Waits.NOBODY:
            self._start(call)
        else:
            hints = {"hints": list(tool.hints)} if tool is not None and tool.hints else {}
            self._event("tool.held", call, waits=waits, **hints)

    def _start(self, call: ToolCall) -> None:
        self._event("tool.started", call)
        running = self._run(call, self._tools.get(call.name), self._links[call.number])
        self._tasks[call.number] = asyncio.get_running_loop().create_task(running)

    def _stop(self, number: int) -> None:
        if (task := self._tasks.pop(number, None)) is not None:
            task.cancel()

    async def _run(self, call: ToolCall, tool: Tool | None, link: Link) -> None:
        bench, outcome = self._bench, dict[str, str]()
        try:
            response, printed = await self._carried_out(call, tool, bench.fail)
            outcome = {"printed": printed} if printed else {}
        except ToolsError as error:
            response, outcome = {"error": str(error)}, {"message": f"Tool: {error}."}
        except Exception as error:
            words = f"{call.name} cannot be carried out: {type(error).__name__}: {error}"
            response, outcome = {"error": words}, {"message": f"Tool: {words}."}
        await asyncio.sleep(bench.delay_s)
        while self._elder(call):
            self._sent.clear()
            await self._sent.wait()
        del self._links[call.number], self._tasks[call.number]
        await link.send_answer(call, Reply(response, tool.scheduling if tool else ""))
        self._event("tool.failed" if "message" in outcome else "tool.answered", call, **outcome)

    async def _carried_out(
        self, call: ToolCall, tool: Tool | None, fail: str
    ) -> tuple[dict[str, Any], str]:
        if fail:
            raise ToolsError(fail)
        if tool is None or self._toolkit is None:
            raise ToolsError(f"nothing here carries {call.name} out")
        return await self._toolkit.answer(tool, call.args if isinstance(call.args, dict) else {})

    def _elder(self, call: ToolCall) -> bool:
        """Whether an answer without an id would be taken for that of an earlier call."""
        pending = self._recorder.session.board.pending
        named = (each for each in pending if each.name == call.name and not each.id)
        return not call.id and next(named, call) is not call

    def _call(self, number: int) -> ToolCall:
        return self._recorder.session.board.calls[number - 1]

    def _event(self, name: str, call: ToolCall, **detail: Any) -> None:
        self._recorder.event(name, call=call.number, id=call.id, function=call.name, **detail)

    def _tell(self, words: str) -> None:
        self._recorder.event("tools.news", message=words)
        if self._toolkit is not None and self._toolkit.changed:
            self._changed()

    def _refuse(self, words: str) -> None:
        self._recorder.event("refused", message=words)


_FIRST = "answer that one first."
_WHY = {
    CallState.PENDING: "came over a connection that has ended",
    CallState.ANSWERED: "has been answered",
    CallState.FAILED: "has been answered with an error",
    CallState.CANCELLED: "was cancelled by the server",
    CallState.LOST: "was lost with its connection",
    CallState.LATE: "was answered too late",
}
