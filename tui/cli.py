"""The command line. Parsed before anything heavy is imported."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from tui.core.journal import JournalError
from tui.options import Options
from tui.outcome import Outcome

_ABOUT = """\
An oscilloscope for Gemini Live sessions: converse in the terminal, see every message on the wire.

Without a key (GEMINI_API_KEY or GOOGLE_API_KEY, or Vertex AI by the SDK's own variables) it talks
to a local emulator of the Live API."""

_COMMANDS = """\
commands:
  bidiscope               the workbench
  bidiscope say TEXT      one question, the answer as it streams; needs no terminal
  bidiscope emulate       a local Live server for any client
  bidiscope COMMAND -h    the command's own flags"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command: Callable[[list[str]], int] = _workbench
    if words and words[0] in _RUN:
        command = _RUN[words.pop(0)]
    try:
        return command(words)
    except JournalError as error:
        print(f"bidiscope: {error}", file=sys.stderr)
        return Outcome.FAILED
    except KeyboardInterrupt:
        return Outcome.STOPPED


def _workbench(words: list[str]) -> int:
    parser = _parser("bidiscope", _ABOUT, epilog=_COMMANDS)
    parser.add_argument("--version", action="version", version=f"bidiscope {version('bidiscope')}")
    _add_session_flags(parser, views=["audio", "text-view", "text"], view="audio")
    parser.add_argument(
        "--speaker", type=Path, metavar="DIR", help="write each answer to a WAV file"
    )
    parser.add_argument("--no-sound", action="store_true", help="open no sound device")
    parser.add_argument("--output-device", metavar="NAME", help="name, part of it, or number")
    mic = "name, part of it, number, FILE.wav to speak it, or off"
    parser.add_argument("--mic", metavar="NAME", type=_microphone, help=mic)
    parser.add_argument("--no-aec", action="store_true", help="leave the echo in; use headphones")
    _add_video_flags(parser)
    parser.add_argument("--theme", default="", metavar="NAME", help="see the palette (Ctrl+P)")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    flags = parser.parse_args(words)
    options = _options(
        flags,
        sound=not flags.no_sound,
        device=flags.output_device,
        mic=flags.mic,
        aec=not flags.no_aec,
        speaker=flags.speaker,
        camera=flags.camera,
        camera_loop=flags.camera_loop,
        screen=flags.screen,
        video_fps=flags.video_fps,
        video_size_px=flags.video_size,
        watch=flags.watch,
        theme=flags.theme,
        mouse=not flags.no_mouse,
    )
    from tui import terminal

    if trouble := terminal.trouble(os.environ):
        print(f"bidiscope: {trouble}", file=sys.stderr)
        return Outcome.FAILED
    gc.disable()  # starting makes no garbage; the app enables it again
    from tui import app

    return app.run(options)


def _say(words: list[str]) -> int:
    parser = _parser("bidiscope say", "Ask one question and print the answer as it streams.")
    parser.add_argument(
        "text", type=_utf8, metavar="TEXT", help="the question; - reads it from standard input"
    )
    _add_session_flags(parser, views=["text", "text-view", "audio"], view="")
    parser.add_argument("--out", type=Path, metavar="FILE", help="save the speech as a WAV file")
    parser.add_argument("--json", action="store_true", help="print every fact as a JSON line")
    patience = "give up when nothing is said for so long; default: 60"
    parser.add_argument("--timeout", type=_seconds, default=60.0, metavar="S", help=patience)
    flags = parser.parse_args(words)
    if flags.out and flags.view != "audio":
        parser.error("--out saves speech: add --modality audio")
    text = flags.text
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not text.strip():
        parser.error("TEXT is empty: give the question in quotes")
    from tui import say

    return say.run(_options(flags), text.strip(), flags.out, flags.json, flags.timeout)


def _emulate(words: list[str]) -> int:
    parser = _parser("bidiscope emulate", "A local Live server; prints one JSON line when ready.")
    for flag, help_ in (("--port", "plain WebSocket"), ("--tls-port", "TLS WebSocket")):
        parser.add_argument(flag, type=_port, default=0, metavar="N", help=f"{help_}; 0 is any")
    parser.add_argument("--quiet", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args(words)
    from tui.emulator import process

    return process.run(flags.port, flags.tls_port, quiet=flags.quiet, tied=flags.tied)


_RUN: dict[str, Callable[[list[str]], int]] = {"say": _say, "emulate": _emulate}


def _parser(name: str, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        name, description=about, epilog=epilog, formatter_class=form, allow_abbrev=False
    )


def _add_session_flags(parser: argparse.ArgumentParser, views: list[str], view: str) -> None:
    for flag, metavar, help_ in (
        ("--model", "NAME", "Live model to talk to"),
        ("--voice", "NAME", "prebuilt voice, such as Puck"),
        ("--system", "TEXT", "system instruction"),
    ):
        parser.add_argument(flag, type=_utf8, default="", metavar=metavar, help=help_)
    default = view or "text, or text-view where the model has no TEXT"
    parser.add_argument(
        "--modality", dest="view", choices=views, default=view, help=f"default: {default}"
    )
    parser.add_argument("--emulator", action="store_true", help="use the emulator, key or no key")
    record = parser.add_mutually_exclusive_group()
    record.add_argument("--record", type=Path, metavar="DIR", help="folder for the recording")
    record.add_argument("--no-record", action="store_true", help="keep the journal in memory only")


def _add_video_flags(parser: argparse.ArgumentParser) -> None:
    camera = "number, film, picture, pattern such as p_%%03d.jpg, or URL; default: 0"
    parser.add_argument("--camera", type=_camera, metavar="SOURCE", help=camera)
    parser.add_argument("--camera-loop", action="store_true", help="repeat a film when it is over")
    monitor = "number of the monitor, 0 is all of them; default: 1"
    parser.add_argument("--screen", type=_monitor, default=1, metavar="N", help=monitor)
    fps = "pictures a second; default: 1, the most that the service takes"
    parser.add_argument("--video-fps", type=_fps, default=1.0, metavar="N", help=fps)
    size = "pictures are scaled to fit PX x PX; default: 768"
    parser.add_argument("--video-size", type=_side_px, default=768, metavar="PX", help=size)
    watch = "show it from the start; otherwise v and V do"
    parser.add_argument("--watch", choices=["camera", "screen"], default="", help=watch)


def _options(flags: argparse.Namespace, **more: object) -> Options:
    return Options(
        model=flags.model,
        view=flags.view.replace("-", " "),
        voice=flags.voice,
        system=flags.system,
        emulator=flags.emulator,
        record=flags.record,
        recorded=not flags.no_record,
        **more,  # type: ignore[arg-type]
    )


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("it is not UTF-8") from None
    return text


def _microphone(text: str) -> str:
    if text.endswith(".wav") and not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}: name a WAV file, or a device")
    return text


def _camera(text: str) -> str:
    is_file = not (text.isdecimal() or "://" in text or "%" in text)
    if is_file and not Path(text).expanduser().is_file():
        raise argparse.ArgumentTypeError(
            f"there is no file {text}: name a film, a picture, a URL, or a camera's number"
        )
    return text


def _monitor(text: str) -> int:
    if not text.isdecimal() or int(text) > 99:
        raise argparse.ArgumentTypeError(f"{text} is no monitor: use 1, 2, ... or 0 for all")
    return int(text)


def _fps(text: str) -> float:
    try:
        fps = float(text)
    except ValueError:
        fps = 0.0
    if not 0.01 <= fps <= 30:
        raise argparse.ArgumentTypeError(f"{text} is no rate: use 0.01 to 30 pictures a second")
    return fps


def _side_px(text: str) -> int:
    if not text.isdecimal() or not 16 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text} is no size: use 16 to 4096 pixels")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: use 0 to 65535, 0 is any free one")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return seconds
