"""Which columns of the message list there is room for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of the columns; 0 leaves a column out. Arrow and gist are always there."""

    seq: int
    time: int
    delta: int
    kind: int
    size: int

    @classmethod
    def fitting(cls, width: int) -> Columns:
        """What a list of that width has room for."""
        if width < 52:
            return cls(seq=0, time=0, delta=0, kind=max(8, width * 2 // 5), size=0)
        if width < 64:
            return cls(seq=0, time=9, delta=0, kind=18, size=0)
        if width < 76:
            return cls(seq=0, time=9, delta=8, kind=18, size=0)
        if width < 90:
            return cls(seq=0, time=9, delta=9, kind=19, size=8)
        return cls(seq=5, time=9, delta=9, kind=24, size=8)
