"""Opening a file, whatever recorded it: what it is, is found in it, never in its name."""

from __future__ import annotations

import re
import stat
from itertools import islice
from pathlib import Path

from tui.core.glance import Glancer
from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.recording import Recording, read_line
from tui.importers.conversion import Feed, Message
from tui.importers.har import HarFeed
from tui.importers.imported import Imported, Unpacked
from tui.importers.lines import Lines
from tui.importers.messages import LineFeed, is_message, items
from tui.importers.scratch import Scratch
from tui.importers.unpacking import first_unpacked, packing, unpack

HEAD = 64 << 10
JUDGED_LINES = 200

_HAR = re.compile(rb'\s*\{\s*"log"\s*:')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORMATS = "a bidiscope recording, a HAR with WebSocket messages, or JSON Lines of messages"


def open_recording(path: Path) -> Recording:
    """The file as a recording, none of its messages read but what tells its format.

    A symbolic link is followed: who names it means what it points to. What is not a plain
    recording of ours is copied as one into a private folder, which `Recording.close` removes.

    Raises:
        JournalError: The file cannot be read, or is no recording; one sentence.
    """
    head = _head(path)
    if _is_ours(head):
        return Recording(path, Glancer())
    scratch = Scratch()
    try:
        return _opened(path, head, scratch)
    except BaseException:
        scratch.close()
        raise


def open_log(path: Path) -> SessionLog:
    """The session in ``path``, read to its end.

    Raises:
        JournalError: As `open_recording`.
    """
    recording = open_recording(path)
    log = SessionLog(recording.read, recording.close)
    for record, place in recording.records():
        log.ingest(record, place)
    return log


def _opened(path: Path, head: bytes, scratch: Scratch) -> Recording:
    source, note = path, ""
    if packing(head):
        source = scratch.path("unpacked")
        note = unpack(path, source)
        head = _head(source)
        if _is_ours(head):
            return Unpacked(path, source, scratch)
        if packing(head):
            raise JournalError(f"{path} is packed twice: unpack it once, then open that.")
    feed: Feed
    if _HAR.match(head.removeprefix(_BYTE_ORDER_MARK)):
        feed = HarFeed(source, note, path)
    elif _has_messages(source):
        feed = LineFeed(source, note)
    else:
        raise JournalError(f"{path} is no recording: open {_FORMATS}; gz or zst of these.")
    return Imported(path, feed, scratch)


def _head(path: Path) -> bytes:
    """The beginning of a regular file."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                head = file.read(HEAD)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JournalError(f"Cannot open {path}: {reason}.") from error
    if stat.S_ISDIR(mode):
        raise JournalError(
            f"{path} is a folder: name a recording, or list them with bidiscope sessions {path}."
        )
    if not stat.S_ISREG(mode):
        raise JournalError(f"{path} is a pipe or a device: save what comes out of it as a file.")
    if not head:
        raise JournalError(f"{path} is empty: nothing was recorded.")
    return head


def _is_ours(head: bytes) -> bool:
    try:
        return isinstance(read_line(head.partition(b"\n")[0]), dict)
    except JournalError:
        return False


def _has_messages(path: Path) -> bool:
    """Whether one of the first lines is a message."""
    with path.open("rb") as file:
        judged = islice(items(Lines(file)), JUDGED_LINES)
        return any(isinstance(item, Message) for item in judged)


def form(path: Path) -> str:
    """What kind of recording a file is by its beginning; empty when it is none, or unreadable."""
    try:
        head = _head(path)
        packed = packing(head)
        if packed:
            head = first_unpacked(path, HEAD)
    except JournalError:
        return ""
    if _is_ours(head):
        kind = "bidiscope"
    elif _HAR.match(head.removeprefix(_BYTE_ORDER_MARK)):
        kind = HarFeed.form
    elif is_message(head.partition(b"\n")[0]):
        kind = LineFeed.form
    else:
        return ""
    return f"{kind}, {packed}" if packed else kind
