"""`bidiscope devices`: what there is, how to choose it, and a test of one of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson
from rich.cells import cell_len

from tui import terminal
from tui.core.devices import Device, Finding, Group, Kind, SoundDevice, Source, Thumbnail, shown
from tui.core.text import safe
from tui.outcome import Outcome

KINDS = {"mic": Kind.MICROPHONE, **{kind.value: kind for kind in Kind}}
"""What may stand before the colon of `--test`."""

BAR_CELLS = 40
FLOOR_DB = -60.0


def run(test: str, seconds: float, as_json: bool) -> int:
    """List all devices, or test those that ``test`` names; returns the exit code."""
    colours = terminal.colours(os.environ)
    with terminal.native_stderr_to(Path(os.devnull)):
        from tui.media import catalogue

        groups = catalogue.read()
        if test:
            return _test(groups, test, seconds, as_json, colours)
    if as_json:
        _print_json({"groups": [_group_json(group) for group in groups]})
    else:
        print("\n".join(_table(groups, colours)), flush=True)
    return Outcome.OK


# ---- the table


def _table(groups: Sequence[Group], colours: bool) -> Iterator[str]:
    rows = {
        (group.kind, device.number): _row(group.kind, device)
        for group in groups
        for device in group.devices
    }
    columns = zip(*rows.values(), strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    for group in groups:
        yield _styled(group.kind.plural.title(), "1", colours)
        for device in group.devices:
            cells = zip(rows[group.kind, device.number], widths, strict=True)
            yield "  " + "  ".join(_padded(cell, width) for cell, width in cells).rstrip()
        if group.problem:
            yield f"  {safe(group.problem)}"
        yield ""
    yield "Test one: bidiscope devices --test mic:NUMBER, speaker:NUMBER, camera:NUMBER,"
    yield "screen:NUMBER, or part of a name."


def _row(kind: Kind, device: Device) -> tuple[str, ...]:
    cells = (str(device.number), device.name, device.facts, ", ".join(device.marks))
    return tuple(map(safe, (*cells, f"{kind.flag} {device.number}")))


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def _styled(text: str, style: str, colours: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colours else text


# ---- a test


def _test(
    groups: Sequence[Group], test: str, seconds: float, as_json: bool, colours: bool
) -> Outcome:
    chosen = list(_chosen(groups, test))
    if not chosen:
        _complain(f"there is no device {shown(test)}: bidiscope devices lists them.")
        return Outcome.FAILED
    from tui.media import trial

    outcome = Outcome.OK
    for kind, source in chosen:
        with closing(trial.run(kind, source, seconds)) as findings:
            last = _followed(findings, live=not as_json and sys.stdout.isatty())
        if as_json:
            _print_json(_finding_json(kind, source, last))
        elif last.problem:
            _complain(last.words)
        else:
            _print_finding(kind, last, colours)
        if last.problem:
            outcome = Outcome.FAILED
    return outcome


def _chosen(groups: Sequence[Group], test: str) -> Iterator[tuple[Kind, Source]]:
    """What is tested: a number without a kind is a sound device's."""
    before, _, after = test.partition(":")
    kind = KINDS.get(before) if after else None
    sought = after if kind else test
    found = False
    for group in groups:
        for device in group.devices if kind in (None, group.kind) else ():
            if sought.isdecimal():
                named = device.number == int(sought) and (kind or isinstance(device, SoundDevice))
            else:
                named = sought.lower() in device.name.lower()
            if named:
                found = True
                yield group.kind, device.source
    if kind and not found:
        yield kind, sought


def _followed(findings: Iterator[Finding], live: bool) -> Finding:
    """The last finding; the ones before it are shown on one line of a terminal."""
    last = Finding("nothing was found", problem=True)
    for last in findings:
        if live and last.sounds:
            print(f"\r\x1b[K{_bar(last)}", end="", flush=True)
    if live:
        print("\r\x1b[K", end="", flush=True)
    return last


def _bar(finding: Finding) -> str:
    share = min(1.0, max(0.0, 1 - finding.level_db / FLOOR_DB))
    bar = ("█" * round(share * BAR_CELLS)).ljust(BAR_CELLS, "·")
    room = max(10, os.get_terminal_size().columns - BAR_CELLS - 2)
    return f"{bar} {safe(finding.words)[:room]}"


def _print_finding(kind: Kind, finding: Finding, colours: bool) -> None:
    print(f"{kind.value.title()}: {safe(finding.words)}")
    if finding.picture is not None and colours and os.environ.get("COLORTERM") == "truecolor":
        print("\n".join(_half_blocks(finding.picture)))


def _half_blocks(picture: Thumbnail) -> Iterator[str]:
    rgb, stride = picture.rgb, picture.width * 3
    rows = [rgb[start : start + stride] for start in range(0, len(rgb), stride)]
    for upper, lower in zip(rows[::2], [*rows[1::2], bytes(stride)], strict=False):
        cells = (
            f"\x1b[38;2;{';'.join(map(str, upper[x : x + 3]))}"
            f";48;2;{';'.join(map(str, lower[x : x + 3]))}m▀"
            for x in range(0, stride, 3)
        )
        yield "".join(cells) + "\x1b[0m"


def _complain(sentence: str) -> None:
    print(f"bidiscope: {safe(sentence)}", file=sys.stderr)


# ---- JSON


def _print_json(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _group_json(group: Group) -> dict[str, Any]:
    devices = [
        {**asdict(device), "flag": f"{group.kind.flag} {device.number}"} for device in group.devices
    ]
    return {"kind": group.kind, "problem": group.problem, "devices": devices}


def _finding_json(kind: Kind, source: Source, finding: Finding) -> dict[str, Any]:
    facts = asdict(replace(finding, picture=None))
    del facts["picture"]
    return {"kind": kind, "source": None if source is None else shown(source), **facts}
