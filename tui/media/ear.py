"""Sound at an even pace, out of a device that may be lost, a file, or nothing at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeAlias

import numpy as np

from tui.core.capture import BLOCK_S, RATE_HZ
from tui.core.devices import Source
from tui.media.device import DeviceError
from tui.media.input import Input
from tui.media.portaudio import WITHOUT
from tui.media.recording import Recording, RecordingError
from tui.media.ring import Samples

OFF = "off"

BLOCK = round(BLOCK_S * RATE_HZ)
"""Samples in a block."""

STALL_S = 0.9
"""A device that has spoken and gives nothing for so long is lost; it is said within a second."""

START_S = 3.0
"""So long may a device take to give its first block: Bluetooth headsets wake up slowly."""

RETRY_S = 1.0
"""How often a device that is not there is looked for."""

CATCH_UP_S = 2.0
"""Silence fills no longer gap than this: the machine has slept."""

LOST = (
    "The microphone stopped answering; silence is sent in its place. "
    f"bidiscope looks for it every second. {WITHOUT}"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A block of 20 ms as it came."""

    samples: Samples
    captured_s: float
    """`time.perf_counter()` at which it was complete here."""
    sounded_s: float
    """`time.perf_counter()` at which its last sample was in the air, by the device's clock."""
    from_room: bool
    """A device heard it."""
    missing: bool
    """It is silence in the place of a device that should have spoken."""


Arrival: TypeAlias = tuple[Input, Samples | None, float, float]
"""A block of a device and its two times; without samples, the device is gone."""


class Ear:
    """Gives a block of 16 kHz every 20 ms, as many as time passes, whatever the device does.

    A device sets the pace while it speaks. Otherwise the clock does, for the samples of a file or
    for silence. Devices are opened and closed on a thread of the ear's own, because that may block.

    Args:
        source: what to hear first.
    """

    def __init__(self, source: Source) -> None:
        self._arrivals: SimpleQueue[Arrival] = SimpleQueue()
        self._orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._keeper = threading.Thread(target=self._keep, name="ear", daemon=True)
        # Written by the keeper alone.
        self._source = source
        self._input: Input | None = None
        self._recording: Recording | None = None
        self._settled = False
        """There is nothing to look for."""
        self._past_overflows = 0
        self.problem = ""
        # Written by the thread that calls `next` alone.
        self._speaking: Input | None = None
        self._pieces = np.zeros(0, np.int16)
        self._end_s = 0.0
        self._air_s = 0.0
        """Between the sound of the last block and its coming here."""

    @property
    def name(self) -> str:
        """Of the device or the file; empty while there is none."""
        source = self._recording or self._input
        return source.name if source else ""

    @property
    def off(self) -> bool:
        """Nothing shall be heard."""
        return self._source == OFF

    @property
    def over(self) -> bool:
        """The file has been heard to its end."""
        recording = self._recording
        return recording is not None and recording.over

    @property
    def wants_room(self) -> bool:
        """A device shall be heard, be it there or not."""
        return not (self.off or _is_file(self._source))

    @property
    def overflows(self) -> int:
        """How often a device said that samples were lost."""
        device = self._input
        return self._past_overflows + (device.overflows if device else 0)

    def open(self) -> None:
        """Begin to listen."""
        self._end_s = time.perf_counter()
        self.switch(self._source)
        self._keeper.start()

    def switch(self, source: Source) -> None:
        """Listen to another source; any thread."""
        self._orders.put(partial(self._turn_to, source))

    def close(self) -> None:
        """Give the device back."""
        if self._keeper.is_alive():
            self._orders.put(None)
            self._keeper.join(timeout=2)  # a hung sound server must not hold the program

    def next(self) -> Heard:
        """Wait for the next block; one thread."""
        while len(self._pieces) < BLOCK:
            try:
                self._take(*self._arrivals.get(timeout=self._patience_s()))
            except Empty:
                if self._speaking is None:
                    return self._on_time()
                self._orders.put(partial(self._lose, self._speaking))
                self._stop_speaking()
        block, self._pieces = self._pieces[:BLOCK], self._pieces[BLOCK:]
        end_s = self._end_s - len(self._pieces) / RATE_HZ
        return Heard(block, end_s, end_s - self._air_s, True, False)

    def _patience_s(self) -> float:
        due_s = self._end_s + (BLOCK_S if self._speaking is None else STALL_S)
        return max(0.0, due_s - time.perf_counter())

    def _take(self, device: Input, samples: Samples | None, at: float, sounded_s: float) -> None:
        if samples is not None:
            self._speaking, self._end_s = device, at
            self._air_s = at - sounded_s
            self._pieces = np.concatenate([self._pieces, device.resampled(samples)])
        elif device is self._speaking:
            self._stop_speaking()

    def _stop_speaking(self) -> None:
        self._speaking = None
        self._pieces = self._pieces[:0]

    def _on_time(self) -> Heard:
        self._end_s = max(self._end_s + BLOCK_S, time.perf_counter() - CATCH_UP_S)
        recording = self._recording
        samples = recording.read(BLOCK) if recording else np.zeros(BLOCK, np.int16)
        return Heard(samples, self._end_s, self._end_s, False, self.wants_room)

    # From here on everything runs on the keeper's thread, except for the two calls of PortAudio's.

    def _hear(self, device: Input, samples: Samples, at: float, sounded_s: float) -> None:
        self._arrivals.put((device, samples, at, sounded_s))

    def _end(self, device: Input) -> None:
        self._arrivals.put((device, None, 0.0, 0.0))
        self._orders.put(partial(self._lose, device))

    def _keep(self) -> None:
        while (order := self._next_order()) is not None:
            order()
        self._drop()

    def _next_order(self) -> Callable[[], None] | None:
        device = self._input
        dumb = device is not None and not device.heard_at
        try:
            wait_s = START_S if dumb else None if self._settled else RETRY_S
            return self._orders.get(timeout=wait_s)
        except Empty:
            return partial(self._look, device)

    def _look(self, device: Input | None) -> None:
        if device is None:
            self._connect()
        elif not device.heard_at:
            self._lose(device)

    def _turn_to(self, source: Source) -> None:
        self._drop()
        self._source = source
        self.problem = ""
        self._connect()

    def _connect(self) -> None:
        try:
            if _is_file(self._source):
                self._recording = Recording(Path(str(self._source)).expanduser())
            elif not self.off:
                device = Input(self._source, self._hear, self._end)
                device.open()
                self._input = device
            self._settled = True
            self.problem = ""
        except (DeviceError, RecordingError) as error:
            self.problem = str(error)
            self._settled = not (isinstance(error, DeviceError) and error.worth_retrying)

    def _lose(self, device: Input) -> None:
        if device is self._input:
            self.problem = LOST  # first: closing waits for a sound server that hangs
            self._drop()

    def _drop(self) -> None:
        device, self._input, self._recording = self._input, None, None
        self._settled = False
        if device is not None:
            device.close()
            self._past_overflows += device.overflows
            self._arrivals.put((device, None, 0.0, 0.0))


def _is_file(source: Source) -> bool:
    return isinstance(source, str) and source.lower().endswith(".wav")
