"""What this terminal can do, by its variables and by its own answers."""

from __future__ import annotations

import contextlib
import functools
import locale
import os
import re
import select
import shutil
import sys
import time
from collections.abc import Iterator

from tui.doctor.answer import Answer, fail, ok, warn
from tui.screens.workbench import SMALLEST
from tui.terminal import clipboard_tools

PATIENCE_S = 0.2

_KEYBOARD = b"\x1b[?u"
_GRAPHICS = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_ATTRIBUTES = b"\x1b[c"
"""Kitty's keyboard and graphics protocols, and DA1, which every terminal answers: so it is last."""

_ERASE = b"\r\x1b[K"
"""Some terminals print a question that they do not know."""

_ANSWERS = {
    "keyboard": re.compile(rb"\x1b\[\?\d+u"),
    "graphics": re.compile(rb"\x1b_Gi=31;OK\x1b\\"),
    "attributes": re.compile(rb"\x1b\[\?([\d;]*)c"),
}
_SIXEL = b"4"
"""DA1's parameter for sixel graphics."""


def colours() -> Answer:
    """How many colours the themes will have."""
    environ = os.environ
    if environ.get("NO_COLOR"):
        return ok("none: NO_COLOR is set")
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return ok("16 million (COLORTERM)")
    if "256color" in environ.get("TERM", "") or "direct" in environ.get("TERM", ""):
        return warn(
            f"256 (TERM={environ['TERM']})",
            "export COLORTERM=truecolor if the terminal has all colours; in tmux also: "
            "set -ga terminal-overrides ',*:Tc'",
        )
    return warn(
        f"16 at most (TERM={environ.get('TERM') or 'not set'})",
        "use another terminal, or the theme `terminal`, which needs no more",
    )


def images() -> Answer:
    """Whether pictures can be sharper than half blocks."""
    reply = _asked()
    if reply is None:
        return ok("unknown: no terminal to ask; half blocks are used")
    if _ANSWERS["graphics"].search(reply):
        return ok("kitty's protocol; half blocks work as well")
    attributes = _ANSWERS["attributes"].search(reply)
    if attributes is None:
        return ok("unknown: the terminal did not answer; half blocks are used")
    if _SIXEL in attributes[1].split(b";"):
        return ok("sixel; half blocks work as well")
    return ok("no protocol of its own; half blocks are used")


def keyboard() -> Answer:
    """Whether all combinations of keys arrive."""
    reply = _asked()
    if reply is None:
        return ok("unknown: no terminal to ask")
    if _ANSWERS["keyboard"].search(reply):
        return ok("kitty's protocol: every combination of keys arrives")
    return ok("classic: some combinations of keys look alike")


def clipboard() -> Answer:
    """How texts get to the clipboard."""
    for name, _ in clipboard_tools(os.environ):
        return ok(f"by {name}")
    return ok("by the terminal (OSC 52), which never tells whether it worked")


def size() -> Answer:
    """The workbench has room."""
    if not sys.stdout.isatty():
        return ok("unknown: the output is no terminal")
    columns, lines = shutil.get_terminal_size()
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        least = f"{SMALLEST[0]}x{SMALLEST[1]}"
        return warn(f"{columns}x{lines}: the workbench needs {least}", "enlarge the window")
    return ok(f"{columns}x{lines}")


def encoding() -> Answer:
    """Characters outside ASCII reach the screen."""
    name = locale.getencoding()
    if name.lower().replace("-", "") == "utf8" or sys.flags.utf8_mode:
        return ok("UTF-8")
    return fail(f"the locale's encoding is {name}", "export LANG=C.UTF-8")


@functools.cache
def _asked() -> bytes | None:
    """What the terminal answers to all questions at once; None where there is none to ask."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.name != "posix":
        return None
    simple = os.environ.get("TERM", "dumb") in ("dumb", "linux", "")
    questions = _ATTRIBUTES if simple else _KEYBOARD + _GRAPHICS + _ATTRIBUTES
    with _raw(sys.stdin.fileno()) as tty:
        os.write(sys.stdout.fileno(), questions)
        reply, end_s = b"", time.monotonic() + PATIENCE_S
        while not _ANSWERS["attributes"].search(reply):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not select.select([tty], [], [], left_s)[0]:
                break
            reply += os.read(tty, 1024)
        os.write(sys.stdout.fileno(), _ERASE)
    return reply


@contextlib.contextmanager
def _raw(tty: int) -> Iterator[int]:
    """No echo and no lines; afterwards as before, and late answers are thrown away."""
    import termios
    import tty as modes

    before = termios.tcgetattr(tty)
    try:
        modes.setraw(tty, termios.TCSANOW)
        yield tty
    finally:
        termios.tcsetattr(tty, termios.TCSAFLUSH, before)
