"""The order of a connection's first messages."""

from __future__ import annotations

from typing import ClassVar

from tui.core.lint.scene import Check
from tui.core.wire import Fact

SLOW_SETUP_S = 5.0
"""A setup is answered within a second as a rule; no thread gives a figure."""


class Sequence(Check):
    """Setup first, then `setupComplete`, then all else."""

    def begin(self) -> None:
        """Nothing was sent, nothing came."""
        self._premature: list[int] = []
        """Rows of what was sent before there was a setup."""

    def setup(self, fact: Fact) -> None:
        """The setup; what came before it was too early."""
        if self._premature:
            self.scene.report("setup-not-first", *self._premature, self.scene.row)
            self._premature.clear()

    def message(self, fact: Fact) -> None:
        """Anything else."""
        scene, link = self.scene, self.scene.link
        if link.setup_row is None:
            if link.told:
                self._premature.append(scene.row)
        elif link.complete_s is None and not link.closed:
            ms = round((scene.now_s - link.setup_s) * 1000)
            scene.report("early-message", key="early", kind=fact.kind, ms=ms)

    def complete(self, fact: Fact) -> None:
        """`setupComplete`."""
        scene, link = self.scene, self.scene.link
        if link.complete_s is None:
            link.complete_s = scene.now_s
            took_s = scene.now_s - link.setup_s
            if link.setup_row is not None and took_s >= SLOW_SETUP_S:
                scene.report("setup-slow", link.setup_row, scene.row, seconds=took_s)

    def answer(self, fact: Fact) -> None:
        """Anything else of the server's."""
        scene, link = self.scene, self.scene.link
        if link.whole and link.complete_s is None and not link.closed:
            scene.report("first-answer", key="first", kind=fact.kind)

    sent: ClassVar = {
        "setup": setup,
        "clientContent": message,
        "toolResponse": message,
        "contextUpdate": message,
        "realtimeInput.audio": message,
        "realtimeInput.video": message,
        "realtimeInput.text": message,
        "realtimeInput.mediaChunks": message,
        "realtimeInput.activityStart": message,
        "realtimeInput.activityEnd": message,
        "realtimeInput.audioStreamEnd": message,
    }
    received: ClassVar = {
        "setupComplete": complete,
        "toolCall": answer,
        "usageMetadata": answer,
        "sessionResumptionUpdate": answer,
        "serverContent.turnComplete": answer,
        "serverContent.generationComplete": answer,
        "serverContent.modelTurn.audio": answer,
        "serverContent.modelTurn.text": answer,
    }
