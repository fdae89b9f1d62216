"""The calls of a session's functions, from the model's question to the client's responses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tui.emulator import refusal
from tui.emulator.fields import Fields
from tui.emulator.mind import results
from tui.emulator.session.conversation import Said
from tui.emulator.session.steps import FunctionCall, Step
from tui.emulator.session.toolbox import Toolbox

Scheduling = Literal["WHEN_IDLE", "INTERRUPT", "SILENT"]
SCHEDULES: tuple[Scheduling, ...] = ("WHEN_IDLE", "INTERRUPT", "SILENT")
UNSPECIFIED = "SCHEDULING_UNSPECIFIED"
ID_DIGITS = {"fc_": 16, "function-call-": 19}
"""As recorded, or reported."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a client has answered to a call."""

    name: str
    response: Mapping[str, Any]
    scheduling: Scheduling = "WHEN_IDLE"
    blocking: bool = False
    final: bool = True
    """False while more is to come of the same call (willContinue)."""
    media: tuple[str, ...] = ()
    """The MIME types of its parts."""

    @property
    def words(self) -> str:
        """The response in a sentence."""
        return results.told(self.name, self.response, self.media)

    @property
    def said(self) -> Said:
        """The response as a part of the conversation."""
        return Said("tool", self.words)


@dataclass(slots=True)
class _Pending:
    call: FunctionCall
    blocking: bool
    answer: int


def told(call: FunctionCall) -> str:
    """A call as it stands in the conversation."""
    return f"{call.name} {json.dumps(call.args)}"


def tool_call(calls: Sequence[FunctionCall]) -> dict[str, Any]:
    """The message that asks for them; keys in the order of the wire."""
    rows = [{"name": one.name, "args": dict(one.args)} for one in calls]
    ids = [{"id": one.id} if one.id else {} for one in calls]
    rows = [row | id_ for row, id_ in zip(rows, ids, strict=True)]
    return {"toolCall": {"functionCalls": rows}}


class Calls:
    """The calls that are not answered yet, and the responses that are not heeded yet."""

    def __init__(self, prefix: str, dice: random.Random, *, named: bool, scheduled: bool) -> None:
        """``prefix`` begins each id; where it is empty calls have none, and go by their names.

        A response without a name is a failed call if they must be ``named``; ``scheduled`` if the
        client may say when a response is heeded.
        """
        self.rest: tuple[Step, ...] = ()
        """Steps that follow when the blocking calls are answered, the turn being over."""
        self._prefix, self._dice = prefix, dice
        self._named, self._scheduled = named, scheduled
        self._pending: list[_Pending] = []
        self._answered: list[Response] = []
        self._idle: list[Response] = []

    @property
    def blocked(self) -> bool:
        """The model waits for a response."""
        return any(one.blocking for one in self._pending)

    @property
    def open(self) -> bool:
        """Some call is not answered, or a response is not heeded."""
        return bool(self._pending or self._answered or self._idle)

    def issue(
        self, functions: Iterable[FunctionCall], tools: Toolbox, answer: int
    ) -> list[FunctionCall]:
        """The calls with their ids, from now on pending; ``answer`` is the turn that makes them."""
        calls = [replace(one, id=one.id or self._id()) for one in functions]
        self._pending += [_Pending(one, tools.waits(one.name), answer) for one in calls]
        return calls

    def answer(self, message: Fields) -> list[Response]:
        """Takes a `toolResponse`; the responses that are to be heeded without regard to a turn.

        These are the ones that interrupt, and the ones that only are to be known.
        """
        taken = self._take(message)
        self._answered += [one for one in taken if one.blocking]
        free = [one for one in taken if not one.blocking]
        self._idle += [one for one in free if one.scheduling == "WHEN_IDLE"]
        return [one for one in free if one.scheduling != "WHEN_IDLE"]

    def complete(self) -> tuple[Response, ...]:
        """The responses that the model has waited for, once there are all of them."""
        if self.blocked:
            return ()
        answered, self._answered = tuple(self._answered), []
        return answered

    def take_rest(self) -> tuple[Step, ...]:
        """The steps that follow, once."""
        rest, self.rest = self.rest, ()
        return rest

    def idle(self) -> tuple[Response, ...]:
        """The responses that are heeded when nobody speaks."""
        if self.blocked:
            return ()
        idle, self._idle = tuple(self._idle), []
        return idle

    def _take(self, message: Fields) -> list[Response]:
        """What answers no pending call is passed over.

        So it is with one that comes twice, or after its call was cancelled; what the real service
        does then is not known.
        """
        found: list[Response] = []
        for fields in message.objects("functionResponses"):
            pending = self._asked(fields.text("id"), fields.text("name"))
            response = self._read(fields, pending)
            if pending is None:
                continue
            if response.final:
                self._pending.remove(pending)
            found.append(response)
        return found

    def cancel(self, answer: int | None) -> list[str]:
        """An interruption: the model waits for nothing more, and drops the calls of ``answer``.

        The ids that are told to the client.
        """
        dropped = [one for one in self._pending if one.blocking or one.answer == answer]
        self._pending = [one for one in self._pending if one not in dropped]
        self._answered, self.rest = [], ()
        return [one.call.id for one in dropped if one.call.id]

    def _asked(self, id_: str, name: str) -> _Pending | None:
        if id_:
            return next((one for one in self._pending if one.call.id == id_), None)
        return next((one for one in self._pending if name in ("", one.call.name)), None)

    def _read(self, fields: Fields, pending: _Pending | None) -> Response:
        response = dict(fields.object("response").raw)
        scheduling = _scheduling(fields, response)
        continues = fields.flag("willContinue")
        blobs = [part.object("inlineData") for part in fields.objects("parts")]
        blobs += [part.object("fileData") for part in fields.objects("parts")]
        blocking = pending is not None and pending.blocking
        name = pending.call.name if pending else fields.text("name")
        if self._named and not fields.text("name"):
            response = {"error": "the response has no name"}
        return Response(
            name,
            response,
            scheduling if self._scheduled else SCHEDULES[0],
            blocking,
            final=not continues or blocking,
            media=tuple(blob.text("mimeType") or "a file" for blob in blobs if blob.given),
        )

    def _id(self) -> str:
        if not self._prefix:
            return ""
        digits = ID_DIGITS.get(self._prefix, 16)
        return f"{self._prefix}{self._dice.randrange(10 ** (digits - 1), 10**digits)}"


def _scheduling(fields: Fields, response: dict[str, Any]) -> Scheduling:
    """Stands beside the response, or inside it, from where it is taken (both are documented)."""
    beside, inside = fields.text("scheduling"), response.get("scheduling")
    if beside and beside not in (*SCHEDULES, UNSPECIFIED):
        raise refusal.wrong_type("tool_response.function_responses.scheduling", beside)
    if inside in SCHEDULES:
        del response["scheduling"]
    asked = beside if beside in SCHEDULES else inside
    return next((one for one in SCHEDULES if one == asked), SCHEDULES[0])
