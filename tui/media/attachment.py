"""Files as they are attached: told by their content, brought into the form that is sent."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.core.attachment import (
    AUDIO_TOKENS_PER_S,
    CHARS_PER_TOKEN,
    PCM_BYTES_PER_S,
    PICTURE_TOKENS,
    Attachment,
    Description,
    Medium,
    size_words,
)
from tui.core.capture import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_S = 3600.0
LARGEST_BYTES = {Medium.IMAGE: 64 << 20, Medium.AUDIO: 512 << 20, Medium.TEXT: 2 << 20}
HEAD_BYTES = 4096

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_SOUNDS = (
    b"fLaC",
    b"OggS",
    b"ID3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"FORM",
    b"caff",
    b".snd",
)
_NAMED = {
    Medium.IMAGE: {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"},
    Medium.AUDIO: {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au"},
}


class AttachmentError(Exception):
    """The file cannot be attached; the message is a sentence that names it."""


def read(
    path: Path, side_px: int, resolution: str | None = None, wanted: Medium | None = None
) -> Attachment:
    """A file in the form that it is sent in; may take seconds, so call it on a thread.

    Args:
        path: of the file.
        side_px: of the square that pictures are scaled to fit.
        resolution: the configuration's `media_resolution`, for the estimate of tokens.
        wanted: what it must be; None takes what it is.

    Raises:
        AttachmentError: It is not there, or nothing that can be sent.
    """
    try:
        return _read(path, side_px, resolution, wanted)
    except OSError as error:
        why = _SAYINGS.get(error.errno or 0) or f"{error.strerror or error}"
        raise AttachmentError(f"{path} cannot be attached: {why}.") from None
    except ValueError as error:
        raise AttachmentError(f"{path} cannot be attached: {error}.") from None


_SAYINGS = {
    errno.ENOENT: "there is no such file",
    errno.EISDIR: "it is a folder",
    errno.EACCES: "it may not be read",
}


def _read(path: Path, side_px: int, resolution: str | None, wanted: Medium | None) -> Attachment:
    if path.is_dir():
        raise ValueError("it is a folder, name a file in it")
    if not path.is_file():
        path.stat()
        raise ValueError("it is no file but a device or a pipe")
    size = path.stat().st_size
    if not size:
        raise ValueError("it is empty")
    with path.open("rb") as file:
        medium = _medium(file.read(HEAD_BYTES))
    _agree(path, medium, wanted)
    if size > LARGEST_BYTES[medium]:
        most = size_words(LARGEST_BYTES[medium])
        raise ValueError(f"it has {size_words(size)}, and {_CALLED[medium]} may have {most}")
    return _READERS[medium](path, size, {"side_px": side_px, "resolution": resolution})


_CALLED = {Medium.IMAGE: "a picture", Medium.AUDIO: "a sound", Medium.TEXT: "a text"}


def _medium(head: bytes) -> Medium:
    """What the first bytes of a file are."""
    riff = head[8:12] if head.startswith(b"RIFF") else b""
    if head.startswith(_PICTURES) or riff == b"WEBP":
        return Medium.IMAGE
    if head.startswith(_SOUNDS) or riff == b"WAVE":
        return Medium.AUDIO
    return Medium.TEXT


def _agree(path: Path, medium: Medium, wanted: Medium | None) -> None:
    """A name that promises something else, or another wish, is no small matter."""
    promised = next((each for each, names in _NAMED.items() if path.suffix.lower() in names), None)
    meant = wanted or promised
    if meant is not None and meant is not medium:
        is_ = "no known format" if medium is Medium.TEXT else _CALLED[medium]
        raise ValueError(f"it should be {_CALLED[meant]}, and its content is {is_}")


def _image(path: Path, size: int, how: Mapping[str, Any]) -> Attachment:
    import numpy as np

    from tui.media import opencv
    from tui.media.picture import encoded

    cv2 = opencv.library()
    try:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        most = opencv.MOST_PX // 1_000_000
        raise ValueError(f"the picture is broken, or larger than {most} megapixels")
    picture = encoded(image, how["side_px"])
    about = Description(
        path.name,
        Medium.IMAGE,
        size,
        picture.width_px,
        picture.height_px,
        tokens=PICTURE_TOKENS.get(how["resolution"], 0),
    )
    return Attachment(about, picture.jpeg)


def _audio(path: Path, size: int, how: Mapping[str, Any]) -> Attachment:
    with path.open("rb") as file:
        is_wav = file.read(4) == b"RIFF"
    pcm = _wav(path) if is_wav else _decoded(path)
    seconds = len(pcm) / PCM_BYTES_PER_S
    if not pcm:
        raise ValueError("it has no sound in it")
    tokens = round(seconds * AUDIO_TOKENS_PER_S)
    about = Description(path.name, Medium.AUDIO, size, seconds=seconds, tokens=tokens)
    return Attachment(about, pcm)


def _wav(path: Path) -> bytes:
    from tui.media.recording import Recording, RecordingError

    try:
        recording, pieces = Recording(path), []
    except RecordingError as error:
        raise ValueError(error.why) from None
    while not recording.over:
        pieces.append(recording.read(RATE_HZ).astype("<i2").tobytes())
        if len(pieces) > LONGEST_S:
            raise ValueError(_TOO_LONG)
    return b"".join(pieces)[: recording.decoded * 2]


_TOO_LONG = f"it is longer than {LONGEST_S / 60:.0f} minutes"


def _decoded(path: Path) -> bytes:
    """FLAC, Ogg, MP3, AIFF and what else libsndfile reads."""
    import numpy as np
    import soxr

    try:
        import soundfile
    except (ImportError, OSError):  # its native part is missing
        raise ValueError("only WAV can be read here: soundfile is not installed") from None
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > LONGEST_S * file.samplerate:
                raise ValueError(_TOO_LONG)
            sound = file.read(dtype="float32", always_2d=True)
            rate_hz = file.samplerate
    except soundfile.LibsndfileError as error:
        raise ValueError(f"its sound cannot be read ({error.error_string})") from None
    mono: NDArray[np.float32] = soxr.resample(sound.mean(axis=1), rate_hz, RATE_HZ, quality="HQ")
    return np.clip(np.rint(mono * 32768), -32768, 32767).astype("<i2").tobytes()


def _text(path: Path, size: int, how: Mapping[str, Any]) -> Attachment:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError("it is no picture, sound or UTF-8 text that bidiscope can read")
    if not text.strip():
        raise ValueError("it holds nothing but blanks")
    enclosed = f"{path.name}:\n{text.rstrip()}\n\n"
    tokens = -(-len(enclosed) // CHARS_PER_TOKEN)
    about = Description(path.name, Medium.TEXT, size, chars=len(enclosed), tokens=tokens)
    return Attachment(about, enclosed.encode())


_READERS: Mapping[Medium, Callable[[Path, int, Mapping[str, Any]], Attachment]] = {
    Medium.IMAGE: _image,
    Medium.AUDIO: _audio,
    Medium.TEXT: _text,
}
