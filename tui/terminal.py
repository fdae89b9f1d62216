"""The terminal that a Textual app draws on: kept clean, and its clipboard."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


@contextlib.contextmanager
def native_stderr_to(path: Path) -> Iterator[None]:
    """Send what C libraries print to a file; the app and its tracebacks keep the terminal.

    Textual draws on ``sys.__stderr__``, file descriptor 2, where ALSA, PortAudio and OpenCV print.
    It gets the terminal under a new number before 2 is pointed at the file. POSIX only.
    """
    if os.name != "posix":
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.stderr.flush()
    terminal, log = os.dup(2), os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    saved = sys.stderr, sys.__stderr__
    os.dup2(log, 2)
    drawing = open(  # noqa: SIM115 - lives as long as the app
        terminal, "w", encoding="utf-8", errors="backslashreplace", closefd=False
    )
    sys.stderr = sys.__stderr__ = drawing  # type: ignore[misc]
    try:
        yield
    finally:
        drawing.flush()
        os.dup2(terminal, 2)
        sys.stderr, sys.__stderr__ = saved  # type: ignore[misc]
        os.close(terminal)
        os.close(log)


_TOOLS = (
    ("wl-copy", "WAYLAND_DISPLAY", ["wl-copy"]),
    ("xclip", "DISPLAY", ["xclip", "-selection", "clipboard"]),
    ("xsel", "DISPLAY", ["xsel", "--clipboard", "--input"]),
    ("pbcopy", "", ["pbcopy"]),
    ("clip.exe", "", ["clip.exe"]),
)
"""Clipboard programs, the variable that says their display is there, and how they are called."""


def copy(text: str, osc52: Callable[[str], None], environ: Mapping[str, str]) -> str:
    """Put ``text`` on the clipboard; returns which way, in words.

    A native tool where there is one (not over SSH: that would be the far machine's clipboard),
    and the terminal's own OSC 52 otherwise, which never tells whether it worked.
    """
    size = f"{len(text):,} characters"
    for name, command in clipboard_tools(environ):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                command,
                input=text.encode(),
                check=True,
                timeout=2,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            return f"Copied {size} with {name}."
    osc52(text)
    return f"Sent {size} to the terminal's clipboard (OSC 52); some terminals ignore that."


def clipboard_tools(environ: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Clipboard programs that reach this user's screen, and how they are called."""
    for name, display, command in _TOOLS:
        here = not environ.get("SSH_TTY") and (not display or environ.get(display))
        if here and shutil.which(name):
            yield name, command


def colours(environ: Mapping[str, str]) -> bool:
    """Whether a command may colour what it prints."""
    plain = environ.get("NO_COLOR") or environ.get("TERM", "dumb") in ("dumb", "")
    return sys.stdout.isatty() and not plain


def trouble(environ: Mapping[str, str]) -> str:
    """Why the workbench cannot be drawn here, in words; empty when it can."""
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        return 'The workbench needs a terminal. Without one: bidiscope say "…".'
    if environ.get("TERM", "") in ("dumb", ""):
        return 'This terminal (TERM=dumb) cannot draw the workbench. Use: bidiscope say "…".'
    return ""
