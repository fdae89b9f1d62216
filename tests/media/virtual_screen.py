"""A display of our own (Xvfb) of one colour, that can be taken away."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess


def missing() -> str:
    """Why there can be no virtual screen here; empty when there can."""
    return "" if shutil.which("Xvfb") else "Xvfb is not installed (package xvfb)"


class VirtualScreen:
    """An X server with one screen; point DISPLAY at `display`."""

    def __init__(self, width_px: int, height_px: int) -> None:
        read, write = os.pipe()
        size = f"{width_px}x{height_px}x24"
        self._server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write), "-screen", "0", size),
                *("-nolisten", "tcp", "-noreset"),
            ],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            self._number = int(pipe.readline())
        self.display = f":{self._number}"

    def fill(self, rgb: int) -> None:
        """Give the root window a background and show it."""
        with socket.socket(socket.AF_UNIX) as x:
            x.connect(f"/tmp/.X11-unix/X{self._number}")
            x.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
            (words,) = struct.unpack("<6xH", _exactly(x, 8))
            reply = _exactly(x, 4 * words)
            vendor, formats = struct.unpack_from("<H", reply, 16)[0], reply[21]
            (root,) = struct.unpack_from("<I", reply, 32 + (vendor + 3) // 4 * 4 + 8 * formats)
            x.sendall(struct.pack("<BxHIII", 2, 4, root, 0x2, rgb))  # ChangeWindowAttributes
            x.sendall(struct.pack("<BBHIHHHH", 61, 0, 4, root, 0, 0, 0, 0))  # ClearArea
            x.sendall(struct.pack("<BxH", 43, 1))  # GetInputFocus: answered after all before it
            _exactly(x, 32)

    def stop(self) -> None:
        """Take it away."""
        self._server.kill()
        self._server.wait()


def _exactly(x: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += x.recv(count - len(data))
    return data
