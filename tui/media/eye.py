"""The eye: a camera or a screen on a thread of its own, and its picture when one is wanted."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Protocol

from tui.core.video import Lens, Picture
from tui.media.picture import Image, encoded

RETRY_S = 1.0
"""How often a source that is not there is looked for."""
CLOSE_S = 1.0
"""A driver that hangs must not hold the program."""


class SourceError(Exception):
    """There is no picture; the message is a sentence that says why and what to do."""


class Over(SourceError):
    """There will be none any more; the message says why, and how to see it again."""


class Source(Protocol):
    """What can be looked at. One thread calls it, and may be blocked by it."""

    name: str
    """For people, such as "camera 0"."""
    period_s: float
    """How far its pictures are apart; 0 where `advance` itself waits for the next one."""

    def open(self) -> None:
        """Take hold of it; raises SourceError."""
        ...

    def advance(self) -> None:
        """Go on to its next picture; raises SourceError when it is lost, Over after the last."""
        ...

    def image(self) -> Image:
        """The picture that `advance` has come to; raises SourceError."""
        ...

    def close(self) -> None:
        """Let it go; harmless when it is not open."""
        ...


class Eye:
    """Looks at a source in real time, whatever happens to it; makes a picture only when asked.

    `want`, `snapshot` and `open` return at once. Nothing here raises for a source: the snapshot
    tells, and a lost source is opened again when it is back.

    Args:
        source: to look at.
        on_picture: gets each picture that was wanted, on the eye's thread; it must return soon.
        side_px: of the square that pictures are scaled to fit.
    """

    def __init__(self, source: Source, on_picture: Callable[[Picture], None], side_px: int) -> None:
        self._source = source
        self._on_picture = on_picture
        self._side_px = side_px
        self._wanted = self._closing = False
        self._wake = threading.Event()
        self._seen_s: float | None = None
        self._over = False
        self._problem = ""
        self._thread = threading.Thread(target=self._work, name="eye", daemon=True)

    def open(self) -> None:
        """Begin to look."""
        self._thread.start()

    def want(self) -> None:
        """Hand on the source's next picture, once."""
        self._wanted = True
        self._wake.set()

    def snapshot(self) -> Lens:
        """What the source is doing now."""
        seen_s = self._seen_s
        return Lens(
            name=self._source.name,
            seen=seen_s is not None,
            silent_s=0.0 if seen_s is None else time.perf_counter() - seen_s,
            over=self._over,
            problem=self._problem,
        )

    def close(self) -> None:
        """Stop looking and let the source go; waits a second at most."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=CLOSE_S)

    # From here on everything runs on the eye's own thread.

    def _work(self) -> None:
        while not (self._closing or self._over):
            try:
                self._source.open()
                self._look()
            except SourceError as error:
                self._problem, self._over = str(error), isinstance(error, Over)
            except Exception as error:  # drivers raise what they like
                self._problem = (
                    f"{self._source.name} failed ({error}). bidiscope tries again every second."
                )
            with contextlib.suppress(Exception):  # mss cannot leave a display that is gone
                self._source.close()
            self._rest(time.perf_counter() + RETRY_S)

    def _look(self) -> None:
        """Until the eye is closed; raises SourceError when the source is over or lost."""
        source = self._source
        due_s = time.perf_counter()
        while not self._closing:
            if time.perf_counter() >= due_s:
                source.advance()
                self._seen_s, self._problem = time.perf_counter(), ""
                # One that cannot keep up goes on from here, and does not hurry.
                due_s = max(due_s + source.period_s, self._seen_s)
            if self._wanted:
                self._wanted = False
                self._on_picture(encoded(source.image(), self._side_px))
            self._wake.clear()
            if not (self._wanted or self._closing):
                self._wake.wait(max(0.0, due_s - time.perf_counter()))

    def _rest(self, until_s: float) -> None:
        while not self._closing and (left_s := until_s - time.perf_counter()) > 0:
            self._wake.clear()
            self._wake.wait(left_s)
