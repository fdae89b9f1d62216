"""A sound device that is opened, may be lost at any time, and is given back."""

from __future__ import annotations

from typing import Any, ClassVar

from tui.core.devices import Source
from tui.media import portaudio
from tui.media.portaudio import WITHOUT, Kind, Lookout, MissingDevice, MissingLibrary


class DeviceError(Exception):
    """The device is not there; the message is a sentence that says why and what to do.

    Args:
        sentence: what to show.
        worth_retrying: it may come.
    """

    def __init__(self, sentence: str, *, worth_retrying: bool = True) -> None:
        super().__init__(sentence)
        self.worth_retrying = worth_retrying


class Device:
    """One stream of PortAudio's. Every method may block for some milliseconds.

    A subclass says what it is for (`KIND`, `OFF`, `WHAT`), opens the stream (`_opened`) and
    tells whoever listens that it is lost (`lose`).
    """

    KIND: ClassVar[Kind]
    OFF: ClassVar[str]
    """How a sentence begins that says why there is none."""
    WHAT: ClassVar[str]
    """The kind in a person's word."""

    def __init__(self, wanted: Source) -> None:
        self._wanted = wanted
        self._lookout = Lookout()
        self._stream: Any = None
        self._ours = False
        """The stream ends because it shall."""
        self.name = ""

    def open(self) -> None:
        """Find the device and open it.

        Raises:
            DeviceError: there is no PortAudio, no such device, or the device refuses.
        """
        try:
            self._open(relist=False)
        except MissingDevice as missing:
            if not self._lookout.sees(self._wanted, self.KIND):
                raise DeviceError(self._not_found(missing)) from missing
            self._open_after_relisting()

    def close(self) -> None:
        """Give the device back; it can be opened again."""
        with portaudio.LOCK:
            portaudio.OPEN.discard(self)
            self.drop()

    def drop(self) -> None:
        """Close the stream; PortAudio's lock is held."""
        stream, self._stream = self._stream, None
        self._ours = True
        if stream is not None:
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def lose(self) -> None:
        """The stream has ended, and nobody here wanted that."""
        raise NotImplementedError

    def _opened(self, sounddevice: Any, found: dict[str, Any]) -> Any:
        """A stream on the device, running or at rest."""
        raise NotImplementedError

    def _open_after_relisting(self) -> None:
        try:
            self._open(relist=True)
        except MissingDevice as missing:  # gone again
            raise DeviceError(self._not_found(missing)) from missing

    def _open(self, *, relist: bool) -> None:
        with portaudio.LOCK:
            try:
                if relist:
                    portaudio.relist()
                sounddevice = portaudio.library()
                found = portaudio.device(self._wanted, self.KIND)
            except MissingLibrary as error:
                raise DeviceError(f"{self.OFF} {error}", worth_retrying=False) from error
            self.name = found["name"]
            try:
                self._ours = False
                self._stream = self._opened(sounddevice, found)
            except (sounddevice.PortAudioError, ValueError) as error:
                raise DeviceError(
                    f"{self.OFF} {self.name!r} could not be opened ({error}). bidiscope tries "
                    f"again every second; another program may hold it, or pick another one (d). "
                    f"{WITHOUT}"
                ) from error
            portaudio.OPEN.add(self)

    def _finished(self) -> None:
        """On PortAudio's thread."""
        if not self._ours:
            self.lose()

    def _not_found(self, missing: MissingDevice) -> str:
        known = str(missing)
        if self._wanted is None or not known:
            return (
                f"{self.OFF} no sound device was found. Connect a {self.WHAT} or start your sound "
                f"server; bidiscope looks for it every second. {WITHOUT}"
            )
        return (
            f"{self.OFF} {self._wanted!r} does not name one {self.WHAT}. "
            f"Pick one of these (d): {known}. {WITHOUT}"
        )
