"""A connection's life: notices of its end, resumption, pings, and how it closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui.core.connection import GoAway
from tui.core.frame import Event
from tui.core.lint.scene import Check
from tui.core.lint.turns import NORMAL_CODES
from tui.core.values import dict_of
from tui.core.wire import Fact

LATE_PONG_MS = 5_000.0
"""websockets gives up after 20 s by default; Google's pongs were seen 8 to 30 s late."""
HANDLE_LIFE_S = 2 * 3600.0
"""Of the Gemini API; Vertex AI keeps handles for 24 hours."""
AT_ONCE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Handle:
    """A resumption handle as it was given."""

    text: str
    row: int
    at_s: float


class Lifetime(Check):
    """From the setup's handle to the close frame."""

    _handles: tuple[_Handle, ...] = ()
    """Of all connections, the newest last."""
    _resumable: tuple[bool, int] = (True, 0)

    def begin(self) -> None:
        """A connection begins."""
        self._go_away: tuple[int, float, float] | None = None
        """Row, time, and when the server will close."""
        self._ignored = False
        self._turns = 0
        self._completed_s = float("-inf")
        self._completed_row = 0
        self._streams = False

    def setup(self, fact: Fact) -> None:
        """A setup may name a handle, which must be the newest."""
        scene = self.scene
        handle = dict_of(dict_of(fact.value).get("sessionResumption")).get("handle")
        if not isinstance(handle, str) or not handle or not self._handles:
            return
        newest = self._handles[-1]
        given = next((each for each in reversed(self._handles) if each.text == handle), None)
        if given is not None and given is not newest:
            seconds = newest.at_s - given.at_s
            scene.report("handle-stale", given.row, newest.row, scene.row, seconds=seconds)
        elif given is newest:
            age_s = scene.now_s - given.at_s
            if age_s > HANDLE_LIFE_S and not scene.link.vertex:
                scene.report("handle-expired", given.row, scene.row, hours=age_s / 3600)
            elif not self._resumable[0]:
                scene.report("handle-not-resumable", self._resumable[1], scene.row)

    def resumption(self, fact: Fact) -> None:
        """`sessionResumptionUpdate`."""
        value, scene = dict_of(fact.value), self.scene
        handle = value.get("newHandle")
        self._resumable = (value.get("resumable") is True, scene.row)
        if isinstance(handle, str) and handle:
            self._handles = (*self._handles[-99:], _Handle(handle, scene.row, scene.now_s))

    def go_away(self, fact: Fact) -> None:
        """`goAway`: the clock runs."""
        scene, left = self.scene, str(dict_of(fact.value).get("timeLeft", ""))
        self._go_away = (scene.row, scene.now_s, GoAway(left, scene.now_s).ends_s)
        scene.report("go-away", key="go away", left=left or "a moment")
        if scene.link.setup_row is not None and "sessionResumption" not in scene.link.setup:
            scene.report("resumption-unasked", scene.link.setup_row, scene.row, key="unasked")

    def tick(self, now_s: float) -> None:
        """The time that `goAway` left is over."""
        if self._go_away is not None and now_s >= self._go_away[2] and not self.scene.link.closed:
            self._ignore(now_s)

    def _ignore(self, now_s: float) -> None:
        assert self._go_away is not None
        row, at_s, _ = self._go_away
        if not self._ignored:
            self._ignored = True
            self.scene.report("go-away-ignored", row, self.scene.row, seconds=now_s - at_s)

    def complete(self, fact: Fact) -> None:
        """A turn is over."""
        if fact.value is True:
            self._turns += 1
            self._completed_s, self._completed_row = self.scene.now_s, self.scene.row

    def sound(self, fact: Fact) -> None:
        """A conversation is to go on: somebody holds a microphone open."""
        self._streams = True

    def pinged(self, event: Event) -> None:
        """A pong came."""
        rtt_ms = event.detail.get("rtt_ms")
        if isinstance(rtt_ms, (int, float)) and rtt_ms >= LATE_PONG_MS:
            self.scene.report("pong-late", key="pong", seconds=rtt_ms / 1000)

    def failed(self, event: Event) -> None:
        """The SDK has raised on a message that came."""
        why = str(event.detail.get("message") or "The SDK failed on a message.")
        self.scene.report("sdk-failed", why=why)

    def closed(self, event: Event) -> None:
        """The connection is over."""
        scene, detail = self.scene, event.detail
        code, reason, by = detail.get("code"), str(detail.get("reason", "")), detail.get("by")
        scene.link.closed = True
        if self._go_away is not None and by != "client":
            self._ignore(scene.now_s)
        said = reason or "no reason given"
        if code is None:
            if reason != "given up":
                scene.report("connection-failed", reason=said)
        elif code not in NORMAL_CODES:
            who = {"server": "The server", "client": "This side"}.get(str(by), "The network")
            scene.report("close", code=code, reason=said, who=who)
        elif by == "server":
            scene.report("close-unasked", code=code, reason=said)
        elif self._turns == 1 and self._streams and scene.timed and self._at_once:
            scene.report("closed-after-turn", self._completed_row, scene.row)

    @property
    def _at_once(self) -> bool:
        return self.scene.now_s - self._completed_s <= AT_ONCE_S

    sent: ClassVar = {
        "setup": setup,
        "realtimeInput.audio": sound,
        "realtimeInput.mediaChunks": sound,
    }
    received: ClassVar = {
        "sessionResumptionUpdate": resumption,
        "goAway": go_away,
        "serverContent.turnComplete": complete,
    }
    happened: ClassVar = {
        "ping": pinged,
        "sdk.error": failed,
        "connection.closed": closed,
    }
