"""One microphone, one speaker and one camera for several sessions at once.

Each session has a seat at them, and knows nothing of the others. All hear the same blocks and see
the same pictures; on the speaker one of them plays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from tui.core.barge_in import Overlap
from tui.core.capture import Block, Capture
from tui.core.devices import Source
from tui.core.playback import Playback
from tui.core.video import Lens, Picture
from tui.live.equipment import MakeDevices
from tui.live.input import Listener, MakeListener
from tui.live.playback import Player
from tui.live.video import Eye, MakeEye

Hear = Callable[[Block], None]
See = Callable[[Picture], None]

TAKEN = "Another session plays on this speaker."


class Shared:
    """Makes the devices when the first session asks, and gives seats at them from then on."""

    def __init__(self, make: MakeDevices, make_eye: MakeEye | None) -> None:
        self._make, self._make_eye = make, make_eye
        self._lock = threading.Lock()
        self._speaker: SharedSpeaker | None = None
        self._microphone: SharedMicrophone | None = None
        self._eye: SharedEye | None = None

    def devices(self) -> tuple[Player, MakeListener | None]:
        """A seat at the speaker, and how one at the microphone is taken."""
        with self._lock:
            if self._speaker is None:
                player, make_listener = self._make()
                self._speaker = SharedSpeaker(player)
                self._microphone = SharedMicrophone(make_listener) if make_listener else None
        microphone = self._microphone
        return self._speaker.seat(), microphone.seat if microphone else None

    def eye(self, kind: str, source: str | None, on_picture: See) -> Eye:
        """A seat at a camera or the screen; sessions that look at the same share one."""
        assert self._make_eye is not None
        with self._lock:
            seat = self._eye.seat((kind, source), on_picture) if self._eye else None
            if seat is None:
                self._eye = SharedEye(self._make_eye, kind, source)
                seat = self._eye.seat((kind, source), on_picture)
        assert seat is not None
        return seat


class SharedSpeaker:
    """Plays what the holder of the floor gives it: who played last."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.lock = threading.RLock()
        self.floor: PlayerSeat | None = None
        self.opened: set[PlayerSeat] = set()

    def seat(self) -> PlayerSeat:
        """One more."""
        return PlayerSeat(self)


class PlayerSeat:
    """A session's place at the speaker. Without the floor it is idle.

    Who loses the floor in the middle of an answer is told so as of a device that is lost, since no
    more of that answer is heard.
    """

    def __init__(self, speaker: SharedSpeaker) -> None:
        self._speaker = speaker
        self._answer = 0
        self._problem = ""
        self._underruns = 0
        """Its own, until it took the floor last or lost it."""
        self._underruns_before = 0
        """The speaker's, when it took the floor."""

    def open(self) -> None:
        """Take it; the first one opens the device."""
        with self._speaker.lock:
            if not self._speaker.opened:
                self._speaker.player.open()
            self._speaker.opened.add(self)

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """Take the floor, and play."""
        with self._speaker.lock:
            self._take_floor()
            self._answer = answer
            self._speaker.player.play(answer, pcm, rate_hz)

    def finish(self, answer: int) -> None:
        """No more audio of it comes."""
        with self._speaker.lock:
            if self._holds:
                self._speaker.player.finish(answer)

    def flush(self, *, abort: bool = False) -> Playback:
        """Be silent, if it is this one that is heard."""
        with self._speaker.lock:
            if not self._holds:
                return self.snapshot()
            return self._own(self._speaker.player.flush(abort=abort))

    def switch(self, device: Source) -> None:
        """All play on another device."""
        self._speaker.player.switch(device)

    def snapshot(self) -> Playback:
        """What is played of it."""
        with self._speaker.lock:
            now = self._speaker.player.snapshot()
            if self._holds:
                return self._own(now)
            problem = self._problem or now.problem
            return Playback(device=now.device, problem=problem, underruns=self._underruns)

    def close(self) -> None:
        """Leave it; the last one gives the device back."""
        with self._speaker.lock:
            self._lose_floor()
            self._speaker.opened.discard(self)
            last = not self._speaker.opened
        if last:
            self._speaker.player.close()

    @property
    def _holds(self) -> bool:
        return self._speaker.floor is self

    def _own(self, now: Playback) -> Playback:
        own = self._underruns + now.underruns - self._underruns_before
        return replace(now, underruns=own)

    def _take_floor(self) -> None:
        self._problem = ""
        if self._holds:
            return
        if self._speaker.floor is not None:
            self._speaker.floor._lose_floor()
        self._speaker.floor = self
        self._underruns_before = self._speaker.player.snapshot().underruns

    def _lose_floor(self) -> None:
        if not self._holds:
            return
        now = self.snapshot()
        if not now.idle:
            self._problem = TAKEN
            self._speaker.player.flush()
        self._speaker.player.finish(self._answer)  # or the next one's might be taken for it
        self._underruns = now.underruns
        self._speaker.floor = None


