"""The microphone: what a person says, in blocks of 20 ms, without the echo of the answer."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tui.core.barge_in import Overlap
from tui.core.capture import BLOCK_S, Block, Capture
from tui.core.devices import Source
from tui.core.playback import SILENCE_DB
from tui.media import echo
from tui.media.ear import Ear, Heard
from tui.media.echo import EchoCanceller
from tui.media.far_end import FarEnd
from tui.media.level import levels_db
from tui.media.ring import Reference, Samples
from tui.media.voice_activity import VoiceActivity

OVERLAP_S = 1.0
DELAY_S = 0.5
"""How much sound an overlap is told of, and the longest delay of an echo that is found."""

PEAK_BLOCKS = 4

LEAK_BLOCKS = 10
LEAK = 0.6
LEAK_DB = -50.0
"""What is still so loud after cancelling, and in its last 0.2 s so much like what was played, is no
person: the canceller has lost its hold (a device started anew), and the model would hear itself."""

WAY_S = 0.005
"""A block gets so long to be on its way before it is looked at: both want the interpreter."""


class _Said(NamedTuple):
    """A block of 20 ms."""

    heard: Samples
    sent: Samples
    speech: bool


class Microphone:
    """Hands on what a device or a file says every 20 ms, whatever happens to the device.

    Everything but `open` and `close` may be called from any thread, and returns at once. Nothing
    here raises for a device or a file: the snapshot's `problem` tells, silence fills in, and a
    lost device is taken up again when it is back.

    Args:
        source: name, part of a name or number of a device, a path that ends in .wav, or "off";
            None is the default device.
        on_block: called every 20 ms on the microphone's thread; it must return soon.
        reference: what the speaker plays (`Speaker.reference`); None when it plays nothing.
        aec: whether to remove its echo.
    """

    def __init__(
        self,
        source: Source,
        *,
        on_block: Callable[[Block], None],
        reference: Reference | None = None,
        aec: bool = True,
    ) -> None:
        self._on_block = on_block
        self._plays = reference is not None
        self._ear = Ear(source)
        self._far_end = FarEnd(reference)
        self._canceller = EchoCanceller(wanted=aec)
        self._muted = False
        self._closing = False
        self._latest = Block(b"", 0.0)
        self._peaks_db = deque([SILENCE_DB], maxlen=PEAK_BLOCKS)
        self._cleaned: deque[Samples] = deque(maxlen=LEAK_BLOCKS)
        self._last: deque[_Said] = deque(maxlen=round(OVERLAP_S / BLOCK_S))
        self._blocks = self._missing = self._clipped = self._silent = 0
        self._thread = threading.Thread(target=self._work, name="microphone", daemon=True)

    def open(self) -> None:
        """Begin to hear. Where that fails, the snapshot's `problem` tells."""
        self._ear.open()
        self._thread.start()

    def mute(self, muted: bool) -> None:
        """Send zeros from the next block on, or again what is heard."""
        self._muted = muted

    def switch(self, source: Source) -> None:
        """Hear another source; blocks of silence fill in until it speaks."""
        self._ear.switch(source)

    def snapshot(self) -> Capture:
        """What the microphone is doing now."""
        ear, block = self._ear, self._latest
        return Capture(
            level_db=block.level_db,
            peak_db=max(self._peaks_db.copy()),
            clipped=self._clipped,
            speech=block.speech if ear.name else None,
            silent_s=self._silent * BLOCK_S,
            muted=self._muted,
            off=ear.off,
            over=ear.over,
            device=ear.name,
            problem=ear.problem,
            aec=self._canceller.words if ear.wants_room and self._plays else "no echo",
            erle_db=self._canceller.erle_db,
            blocks=self._blocks,
            lost=self._missing,
            overflows=ear.overflows,
        )

    def overlap(self) -> Overlap:
        """Who spoke in the last second: for the moment at which the server says `interrupted`.

        Takes some milliseconds.
        """
        last = [*self._last.copy()]
        if not last:
            return Overlap()
        played = self._far_end.last(OVERLAP_S + DELAY_S)
        heard, sent = (
            echo.likeness(np.concatenate(column), played)
            for column in ([said.heard for said in last], [said.sent for said in last])
        )
        return Overlap(heard, sent, any(said.speech for said in last))

    def close(self) -> None:
        """Stop hearing and give the device back; no block comes after this."""
        self._closing = True
        self._ear.close()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    # From here on everything runs on the microphone's own thread.

    def _work(self) -> None:
        activity = VoiceActivity()
        while not self._closing:
            self._send(self._ear.next(), activity)

    def _send(self, heard: Heard, activity: VoiceActivity) -> None:
        near = heard.samples
        far = self._far_end.beside(len(near), heard.sounded_s)
        clean = self._canceller.process(near, far) if heard.from_room else near
        self._cleaned.append(clean)
        withheld = self._muted or (self._canceller.works and self._leaks(clean))
        sent = np.zeros_like(clean) if withheld else clean
        block = Block(sent.astype("<i2", copy=False).tobytes(), heard.captured_s)
        self._on_block(block)
        time.sleep(WAY_S)
        block.speech = activity.hears(sent)
        block.level_db, block.peak_db = levels_db(sent)
        if heard.from_room and not self._muted:
            self._canceller.measure(near, far, clean, speech=block.speech)
        self._last.append(_Said(near, sent, block.speech))
        self._note(heard)
        self._peaks_db.append(block.peak_db)
        self._latest = block

    def _leaks(self, clean: Samples) -> bool:
        """Whether what is left is our own speaker."""
        if levels_db(clean)[0] < LEAK_DB:
            return False
        played = self._far_end.last(LEAK_BLOCKS * BLOCK_S + DELAY_S / 2)
        return echo.likeness(np.concatenate(self._cleaned), played) > LEAK

    def _note(self, heard: Heard) -> None:
        low, high = int(heard.samples.min()), int(heard.samples.max())
        self._blocks += 1
        self._missing += heard.missing
        self._clipped += high == 32767 or low == -32768
        # A device that is muted in its driver may still give a constant, or its last bit.
        self._silent = self._silent + 1 if high - low <= 1 else 0
