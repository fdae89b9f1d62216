"""Sound that the inspector lets be heard: on the session's speaker, or on one of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tui.core.clip import Clip
from tui.core.playback import AUDITION

if TYPE_CHECKING:
    from tui.live.engine import Engine
    from tui.live.playback import Player

OFF: Final = "Sound is off: start again without --no-sound."

PATIENCE_S: Final = 1.0
"""How long an order to the engine may wait before it counts as refused."""


class SpeakerAudition:
    """On a speaker that is opened for the first sound.

    Args:
        make: makes it, with all that it imports; None where no device shall be opened.
    """

    def __init__(self, make: Callable[[], Player] | None) -> None:
        self._make = make
        self._player: Player | None = None
        self._number = 0

    def play(self, clip: Clip) -> None:
        """Play it in place of what is played; blocks while the speaker is opened.

        Raises:
            ValueError: No device shall be opened.
        """
        player = self._player
        if player is None:
            if self._make is None:
                raise ValueError(OFF)
            player = self._make()
            player.open()
            self._player = player
        player.flush()
        self._number += 1
        player.play(self._number, clip.pcm, clip.rate_hz)
        player.finish(self._number)

    def stop(self) -> None:
        """Be silent."""
        if self._player is not None:
            self._player.flush()

    @property
    def heard_s(self) -> float | None:
        """How much of it was heard; None while nothing is played."""
        now = self._player.snapshot() if self._player else None
        return None if now is None or now.idle else now.heard_s

    @property
    def problem(self) -> str:
        """Why nothing is heard, in a sentence."""
        return self._player.snapshot().problem if self._player else ""

    def close(self) -> None:
        """Give the device back."""
        if self._player is not None:
            self._player.close()


class SessionAudition:
    """On the session's speaker, so that the echo canceller knows of it."""

    def __init__(self, engine: Engine, sound: bool) -> None:
        """``sound`` says whether the session has a device at all."""
        self._engine = engine
        self._sound = sound
        self._ordered_s = float("-inf")
        """When the order was given that has not been obeyed yet."""

    def play(self, clip: Clip) -> None:
        """Play it, unless an answer is played; the engine says why not.

        Raises:
            ValueError: No device shall be opened.
        """
        if not self._sound:
            raise ValueError(OFF)
        self._ordered_s = time.monotonic()
        self._engine.audition(clip.pcm, clip.rate_hz)

    def stop(self) -> None:
        """Be silent."""
        self._engine.hush()

    @property
    def heard_s(self) -> float | None:
        """How much of it was heard; None while nothing is played."""
        now = self._engine.playback
        if now.answer == AUDITION and not now.idle:
            self._ordered_s = float("-inf")
            return now.heard_s
        return 0.0 if time.monotonic() - self._ordered_s < PATIENCE_S else None

    @property
    def problem(self) -> str:
        """Why nothing is heard, in a sentence."""
        return self._engine.playback.problem
