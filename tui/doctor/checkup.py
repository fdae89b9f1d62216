"""`bidiscope doctor`: every check, one line each."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import orjson

from tui import terminal as own_terminal
from tui.core.text import safe
from tui.doctor import picture, place, service, sound, speech, terminal
from tui.doctor.answer import Answer, Check, Verdict, fail
from tui.media.deadline import Late, within
from tui.outcome import Outcome

PATIENCE_S = 20.0

CHECKS: dict[str, Check] = {
    "PortAudio": sound.library,
    "microphone": sound.microphone,
    "speaker": sound.speaker,
    "echo": sound.echo,
    "voice activity": sound.activity,
    "pictures": picture.backend,
    "camera": picture.camera,
    "screen": picture.screen,
    "emulator's voice": speech.spoken,
    "emulator's ears": speech.understood,
    "colours": terminal.colours,
    "images": terminal.images,
    "keyboard": terminal.keyboard,
    "clipboard": terminal.clipboard,
    "size": terminal.size,
    "encoding": terminal.encoding,
    "key": service.key,
    "Vertex AI": service.vertex,
    "TLS trust": service.trust,
    "emulator's TLS": service.authority,
    "data folder": place.data,
    "recordings": place.recordings,
}

_STYLES = {Verdict.OK: "32", Verdict.WARN: "33", Verdict.FAIL: "1;31"}


def run(as_json: bool) -> int:
    """Check everything and print it; the exit code is 1 when something failed."""
    found: dict[str, Answer] = {}
    colours = own_terminal.colours(os.environ)
    with own_terminal.native_stderr_to(Path(os.devnull)):
        if not as_json:
            print(_about())
        for name, check in CHECKS.items():
            answer = examined(check)
            if answer is not None:
                found[name] = answer
                if not as_json:
                    print(_line(name, answer, colours), flush=True)
    worst = [verdict for verdict in Verdict if verdict in {each.verdict for each in found.values()}]
    if as_json:
        _print_json(found, worst[-1])
    return Outcome.FAILED if worst[-1] is Verdict.FAIL else Outcome.OK


def examined(check: Check) -> Answer | None:
    """A check's answer; one that crashes or hangs has failed."""
    try:
        return within(PATIENCE_S, check)
    except Late as late:
        return fail(f"{late}: something below it hangs", "run bidiscope doctor again")
    except Exception as error:
        return fail(f"the check itself failed ({type(error).__name__}: {error})", "report this")


def _about() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"bidiscope {version('bidiscope')}, Python {platform.python_version()}, {system}\n"


def _line(name: str, answer: Answer, colours: bool) -> str:
    verdict = f"{answer.verdict:4}"
    if colours:
        verdict = f"\x1b[{_STYLES[answer.verdict]}m{verdict}\x1b[0m"
    line = f"{verdict}  {name:16}  {safe(answer.words)}"
    return f"{line}\n      fix: {safe(answer.fix)}" if answer.fix else line


def _print_json(found: dict[str, Answer], worst: Verdict) -> None:
    checks = [{"name": name, **asdict(answer)} for name, answer in found.items()]
    document = {"verdict": worst, "about": _about().strip(), "checks": checks}
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
