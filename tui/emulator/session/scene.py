"""All that an answer may depend on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.emulator.session.calls import Response
from tui.emulator.session.conversation import Said
from tui.emulator.session.steps import Step
from tui.emulator.session.toolbox import NO_TOOLS, Toolbox


@dataclass(frozen=True)
class Scene:
    """The moment at which an answer is asked for."""

    said: Sequence[Said]
    """The conversation; the end of it, since the model last spoke, is to be answered."""
    instruction: str
    """The system instruction of the session, or nothing."""
    now: datetime
    """Local time."""
    heard: str = ""
    """What can be told of the sound that came."""
    seen: str = ""
    """What can be told of the pictures that came."""
    tools: Toolbox = NO_TOOLS
    responses: tuple[Response, ...] = ()
    """Responses to function calls; if there are any, they are to be answered."""
    thinking: bool = False
    """The session is set up to think."""
    thoughts: bool = False
    """Its thoughts are sent."""

    cut: tuple[str, ...] = ()
    """The last answers that did not leave to their end, whole, the newest last."""

    @property
    def before(self) -> Said | None:
        """The last thing that the model said."""
        return next((one for one in reversed(self.said) if one.role == "model"), None)


Brain = Callable[[Scene], Sequence[Step] | None]
"""Answers a scene; None when the answer takes time: then a `Consult` is sent out for it."""
