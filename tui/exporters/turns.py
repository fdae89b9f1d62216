"""Each turn's sound by itself: what the model sent, whole, and what the person said before it."""

from __future__ import annotations

import wave
from bisect import bisect_left
from pathlib import Path
from types import TracebackType

from tui.core.journal import JournalError
from tui.exporters.destination import create
from tui.exporters.material import Material
from tui.exporters.sound import USER_KINDS, Chunk, Sounds, answers


def export(material: Material, out: Path) -> None:
    """Write ``turn-0001-user.wav`` and ``turn-0001-model.wav`` at the rates of the wire.

    The person's sound is in one of the files, all of it: up to the end of a turn's input it is
    that turn's, after the last one ``rest-user.wav``. Where a rate changes, another file begins.
    """
    sounds = Sounds(material)
    with Shelf(out) as shelf:
        _write_user(material, sounds, shelf)
        found = answers(material)
        for row, name in zip(material.told(found.rows, "Writing"), found.names, strict=True):
            for chunk in sounds.of(row):
                shelf.put(f"{name}-model", chunk)
    sounds.note()
    if not shelf.files:
        raise JournalError("There is no sound in this session: nothing was exported.")


def _write_user(material: Material, sounds: Sounds, shelf: Shelf) -> None:
    ends = [(turn.asked_s, turn.number) for turn in material.turns if turn.asked_s is not None]
    ends.sort()
    for row in material.told(material.of_kind(*USER_KINDS), "Writing"):
        at = bisect_left(ends, (material.log.mono_s[row], 0))
        name = f"turn-{ends[at][1]:04}-user" if at < len(ends) else "rest-user"
        for chunk in sounds.of(row):
            shelf.put(name, chunk)


class Shelf:
    """WAV files of a folder, one open at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stem, self._rate_hz = "", 0
        self._file: wave.Wave_write | None = None
        self.files: dict[str, int] = {}
        """How many files each stem has."""

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def put(self, stem: str, chunk: Chunk) -> None:
        """Append to the file of that name, and begin it where it is new or was another rate."""
        if (stem, chunk.rate_hz) != (self._stem, self._rate_hz) or self._file is None:
            self._close()
            self._begin(stem, chunk.rate_hz)
        assert self._file is not None
        self._file.writeframesraw(chunk.pcm)

    def _begin(self, stem: str, rate_hz: int) -> None:
        count = self.files[stem] = self.files.get(stem, 0) + 1
        name = stem if count == 1 else f"{stem}-{count}"
        self._raw = create(self._folder / f"{name}.wav")
        self._file = wave.open(self._raw, "wb")  # noqa: SIM115 - one is open at a time
        self._file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        self._stem, self._rate_hz = stem, rate_hz

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._raw.close()
            self._file = None
