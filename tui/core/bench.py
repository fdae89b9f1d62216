"""How function calls are answered on this side: the mode, and what is done to them on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tui.core.tool import LONGEST_DELAY_S, Tool
from tui.core.tool_call import Waits

MODES: Mapping[str, str] = {
    "auto": "answers by itself what it can; the rest waits for your reply",
    "ask": "you approve or refuse each call",
    "manual": "you write each reply",
}
FAILURE = "This call fails on purpose."
"""What the model is told where nobody has written anything else."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What holds for the calls that come."""

    mode: str = "auto"
    """One of `MODES`."""
    delay_s: float = 0.0
    """So long each answer of a function, or of a file, is kept back."""
    fail: str = ""
    """The error that calls are answered with in place of their answer; empty for none."""

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Bench:
        """From an event's detail; what is no such value is the default."""
        mode, delay_s, fail = (detail.get(key) for key in ("mode", "delay_s", "fail"))
        number = isinstance(delay_s, (int, float)) and not isinstance(delay_s, bool)
        return cls(
            mode if isinstance(mode, str) and mode in MODES else "auto",
            float(delay_s) if number and 0 <= delay_s <= LONGEST_DELAY_S else 0.0,  # type: ignore[arg-type, operator]
            fail if isinstance(fail, str) else "",
        )

    @property
    def detail(self) -> dict[str, Any]:
        """The detail of the event that records it."""
        return asdict(self)

    @property
    def words(self) -> str:
        """What is not as usual: ``ask``, ``+3 s``, ``fail``; empty where nothing is."""
        mode = self.mode if self.mode != "auto" else ""
        delay = f"+{self.delay_s:g} s" if self.delay_s else ""
        return ", ".join(filter(None, (mode, delay, "fail" if self.fail else "")))

    def waits(self, tool: Tool | None) -> Waits:
        """What a call of that tool waits for; None is a function that nothing here carries out."""
        unanswered = not self.fail and not (tool is not None and tool.automatic)
        if self.mode == "manual" or unanswered:
            return Waits.REPLY
        return Waits.APPROVAL if self.mode == "ask" else Waits.NOBODY


def delay_s(text: str) -> float:
    """A delay as it is typed; nothing is none.

    Raises:
        ValueError: It is no number of seconds that a call may wait; a clause says so.
    """
    try:
        seconds = float(text.strip() or 0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_DELAY_S:
        raise ValueError(f"the delay is a number of seconds from 0 to {LONGEST_DELAY_S:g}")
    return seconds
