"""The sound of a recording in time with its play head, on a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from tui.core import media
from tui.core.log import SessionLog
from tui.core.playback import Playback
from tui.core.playhead import PlayHead
from tui.core.sound_track import SoundTrack

if TYPE_CHECKING:
    from tui.replay.mixdown import Mixdown

RATE_HZ: Final = media.OUTPUT_RATE_HZ

LEAD_S: Final = 0.12
"""From the order to play to the first sample that leaves the speaker: 80 ms that it waits for, 30
that the device holds. The play head starts as much later, so that both run together."""

AHEAD_S: Final = 0.8
"""How much sound the speaker is given before it is due."""

BLOCK_S: Final = 0.04
TICK_S: Final = 0.02


class Player(Protocol):
    """A speaker, as a live session has it."""

    def open(self) -> None:
        """Get ready; never raises: the snapshot tells what is wrong."""
        ...

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """Append sound, s16le, mono."""
        ...

    def finish(self, answer: int) -> None:
        """No more of it comes."""
        ...

    def flush(self, *, abort: bool = False) -> Playback:
        """Be silent now."""
        ...

    def snapshot(self) -> Playback:
        """What is playing; any thread may ask."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


class Sound:
    """Feeds a player while the play head moves.

    `start`, `stop` and `close` return at once but for the last, which waits for the device. The
    player is made, with all that it imports, when it is needed first.

    Args:
        make: makes a player.
        log: the recording.
        track: when its answers were heard; may still grow.
        clock: of the play head.
    """

    def __init__(
        self,
        make: Callable[[], Player],
        log: SessionLog,
        track: SoundTrack,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._make, self._log, self._track, self._clock = make, log, track, clock
        self._player: Player | None = None
        self._head: PlayHead | None = None
        self._stretches = 0
        """How often sound was begun: the player takes each for an answer of its own."""
        self._news = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    lead_s = LEAD_S

    @property
    def problem(self) -> str:
        """Why nothing is heard, in a sentence; empty while nothing is known to be wrong."""
        return self._player.snapshot().problem if self._player else ""

    def start(self, head: PlayHead) -> None:
        """Be heard from where a moving head is."""
        self._head = head
        self._news.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="replay", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Fall silent."""
        if self._head is not None:
            self._head = None
            self._news.set()

    def close(self) -> None:
        """Give the device back."""
        self._closing = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(timeout=3)

    # From here on everything runs on the thread.

    def _work(self) -> None:
        from tui.replay.mixdown import Mixdown

        player = self._make()
        player.open()
        self._player = player
        mix = Mixdown(self._log, self._track)
        while True:
            self._news.wait()
            self._news.clear()
            player.flush()
            if self._closing:
                break
            if (head := self._head) is not None:
                self._stretches += 1
                self._feed(player, mix, head)
        player.close()

    def _feed(self, player: Player, mix: Mixdown, head: PlayHead) -> None:
        """Until there is news."""
        given_s, count = head.position_s(self._clock()), round(BLOCK_S * RATE_HZ)
        mix.begin(given_s)
        while not self._news.is_set() and given_s < head.end_s:
            due_s = min(head.end_s, head.position_s(self._clock()) + AHEAD_S)
            while given_s < due_s and not self._news.is_set():
                player.play(self._stretches, mix.read(count).tobytes(), RATE_HZ)
                given_s += BLOCK_S
            self._news.wait(TICK_S)
        player.finish(self._stretches)
