"""The voice as a process of its own: ``python -m tui.emulator.mouth.speaker``.

SVOX Pico holds the interpreter for as long as it speaks a clause, some tens of milliseconds; so
much would all sessions wait each time. One JSON line on stdin asks for a clause; what comes on
stdout is the length of its PCM (4 bytes, big endian) and the PCM. The process ends with its stdin.
"""

from __future__ import annotations

import subprocess
import sys
from typing import IO

import orjson

from tui.emulator.mouth.voice import Voice
from tui.emulator.terms.profiles import Timbre

_LENGTH_BYTES = 4


class SpeakerFailure(RuntimeError):
    """The process ended; the message says so in one sentence."""


class Speaker:
    """A `Voice` elsewhere; not for several threads at once either."""

    def __init__(self) -> None:
        """Start it; it loads its voice meanwhile."""
        self._process = _started()

    def speak(self, clause: str, timbre: Timbre) -> bytes:
        """As `Voice.speak`; a voice that has gone is replaced by another one."""
        try:
            return self._speak(clause, timbre)
        except (OSError, SpeakerFailure):
            self.close()
            self._process = _started()
            return self._speak(clause, timbre)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _speak(self, clause: str, timbre: Timbre) -> bytes:
        asking, telling = self._process.stdin, self._process.stdout
        assert asking and telling
        line = {"clause": clause, "speaker": timbre.speaker, "pitch": timbre.pitch}
        asking.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        asking.flush()
        return _read(telling, int.from_bytes(_read(telling, _LENGTH_BYTES), "big"))


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for its parent
    )


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise SpeakerFailure("The voice's process has ended.")
    return data


def main() -> None:
    """Speak until stdin ends."""
    voice = Voice()
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        pcm = voice.speak(asked["clause"], Timbre(asked["speaker"], asked["pitch"]))
        sys.stdout.buffer.write(len(pcm).to_bytes(_LENGTH_BYTES, "big") + pcm)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
