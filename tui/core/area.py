"""What a record changed in a session."""

from __future__ import annotations

from enum import Flag, auto


class Area(Flag):
    """What a record changed, so that only the views of it are drawn again."""

    NOTHING = 0
    CONNECTION = auto()
    TRANSCRIPT = auto()
    USAGE = auto()
    NOTICE = auto()
