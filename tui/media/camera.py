"""What OpenCV can look at: a camera, a film, a series of pictures, one picture, or a URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tui.media import opencv
from tui.media.eye import Over, SourceError
from tui.media.opencv import MOST_PX
from tui.media.picture import Image

OFF = "The camera is off:"
AGAIN = "bidiscope tries again every second."
OTHERS = (
    "--camera takes a camera's number, a film, a picture, a pattern such as p_%03d.jpg, or a URL."
)

NUMBERED = re.compile(r"%\d*d")
PICTURES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}

URL_TIMEOUT_MS = 2000
"""OpenCV's own is half a minute."""
DEFAULT_FPS = 25.0
PLAUSIBLE_FPS = (1.0, 240.0)
STILL_S = 1.0
"""How often a still picture counts as a new one."""
WHOLE = 0.9
"""A film of which a smaller share could be read is said to be damaged."""


def camera(text: str | None, *, loop: bool) -> Camera | Still:
    """The source that ``--camera`` names; None is the first camera."""
    path = Path(text or "").expanduser()
    still = path.suffix.lower() in PICTURES and "://" not in str(text)
    if still and not NUMBERED.search(path.name):
        return Still(path)
    return Camera(text or "0", loop=loop)


class Camera:
    """A moving source. Files are paced by their own frame rate, devices and streams by themselves.

    Args:
        text: a camera's number, a path, a pattern of numbered pictures, or a URL.
        loop: begin again at the end of a file.
    """

    def __init__(self, text: str, *, loop: bool) -> None:
        self._text = text
        self._loop = loop
        self._is_device = text.isdecimal()
        self._is_url = "://" in text
        self.name = f"camera {text}" if self._is_device else _name(text, self._is_url)
        self.period_s = 0.0
        self._capture: Any = None
        self._count = 0
        """How many pictures a file says it has; 0 for all that has no end."""
        self._read = 0

    def open(self) -> None:
        """Open the device, the file or the connection; two seconds at most for a URL."""
        if not (self._is_device or self._is_url):
            self._check_file()
        capture = self._capture = self._opened()
        if not capture.isOpened():
            raise SourceError(self._refused())
        cv2 = opencv.library()
        size_px = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if size_px > MOST_PX:
            raise SourceError(_too_large(self.name))
        count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        has_end = not self._is_device and (count > 0 or not self._is_url)
        self._count = int(max(0.0, count)) if has_end else 0
        fps = capture.get(cv2.CAP_PROP_FPS)
        low, high = PLAUSIBLE_FPS
        self.period_s = 1 / (fps if low <= fps <= high else DEFAULT_FPS) if has_end else 0.0
        self._read = 0

    def advance(self) -> None:
        """Take the next picture from the device or the file, not decoded further than needed."""
        if self._capture.grab():
            self._read += 1
        elif not self.period_s:
            raise SourceError(f"{OFF} {self.name} has gone, or sends no more pictures. {AGAIN}")
        elif not self._read:
            raise SourceError(
                f"{OFF} there is no picture in {self.name} that can be read. {OTHERS}"
            )
        elif self._loop:
            self.close()
            self.open()
            self.advance()
        else:
            raise Over(self._ended())

    def image(self) -> Image:
        """The picture, as rows x columns x (blue, green, red)."""
        taken, image = self._capture.retrieve()
        if not taken or image is None or not image.size:
            raise SourceError(f"{OFF} a picture of {self.name} cannot be decoded. {AGAIN}")
        found: Image = image
        return found

    def close(self) -> None:
        """Give the device back."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _opened(self) -> Any:
        cv2 = _library()
        if self._is_device:
            return cv2.VideoCapture(int(self._text))
        if not self._is_url:
            return cv2.VideoCapture(str(Path(self._text).expanduser()))
        limits = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
        patience = [word for limit in limits for word in (limit, URL_TIMEOUT_MS)]
        return cv2.VideoCapture(self._text, cv2.CAP_FFMPEG, patience)

    def _check_file(self) -> None:
        path = Path(self._text).expanduser()
        if not NUMBERED.search(path.name):
            _check(path)
        elif not any(path.parent.glob(NUMBERED.sub("[0-9]*", path.name))):
            raise SourceError(f"{OFF} there is no picture {self._text}. {OTHERS}")

    def _refused(self) -> str:
        if self._is_device:
            return f"{OFF} there is no {self.name}, or another program holds it. {AGAIN} {OTHERS}"
        if self._is_url:
            return f"{OFF} {self.name} does not answer with pictures. {AGAIN}"
        return f"{OFF} {self.name} is no film that can be read, or it is damaged. {OTHERS}"

    def _ended(self) -> str:
        if self._read < WHOLE * self._count:
            return (
                f"{self.name} is damaged: it ended after {self._read} of {self._count} pictures. "
                "The last one stays."
            )
        return (
            f"The film is over: {self.name}. Its last picture stays; v, pressed twice, shows it "
            "again, and --camera-loop repeats it."
        )


class Still:
    """One picture, as if a camera were fixed on it."""

    period_s = STILL_S

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.name
        self._image: Image | None = None

    def open(self) -> None:
        """Read and decode it; the largest ones as an eighth of themselves, or not at all."""
        _check(self._path)
        cv2 = _library()
        try:
            image = cv2.imread(str(self._path), cv2.IMREAD_COLOR)
        except cv2.error:
            image = self._eighth()
        if image is None:
            raise SourceError(
                f"{OFF} {self.name} is no picture that can be read, or it is damaged. {OTHERS}"
            )
        self._image = image

    def advance(self) -> None:
        """It stays as it is."""

    def image(self) -> Image:
        """The picture, as rows x columns x (blue, green, red)."""
        assert self._image is not None
        return self._image

    def close(self) -> None:
        """Forget it."""
        self._image = None

    def _eighth(self) -> Image | None:
        cv2 = opencv.library()
        try:
            image: Image | None = cv2.imread(str(self._path), cv2.IMREAD_REDUCED_COLOR_8)
        except cv2.error:
            raise SourceError(_too_large(self.name)) from None
        return image


def _library() -> Any:
    try:
        return opencv.library()
    except ImportError as error:
        raise SourceError(
            f"{OFF} OpenCV cannot be loaded ({error}). Install it with "
            "pip install opencv-python-headless. Text and sound work without it."
        ) from error


def _check(path: Path) -> None:
    """Say what is wrong with a file before OpenCV, which gives no reasons, is asked."""
    try:
        if path.is_dir():
            raise SourceError(f"{OFF} {path} is a folder. {OTHERS}")
        if not path.stat().st_size:
            raise SourceError(f"{OFF} {path} is empty: 0 bytes. {OTHERS}")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise SourceError(f"{OFF} there is no file {path}. {OTHERS}") from None
    except OSError as error:
        raise SourceError(f"{OFF} {path} cannot be read ({error.strerror}). {OTHERS}") from error


def _too_large(name: str) -> str:
    return (
        f"{OFF} {name} is larger than {MOST_PX // 1_000_000} megapixels, the most that is decoded. "
        "Make it smaller, or save it as JPEG."
    )


def _name(text: str, is_url: bool) -> str:
    """A file's name; a URL without what may be a password."""
    if not is_url:
        return Path(text).name
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
