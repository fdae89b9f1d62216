"""The server's side of a session in which a person may bring about faults."""

from __future__ import annotations

from collections.abc import Callable

from tui.core.frame import Direction
from tui.tap.fault import Fault, FrameEnds, Kind
from tui.tap.head import END
from tui.tap.relay import Hold, Side, Witness


class FaultySide(Side):
    """Follows the frames that pass, so that a close of ours comes between two of them.

    ``let_go`` leaves the client to read what was last sent to it.
    """

    other: Side

    def __init__(self, client: Side, witness: Witness, let_go: Callable[[], None]) -> None:
        super().__init__(Direction.RECEIVE, client, witness)
        self._witness, self._let_go = witness, let_go
        self._head = bytearray()
        """The answer to the handshake, as far as it has come; frames begin after it."""
        self._ends: FrameEnds | None = None
        self._closing: Fault | None = None

    def data_received(self, data: bytes) -> None:
        """Pass on; if it is to end, only to the end of a frame."""
        if self._closing is not None and self._ends is not None:
            data = data[: self._ends.first(data)]
        else:
            self._follow(data)
        super().data_received(data)
        self._close_between()

    def bring_about(self, fault: Fault) -> None:
        """Do that to the session."""
        self._witness.fault(fault)
        client = self.other
        match fault.kind:
            case Kind.DROP:
                self.reset()
                client.reset()
            case Kind.STALL:
                self.hold(Hold.FAULT)
                client.hold(Hold.FAULT)
            case Kind.GO_ON:
                self.release(Hold.FAULT)
                client.release(Hold.FAULT)
            case Kind.CLOSE:
                self._closing = fault
                self.release(Hold.FAULT)  # the rest of a frame may have to come
                self._close_between()

    def _follow(self, data: bytes) -> None:
        if self._ends is None:
            self._head += data
            end = self._head.find(END)
            if end < 0:
                return
            self._ends, data = FrameEnds(), bytes(self._head[end + len(END) :])
        self._ends.passed(data)

    def _close_between(self) -> None:
        if self._closing is not None and self._ends is not None and self._ends.between:
            self.other.transport.write(self._closing.frame())
            self._let_go()
            self.reset()
