"""What a call is answered with: a response, and how the model shall heed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tui.core import models
from tui.core.tool_call import NON_BLOCKING, ToolCall

LARGEST_BYTES = 1 << 20
"""Of a response; a message of the service takes no more than a few MiB."""


@dataclass(frozen=True)
class Reply:
    """One response to one call."""

    response: Mapping[str, Any]
    scheduling: str = ""
    """One of `tui.core.tool.SCHEDULES`; empty leaves it to the model."""
    will_continue: bool = False
    """More of the same call will follow."""

    def row(self, call: ToolCall) -> dict[str, Any]:
        """The ``functionResponses`` entry for a call; an id that it has not is left out."""
        row: dict[str, Any] = {"id": call.id} if call.id else {}
        row |= {"name": call.name, "response": dict(self.response)}
        if self.scheduling:
            row["scheduling"] = self.scheduling
        if self.will_continue:
            row["willContinue"] = True
        return row


def response(text: str) -> dict[str, Any]:
    """A response as it is typed.

    Raises:
        ValueError: It is no JSON object, or too large; a sentence says so.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise ValueError(f"The reply is larger than {LARGEST_BYTES >> 20} MiB.")
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise ValueError(f"The reply is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise ValueError('The reply is no JSON object: write {"result": …}.')
    return value


def schedulable(call: ToolCall, model: str, origin: str) -> bool:
    """Whether the model heeds ``scheduling`` and ``willContinue`` of an answer to that call.

    It does where it goes on meanwhile, which functions of some models do that do not say so
    (`async_default` of the table of models); Vertex AI ignores both (livekit).
    """
    known = models.model(model)
    behavior = call.behavior or known.async_default
    return known.async_tools and behavior == NON_BLOCKING and origin != "vertex"
