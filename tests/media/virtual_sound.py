"""A sound card for machines without one: a private PulseAudio, and a listener at its speaker."""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 24000
VOICES = Path(__file__).resolve().parent.parent / "data" / "voices"

PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec")

SETTLE_S = 2.2
"""A null sink that nobody plays to works in blocks of 2 s; the one under way has to pass."""

ALSA_CONFIG = """
pcm.!default { type pulse hint { show on description "Virtual speaker and microphone" } }
pcm.overheard { type pulse device speaker.monitor hint { show on description "Monitor" } }
pcm.headset { type pulse server "unix:HEADSET" hint { show on description "Headset" } }
ctl.!default { type pulse }
"""


def missing() -> str:
    """Why there can be no virtual sound here; empty when there can."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if ctypes.util.find_library("portaudio") is None:
        absent.append("libportaudio2")
    return f"needs {', '.join(absent)}" if absent else ""


def voice(name: str) -> NDArray[np.int16]:
    """A spoken sentence of tests/data/voices at 24 kHz."""
    with wave.open(str(VOICES / f"{name}.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        resampled: NDArray[np.int16] = soxr.resample(samples, file.getframerate(), RATE_HZ)
    return resampled


class SoundServer:
    """A PulseAudio daemon with a null sink `speaker` and a microphone `mic`, both the default.

    The microphone hears what is played into the sink `mic_in`. A second microphone, `overheard`,
    hears the speaker. PortAudio lists a third device, `headset`, while there is one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "native"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._keepers: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }

    def start(self) -> None:
        """Start the daemon; returns when the speaker is there and plays without a gap."""
        (self._folder / "cookie").write_bytes(os.urandom(256))
        headset = str(self._folder / "headset" / "native")
        (self._folder / "asound.conf").write_text(ALSA_CONFIG.replace("HEADSET", headset))
        self._socket.unlink(missing_ok=True)
        options = "-n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --disable-shm=yes"
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}",
            "module-null-sink sink_name=speaker rate=48000 channels=2",
            "module-null-sink sink_name=mic_in rate=48000 channels=1",
            "module-remap-source master=mic_in.monitor source_name=mic",
        )
        loads = [word for module in modules for word in ("-L", module)]
        quiet = ["--realtime=no", "--high-priority=no", f"--log-target=file:{self._folder}/log"]
        self._daemon = self._run(["pulseaudio", *options.split(), *quiet, *loads])
        self._wait_until_up()
        for default in ("set-default-sink speaker", "set-default-source mic"):
            self._run(["pactl", *default.split()]).wait()
        # A silent stream of low latency keeps a sink's blocks small, so that it wakes at once.
        silence = "pacat -p --raw --latency-msec=10 /dev/zero -d"
        self._keepers = [self._run([*silence.split(), sink]) for sink in ("speaker", "mic_in")]
        time.sleep(SETTLE_S)

    def point_here(self) -> None:
        """Make this process use the server; PortAudio reads its list of devices once."""
        os.environ.update(self.environment)
        sounddevice = importlib.import_module("sounddevice")
        sounddevice._terminate()
        sounddevice._initialize()

    @contextlib.contextmanager
    def headset(self) -> Iterator[SoundServer]:
        """Plugs in a second speaker and microphone, `headset`; `kill` pulls them out."""
        folder = self._folder / "headset"
        folder.mkdir(exist_ok=True)
        headset = SoundServer(folder)
        headset.start()
        try:
            yield headset
        finally:
            headset.stop()

    def kill(self) -> None:
        """End the daemon as a crash would."""
        if self._daemon is not None:
            self._daemon.kill()
        self.stop()

    @contextlib.contextmanager
    def echo(self, percent: int = 50) -> Iterator[None]:
        """The microphone hears the speaker, as in a room."""
        load = "load-module module-loopback source=speaker.monitor sink=mic_in latency_msec=40"
        module = self._asked(*load.split())
        loops = [line.split() for line in self._asked("list", "short", "sink-inputs").splitlines()]
        (loop,) = (words[0] for words in loops if "module-loopback.c" in words)
        self._asked("set-sink-input-volume", loop, f"{percent}%")
        try:
            yield
        finally:
            self._asked("unload-module", module)

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """The daemon answers nothing for a while."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._daemon.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the daemon and the streams that kept it awake."""
        for process in (*self._keepers, self._daemon):
            if process is not None:
                process.terminate()
                process.wait()

    def _asked(self, *words: str) -> str:
        run = subprocess.run(
            ["pactl", *words],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        home = {"HOME": str(self._folder)}
        null = subprocess.DEVNULL
        return subprocess.Popen(
            command,
            env={**os.environ, **self.environment, **home},
            stdin=null,
            stdout=null,
            stderr=null,
        )

    def _wait_until_up(self) -> None:
        for _ in range(200):
            info = ["pactl", "info"]
            if self._socket.exists() and self._run(info).wait() == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PulseAudio did not start, see {self._folder}/log")


@contextlib.contextmanager
def sound_card() -> Iterator[Path]:
    """This process has a virtual sound card while the block lasts; gives its folder."""
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        server = SoundServer(Path(folder))
        try:
            server.start()
            server.point_here()
            yield Path(folder)
        finally:
            server.stop()


class Monitor:
    """Listens at the virtual speaker and notes when each few milliseconds arrived."""

    BLOCK_MS = 5

    def __init__(self) -> None:
        self._raw = bytearray()
        self._arrivals: list[tuple[float, int]] = []
        command = "parec -d speaker.monitor --raw --format=s16le --channels=1"
        options = [f"--rate={RATE_HZ}", f"--latency-msec={self.BLOCK_MS}"]
        self._parec = subprocess.Popen([*command.split(), *options], stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._arrivals:
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._parec.terminate()
        self._thread.join()
        assert self._parec.stdout is not None
        self._parec.stdout.close()
        self._parec.wait()

    def _listen(self) -> None:
        assert self._parec.stdout is not None
        with contextlib.suppress(ValueError):
            while block := os.read(self._parec.stdout.fileno(), RATE_HZ * self.BLOCK_MS // 500):
                self._raw += block
                self._arrivals.append((time.perf_counter(), len(self._raw) // 2))

    @property
    def audio(self) -> NDArray[np.int16]:
        """Everything heard so far."""
        return np.frombuffer(bytes(self._raw[: len(self._raw) // 2 * 2]), np.int16)

    def arrived_at(self, sample: int) -> float:
        """When a sample was heard, by `time.perf_counter()`."""
        at, end = next(arrival for arrival in self._arrivals if arrival[1] > sample)
        return at - (end - 1 - sample) / RATE_HZ

    def loud(self, since: int = 0, threshold: int = 300) -> NDArray[np.intp]:
        """Indices of the samples that can be heard, from a sample on."""
        return np.nonzero(np.abs(self.audio[since:].astype(np.int32)) > threshold)[0] + since


def say(samples: NDArray[np.int16], volume_percent: int = 100) -> None:
    """A person speaks into the virtual microphone; returns when the last sample was said."""
    command = "pacat -p -d mic_in --raw --format=s16le --channels=1 --latency-msec=200"
    options = [f"--rate={RATE_HZ}", f"--volume={65536 * volume_percent // 100}"]
    subprocess.run([*command.split(), *options], input=samples.tobytes(), check=True)


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for something that another thread does."""
    end = time.perf_counter() + timeout_s
    while not condition():
        assert time.perf_counter() < end, "it did not come true"
        time.sleep(0.005)


def likeness(reference: NDArray[np.int16], recording: NDArray[np.int16]) -> tuple[float, int]:
    """Best normalised correlation of a reference inside a recording, and its offset in samples.

    1.0 is the same waveform; samples lost or repeated on the way pull it down.
    """
    sought, heard = reference.astype(np.float64), recording.astype(np.float64)
    if len(heard) < len(sought):
        heard = np.pad(heard, (0, len(sought) - len(heard)))
    size = 1 << (len(sought) + len(heard)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sought, size)), size)
    product = product[: len(heard) - len(sought) + 1]
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    local = np.sqrt(energy[len(sought) :] - energy[: -len(sought)])
    own = float(np.sqrt((sought**2).sum()))
    score = product / (np.maximum(local, own / 10) * own)  # the floor keeps silence from scoring
    best = int(np.argmax(score))
    return float(score[best]), best
