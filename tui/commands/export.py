"""`bidiscope export`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tui import arguments
from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.core.log import SessionLog
    from tui.exporters.material import Report

FORMATS = (
    *("har", "wav", "turns", "frames", "md", "srt", "vtt", "csv", "jsonl"),
    *("script", "bundle", "journal"),
)
LEVELS = ("credentials", "text", "media", "all")


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope export",
        "Write a recorded session in another format, without credentials.",
        epilog=_EPILOG,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    form = f"one of {', '.join(FORMATS)}"
    parser.add_argument("--format", choices=FORMATS, required=True, metavar="FORMAT", help=form)
    as_text = "with har: JSON that came in binary messages as text, which Chrome shows as a tree"
    parser.add_argument("--har-text", action="store_true", help=as_text)
    out = "file or folder to write; default: named after FILE, in this folder"
    parser.add_argument("--out", type=Path, metavar="PATH", help=out)
    parser.add_argument(
        "--redact", choices=LEVELS, default="credentials", help="default: credentials"
    )
    only = "with har, csv, jsonl: only what the query matches (bidiscope search -h explains it)"
    parser.add_argument("--filter", type=arguments.utf8, default="", metavar="QUERY", help=only)
    parser.add_argument("--force", action="store_true", help="replace the file that is there")
    flags = parser.parse_args(words)
    if flags.har_text and flags.format != "har":
        parser.error("--har-text goes with --format har")
    if flags.filter and flags.format not in ("har", "csv", "jsonl"):
        parser.error("--filter goes with --format har, csv and jsonl")
    return _export(flags)


_EPILOG = """\
formats:
  har       every message, as Chrome's and mitmproxy's HAR has them
  wav       stereo as it was heard: left the person, right the model
  turns     a WAV for each turn and side
  frames    the pictures, byte for byte
  md        the conversation as Markdown
  srt, vtt  as subtitles that fit the stereo WAV
  csv       a table of messages and events; jsonl with all that they say
  script    a Python program that sends the same again through google-genai
  bundle    a zip for a bug report: journal, findings, versions, script
  journal   the recording itself, redacted

redaction, which always takes credentials (API keys, tokens, resumption handles):
  text      also all words: asked, answered, instructed, called
  media     also all sound and pictures
  all       both

What is written is looked through for credentials again, and not left if there is one."""


def _export(flags: argparse.Namespace) -> int:
    from tui.core.redaction import Level
    from tui.core.secrets import of_environment
    from tui.core.text import safe
    from tui.exporters.formats import FORMATS, write
    from tui.exporters.material import gather
    from tui.importers.opening import open_log

    form = FORMATS["har-text" if flags.har_text else flags.format]
    log = open_log(flags.file)
    with _wishes_to_stop() as wishes, closing(log):
        level, known = Level(flags.redact), of_environment(os.environ)
        material = gather(log, level, known, _progress(wishes), flags.file.stem)
        if flags.filter:
            material.only = _matching(log, flags.filter)
        out = flags.out or form.place(Path(), flags.file.stem)
        try:
            removed = write(material, form, out, force=flags.force)
        finally:
            _clear()
    for sentence in (*material.notes, str(removed)):
        print(safe(sentence), file=sys.stderr)
    print(safe(str(out)))
    return Outcome.OK


def _matching(log: SessionLog, text: str) -> Callable[[int], bool]:
    """Whether a row matches the query."""
    from tui import saved_filters
    from tui.core.fields import QueryError
    from tui.core.journal import JournalError
    from tui.core.lint.linter import Linter, lint
    from tui.core.query import asks_for_findings, parse
    from tui.core.search import Search

    linter = Linter.of(log)
    try:
        query = parse(text, saved_filters.load().queries)
        if asks_for_findings(query):
            deque(lint(log, linter), maxlen=0)
        return Search(log, query, linter.findings.has).run().hit
    except QueryError as error:
        at = f"at character {error.column + 1}"
        raise JournalError(f"--filter, {at}: {error}") from error


@contextmanager
def _wishes_to_stop() -> Iterator[list[int]]:
    """The signals that come meanwhile; an archive can only be left between two records."""
    wishes: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: wishes.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield wishes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _progress(wishes: list[int]) -> Report:
    """A line on stderr that tells how far it is, where somebody sees it; stops where wished."""
    told = ""

    def report(step: str, share: float) -> None:
        nonlocal told
        if wishes:
            raise KeyboardInterrupt
        line = f"{step} {share:4.0%}"
        if line != told and sys.stderr.isatty():
            told = line
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)

    return report


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