class SharedMicrophone:
    """Hands each block on to all."""

    def __init__(self, make: MakeListener) -> None:
        self._lock = threading.Lock()
        self._hear: dict[ListenerSeat, Hear] = {}
        self.listener: Listener = make(self._heard)
        self._opened = False

    def seat(self, on_block: Hear) -> ListenerSeat:
        """One more; it hears as soon as any of them has opened the device."""
        with self._lock:
            seat = ListenerSeat(self, leads=not self._hear)
            self._hear[seat] = on_block
        return seat

    def open(self) -> None:
        """Open the device, unless somebody has."""
        with self._lock:
            first, self._opened = not self._opened, True
        if first:
            self.listener.open()

    def leave(self, seat: ListenerSeat) -> None:
        """Hand nothing on to that one; without any the device is given back."""
        with self._lock:
            self._hear.pop(seat, None)
            last = not self._hear
        if last:
            self.listener.close()

    def _heard(self, block: Block) -> None:
        """On the microphone's thread."""
        with self._lock:
            for hear in self._hear.values():
                hear(block)


class ListenerSeat:
    """A session's place at the microphone. Which device it is, the one says that leads."""

    def __init__(self, microphone: SharedMicrophone, *, leads: bool) -> None:
        self._microphone, self._leads = microphone, leads

    def open(self) -> None:
        """Begin to hear."""
        self._microphone.open()

    def mute(self, muted: bool) -> None:
        """All hear nothing from now on, or everything again."""
        self._microphone.listener.mute(muted)

    def switch(self, source: Source) -> None:
        """All hear another device, if this one leads."""
        if self._leads:
            self._microphone.listener.switch(source)

    def snapshot(self) -> Capture:
        """What is heard."""
        return self._microphone.listener.snapshot()

    def overlap(self) -> Overlap:
        """Who spoke, and what was played."""
        return self._microphone.listener.overlap()

    def close(self) -> None:
        """Hear nothing more."""
        self._microphone.leave(self)


class SharedEye:
    """A camera or a screen that all look at; each picture goes to those who have asked for it."""

    def __init__(self, make: MakeEye, kind: str, source: str | None) -> None:
        self._what = (kind, source)
        self._lock = threading.Lock()
        self._see: dict[EyeSeat, See] = {}
        self._waiting: set[EyeSeat] = set()
        self._opened = self._closed = False
        self.eye: Eye = make(kind, source, self._seen)

    def seat(self, what: tuple[str, str | None], on_picture: See) -> EyeSeat | None:
        """One more, if that is looked at here, and there is more of it to see."""
        with self._lock:
            if self._closed or what != self._what or self.eye.snapshot().over:
                return None
            seat = EyeSeat(self)
            self._see[seat] = on_picture
            return seat

    def open(self) -> None:
        """Begin to look, unless somebody does."""
        with self._lock:
            first, self._opened = not self._opened, True
        if first:
            self.eye.open()

    def want(self, seat: EyeSeat) -> None:
        """The next picture goes to that one, too."""
        with self._lock:
            self._waiting.add(seat)
        self.eye.want()

    def leave(self, seat: EyeSeat) -> None:
        """Show that one nothing more; without any the device is let go."""
        with self._lock:
            self._see.pop(seat, None)
            self._waiting.discard(seat)
            self._closed = last = not self._see
        if last:
            self.eye.close()

    def _seen(self, picture: Picture) -> None:
        """On the eye's thread."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
            for seat in waiting:
                self._see[seat](picture)


class EyeSeat:
    """A session's place before the camera."""

    def __init__(self, shared: SharedEye) -> None:
        self._shared = shared

    def open(self) -> None:
        """Begin to look."""
        self._shared.open()

    def want(self) -> None:
        """Hand on the next picture, once."""
        self._shared.want(self)

    def snapshot(self) -> Lens:
        """What it is doing."""
        return self._shared.eye.snapshot()

    def close(self) -> None:
        """Look no more."""
        self._shared.leave(self)
