"""What a microphone is doing, as one immutable snapshot, and the blocks that it sends."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core.playback import SILENCE_DB

RATE_HZ = 16000
"""What the Live API hears best (protocol: PCM s16le, mono, 16 kHz)."""

BLOCK_S = 0.02

QUIET_S = 0.48
"""Local voice activity detection says that speech is over so long after its last sound: that is
over the gaps between words, and words that an echo half hides."""

NO_SIGNAL_S = 2.0
"""A microphone that has given nothing but digital silence for so long is said to have no signal."""


@dataclass(slots=True)
class Block:
    """20 ms of what the session hears: echo removed, and zeros while muted.

    Levels and speech are filled in after it was handed on: sending does not wait for them.
    """

    pcm: bytes
    """s16le, mono, 16 kHz: 640 bytes."""
    captured_s: float
    """`time.perf_counter()` when its last sample came from the device."""
    level_db: float = SILENCE_DB
    """RMS in dBFS."""
    peak_db: float = SILENCE_DB
    """Highest sample in dBFS."""
    speech: bool = False
    """Whether local voice activity detection hears a person."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A snapshot of the microphone. Levels and speech are those of what is sent."""

    level_db: float = SILENCE_DB
    """RMS of the last block, dBFS."""
    peak_db: float = SILENCE_DB
    """Highest sample of the last 80 ms, dBFS, so that a meter at 15 fps misses none."""
    clipped: int = 0
    """Blocks in which the device gave samples at full scale, since the microphone was opened."""
    speech: bool | None = None
    """Whether local voice activity detection hears a person; None while nothing is listened to."""
    silent_s: float = 0.0
    """Seconds of digital silence that the device has given last; muting does not count."""
    muted: bool = False
    off: bool = False
    """There is no microphone because none was asked for."""
    over: bool = False
    """The file that speaks has been spoken to its end."""
    device: str = ""
    """The device's name, or the file's."""
    problem: str = ""
    """Why nothing is heard, in one sentence with the way out; empty when something is."""
    aec: str = ""
    """The echo canceller's state in words."""
    erle_db: float | None = None
    """Measured echo return loss enhancement: how much fainter the echo is in what is sent."""
    blocks: int = 0
    """Blocks sent."""
    lost: int = 0
    """Blocks of silence among them that stand in for a device that should have spoken."""
    overflows: int = 0
    """How often the device said that samples were lost."""
    waiting_s: float = 0.0
    """Seconds of sound that wait: for a connection, or for a network that takes nothing."""

    @property
    def hears(self) -> bool:
        """Whether a person can be heard now."""
        return self.state in ("speech", "silence", "no signal")

    @property
    def state(self) -> str:
        """What is true of the microphone now, in a word or two: the worst first."""
        facts = (
            (self.off, "off"),
            (self.problem, "none"),
            (self.muted, "muted"),
            (not self.device, "opening"),
            (self.over, "file over"),
            (self.silent_s >= NO_SIGNAL_S, "no signal"),
            (self.speech, "speech"),
        )
        return next((words for fact, words in facts if fact), "silence")
