"""`bidiscope again`: the same input in several sessions, and what became of it in each."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import orjson

from tui.commands import session
from tui.core import trial, trial_text
from tui.core.comparison import Side, side
from tui.core.configuration.layers import FLAG
from tui.core.configuration.message import Configuration
from tui.core.cost import Prices
from tui.core.hearing import server_speech
from tui.core.lint.linter import all_findings
from tui.core.log import SessionLog
from tui.core.text import safe
from tui.core.trial import Anchor, Column
from tui.headless import again, fleet
from tui.headless.opening import sources
from tui.headless.recorded import Recorded
from tui.headless.report import Report
from tui.headless.source import Source
from tui.importers.opening import open_log
from tui.options import Options
from tui.outcome import Outcome
from tui.prices import prices
from tui.profiles import NONE
from tui.rig import SERVICE_FIELDS

RECORDED = "as recorded"
PLAIN = "again"


def hold(flags: argparse.Namespace) -> int:
    """Hold one of the sessions, in a process of its own, and write its report."""
    with ExitStack() as stack:
        found = sources(flags.sources)
        for each in found:
            stack.callback(each.close)
        report = again.run(found, _options(flags, found), flags.timeout)
    flags.report.write_bytes(orjson.dumps(report.row()))
    return report.outcome


def run(flags: argparse.Namespace, variants: Sequence[Sequence[str]], common: list[str]) -> int:
    """Hold a session a variant, and print what they have come to; returns the exit code.

    Args:
        flags: what was parsed.
        variants: the settings of each.
        common: the words of the command line that hold for all.
    """
    with ExitStack() as stack:
        table, found = prices(), sources(flags.sources)
        for each in found:
            stack.callback(each.close)
        inputs = [replace(one, source=n) for n, each in enumerate(found) for one in each.inputs]
        _options(flags, found)  # refused before anything is sent
        if flags.no_record:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bidiscope-"))
            common = [*(word for word in common if word != "--no-record"), "--record", folder]
        columns = [*_original(found, table)]
        if columns:
            inputs = trial.merged(inputs, columns[0], table)
        reports = _held(variants, common, flags.jobs)
        columns += [
            replace(_column(words, report, table), problem=report.problem)
            for words, report in zip(variants, reports, strict=True)
        ]
        notes = [note for each in found for note in each.notes]
        for words, report in zip(variants, reports, strict=True):
            notes += [f"{_label(words)}: {note}" for note in report.notes]
        of = trial_text.Trial([each.name for each in found], inputs, columns, table, notes)
        _print(of, flags.format)
        return next((each.outcome for each in reports if each.outcome), Outcome.OK)


def _options(flags: argparse.Namespace, found: Sequence[Source]) -> Options:
    """What is asked of a session: of a recording what it asked for, but for flags and profiles."""
    first = found[0]
    if not isinstance(first, Recorded):
        return session.options(flags, "", stays=True)
    flags.profile = flags.profile or NONE
    options = session.options(flags, "", stays=True)
    chosen = (FLAG, f"profile {options.profile}")
    named = {name for each in options.layers if each.source in chosen for name in each.values}
    asked = options.configuration.values
    given = {k: v for k, v in asked.items() if k in named or k in SERVICE_FIELDS}
    recorded = first.configuration
    values = {**recorded.values, **given}
    if recorded.values.get("modality") == "text" and "modality" not in given:
        for name in ("modality", "output_transcription"):  # the model may have no TEXT
            values.pop(name, None)
    tools = options.tool_files or options.tool_servers
    rest = {k: v for k, v in recorded.rest.items() if not (k == "tools" and tools)}
    return replace(
        options,
        model=str(values.get("model", "")),
        view=str(values.get("modality", "")).replace("-", " "),
        configuration=Configuration(values, rest),
    )


def _held(variants: Sequence[Sequence[str]], common: Sequence[str], jobs: int) -> list[Report]:
    """The reports, in the order of the variants."""
    commands = [(_label(words), ["again", *common, *_flags(words)]) for words in variants]
    found: dict[int, Report] = {}
    for number, report in fleet.run(commands, jobs):
        found[number] = report
        said = report.problem or f"held in {report.seconds:.0f} s"
        _say(f"{len(found)} of {len(commands)}, {commands[number][0]}: {said}")
    return [found[number] for number in range(len(commands))]


def _label(words: Sequence[str]) -> str:
    return " ".join(words) or PLAIN


def _flags(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word.startswith("profile="):
            yield from ("--profile", word.partition("=")[2])
        else:
            yield from ("--set", word)


# ---- the columns


def _original(found: Sequence[Source], table: Prices) -> Iterator[Column]:
    for each in found:
        if isinstance(each, Recorded):
            of = _side(each.log, each.path, table)
            yield Column(RECORDED, of, server_speech(each.log), each.anchors)


def _column(words: Sequence[str], report: Report, table: Prices) -> Column:
    anchors = [Anchor(n, 0.0, step.at_s) for n, step in enumerate(report.steps)]
    path = Path(report.recording)
    with closing(open_log(path) if report.recording else SessionLog(_nothing)) as log:
        return Column(_label(words), _side(log, path, table), server_speech(log), anchors)


def _side(log: SessionLog, path: Path, table: Prices) -> Side:
    rules = Counter(finding.rule.id for finding in all_findings(log))
    return side(log, str(path), table, rules)


def _nothing(offset: int, size: int) -> bytes:
    """The journal of a session that was not begun."""
    return b""


# ---- what is printed


def _print(of: trial_text.Trial, form: str) -> None:
    if form == "json":
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        sys.stdout.buffer.write(orjson.dumps(trial_text.document(of), option=options, default=str))
        sys.stdout.buffer.flush()
    else:
        for line in trial_text.lines(of):
            print(safe(line))


def _say(sentence: str) -> None:
    print(f"bidiscope again: {safe(sentence)}", file=sys.stderr, flush=True)
