"""`bidiscope headless`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui import arguments
from tui.commands import session
from tui.core.script.reading import LARGEST_BYTES, Script, beside, lines, toml
from tui.core.script.step import VERBS, ScriptError
from tui.core.text import safe
from tui.outcome import Outcome

if TYPE_CHECKING:
    from tui.headless.report import Report

_ABOUT = """\
Hold a session without a terminal: steps in, facts out as JSON lines.

A script is a TOML file of [[step]] tables, or a file of lines; without one the lines are read from
standard input while the session goes on."""

OF_ALL = ("--script", "--jobs", "--junit")
"""The flags that are not passed on to each script of many."""


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope headless", _ABOUT, epilog=_verbs())
    session.add_flags(parser, views=["text", "text-view", "audio"], view="")
    session.add_tool_mode(parser, "auto", "manual")
    which = "a script, or - for lines of standard input, which is the default; may be repeated"
    parser.add_argument("--script", action="append", default=[], metavar="FILE", help=which)
    patience = "how long a step waits where it does not say; default: 60"
    parser.add_argument("--timeout", type=arguments.seconds, metavar="S", help=patience)
    jobs = "so many scripts at once; default: 1"
    parser.add_argument("--jobs", type=arguments.jobs, default=1, metavar="N", help=jobs)
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a report for CI")
    parser.add_argument("--no-facts", action="store_true", help="print steps and results only")
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    scripts = flags.script or ["-"]
    if len(scripts) > 1 and "-" in scripts:
        parser.error("lines of standard input cannot be one script of many: leave - out")
    try:
        read = {name: None if name == "-" else _read(name) for name in scripts}
    except ScriptError as error:
        print(f"bidiscope headless: {safe(str(error))}", file=sys.stderr)
        return Outcome.USAGE
    if len(scripts) > 1:
        from tui.headless import fleet

        common = ["headless", *arguments.without(words, OF_ALL), "--no-facts"]
        commands = [(name, [*common, "--script", name]) for name in read]
        return _conclude((report for _, report in fleet.run(commands, flags.jobs)), flags)
    [(name, script)] = read.items()
    return _conclude([_play(name, script, flags)], flags)


def _play(name: str, script: Script | None, flags: argparse.Namespace) -> Report:
    from tui.headless import run as runner

    settings = script.settings if script is not None else {}
    timeout_s = flags.timeout or settings.get("timeout", 60.0)
    merged = _with_defaults(flags, settings, Path(name).parent)
    return runner.run(
        str(settings.get("name", name)),
        script.steps if script is not None else None,
        session.options(merged, "", tool_mode=flags.tool_mode, stays=False),
        timeout_s,
        facts=not flags.no_facts,
    )


def _with_defaults(
    flags: argparse.Namespace, settings: Mapping[str, Any], folder: Path
) -> argparse.Namespace:
    """Flags come before the settings of the script, whose files stand beside it."""
    merged = argparse.Namespace(**vars(flags))
    for name in ("model", "voice", "system", "modality", "emulator", "budget", "profile"):
        setattr(merged, name, getattr(flags, name) or settings.get(name, getattr(flags, name)))
    merged.settings = [*settings.get("set", {}).items(), *flags.settings]
    merged.tools = [*(folder / each for each in settings.get("tools", ())), *flags.tools]
    if (scenario := settings.get("scenario")) and not flags.emulator_flags:
        path = folder / scenario
        merged.emulator = True
        merged.emulator_flags = [f"--scenario={path if path.exists() else scenario}"]
    return merged


def _conclude(reports: Any, flags: argparse.Namespace) -> int:
    """Print and write the reports; the first failure decides the exit code."""
    from tui import fact_lines
    from tui.headless.report import junit

    kept = []
    for report in reports:
        kept.append(report)
        fact_lines.line({"direction": "script", "kind": "result", "value": report.row()})
        sys.stdout.flush()
        if report.problem:
            print(f"bidiscope headless: {safe(report.problem)}", file=sys.stderr)
    try:
        if flags.report:
            import orjson

            flags.report.write_bytes(orjson.dumps(kept[0].row()))
        if flags.junit:
            flags.junit.write_bytes(junit(kept))
    except OSError as error:
        print(f"bidiscope headless: the report cannot be written: {error}", file=sys.stderr)
        return Outcome.FAILED
    return next((each.outcome for each in kept if each.outcome), Outcome.OK)


def _read(name: str) -> Script:
    path = Path(name)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ScriptError(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_BYTES:
        raise ScriptError(f"{name} is larger than {LARGEST_BYTES >> 20} MiB, and no script")
    try:
        text = data.decode()
        return beside(toml(text) if path.suffix == ".toml" else lines(text), str(path.parent))
    except UnicodeDecodeError:
        raise ScriptError(f"{name} is not UTF-8 text") from None
    except ScriptError as error:
        raise ScriptError(f"{name}: {error}") from None


def _verbs() -> str:
    rows = (f"  {verb.form}\n      {verb.meaning}" for verb in VERBS.values())
    return "steps:\n" + "\n".join(rows)
