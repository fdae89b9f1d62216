"""`bidiscope`: the workbench."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tui import arguments
from tui.commands import epilog, session
from tui.core.bench import MODES
from tui.core.configuration.field import fields
from tui.options import Options
from tui.outcome import Outcome

_ABOUT = """\
An oscilloscope for Gemini Live sessions: converse in the terminal, see every message on the wire.

Without a key (GEMINI_API_KEY or GOOGLE_API_KEY, or Vertex AI by the SDK's own variables) it talks
to a local emulator of the Live API."""


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser("bidiscope", _ABOUT, epilog=epilog())
    parser.add_argument("--version", action="version", version=f"bidiscope {version('bidiscope')}")
    session.add_flags(parser, views=["audio", "text-view", "text"], view="audio")
    session.add_tool_mode(parser, *MODES)
    parser.add_argument(
        "--speaker", type=Path, metavar="DIR", help="write each answer to a WAV file"
    )
    stays = "do not connect again by itself when the server goes or the connection is lost"
    parser.add_argument("--no-reconnect", action="store_true", help=stays)
    parser.add_argument("--no-sound", action="store_true", help="open no sound device")
    parser.add_argument("--output-device", metavar="NAME", help="name, part of it, or number")
    mic = "name, part of it, number, FILE.wav to speak it, or off"
    parser.add_argument("--mic", metavar="NAME", type=_microphone, help=mic)
    parser.add_argument("--no-aec", action="store_true", help="leave the echo in; use headphones")
    _add_detection_flags(parser)
    _add_video_flags(parser)
    _add_pair_flags(parser)
    arguments.add_screen_flags(parser)
    flags = parser.parse_args(words)
    options = session.options(
        flags,
        "audio",
        _detection(flags),
        tool_mode=flags.tool_mode,
        stays=not flags.no_reconnect,
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
        picture=flags.picture,
        watch=flags.watch,
        theme=flags.theme,
        mouse=not flags.no_mouse,
    )
    if flags.against or flags.against_profile or flags.against_settings:
        options = replace(options, against=_against(options, flags))
    from tui import terminal

    if trouble := terminal.trouble(os.environ):
        print(f"bidiscope: {trouble}", file=sys.stderr)
        return Outcome.FAILED
    gc.disable()  # starting makes no garbage; the app enables it again
    from tui import launch

    return launch.run(options)


def _add_detection_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "who speaks", "How the server finds out; what is not given is left to the model."
    )
    talk = "Space begins and ends what you say; the server detects nothing"
    group.add_argument("--push-to-talk", action="store_true", help=talk)
    for side in ("start", "end"):
        help_, words = f"how readily speech is taken to {side}", _words(f"{side}_sensitivity")
        group.add_argument(f"--{side}-sensitivity", choices=words, help=help_)
    prefix = "so much speech counts as its beginning"
    group.add_argument("--prefix-ms", type=arguments.milliseconds, metavar="MS", help=prefix)
    silence = "so much silence counts as its end"
    group.add_argument("--silence-ms", type=arguments.milliseconds, metavar="MS", help=silence)
    no_interruption = "speech does not interrupt the model"
    group.add_argument("--no-interruption", action="store_true", help=no_interruption)
    coverage = "the input that belongs to a turn"
    group.add_argument("--turn-coverage", choices=_words("turn_coverage"), help=coverage)


def _words(name: str) -> tuple[str, ...]:
    return fields()[name].words


def _detection(flags: argparse.Namespace) -> dict[str, Any]:
    return {
        "push_to_talk": flags.push_to_talk or None,
        "start_sensitivity": flags.start_sensitivity,
        "end_sensitivity": flags.end_sensitivity,
        "prefix_ms": flags.prefix_ms,
        "silence_ms": flags.silence_ms,
        "activity_handling": "waits" if flags.no_interruption else None,
        "turn_coverage": flags.turn_coverage,
    }


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


def _add_pair_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "two at once", "A second session at the same microphone; M begins and ends one, too."
    )
    against = "another model, or the same"
    group.add_argument("--against", type=arguments.utf8, metavar="MODEL", help=against)
    profile = "what its profile asks for comes before what the first session asks for"
    group.add_argument("--against-profile", type=arguments.utf8, metavar="NAME|FILE", help=profile)
    group.add_argument(
        "--against-set",
        dest="against_settings",
        action="append",
        default=[],
        type=session.setting,
        metavar="FIELD=VALUE",
        help="any field, such as voice=Kore or silence_ms=200",
    )


def _against(options: Options, flags: argparse.Namespace) -> Options:
    from tui.against import options_against
    from tui.configured import model_of

    asked = options.configuration.with_values(model=model_of(options.configuration))
    return options_against(
        options,
        asked,
        flags.against or "",
        flags.against_profile or "",
        dict(flags.against_settings),
    )


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
