"""A WAV file as one thing said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from tui.core.capture import BLOCK_S
from tui.core.journal import JournalError
from tui.core.trial import Input
from tui.headless.source import BLOCK, Answer, Beat, speech
from tui.media.recording import Recording, RecordingError

LARGEST_WORDS_BYTES = 64 << 10


class Voice:
    """A WAV file; ``NAME.txt`` beside it has the words that are said in it.

    Raises:
        JournalError: One of the two cannot be read.
    """

    manual = False
    silence = True

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.answers: list[Answer] = []
        self.notes: list[str] = []
        self.words = _words(path.with_suffix(".txt"))
        self._open()

    def _open(self) -> Recording:
        try:
            return Recording(self.path)
        except RecordingError as error:
            raise JournalError(str(error).removeprefix("The microphone is off: ")) from None

    @cached_property
    def inputs(self) -> list[Input]:
        """All that is said in the file as one, else the whole of it as noise."""
        heard = [*speech(self.beats())]
        if heard:
            return [Input(heard[0].begin_s, heard[-1].end_s, self.words)]
        return [Input(0.0, sum(BLOCK_S for _ in self.beats()), self.words, noise=True)]

    @property
    def answered(self) -> bool:
        """Speech should be answered, and noise should not."""
        return not self.inputs[0].noise

    def beats(self) -> Iterator[Beat]:
        """Blocks of 20 ms."""
        recording, number = self._open(), 0
        while not recording.over:
            yield Beat(number * BLOCK_S, recording.read(BLOCK).tobytes())
            number += 1

    def close(self) -> None:
        """Nothing is open."""


def _words(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_WORDS_BYTES + 1)
        if len(text) > LARGEST_WORDS_BYTES:
            raise JournalError(f"{path} is larger than 64 KiB: it should have the words alone.")
        return " ".join(text.decode("utf-8-sig").split())
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise JournalError(f"{path} is not UTF-8 text.") from None
