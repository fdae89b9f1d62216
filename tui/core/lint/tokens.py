"""Token counts: how full the context is, and how they must not be added up."""

from __future__ import annotations

from typing import ClassVar

from tui.core.lint.scene import Check
from tui.core.turn import Usage
from tui.core.values import dict_of
from tui.core.wire import Fact

NEARLY_FULL = 0.8
"""Compression begins at so much of the window by default (pipecat)."""
KEPT = 0.5
"""A context that was carried over by a handle, and has less of its tokens, has lost something."""
MANY_TOKENS = 2_000
"""Of a shorter context nothing can be told: the system instruction alone may be as long."""


class Tokens(Check):
    """`usageMetadata`, in both dialects."""

    _before = _context = 0
    """Tokens of the context at the end of the connection before, and now."""

    def begin(self) -> None:
        """Nothing was counted on this connection."""
        self._snapshots: list[tuple[int, int]] = []
        """Row and total of this turn's counts."""
        self._over = False
        self._before, self._context = self._context, 0

    def usage(self, fact: Fact) -> None:
        """A snapshot."""
        scene, value = self.scene, dict_of(fact.value)
        usage = Usage.read(value)
        if self._over:
            self._snapshots, self._over = [], False
        self._snapshots.append((scene.row, usage.total))
        self._count(usage)
        if "candidatesTokenCount" in value and not scene.link.vertex:
            scene.report("usage-dialect", key="dialect")

    def _count(self, usage: Usage) -> None:
        scene, link = self.scene, self.scene.link
        first = not self._context
        self._context = usage.prompt or self._context
        size = link.model.context_tokens
        if link.model.listed and usage.prompt >= NEARLY_FULL * size:
            compressed = link.setup.get("contextWindowCompression") is not None
            rule = "context-compressed" if compressed else "context-nearly-full"
            figures = {"tokens": usage.prompt, "size": size, "share": usage.prompt / size}
            scene.report(rule, key="context", **figures)
        handle = dict_of(link.setup.get("sessionResumption")).get("handle")
        if first and handle and self._before >= MANY_TOKENS and usage.prompt < KEPT * self._before:
            scene.report("context-lost", before=self._before, after=usage.prompt)

    def complete(self, fact: Fact) -> None:
        """The turn is over; its last snapshot is its count."""
        if fact.value is not True:
            return
        if len(self._snapshots) > 1:
            rows, totals = zip(*self._snapshots, strict=True)
            self.scene.report(
                "usage-snapshots", *rows, key="snapshots", snapshots=len(rows), last=totals[-1],
                sum=sum(totals),
            )  # fmt: skip
        self._over = True

    received: ClassVar = {"usageMetadata": usage, "serverContent.turnComplete": complete}
