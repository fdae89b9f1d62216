"""How a session's context is kept short: `contextWindowCompression`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.emulator import refusal
from tui.emulator.fields import Fields
from tui.emulator.session.conversation import Said

TRIGGER_SHARE = 0.8
"""Of the context window, where setup does not say (pipecat's notes on the service)."""


@dataclass(frozen=True, slots=True)
class Compression:
    """A window that slides: from `trigger_tokens` the context is cut to `target_tokens`."""

    trigger_tokens: int
    target_tokens: int

    @classmethod
    def granted(cls, config: Fields, context_tokens: int) -> Compression | None:
        """What ``config`` asks for, None where it is absent.

        The target must be below the trigger, of which it is half by default (google-genai 3.4.0,
        SlidingWindow).
        """
        if not config.given:
            return None
        trigger = config.whole("triggerTokens")
        target = config.object("slidingWindow").whole("targetTokens")
        trigger = round(context_tokens * TRIGGER_SHARE) if trigger is None else trigger
        target = trigger // 2 if target is None else target
        if not 0 <= target < trigger <= context_tokens:
            raise refusal.invalid_argument()
        return cls(trigger, target)

    def slid(self, said: Sequence[Said], beside_tokens: int) -> tuple[Said, ...]:
        """What is kept of the conversation, beside so many tokens of instructions and tools.

        Whole turns go, the oldest first, and what is kept begins with the user's; the last thing
        said always stays.
        """
        total = beside_tokens + sum(one.tokens for one in said)
        if total < self.trigger_tokens:
            return tuple(said)
        start = 0
        while start < len(said) - 1 and (total > self.target_tokens or said[start].role == "model"):
            total -= said[start].tokens
            start += 1
        return tuple(said[start:])
