"""Opening a file, whatever recorded it: what it is, is found in it, never in its name."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tui.core.journal import JournalError
from tui.core.log import SessionLog
from tui.core.recording import read_line
from tui.importers import har, messages
from tui.importers.conversion import Conversion, Message, Source, connected
from tui.importers.lines import Lines
from tui.importers.scratch import Scratch
from tui.importers.unpacking import is_packed, unpack

HEAD = 64 << 10
JUDGED_LINES = 200

_HAR = re.compile(rb'\s*\{\s*"log"\s*:')
_FORMATS = "a bidiscope recording, a HAR with WebSocket messages, or JSON Lines of messages"


def open_log(path: Path) -> SessionLog:
    """The session in ``path``: a recording of ours, a HAR, messages as JSON Lines; packed or not.

    A symbolic link is followed: who names it means what it points to. What is not a plain
    recording of ours is copied as one into a private folder, which `SessionLog.close` removes.

    Raises:
        JournalError: The file cannot be read, or is no recording; one sentence.
    """
    head = _head(path)
    if _is_ours(head):
        return SessionLog.open(path)
    scratch = Scratch()
    try:
        log = SessionLog.open(_converted(path, head, scratch))
    except BaseException:
        scratch.close()
        raise
    log.close = _both(log.close, scratch.close)
    return log


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


def _converted(path: Path, head: bytes, scratch: Scratch) -> Path:
    """A journal of ours with what the file holds."""
    source, note = path, ""
    if is_packed(head):
        source = scratch.path("unpacked")
        note = unpack(path, source)
        head = _head(source)
        if _is_ours(head):
            return source
        if is_packed(head):
            raise JournalError(f"{path} is packed twice: unpack it once, then open that.")
    converted = scratch.path("journal.jsonl")
    if _HAR.match(head.removeprefix(b"\xef\xbb\xbf")):
        _convert_har(path, source, note, converted)
    else:
        _convert_lines(path, source, note, converted)
    return converted


def _convert_har(path: Path, source: Path, note: str, converted: Path) -> None:
    entries = har.scan(source)
    live = {number: entry for number, entry in entries.items() if entry.live}
    if not live:
        held = f"{len(entries)} WebSocket conversations, none" if entries else "no messages"
        raise JournalError(
            f"{path} is a HAR with {held} of a Live session: record one with the browser's "
            "network panel open, and export it as HAR with its content."
        )
    others = len(entries) - len(live)
    if others:
        note += f" {others} other WebSocket conversations in it are not of a Live session."
    items = har.items(source, live)
    Conversion(converted, Source(path.name, "HAR", note.strip()), items).close()


def _convert_lines(path: Path, source: Path, note: str, converted: Path) -> None:
    with source.open("rb") as file:
        judged = islice(messages.items(Lines(file)), JUDGED_LINES)
        if not any(isinstance(item, Message) for item in judged):
            raise JournalError(f"{path} is no recording: open {_FORMATS}; gz or zst of these.")
        file.seek(0)
        lines = Lines(file)
        conversion = Conversion(
            converted, Source(path.name, "JSON Lines", note), connected(messages.items(lines))
        )
        if lines.begun.strip():
            conversion.take([messages.read(lines.rest())])
        conversion.close()


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def close() -> None:
        first()
        second()

    return close
