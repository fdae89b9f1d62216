"""Films, pictures, and an IP camera on loopback that can hang, hang up and come back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui.media import opencv

cv2 = opencv.library()

Colour = tuple[int, int, int]
"""Red, green, blue."""
RED, GREEN, BLUE, WHITE = (220, 0, 0), (0, 200, 0), (0, 0, 220), (255, 255, 255)


def plain(colour: Colour, width_px: int = 320, height_px: int = 180) -> NDArray[np.uint8]:
    """A picture of one colour, as OpenCV has it."""
    return np.full((height_px, width_px, 3), colour[::-1], np.uint8)


def film(
    path: Path,
    colours: Sequence[Colour],
    fps: float = 25,
    size: tuple[int, int] = (320, 180),
    codec: str = "MJPG",
) -> Path:
    """A film with a picture of each colour."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), fps, size)
    for colour in colours:
        writer.write(plain(colour, *size))
    writer.release()
    return path


def jpeg(colour: Colour) -> bytes:
    """A small picture as a camera sends it."""
    encoded: bytes = cv2.imencode(".jpg", plain(colour))[1].tobytes()
    return encoded


class IpCamera:
    """Serves multipart MJPEG at 20 pictures a second until it is told to do otherwise."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        """The connection stays, and nothing comes."""
        self.hangs_up = threading.Event()
        """Connections are closed, and new ones refused with a 503."""
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    @contextlib.contextmanager
    def on(self) -> Iterator[IpCamera]:
        """Serve while the block lasts."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

            def do_GET(self) -> None:
                self.send_response(503 if camera.hangs_up.is_set() else 200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with contextlib.suppress(OSError):
                    camera._serve(self.wfile)

        return Handler

    def _serve(self, file: Any) -> None:
        picture = jpeg(BLUE)
        head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
        while not (self._over.wait(0.05) or self.hangs_up.is_set()):
            if not self.hangs.is_set():
                file.write(head + picture + b"\r\n")
