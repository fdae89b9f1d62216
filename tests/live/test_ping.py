"""What the keepalive measures is journalled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.live.conftest import Talk
from tests.stage import Peer, Stage
from tui.core.frame import Direction
from tui.live import pulse


def test_a_pong_tells_how_long_it_took(
    on_stage: Callable[..., Stage], talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PING_INTERVAL_S", 0.05)
    on_stage(Peer.greet)
    begun = talk(view="text", model="gemini-2.0-flash-exp")
    begun.connect()
    begun.until(lambda _: len(begun.events("ping")) > 2)
    for detail in begun.events("ping"):
        assert set(detail) == {"rtt_ms"}
        assert 0 < detail["rtt_ms"] < 10_000


def test_what_nobody_has_asked_for_tells_nothing(
    on_stage: Callable[..., Stage], talk: Callable[..., Talk]
) -> None:
    async def pong(peer: Peer) -> None:
        await peer.accept()
        await peer._connection.pong(b"unasked")
        await peer.send({"serverContent": {"turnComplete": True}})
        await peer.listen()

    on_stage(pong)
    begun = talk(view="text", model="gemini-2.0-flash-exp")
    begun.connect()
    begun.until(lambda _: len(begun.frames(Direction.RECEIVE)) > 1)
    assert not begun.events("ping")
